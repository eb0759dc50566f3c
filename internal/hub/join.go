package hub

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"tram/internal/access"
	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/sitesync/wire"
	"tram/internal/sqlitefile"
)

// Request is a site that asks to join.
type Request struct {
	ID   string
	At   day.Instant
	From wire.Application // without its secret
	// Rule is why it cannot be approved as it is; "" when a person decides.
	Rule *reason.Refusal
}

// NewCode makes a code for one site, good for an hour. host is where sites
// reach this hub, pin the hash of its TLS key.
func (h *Hub) NewCode(by id.Person, host string, pin []byte) (wire.Code, day.Instant, error) {
	c := wire.Code{Host: host}
	copy(c.Pin[:], pin)
	if _, err := io.ReadFull(h.o.Rand, c.Secret[:]); err != nil {
		return c, 0, fmt.Errorf("make a code: %w", err)
	}
	until := h.o.Clock() + day.Instant(codeFor.Milliseconds())
	sum := sha256.Sum256(c.Secret[:])
	err := h.office.file.Write(func(x *sqlitefile.Conn) error {
		return x.Exec(`INSERT INTO codes (hash, until, by) VALUES (?, ?, ?)`, sum[:], until, by)
	})
	return c, until, err
}

// Requests are the sites that wait for an answer, oldest first.
func (h *Hub) Requests(ctx context.Context) ([]Request, error) {
	var out []Request
	err := h.office.file.Read(ctx, func(c *sqlitefile.Conn) error {
		return c.Query(`SELECT request, at, body FROM requests WHERE answer = '' ORDER BY at, request`, nil, func(r *sqlitefile.Row) error {
			x := Request{ID: r.Text(0), At: day.Instant(r.Int(1))}
			if err := json.Unmarshal([]byte(r.Text(2)), &x.From); err != nil {
				return err
			}
			out = append(out, x)
			return nil
		})
	})
	for i := range out {
		_, err := programme.DecideJoin(h.Directory(), wish(out[i].From, programme.Office, ""))
		var no *reason.Refusal
		if errors.As(err, &no) {
			out[i].Rule = no
		}
	}
	return out, err
}

func wish(a wire.Application, role programme.Role, parent id.Site) programme.Join {
	return programme.Join{Programme: a.Programme, SiteJoined: programme.SiteJoined{
		Site: a.Site, Name: a.Name, Language: a.Language, Number: a.Number, Verifier: a.Verifier, Box: a.Box, NKey: a.NKey, Role: role, Parent: parent,
	}}
}

// ErrNoRequest says that there is no such request, or that it was answered.
var ErrNoRequest = errors.New("no such request waits for an answer")

// Approve lets a site take part, as a person decided.
func (h *Hub) Approve(ctx context.Context, by id.Person, request string, role programme.Role, parent id.Site) error {
	if err := h.May(by, access.RunProgramme); err != nil {
		return err
	}
	all, err := h.Requests(ctx)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.ID != request {
			continue
		}
		f, err := programme.DecideJoin(h.Directory(), wish(r.From, role, parent))
		if err != nil {
			return err
		}
		if err := h.Record(ctx, by, f); err != nil {
			return err
		}
		return h.answerRequest(request, wire.Approved, "", by)
	}
	return ErrNoRequest
}

// Refuse turns a site away, with a reason that its people read.
func (h *Hub) Refuse(by id.Person, request, why string) error {
	if err := h.May(by, access.RunProgramme); err != nil {
		return err
	}
	return h.answerRequest(request, wire.Turned, why, by)
}

func (h *Hub) answerRequest(request, answer, why string, by id.Person) error {
	return h.office.file.Write(func(c *sqlitefile.Conn) error {
		if err := c.Exec(`UPDATE requests SET answer = ?, why = ?, answered_by = ? WHERE request = ? AND answer = ''`, answer, why, by, request); err != nil {
			return err
		}
		if c.Changes() == 0 {
			return ErrNoRequest
		}
		return nil
	})
}

