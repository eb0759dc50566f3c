package clinic

import (
	"context"
	"sync"
)

// writing orders the commands. There is no goroutine that only writes: a command
// that finds nobody writing is written by its own asker at once, without being
// handed over and back; those that come meanwhile wait, and the first of them
// writes next, for all that have come by then. So one window alone pays one
// durable commit, and many windows share one.
type writing struct {
	mu      sync.Mutex
	waiting []*act
	busy    bool      // somebody writes
	ended   bool      // the site is closing; nothing more is taken
	idle    sync.Cond // told when nobody writes any more
}

func (w *writing) init() { w.idle.L = &w.mu }

// enter puts a command among those that wait. write is true when the asker must write
// what waits; otherwise a message comes to a.answer.
func (w *writing) enter(a *act) (write bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return false, ErrClosed
	}
	w.waiting = append(w.waiting, a)
	write = !w.busy
	w.busy = true
	return write, nil
}

// take is the group to write next; it never waits for more to come.
func (w *writing) take() []*act {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(len(w.waiting), groupMax)
	group := w.waiting[:n:n]
	w.waiting = w.waiting[n:]
	return group
}

// leave ends the asker's writing: the first that waits writes next.
func (w *writing) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) > 0 {
		w.waiting[0].answer <- answered{write: true}
		return
	}
	w.waiting = nil // so that what was answered is not kept
	w.busy = false
	w.idle.Broadcast()
}

// end takes nothing more and waits until all that was taken is written.
func (w *writing) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	for w.busy {
		w.idle.Wait()
	}
}

// run puts a command through and waits for its answer. It waits for the answer
// even when ctx ends after the command was taken: whether it was recorded must
// not stay unknown.
func (c *Clinic) run(ctx context.Context, a *act) ([]any, error) {
	if err := c.Broken(); err != nil {
		return nil, err
	}
	if a.form != "" && a.same == nil {
		panic("clinic: an act with a form must say what the same act is")
	}
	a.ctx = ctx
	a.answer = make(chan answered, 1)
	write, err := c.writing.enter(a)
	if err != nil {
		return nil, err
	}
	var r answered
	if !write {
		r = <-a.answer
		write = r.write
	}
	if write {
		c.commitGroup(c.writing.take()) // the asker's own command is the first of them
		c.writing.leave()
		r = <-a.answer
	}
	return r.facts, r.err
}
