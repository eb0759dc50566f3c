package web

import (
	"fmt"
	"net/http"
	"time"

	"tram/internal/access"
)

// Times of the stream of events.
const (
	eventApart = 300 * time.Millisecond // several facts in a burst are one refresh
	eventBeat  = 25 * time.Second       // shorter than what closes idle connections
)

func (s *Server) eventRoutes() []route {
	return []route{{pattern: "GET /events", action: access.ConfirmIdentity, quiet: true, handle: (*visit).events}}
}

// events tells the page that something was recorded at the site, and nothing
// about what; the page then asks for its lists again. A page that misses one
// is told again by the next.
func (v *visit) events() error {
	ctl := http.NewResponseController(v.w)
	if err := ctl.SetWriteDeadline(time.Time{}); err != nil {
		return fmt.Errorf("events: %w", err)
	}
	changed, end := v.s.clinic.Watch()
	defer end()
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	v.w.WriteHeader(http.StatusOK)
	beat := time.NewTicker(eventBeat)
	defer beat.Stop()
	text := ": here\n\n"
	for {
		if _, err := v.w.Write([]byte(text)); err != nil {
			return nil //nolint:nilerr // the browser has gone: the stream ends
		}
		if err := ctl.Flush(); err != nil {
			return nil //nolint:nilerr // as above
		}
		select {
		case <-v.r.Context().Done():
			return nil
		case <-v.s.ending:
			return nil
		case <-beat.C:
			text = ": here\n\n"
		case _, ok := <-changed:
			if !ok {
				return nil
			}
			if !v.pause(eventApart) {
				return nil
			}
			text = "event: changed\ndata: .\n\n"
		}
	}
}

// pause waits, unless the browser goes first.
func (v *visit) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-v.r.Context().Done():
		return false
	case <-t.C:
		return true
	}
}
