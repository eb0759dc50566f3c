package transfer_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	modelSet = flag.String("model", "fast", "configurations of model/transfer.pml to check: fast, all (hours, and gigabytes), or a part of a name")
	requires = os.Getenv("TRAM_MODEL") == "require" // set by tools/check where it may install spin
)

// modelled is one configuration of the model: its options, whether a violation is
// what must be found, and how many states a search to the end stores.
type modelled struct {
	name    string
	fast    bool
	violate bool
	states  int // 0: not compared, the search stops at the first violation
	options string
}

// configurations are those of docs/spec/dosing-right.md.
var configurations = []modelled{
	{"base", true, false, 181_954, ""},
	{"base-holder", true, false, 181_954, "-DHOLDER"},
	{"base-d4", false, false, 1_092_452, "-DD=4"},
	{"base-nl4", false, false, 1_631_914, "-DNL=4"},
	{"base-d4-nl4", false, false, 15_845_300, "-DD=4 -DNL=4"},
	{"reach-visit", true, true, 0, "-DREACHONLY -DR_VISIT"},
	{"reach-return", true, true, 0, "-DREACHONLY -DR_RETURN"},
	{"reach-chain", false, true, 0, "-DREACHONLY -DR_CHAIN"},
	{"reach-reprint", false, true, 0, "-DREACHONLY -DR_REPRINT"},
	{"reach-lost", true, true, 0, "-DREACHONLY -DR_LOST"},
	{"reach-restored", true, true, 0, "-DREACHONLY -DR_RESTORED -DAMNESIA -DFENCE -DWITNESS=2"},
	{"mut-print-first", true, true, 0, "-DM_PRINT_FIRST"},
	{"mut-print-early", true, true, 0, "-DAMNESIA -DFENCE -DWITNESS=2 -DMLAG -DNL=2 -DM_EARLY"},
	{"mut-bearer", true, true, 0, "-DM_BEARER"},
	{"mut-cancel", true, true, 0, "-DM_CANCEL"},
	{"mut-give-first", true, true, 0, "-DM_GIVE_FIRST"},
	{"mut-stale-give", true, true, 0, "-DM_STALE"},
	{"mut-not-once", true, true, 0, "-DM_NOTONCE"},
	{"amn-naive", false, true, 0, "-DAMNESIA"},
	{"amn-fence", false, true, 0, "-DAMNESIA -DFENCE"},
	{"amn-w1", true, true, 0, "-DAMNESIA -DFENCE -DWITNESS=1"},
	{"amn-w2", false, false, 6_877_557, "-DAMNESIA -DFENCE -DWITNESS=2"},
	{"amn-w2-nofence", true, true, 0, "-DAMNESIA -DWITNESS=2"},
	{"amn-w2-holder", false, false, 6_877_557, "-DAMNESIA -DFENCE -DWITNESS=2 -DHOLDER"},
	{"amn-w2-2r2b", false, false, 48_824_415, "-DAMNESIA -DFENCE -DWITNESS=2 -DMAXR=2 -DMAXB=2"},
	{"amn-w2-lag", false, false, 1_704_124, "-DAMNESIA -DFENCE -DWITNESS=2 -DMLAG -DNL=2"},
	{"amn-w2-lag3", false, false, 32_007_522, "-DAMNESIA -DFENCE -DWITNESS=2 -DMLAG"},
	{"amn-w3", false, false, 3_044_066, "-DAMNESIA -DFENCE -DWITNESS=3"},
	{"amn-w3-2r2b", false, false, 14_472_791, "-DAMNESIA -DFENCE -DWITNESS=3 -DMAXR=2 -DMAXB=2"},
	{"amn-wloss", true, true, 0, "-DAMNESIA -DFENCE -DWITNESS=2 -DWLOSS"},
	{"amn-wloss-hf", false, false, 12_233_551, "-DAMNESIA -DFENCE -DWITNESS=2 -DWLOSS -DHFENCE"},
	{"clone", true, true, 0, "-DAMNESIA -DFENCE -DWITNESS=2 -DCLONE"},
	{"clone-baton", false, false, 31_001_030, "-DAMNESIA -DFENCE -DWITNESS=3 -DCLONE -DBATON"},
	{"clock", true, true, 0, "-DCLOCK"},
	{"clock-floor", true, true, 0, "-DCLOCK -DFLOOR"},
	{"clock-confirm1", true, true, 0, "-DCLOCK -DFLOOR -DCONFIRM=1"},
	{"clock-confirm2", false, false, 31_051_744, "-DCLOCK -DFLOOR -DCONFIRM=2"},
	{"clock-conf2-k4", false, false, 6_238_951, "-DCLOCK -DFLOOR -DCONFIRM=2 -DMAXK=4 -DNS=2"},
	{"clock-amn-c1", true, true, 0, "-DCLOCK -DFLOOR -DCONFIRM=1 -DAMNESIA -DFENCE -DWITNESS=2"},
	{"clock-amn-c2", false, false, 22_673_152, "-DCLOCK -DFLOOR -DCONFIRM=2 -DAMNESIA -DFENCE -DWITNESS=2 -DNS=2 -DNL=2"},
	{"clock-amn-c2w3", false, false, 51_428_476, "-DCLOCK -DFLOOR -DCONFIRM=2 -DAMNESIA -DFENCE -DWITNESS=3 -DNS=2 -DNL=3"},
	{"reassign-guess", true, true, 0, "-DREASSIGN=1"},
	{"reassign-seal", true, true, 0, "-DREASSIGN=2"},
	{"reassign-baton", true, false, 486_888, "-DREASSIGN=3"},
	{"storm-nocard", false, true, 0, "-DEMERG"},
	{"storm-card1", true, true, 0, "-DEMERG -DCARD=1"},
	{"storm-card2", true, false, 465_484, "-DEMERG -DCARD=2"},
	{"forge", true, true, 0, "-DFORGE"},
	{"forge-cosign", true, false, 181_954, "-DFORGE -DCOSIGN"},
}

