package transfer_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"

	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/sim"
	"tram/internal/sim/mutant"
)

var big = flag.Bool("big", false, "explore the larger configurations as well: minutes, and gigabytes")

// move is one thing that can happen in a world.
type move struct {
	name string
	make func(*world)
}

// moves lists everything that can happen next.
func moves(w *world) []move {
	var all []move
	add := func(name string, change func(*world)) { all = append(all, move{name, change}) }
	if int(w.today-base)+1 < w.b.days {
		add("night", func(w *world) {
			w.today++
			w.doses = 0
			for n := range w.pcs {
				w.do(n, transfer.Lapse{})
			}
		})
	}
	for n := range w.pcs {
		if w.pcs[n].sealed {
			continue
		}
		for _, with := range []bool{true, false} {
			if !with && !w.pcs[n].old {
				continue // a site's newest PC has its baton; unwitnessed mornings are the simulator's
			}
			all = append(all, acts(w, n, with)...)
		}
		all = append(all, mishaps(w, n)...)
	}
	if w.b.reassign {
		if w.sealed == day.Never {
			add("seal", (*world).seal)
		}
		if len(w.papers) < w.b.letters {
			for to := 1; to < w.b.sites; to++ {
				for from := range w.b.days {
					add("reassign", func(w *world) { w.reassign(to, base+day.Day(from)) })
				}
			}
		}
	}
	return all
}

// acts are what staff do at a PC, each with the power failing after any effect.
func acts(w *world, n int, with bool) []move {
	var all []move
	act := func(name string, cuts int, e func(*world) transfer.Event) {
		if w.b.calm {
			cuts = 0
		}
		for cut := -1; cut < cuts; cut++ {
			all = append(all, move{fmt.Sprintf("%s at %d, cut %d", name, n, cut), func(w *world) {
				if !w.open(n, with) {
					return
				}
				w.cut = cut
				w.do(n, e(w))
				w.cut = -1
			}})
		}
	}
	act("pour", 2, func(w *world) transfer.Event { return transfer.Pour{Today: w.believed(n)} })
	if w.pcs[n].s.Cup != day.Never {
		act("hand over", 0, func(w *world) transfer.Event { return transfer.HandOver{Today: w.believed(n)} })
	}
	if len(w.papers) < w.b.letters {
		for to := range w.b.sites {
			for first := range w.b.days {
				for last := first; last < w.b.days; last++ {
					if to == w.pcs[n].site {
						continue
					}
					c := transfer.Issue{To: siteNames[to], First: base + day.Day(first), Last: base + day.Day(last), Why: transfer.Visit}
					act(fmt.Sprintf("give %d-%d to %d", first+1, last+1, to), 3, func(w *world) transfer.Event {
						c.Letter = w.letterID()
						return transfer.Give{Issue: c, Today: w.believed(n)}
					})
				}
			}
		}
	}
	for i := range w.papers {
		l := &w.papers[i]
		if l.visible {
			act(fmt.Sprintf("scan %d", i), 1, func(w *world) transfer.Event {
				return transfer.Scan{Accept: transfer.Accept{Letter: w.papers[i].letter, Signed: !w.papers[i].forgery}, Today: w.believed(n)}
			})
		}
		if l.from == w.pcs[n].site && !l.forgery {
			act(fmt.Sprintf("cancel %d", i), 0, func(*world) transfer.Event { return transfer.Cancel{Letter: l.letter.ID} })
			act(fmt.Sprintf("show %d", i), 0, func(*world) transfer.Event { return transfer.Show{Letter: l.letter.ID} })
		}
	}
	return all
}

// mishaps are what befalls a PC without staff.
func mishaps(w *world, n int) []move {
	p := &w.pcs[n]
	all := []move{{fmt.Sprintf("crash %d", n), func(w *world) { w.do(n, transfer.Crash{}) }}}
	add := func(name string, change func(*world)) { all = append(all, move{fmt.Sprintf("%s %d", name, n), change}) }
	if w.b.lag && !p.old {
		add("mirror", func(w *world) { w.mirror(n, "baton:k") })
		if w.b.hub {
			add("hub hears", func(w *world) { w.mirror(n, "hub") })
		}
	}
	if w.backups < w.b.backups && !p.old {
		add("backup", func(w *world) { w.pcs[n].back = len(w.pcs[n].journal); w.backups++ })
	}
	if w.births < w.b.restores && p.back >= 0 && !p.old {
		for _, hub := range []bool{false, true} {
			if hub && !w.b.hub {
				continue
			}
			add("restore", func(w *world) { w.restore(n, hub, false) })
			if p.baton == len(p.journal) {
				add("restore, all known,", func(w *world) { w.restore(n, hub, true) })
			}
		}
	}
	if w.skewed < w.b.skews {
		for _, skew := range []int{-1, 0, 1} {
			if skew != p.skew {
				add(fmt.Sprintf("clock %+d", skew), func(w *world) { w.pcs[n].skew = skew; w.skewed++ })
			}
		}
	}
	if w.b.agreeWrong && p.skew == 0 {
		add("clock behind", func(w *world) { w.pcs[n].skew = -1 })
	} else if w.b.agreeWrong {
		add("clock right", func(w *world) { w.pcs[n].skew = 0 })
	}
	if w.b.forge && n == 0 && len(w.papers) < w.b.letters {
		for first := range w.b.days {
			add("forge", func(w *world) {
				w.papers = append(w.papers, paper{letter: transfer.Letter{ID: w.letterID(), Patient: "a1", From: "S0", Number: 1, To: "S1", First: base + day.Day(first), Why: transfer.ForGood}, to: 1, visible: true, forgery: true})
			})
		}
	}
	return all
}

