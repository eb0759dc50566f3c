package system

import (
	"errors"
	"fmt"

	"tram/internal/baton"
)

// armTear lets the stick be pulled out in the middle of one of the next writes.
func (w *world) armTear(s *site) bool {
	if !s.plugged || !w.strikes(stickTorn) {
		return false
	}
	s.stick.PullAfter(1 + w.dice.Int64N(3000))
	return true
}

// endTear looks what a pulled stick has. It answers whether it was pulled; it
// is put in again. A letter's pull may come only when the PC starts again in
// the middle of it and brings the stick up to date.
func (w *world) endTear(s *site, armed bool) bool {
	if _, err := s.stick.Names(); !errors.Is(err, baton.ErrGone) {
		if armed {
			s.stick.PullAfter(1 << 40)
		}
		return false
	}
	w.took(stickTorn)
	w.tearStick(s)
	return true
}

// tearStick is the stick as it is found after the power under it went: what was
// acknowledged is on it, whatever the last write left. P3, P4.
func (w *world) tearStick(s *site) {
	s.stick, s.baton = s.stick.Crash(w.dice.Uint64()), nil
	b, err := baton.Open(s.batonConfig())
	if err != nil {
		w.violate("P4", s, fmt.Sprintf("a torn baton does not open: %v", err))
		return
	}
	head := b.Head()
	if head.Size < s.held.Size || head.Size == s.held.Size && head.Hash != s.held.Hash || head.Number < s.held.Number {
		w.violate("P4", s, fmt.Sprintf("a torn baton has %d entries under number %d, or other ones; it acknowledged %d under number %d",
			head.Size, head.Number, s.held.Size, s.held.Number))
	}
	s.baton = b
}
