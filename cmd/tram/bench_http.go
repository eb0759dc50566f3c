package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"tram/internal/id"
)

// desk is a browser at a window, over the network.
type desk struct {
	http *http.Client
	base string
}

// newDesk signs the nurse in. A redirect is an answer; whoever measures says
// whether it is followed.
func newDesk(ctx context.Context, base string, s *benchSite, station int) (*desk, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	d := &desk{base: base, http: &http.Client{
		Jar: jar, Transport: &http.Transport{}, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	form := url.Values{"person": {string(s.nurse.Person)}, "pin": {benchPIN}, "station": {strconv.Itoa(station)}}
	return d, d.post(ctx, "/signin", form)
}

// desks are several of them, one after the other: a sign-in takes a core.
func desks(ctx context.Context, base string, s *benchSite, n int) ([]*desk, error) {
	var out []*desk
	for i := range n {
		d, err := newDesk(ctx, base, s, 1+i%2)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

func (d *desk) do(r *http.Request, want int) error {
	res, err := d.http.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != want {
		return fmt.Errorf("%s %s answers %d, want %d", r.Method, r.URL.Path, res.StatusCode, want)
	}
	return nil
}

func (d *desk) get(ctx context.Context, path string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+path, nil)
	if err != nil {
		return err
	}
	return d.do(r, http.StatusOK)
}

func (d *desk) post(ctx context.Context, path string, form url.Values) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return d.do(r, http.StatusSeeOther)
}

// newForm is the id of a form, as a page would have carried it.
func newForm() id.Form {
	var b [5]byte
	_, _ = rand.Read(b[:]) // never fails
	return id.Form(id.EncodeAt(time.Now().UnixMilli(), b))
}

// pour sends the window's form. The answer is the redirect, made when the dose
// is on the disk.
func (d *desk) pour(ctx context.Context, p id.Patient) error {
	return d.post(ctx, "/window/pour", url.Values{
		"patient": {string(p)}, "form": {string(newForm())}, "shown_ug": {strconv.FormatInt(int64(benchAmount), 10)},
	})
}

// peer is another program that takes a dose as a plain record; tools/peers
// says how.
type peer struct {
	http *http.Client
	url  string
}

func (p peer) insert(ctx context.Context, i int) error {
	body, err := json.Marshal(map[string]any{
		"patient": "0123456789abcdef", "day": 20000, "amount": 80000, "volume": 8000, "bottle": "0123456789abcdef", "by": "0123456789abcdef",
		"at": i, "station": "window 1", "outcome": "poured",
	})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	return (&desk{http: p.http}).do(r, http.StatusOK)
}

// clients are how many windows send at once.
var clients = []int{1, 8, 32}

// share is how many of a morning's patients each of them gets, in tenths; the
// rest is for the doses whose page is asked for as well.
var share = map[int]int{1: 3, 8: 2, 32: 4}

// window measures doses over HTTP from the window, in a program of its own,
// beside a peer's plain record where there is one.
func (b *bench) window(ctx context.Context, s *benchSite) error {
	var other *peer
	if b.Peer == "" {
		b.table.leaveOut("F3", "no peer; build one from tools/peers and name it with --peer")
	} else {
		c, err := spawn(ctx, b.Peer, "-dir", filepath.Join(b.dir, "peer"))
		if err != nil {
			return err
		}
		defer func() { _ = c.end() }()
		other = &peer{&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute}, c.url}
	}
	l := newLaps()
	for range b.Mornings {
		if err := s.windowMorning(ctx, l, other); err != nil {
			return err
		}
	}
	for _, n := range clients {
		ours := fmt.Sprintf("window%d", n)
		wait := goal{}
		if n == 1 {
			wait = atMost(10)
		}
		b.table.add("F3", fmt.Sprintf("dose over HTTP, %d clients at the window, answered by the redirect", n), l.rate(ours), "per s", goal{})
		b.table.add("F3", "… p99", l.wait(ours, 0.99), "ms", wait)
	}
	b.table.add("F3", "… 1 client, with the page after it", l.rate("followed"), "per s", goal{})
	if other != nil {
		b.beside(l)
	}
	return nil
}

// windowMorning gives a morning's doses over HTTP.
func (s *benchSite) windowMorning(ctx context.Context, l *laps, other *peer) error {
	d, err := s.beginNext(ctx)
	if err != nil {
		return err
	}
	if err := s.close(); err != nil {
		return err
	}
	c, err := self(ctx, "bench-site", "--data", s.dir, "--at", strconv.FormatInt(int64(s.clock()), 10))
	if err != nil {
		return err
	}
	err = s.windowLaps(ctx, l, c.url, other)
	if cerr := c.end(); err == nil {
		err = cerr
	}
	if oerr := s.open(ctx, 0); err == nil {
		err = oerr
	}
	if err != nil {
		return err
	}
	s.set(s.zone.At(d, 23, 0))
	return s.finish(ctx, d, len(s.patients))
}

func (s *benchSite) windowLaps(ctx context.Context, l *laps, base string, other *peer) error {
	at, err := desks(ctx, base, s, 32)
	if err != nil {
		return err
	}
	defer func() {
		for _, d := range at {
			d.http.CloseIdleConnections()
		}
	}()
	rest := s.patients
	for _, n := range clients {
		now := rest[:len(s.patients)*share[n]/10]
		rest = rest[len(now):]
		if other != nil {
			_, err := l.lap(fmt.Sprintf("peer%d", n), len(now), n, func(_, i int) error { return other.insert(ctx, i) })
			if err != nil {
				return err
			}
		}
		_, err := l.lap(fmt.Sprintf("window%d", n), len(now), n, func(w, i int) error { return at[w].pour(ctx, now[i]) })
		if err != nil {
			return err
		}
	}
	_, err = l.lap("followed", len(rest), 1, func(_, i int) error {
		if err := at[0].pour(ctx, rest[i]); err != nil {
			return err
		}
		return at[0].get(ctx, "/window")
	})
	return err
}

// What others took on the machine the targets were set on: doses a second by
// one client, durable.
const (
	refPocketBase = 1340.0
	refGoFHIR     = 388.0
	refMedplum    = 143.0
)

// beside puts the peer's figures and the ratios into the table. The two
// ratios to programs that do not run here are derived: ours to PocketBase in
// this run, times PocketBase to theirs where all three were measured.
func (b *bench) beside(l *laps) {
	for _, n := range clients {
		theirs := fmt.Sprintf("peer%d", n)
		b.table.add("F3", fmt.Sprintf("the peer's plain record over HTTP, %d clients", n), l.rate(theirs), "per s", goal{})
		b.table.add("F3", "… p99", l.wait(theirs, 0.99), "ms", goal{})
	}
	for _, n := range clients {
		g := goal{}
		if n == 1 {
			g = atLeast(1)
		}
		b.table.add("F3", fmt.Sprintf("a dose as a ratio to the peer's plain record, %d clients", n), l.against(n), "×", g)
	}
	one := l.against(1)
	b.table.add("F3", "derived: to a Go FHIR server on PostgreSQL (measured 2026-11, 2-core VM)", one*refPocketBase/refGoFHIR, "×", atLeast(3))
	b.table.add("F3", "derived: to Medplum (measured 2026-11, 2-core VM)", one*refPocketBase/refMedplum, "×", atLeast(8))
}

// against is the median over the mornings of a slice's rate to the peer's just
// before it.
func (l *laps) against(n int) float64 {
	var out []float64
	for i, r := range l.rates[fmt.Sprintf("window%d", n)] {
		out = append(out, r/l.rates[fmt.Sprintf("peer%d", n)][i])
	}
	return median(out)
}
