package system_test

import (
	"context"
	"flag"
	"os"
	"testing"

	"tram/internal/sim/system"
)

var (
	seed  = flag.Uint64("seed", 1, "first seed")
	runs  = flag.Int("runs", 2, "seeds to live through")
	days  = flag.Int("days", 25, "days of a history, before the quiet ones")
	storm = flag.Float64("storm", 2, "multiplies how often faults strike")
)

var ctx = context.Background()

func ground(t testing.TB) *system.Ground {
	t.Helper()
	g, err := system.NewGround(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestSimulate lives through several histories. Goal: no broken promise.
func TestSimulate(t *testing.T) {
	if underRace {
		*runs = 1
	}
	g := ground(t)
	var all system.Report
	for n := range *runs {
		all.Add(g.Run(ctx, system.Config{Seed: *seed + uint64(n), Days: *days, Storm: *storm}))
	}
	if testing.Verbose() || all.Broken > 0 {
		if err := all.Print(os.Stdout); err != nil {
			t.Fatal(err)
		}
	}
	if all.Broken > 0 {
		t.Errorf("%d promises broken", all.Broken)
	}
	if all.SiteDays == 0 || all.Doses == 0 || all.Taken == 0 {
		t.Errorf("%d site-days, %d doses, %d letters taken", all.SiteDays, all.Doses, all.Taken)
	}
}

// TestStorm is the same in weather where everything happens. It wants every
// fault to have taken effect and every situation to have been reached.
func TestStorm(t *testing.T) {
	if underRace {
		t.Skip("one history has no races to find that TestSimulate does not; without the detector this runs whole")
	}
	g := ground(t)
	var all system.Report
	for n := range uint64(40) {
		all.Add(g.Run(ctx, system.Config{Seed: 100 + *seed + n, Days: 20, Storm: 6}))
		if all.Broken > 0 || len(all.Missed()) == 0 {
			break
		}
	}
	if testing.Verbose() || all.Broken > 0 {
		if err := all.Print(os.Stdout); err != nil {
			t.Fatal(err)
		}
	}
	if all.Broken > 0 {
		t.Errorf("%d promises broken", all.Broken)
	}
	if missed := all.Missed(); len(missed) > 0 {
		t.Errorf("never seen: %q", missed)
	}
}

// TestOneSeedOneHistory replays a seed and wants the same history to the last
// step, and another seed another one.
func TestOneSeedOneHistory(t *testing.T) {
	g := ground(t)
	c := system.Config{Seed: 7, Days: 8, Storm: 3}
	a, b := g.Run(ctx, c), ground(t).Run(ctx, c)
	c.Seed, c.Days = 8, 3
	other := g.Run(ctx, c)
	if a.Hash != b.Hash || a.Steps != b.Steps || a.Hash == other.Hash {
		t.Errorf("hashes %x and %x of one seed, %x of another", a.Hash, b.Hash, other.Hash)
	}
}