// TestModel checks the Promela model: what must hold is searched to the end, and
// what must fail, fails. Goal: the model in the tree is the one the protocol was
// designed with. It needs spin and a C compiler, and says so where it has none.
func TestModel(t *testing.T) {
	if underRace {
		t.Skip("the checker is not Go; the gate's step protocol runs it")
	}
	for _, program := range []string{"spin", "cc"} {
		if _, err := exec.LookPath(program); err != nil {
			if requires {
				t.Fatalf("%s is required here and not installed", program)
			}
			t.Skipf("THE MODEL IS NOT CHECKED: %s is not installed (Debian: apt-get install spin gcc)", program)
		}
	}
	source, err := filepath.Abs(filepath.Join("model", "transfer.pml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range configurations {
		if *modelSet == "fast" && !c.fast || *modelSet != "fast" && *modelSet != "all" && !strings.Contains(c.name, *modelSet) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			errors, states, transitions := check(t, source, c)
			t.Logf("%s: %d errors, %d states, %d transitions, %s", c.name, errors, states, transitions, time.Since(began).Round(time.Second))
			if (errors > 0) != c.violate {
				t.Errorf("%s: %d violations found, want any: %v", c.name, errors, c.violate)
			}
			if !c.violate && states != c.states {
				t.Errorf("%s stored %d states, want %d: the model or the page has changed", c.name, states, c.states)
			}
		})
	}
}

var (
	panErrors      = regexp.MustCompile(`errors: (\d+)`)
	panStates      = regexp.MustCompile(`(?m)^\s*(\d+) states, stored`)
	panTransitions = regexp.MustCompile(`(?m)^\s*(\d+) transitions`)
)

// check makes the checker of one configuration and runs it in a folder of its own,
// because it writes its trail beside itself.
func check(t *testing.T, source string, c modelled) (errors, states, transitions int) {
	t.Helper()
	dir := t.TempDir()
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "transfer.pml"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	run("spin", append(append([]string{"-a"}, strings.Fields(c.options)...), "transfer.pml")...)
	effort := "-O1" // to compile takes longer than to search
	if !c.fast {
		effort = "-O2"
	}
	run("cc", "-w", effort, "-DNOFAIR", "-DSAFETY", "-DCOLLAPSE", "-DMEMLIM=12000", "-o", "pan", "pan.c")
	out := run(filepath.Join(dir, "pan"), "-m3000000", "-w22")
	for _, cut := range []string{"Search not completed", "max search depth too small", "out of memory", "reached -DMEMLIM"} {
		if !c.violate && strings.Contains(out, cut) {
			t.Fatalf("the search was cut short: %s", cut)
		}
	}
	number := func(r *regexp.Regexp) int {
		m := r.FindSubmatch(bytes.TrimSpace([]byte(out)))
		if m == nil {
			t.Fatalf("no %s in what the checker said:\n%s", r, out)
		}
		n, err := strconv.Atoi(string(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return number(panErrors), number(panStates), number(panTransitions)
}
