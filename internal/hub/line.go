package hub

import (
	"errors"
	"net"
	"sync"

	"github.com/nats-io/nats.go"
)

// Line is a connection to the hub inside one process, which can be cut and
// mended: for the demonstration, and for tests of what a clinic's line does.
type Line struct {
	h *Hub

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

// errCut is what a site meets while its line is cut.
var errCut = errors.New("the line is cut")

// Line makes a line for one site.
func (h *Hub) Line() *Line { return &Line{h: h, conns: map[net.Conn]bool{}} }

// Option connects a site over the line; the address it dials does not matter.
func (l *Line) Option() nats.Option { return nats.InProcessServer(l) }

// InProcessConn makes a connection, or fails while the line is cut.
func (l *Line) InProcessConn() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		return nil, errCut
	}
	c, err := l.h.transport.front.InProcessConn()
	if err != nil {
		return nil, err
	}
	l.conns[c] = true
	return c, nil
}

// Cut ends what is under way and lets nothing through.
func (l *Line) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
	for c := range l.conns {
		_ = c.Close() // the other side finds out
		delete(l.conns, c)
	}
}

// Mend lets a site through again.
func (l *Line) Mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = false
}

// IsCut says how the line is.
func (l *Line) IsCut() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut
}
