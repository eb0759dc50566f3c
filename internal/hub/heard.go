package hub

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/sitesync/wire"
)

// Heard is what a site's program said of itself at its newest hello. It is kept
// in memory only: a hub that was started since does not know, and says so.
type Heard struct {
	At      day.Instant // by the hub's clock
	Number  int         // of its installation; 0 if it did not say
	Version string
	Skew    int64 // its clock before the hub's, in milliseconds; negative: behind
	Clock   bool  // whether it told its clock: older programs do not
}

// heardHello keeps a hello.
func (h *Hub) heardHello(s id.Site, q wire.Question) {
	now := h.o.Clock()
	x := Heard{At: now, Number: q.Number, Version: q.Version}
	if q.Now != 0 {
		x.Skew, x.Clock = int64(q.Now-now), true
	}
	h.hellos.Lock()
	defer h.hellos.Unlock()
	if h.heard == nil {
		h.heard = map[id.Site]Heard{}
	}
	h.heard[s] = x
}

// Heard is a site's newest hello since this hub was started; ok is false when
// there was none.
func (h *Hub) Heard(s id.Site) (x Heard, ok bool) {
	h.hellos.Lock()
	defer h.hellos.Unlock()
	x, ok = h.heard[s]
	return x, ok
}
