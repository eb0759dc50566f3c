package sitesync

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tram/internal/care/site"
	"tram/internal/clinicdb"
	"tram/internal/journal"
	"tram/internal/keys"
	"tram/internal/reason"
	"tram/internal/sitesync/wire"
)

// ErrWaiting says that people at the hub have not answered yet.
var ErrWaiting = errors.New("the hub waits for a person to approve this site")

// Refusal is the answer of a person at the hub, in their own words.
type Refusal struct{ Why string }

// Error is the refusal with its reason.
func (r *Refusal) Error() string { return "the hub refused this site: " + r.Why }

// Application is what a site says of itself, made from its founding and keys.
func Application(s site.Founded, k *keys.Keys) (wire.Application, error) {
	nkey, err := NKey(k.SyncSeed())
	if err != nil {
		return wire.Application{}, err
	}
	box, err := k.BoxPublic()
	if err != nil {
		return wire.Application{}, err
	}
	return wire.Application{
		Programme: s.Programme, Site: s.Site, Name: s.Name, Language: s.Language, Number: k.Number, Verifier: k.Public, Box: box, NKey: nkey,
	}, nil
}

// joinWait bounds one question to the hub.
const joinWait = 30 * time.Second

// Join asks the hub of a code whether this site may take part. It answers how
// the hub is reached once people there have approved, ErrWaiting until then;
// asking again with the same code does no harm. A rule that refuses is a
// *reason.Refusal, a person a *Refusal.
func Join(ctx context.Context, code wire.Code, a wire.Application) (clinicdb.Link, error) {
	var none clinicdb.Link
	a.Secret = code.Secret[:]
	r, err := apply(ctx, code, a)
	if err != nil {
		return none, err
	}
	switch r.State {
	case wire.Waiting:
		return none, ErrWaiting
	case wire.Turned:
		if r.Rule == "" {
			return none, &Refusal{r.Why}
		}
		var args []any
		for k, v := range r.Args {
			args = append(args, k, v)
		}
		return none, reason.Refuse(r.Rule, args...)
	case wire.Approved:
		if _, err := note.NewVerifier(r.Verifier); err != nil {
			return none, fmt.Errorf("the hub's answer: its journal's key: %w", err)
		}
		if _, err := journal.NewCosignVerifier(r.Cosigner); err != nil {
			return none, fmt.Errorf("the hub's answer: %w", err)
		}
		return clinicdb.Link{Programme: r.Programme, URL: "wss://" + code.Host + r.Path, Pin: code.Pin[:], Verifier: r.Verifier, Cosigner: r.Cosigner}, nil
	}
	return none, fmt.Errorf("the hub's answer is %q, which this program does not know", r.State)
}

func apply(ctx context.Context, code wire.Code, a wire.Application) (wire.Reply, error) {
	var r wire.Reply
	body, err := json.Marshal(a)
	if err != nil {
		return r, err
	}
	ctx, cancel := context.WithTimeout(ctx, joinWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+code.Host+wire.JoinPath, bytes.NewReader(body))
	if err != nil {
		return r, fmt.Errorf("the hub's address: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: TLS(code.Pin[:])}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return r, fmt.Errorf("reach the hub: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end, or given up
	text, err := io.ReadAll(io.LimitReader(resp.Body, wire.MessageMax))
	if err != nil {
		return r, fmt.Errorf("the hub's answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return r, fmt.Errorf("the hub's answer: %s", resp.Status)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("the hub's answer: %w", err)
	}
	return r, nil
}
