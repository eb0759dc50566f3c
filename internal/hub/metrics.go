package hub

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"

	"tram/internal/day"
)

// MetricsPath is where a Prometheus asks.
const MetricsPath = "/metrics"

// counts are what happened since the hub was started.
type counts struct {
	entries  atomic.Int64 // taken in, the hub's own not counted
	segments atomic.Int64
	refused  atomic.Int64 // messages that were no segment of a site
	receipts atomic.Int64
	faults   atomic.Int64 // tries that failed because database or transport did
}

// Metrics answers whoever may ask with the hub's figures, as Prometheus reads
// them: with the token where one is set, and only from this machine where none
// is. They name sites and no person.
func (h *Hub) Metrics(token string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !mayAsk(r, token) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="metrics"`)
			http.Error(w, "metrics: with the token of this hub, or from its own machine where it has none", http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if _, err := w.Write(h.figures(r.Context())); err != nil {
			h.o.Log.Debug("figures that were not read to their end", "err", err)
		}
	})
}

func mayAsk(r *http.Request, token string) bool {
	if token != "" {
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(token))
		return ok && subtle.ConstantTimeCompare(a[:], b[:]) == 1
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return false // somebody else asks, through a proxy on this machine
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

// page is a text of figures in the making.
type page struct{ b bytes.Buffer }

func (p *page) about(name, kind, help string) {
	fmt.Fprintf(&p.b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

func (p *page) one(name, kind, help string, v int64) {
	p.about(name, kind, help)
	fmt.Fprintf(&p.b, "%s %d\n", name, v)
}

// of writes one line for each label and value.
func (p *page) of(name, kind, help, label string, values []labelled) {
	if len(values) == 0 {
		return
	}
	p.about(name, kind, help)
	for _, v := range values {
		fmt.Fprintf(&p.b, "%s{%s=\"%s\"} %s\n", name, label, escape.Replace(v.label), v.value)
	}
}

var escape = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

type labelled struct{ label, value string }

// seconds is a number of milliseconds in seconds, without a float.
func seconds(ms int64) string {
	sign := ""
	if ms < 0 {
		sign, ms = "-", -ms
	}
	return fmt.Sprintf("%s%d.%03d", sign, ms/1000, ms%1000)
}

// figures are all of them. What cannot be looked up has no line: no figure is
// not the figure 0.
func (h *Hub) figures(ctx context.Context) []byte {
	p := &page{}
	p.one("tram_hub_entries_total", "counter", "Journal entries taken in from sites since the start.", h.counts.entries.Load())
	p.one("tram_hub_segments_total", "counter", "Segments taken in from sites since the start.", h.counts.segments.Load())
	p.one("tram_hub_messages_refused_total", "counter", "Messages that were no segment of a known site.", h.counts.refused.Load())
	p.one("tram_hub_receipts_total", "counter", "Receipts signed since the start.", h.counts.receipts.Load())
	p.one("tram_hub_faults_total", "counter", "Tries that failed because the database or the transport did.", h.counts.faults.Load())
	p.one("tram_hub_connections", "gauge", "Sites' connections open now.", int64(max(0, h.transport.front.NumClients()-1))) // one is our own
	h.queue(ctx, p)
	h.tables(ctx, p)
	return p.b.Bytes()
}

// queue writes what waits in the transport.
func (h *Hub) queue(ctx context.Context, p *page) {
	i, err := h.transport.cons.Info(ctx)
	if err != nil {
		h.o.Log.Warn("figures: the transport", "err", err)
		return
	}
	p.one("tram_hub_queue_messages", "gauge", "Messages in the transport that are not in the database yet.", int64(i.NumPending)+int64(i.NumAckPending))
}

// tables writes what is read from the database and the hub's book.
func (h *Hub) tables(ctx context.Context, p *page) {
	ok := int64(0)
	heads, err := h.db.Heads(ctx)
	if err == nil && h.Fault() == nil {
		ok = 1
	}
	p.one("tram_hub_database_up", "gauge", "1 while the database answers.", ok)
	if err != nil {
		h.o.Log.Warn("figures: the database", "err", err)
		return
	}
	now := h.o.Clock()
	var entries, backlog, stopped, heard, skew []labelled
	for _, x := range heads {
		if _, joined := h.Directory().Site(x.Site); !joined {
			continue
		}
		add := func(to *[]labelled, v string) { *to = append(*to, labelled{string(x.Site), v}) }
		add(&entries, fmt.Sprint(x.Size))
		add(&backlog, fmt.Sprint(x.Backlog()))
		add(&stopped, map[bool]string{true: "1", false: "0"}[x.Stopped != ""])
		if x.ContactAt != 0 {
			add(&heard, seconds(int64(max(0, now-x.ContactAt))))
		}
		if said, ok := h.Heard(x.Site); ok && said.Clock {
			add(&skew, seconds(said.Skew))
		}
	}
	p.of("tram_hub_site_entries", "gauge", "Entries of a site's journal here.", "site", entries)
	p.of("tram_hub_site_backlog_entries", "gauge", "Entries a site has said it has and that are not here.", "site", backlog)
	p.of("tram_hub_site_stopped", "gauge", "1 while a site's journal is not taken and people must answer.", "site", stopped)
	p.of("tram_hub_site_last_heard_seconds", "gauge", "Seconds since a site was last heard from.", "site", heard)
	p.of("tram_hub_site_clock_ahead_seconds", "gauge", "How far a site's clock was before the hub's at its newest hello.", "site", skew)
	h.waiting(ctx, p)
}

// waiting writes what waits for people.
func (h *Hub) waiting(ctx context.Context, p *page) {
	incidents, err := h.db.OpenIncidents(ctx)
	if err != nil {
		h.o.Log.Warn("figures: cases", "err", err)
		return
	}
	oldest := day.Instant(0)
	for _, i := range incidents {
		if oldest == 0 || i.At < oldest {
			oldest = i.At
		}
	}
	p.one("tram_hub_cases_open", "gauge", "Cases that wait for a person's answer.", int64(len(incidents)))
	if oldest != 0 {
		p.about("tram_hub_case_oldest_seconds", "gauge", "Age of the oldest open case.")
		fmt.Fprintf(&p.b, "tram_hub_case_oldest_seconds %s\n", seconds(int64(max(0, h.o.Clock()-oldest))))
	}
	requests, err := h.Requests(ctx)
	if err != nil {
		h.o.Log.Warn("figures: requests", "err", err)
		return
	}
	p.one("tram_hub_requests_waiting", "gauge", "Sites that ask to join and wait for an answer.", int64(len(requests)))
}
