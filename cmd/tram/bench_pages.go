package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"tram/internal/care/dose"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/sitedir"
	"tram/internal/web"
)

// pageRuns is how often each page is asked for.
const pageRuns = 200

func (b *bench) checkpoint() error { return b.Flush() }

func (b *bench) openDoses(ctx context.Context, d day.Day) (out []dose.Entry, err error) {
	err = b.View(ctx, func(v *clinicdb.View) error {
		out, err = v.OpenDoses(d)
		return err
	})
	return out, err
}

// pages measures the server's own time for the window and a patient's record,
// signed in, with the whole history behind them.
func (b *bench) pages(ctx context.Context) error {
	h, err := web.New(web.Options{Clinic: b.Clinic})
	if err != nil {
		return err
	}
	cookies, err := b.signIn(h)
	if err != nil {
		return err
	}
	for _, pg := range []struct{ what, path string }{
		{"window page", "/window"},
		{"patient page", "/patient/%s"},
	} {
		var waits []time.Duration
		size := 0
		for i := range pageRuns {
			path := pg.path
			if strings.Contains(path, "%s") {
				path = fmt.Sprintf(path, b.patients[i%len(b.patients)])
			}
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
			for _, c := range cookies {
				r.AddCookie(c)
			}
			w := httptest.NewRecorder()
			t := time.Now()
			h.ServeHTTP(w, r)
			waits = append(waits, time.Since(t))
			if w.Code != http.StatusOK {
				return fmt.Errorf("%s answers %d", path, w.Code)
			}
			size = max(size, w.Body.Len())
		}
		b.add("F4", pg.what+", server time, median", ms(percentile(waits, 0.5)), "ms", "< 5")
		b.add("F4", pg.what+", server time, p99", ms(percentile(waits, 0.99)), "ms", "< 30")
		b.add("F5", pg.what+", bytes before compression", float64(size)/1000, "kB", "")
	}
	return nil
}

// signIn signs the nurse in as a browser would.
func (b *bench) signIn(h http.Handler) ([]*http.Cookie, error) {
	form := url.Values{"person": {string(b.nurse.Person)}, "pin": {benchPIN}, "station": {"1"}}
	r := httptest.NewRequest(http.MethodPost, "/signin", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther {
		return nil, fmt.Errorf("sign-in answers %d", w.Code)
	}
	return w.Result().Cookies(), nil
}

func (b *bench) verify(ctx context.Context) error {
	entries := float64(b.Head().Size)
	start := time.Now()
	if _, _, err := b.VerifyJournal(ctx, b.nurse); err != nil {
		return err
	}
	b.add("F8", "verify: journal, hashes, signatures", entries/time.Since(start).Seconds(), "entries/s", "≥ 150,000 a core")
	if err := b.Close(); err != nil {
		return err
	}
	start = time.Now()
	if _, err := sitedir.Verify(ctx, b.Dir, sitedir.Options{}, func(string, int64) {}); err != nil {
		return err
	}
	b.add("F8", "verify: with every table made again and compared", entries/time.Since(start).Seconds(), "entries/s", "≥ 30,000 a core")
	return nil
}