// Joining takes applications over the hub's one port.
func (h *Hub) Joining() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		var a wire.Application
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
		if err != nil || json.Unmarshal(body, &a) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		reply, err := h.apply(a)
		if err != nil {
			h.o.Log.Error("an application", "site", string(a.Site), "err", err)
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(reply); err != nil {
			h.o.Log.Warn("an application's answer", "err", err)
		}
	})
}

// apply keeps an application under its code, or answers how it stands. A
// code's own site may ask again at any time; nobody else with that code, and
// nobody after its hour.
func (h *Hub) apply(a wire.Application) (wire.Reply, error) {
	sum := sha256.Sum256(a.Secret)
	a.Secret = nil
	body, err := json.Marshal(a)
	if err != nil {
		return wire.Reply{}, err
	}
	reply := wire.Reply{Now: h.o.Clock()}
	err = h.office.file.Write(func(c *sqlitefile.Conn) error {
		until, request := day.Instant(0), ""
		found, err := c.One(`SELECT until, request FROM codes WHERE hash = ?`, []any{sum[:]}, func(r *sqlitefile.Row) error {
			until, request = day.Instant(r.Int(0)), r.Text(1)
			return nil
		})
		if err != nil {
			return err
		}
		switch {
		case !found, request == "" && h.o.Clock() > until:
			reply = turned("PROG-13")
			return nil
		case request != "":
			return h.standing(c, request, string(body), &reply)
		}
		return h.ask(c, sum[:], a, string(body), &reply)
	})
	return reply, err
}

func turned(rule string) wire.Reply { return wire.Reply{State: wire.Turned, Rule: rule} }

// ask keeps a new application. What no person could approve is refused at
// once, with the code still good.
func (h *Hub) ask(c *sqlitefile.Conn, code []byte, a wire.Application, body string, reply *wire.Reply) error {
	_, err := programme.DecideJoin(h.Directory(), wish(a, programme.Office, ""))
	var no *reason.Refusal
	if errors.As(err, &no) {
		*reply = turned(no.Rule)
		reply.Args = map[string]string{}
		for _, x := range no.Args {
			reply.Args[x.Name] = fmt.Sprint(x.Value)
		}
		return nil
	}
	if err != nil {
		return err
	}
	waiting := 0
	_, err = c.One(`SELECT COUNT(*) FROM requests WHERE answer = ''`, nil, func(r *sqlitefile.Row) error {
		waiting = int(r.Int(0))
		return nil
	})
	if err != nil {
		return err
	}
	if waiting >= requestsMost {
		*reply = turned("PROG-14")
		return nil
	}
	request := newID(h.o.Rand)
	err = c.Exec(`INSERT INTO requests (request, site, at, body) VALUES (?, ?, ?, ?)`, request, a.Site, h.o.Clock(), body)
	if err == nil {
		err = c.Exec(`UPDATE codes SET request = ? WHERE hash = ?`, request, code)
	}
	reply.State = wire.Waiting
	return err
}

// standing answers how an application of before stands.
func (h *Hub) standing(c *sqlitefile.Conn, request, body string, reply *wire.Reply) error {
	_, err := c.One(`SELECT body, answer, why FROM requests WHERE request = ?`, []any{request}, func(r *sqlitefile.Row) error {
		switch {
		case r.Text(0) != body:
			*reply = turned("PROG-13") // the code is another site's
		case r.Text(1) == "":
			reply.State = wire.Waiting
		case r.Text(1) == wire.Approved:
			p := h.Directory().Programme
			reply.State, reply.Programme, reply.Verifier, reply.Cosigner, reply.Path = wire.Approved, p.Programme, p.Verifier, p.Cosigner, SyncPath
		default:
			reply.State, reply.Why = wire.Turned, r.Text(2)
		}
		return nil
	})
	return err
}