// trail is how a world came about.
type trail struct {
	w    *world
	from *trail
	name string
}

func (t *trail) String() string {
	var steps []string
	for ; t.from != nil; t = t.from {
		steps = append(steps, t.name)
	}
	slices.Reverse(steps)
	return fmt.Sprint(steps)
}

// explore visits every world within the bounds, nearest first, and stops at the
// first broken promise.
func explore(b bounds, m sim.Machine) (states, transitions int, broken *trail) {
	seen := map[[2]uint64]struct{}{}
	wave := []*trail{{w: start(&b, &m)}}
	var buf []byte
	for len(wave) > 0 {
		var next []*trail
		for _, t := range wave {
			for _, mv := range moves(t.w) {
				w := t.w.clone()
				mv.make(w)
				w.conserved()
				transitions++
				n := &trail{w, t, mv.name}
				if w.broken != "" {
					return len(seen), transitions, n
				}
				var k [2]uint64
				k, buf = w.key(buf)
				if _, known := seen[k]; !known {
					seen[k] = struct{}{}
					next = append(next, n)
				}
			}
			t.w = nil // only the names are needed from here on
		}
		wave = next
	}
	return len(seen), transitions, nil
}

// The configurations. Each holds for the machine that ships, and the mutants
// named beside it die in it.
var explored = []struct {
	name  string
	b     bounds
	big   bool
	kills []string
}{
	{"base", bounds{sites: 2, days: 3, letters: 3}, false, []string{"print-before-closing", "bearer-letter", "giver-cancels", "swallow-then-record", "stale-cup", "gives-spent-day"}},
	{"three-sites", bounds{sites: 3, days: 2, letters: 2}, false, []string{"bearer-letter"}},
	{"three-letters", bounds{sites: 2, days: 2, letters: 3}, false, []string{"counts-twice"}},
	{"restore", bounds{sites: 2, days: 2, letters: 2, backups: 1, restores: 1}, false, []string{"forgets-accepted"}},
	{"restore-lag", bounds{sites: 2, days: 2, letters: 1, backups: 1, restores: 1, lag: true}, false, []string{"no-fence", "print-before-mirroring"}},
	{"restore-hub", bounds{sites: 2, days: 2, letters: 1, restores: 1, lag: true, hub: true, calm: true}, false, []string{"hub-not-asked"}},
	{"clone", bounds{sites: 2, days: 2, letters: 1, backups: 1, restores: 1, clone: true}, false, []string{"clone-without-baton"}},
	{"clock", bounds{sites: 2, days: 2, letters: 1, skews: 2}, false, []string{"date-unconfirmed", "date-for-ever"}},
	{"agreed-behind", bounds{sites: 1, days: 3, agreeWrong: true}, false, []string{"no-floor"}},
	{"reassign", bounds{sites: 3, days: 2, letters: 2, reassign: true}, false, []string{"hub-guesses"}},
	{"forge", bounds{sites: 2, days: 3, letters: 2, forge: true}, false, []string{"forged-letter"}},
	{"base-3x3x3", bounds{sites: 3, days: 3, letters: 3}, true, nil},
	{"restore-3", bounds{sites: 2, days: 3, letters: 3, backups: 1, restores: 1}, true, nil},
	{"restore-twice", bounds{sites: 2, days: 2, letters: 2, backups: 2, restores: 2}, true, nil},
	{"clone-3", bounds{sites: 2, days: 3, letters: 2, backups: 1, restores: 1, clone: true}, true, nil},
	{"clock-3", bounds{sites: 2, days: 3, letters: 2, skews: 2}, true, nil},
	{"restore-hub-backup", bounds{sites: 2, days: 2, letters: 1, backups: 1, restores: 1, lag: true, hub: true}, true, nil},
	{"reassign-3", bounds{sites: 3, days: 3, letters: 2, reassign: true}, true, nil},
	{"clock-restore", bounds{sites: 2, days: 2, letters: 2, skews: 2, backups: 1, restores: 1}, true, nil},
}

// TestExplore visits every interleaving within small bounds, with the power
// failing between any two effects, running the very Step that ships.
func TestExplore(t *testing.T) {
	for _, c := range explored {
		t.Run(c.name, func(t *testing.T) {
			if c.big && !*big {
				t.Skip("larger configurations run with -big")
			}
			if underRace && c.name != "base" {
				t.Skip("one goroutine has no races to find; the gate's step protocol explores this without the detector")
			}
			states, transitions, broken := explore(c.b, sim.Protocol())
			t.Logf("%d states, %d transitions", states, transitions)
			if broken != nil {
				t.Fatalf("%s after %v", broken.w.broken, broken)
			}
		})
	}
}

// TestExploreCatches wants every planted mistake caught within the same bounds.
func TestExploreCatches(t *testing.T) {
	var planned []string
	for _, c := range explored {
		planned = append(planned, c.kills...)
		for _, name := range c.kills {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				i := slices.IndexFunc(mutant.All, func(m mutant.Mutant) bool { return m.Name == name })
				if i < 0 {
					t.Fatalf("no mutant %s", name)
				}
				states, _, broken := explore(c.b, mutant.All[i].Break(sim.Protocol()))
				if broken == nil {
					t.Fatalf("%s (%s) lives after %d states", name, mutant.All[i].Says, states)
				}
				t.Logf("%d states: %s after %v", states, broken.w.broken, broken)
			})
		}
	}
	for _, m := range mutant.All {
		if !slices.Contains(planned, m.Name) {
			t.Errorf("no configuration catches %s", m.Name)
		}
	}
}
