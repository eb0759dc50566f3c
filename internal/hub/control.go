package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/fold"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/sitesync/wire"
)

// SocketName is where the running hub takes orders from commands on the same
// machine; whoever may open the file may give them.
const SocketName = "hub.sock"

// Order is what a command asks of the running hub.
type Order struct {
	Do     string         `json:"do"` // code, requests, approve, refuse, let-in
	Site   id.Site        `json:"site,omitempty"`
	Role   programme.Role `json:"role,omitempty"`
	Parent id.Site        `json:"parent,omitempty"`
	Why    string         `json:"why,omitempty"`
	Name   string         `json:"name,omitempty"` // of a person of the hub
}

// Done is the running hub's answer to an order.
type Done struct {
	Code     string          `json:"code,omitempty"`
	Until    day.Instant     `json:"until,omitempty"`
	Requests []Request       `json:"requests,omitempty"`
	Refusal  *reason.Refusal `json:"refusal,omitempty"`
	Fault    string          `json:"fault,omitempty"`
}

// terminal is who acts when an order comes from a command line.
const terminal id.Person = "tram"

// Control takes orders on the hub's socket until ctx ends. host and pin are
// what a code tells the sites.
func (h *Hub) Control(ctx context.Context, host string, pin []byte) error {
	path := filepath.Join(h.o.Dir, SocketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("the socket for commands: %w", err) // of a hub that was cut off
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return fmt.Errorf("the socket for commands: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(fmt.Errorf("the socket for commands: %w", err), l.Close())
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var o Order
		var d Done
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
		if err == nil {
			err = json.Unmarshal(body, &o)
		}
		if err == nil {
			d, err = h.obey(r.Context(), o, host, pin)
		}
		if err != nil && !errors.As(err, &d.Refusal) {
			d.Fault = err.Error()
		}
		if err := json.NewEncoder(w).Encode(d); err != nil {
			h.o.Log.Warn("answer a command", "err", err)
		}
	})}
	h.work.Go(func() {
		<-ctx.Done()
		_ = s.Close() // nothing is kept here; a command that is cut off says so
	})
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("the socket for commands: %w", err)
	}
	return nil
}

func (h *Hub) obey(ctx context.Context, o Order, host string, pin []byte) (Done, error) {
	switch o.Do {
	case "code":
		c, until, err := h.NewCode(terminal, host, pin)
		return Done{Code: c.String(), Until: until}, err
	case "let-in":
		code, err := h.letIn(ctx, o.Name)
		return Done{Code: code}, err
	case "requests":
		all, err := h.Requests(ctx)
		return Done{Requests: all}, err
	case "approve", "refuse":
		all, err := h.Requests(ctx)
		if err != nil {
			return Done{}, err
		}
		for _, r := range all {
			if r.From.Site != o.Site {
				continue
			}
			if o.Do == "refuse" {
				return Done{}, h.Refuse(terminal, r.ID, o.Why)
			}
			return Done{}, h.Approve(ctx, terminal, r.ID, o.Role, o.Parent)
		}
		return Done{}, ErrNoRequest
	}
	return Done{}, fmt.Errorf("the running hub does not know the order %q", o.Do)
}

// letIn gives a person of the hub a one-time code on the word of whoever works
// on this machine: for a manager who is the only one and forgot the password.
func (h *Hub) letIn(ctx context.Context, name string) (string, error) {
	for _, m := range h.People() {
		if fold.Fold(m.Name) == fold.Fold(strings.Join(strings.Fields(name), " ")) {
			return h.NewFirstCode(ctx, Signed{Person: terminal}, m.Person)
		}
	}
	return "", reason.Refuse("STAFF-05")
}

// Command gives an order to the hub that runs on a directory.
func Command(ctx context.Context, dir string, o Order) (Done, error) {
	var d Done
	path := filepath.Join(dir, SocketName)
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}
	defer client.CloseIdleConnections()
	body, err := json.Marshal(o)
	if err != nil {
		return d, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://hub/", bytes.NewReader(body))
	if err != nil {
		return d, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return d, fmt.Errorf("no hub runs on %s: %w", dir, err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end, or given up
	if err := json.NewDecoder(io.LimitReader(resp.Body, wire.MessageMax)).Decode(&d); err != nil {
		return d, fmt.Errorf("the running hub's answer: %w", err)
	}
	switch {
	case d.Refusal != nil:
		return d, d.Refusal
	case d.Fault != "":
		return d, errors.New(d.Fault)
	}
	return d, nil
}
