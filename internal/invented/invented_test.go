package invented

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/staff"
	"tram/internal/care/stock"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/fact"
	"tram/internal/id"
	"tram/internal/rulebook"
	"tram/internal/unit"
)

// options are those of the demonstration, with the programme's numbers that
// the rule set leaves open.
func options(t testing.TB, seed uint64) Options {
	t.Helper()
	set, err := rulebook.Load(Rules)
	if err != nil {
		t.Fatal(err)
	}
	value := func(v int64) *int64 { return &v }
	changes, err := rulebook.DecideConfirm(set, nil, []rulebook.Confirm{
		{Key: rulebook.DailyMax, Value: value(200_000), Reason: "test"},
		{Key: rulebook.DoseGapHours, Value: value(16), Reason: "test"},
		{Key: rulebook.CountTolerance, Value: value(3_000), Reason: "test"},
	})
	if err != nil {
		t.Fatal(err)
	}
	book, err := rulebook.Effective(set, changes)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := day.LoadZone(Zone)
	if err != nil {
		t.Fatal(err)
	}
	last, err := day.Of(2026, 11, 23)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Seed: seed, Last: last, Zone: zone, Order: book.Order(), Dose: book.Dose()}
	o.RestartMax, _ = book.RestartMax()
	o.Tolerance.Volume, o.Tolerance.Known = book.CountTolerance()
	return o
}

// known are histories that were made before; nobody changes them.
var known = map[uint64][]Site{}

// histories are those of all places, made once for each seed.
func histories(t testing.TB, seed uint64) []Site {
	t.Helper()
	if known[seed] == nil {
		known[seed] = anew(t, seed)
	}
	return known[seed]
}

func anew(t testing.TB, seed uint64) []Site {
	t.Helper()
	var out []Site
	for _, p := range Places() {
		s, err := p.History(options(t, seed))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func hash(t testing.TB, s Site) [32]byte {
	t.Helper()
	h := sha256.New()
	for _, f := range s.Facts {
		kind, body, err := fact.Encode(f.Fact)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(h, "%d %s %s %s\n", f.At, f.By, kind, body) // a hash never fails
	}
	for _, p := range s.Staff {
		_, _ = fmt.Fprintf(h, "%v\n", p)
	}
	return [32]byte(h.Sum(nil))
}

// The same seed gives the same bytes, another seed others.
func TestSameSeedSameBytes(t *testing.T) {
	one, two, other := histories(t, 1), anew(t, 1), anew(t, 2)
	for i := range one {
		if hash(t, one[i]) != hash(t, two[i]) {
			t.Errorf("%s: two histories of one seed differ", one[i].Founded.Site)
		}
		if hash(t, one[i]) == hash(t, other[i]) {
			t.Errorf("%s: seeds 1 and 2 give one history", one[i].Founded.Site)
		}
	}
}

// Every place obeys the rules for many seeds and last days: harvest, rain and
// the turn of the year fall differently.
func TestEverySeedObeysTheRules(t *testing.T) {
	if underRace {
		t.Skip("one goroutine has no races to find; the gate's step protocol runs this without the detector")
	}
	for seed := range uint64(12) {
		for _, p := range Places() {
			o := options(t, seed)
			o.Last += day.Day(seed * 31)
			if _, err := p.History(o); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		}
	}
}

// Making the histories takes a second or so of this process; what the machine
// does beside it does not count.
func TestFastEnoughForADemonstration(t *testing.T) {
	start := spent()
	n := 0
	for _, s := range anew(t, 1) {
		n += len(s.Facts)
		t.Logf("%s: %d facts", s.Founded.Site, len(s.Facts))
	}
	took := spent() - start
	t.Logf("%d facts in %v", n, took)
	if took > 5*time.Second { // about a tenth of that on a quiet machine
		t.Errorf("three histories took %v", took)
	}
}

// Facts come in the order of time, between founding and the end of the last
// day, each by someone whose duties allow it.
func TestEveryFactHasItsTimeAndPerson(t *testing.T) {
	for _, s := range histories(t, 1) {
		o := options(t, 1)
		duties := map[id.Person][]duty.Duty{}
		for _, p := range s.Staff {
			duties[p.Person] = p.Duties
		}
		was := s.At
		for _, f := range s.Facts {
			if f.At < was || o.Zone.DayOf(f.At) > o.Last {
				t.Fatalf("%s: %T at %v after %v", s.Founded.Site, f.Fact, f.At.Time(), was.Time())
			}
			was = f.At
			act, ok := action(f.Fact)
			if !ok {
				t.Fatalf("%T is not known to this test", f.Fact)
			}
			if err := access.Allow(access.Actor{Person: f.By, Duties: duties[f.By]}, act, access.InCare); err != nil {
				t.Fatalf("%s: %T by %v: %v", s.Founded.Site, f.Fact, duties[f.By], err)
			}
		}
	}
}

// action is what a fact's person must be allowed.
func action(v any) (access.Action, bool) {
	switch f := v.(type) {
	case staff.Enrolled:
		return access.ManageStaff, true
	case staff.SecretSet, staff.SignedIn:
		return access.ConfirmIdentity, true
	case patient.Registered:
		if f.Source != "" {
			return access.ImportFiles, true
		}
		return access.ChangePatient, true
	case patient.Changed, patient.CardGiven, patient.Photographed:
		return access.ChangePatient, true
	case patient.Left, patient.Returned:
		return access.EndCare, true
	case patient.Noted, patient.UrineTested:
		return access.WriteNote, true
	case order.Written:
		if f.Imported {
			return access.ImportFiles, true
		}
		return access.WriteOrder, true
	case order.Stopped:
		return access.WriteOrder, true
	case order.Signed:
		return access.SignOrder, true
	case stock.Received, stock.Opened, stock.Spilled, stock.Counted, stock.Finished:
		return access.HandleStock, true
	case dose.Poured, dose.Swallowed, dose.PartTaken, dose.NotGiven, dose.Vomited, dose.Held, dose.Released:
		return access.ServeDose, true
	case dose.Answered, dose.Corrected:
		return access.CorrectDose, true
	case dose.ReplacementAllowed, dose.GapAnswered:
		return access.AllowDose, true
	case dose.Recorded:
		return access.ImportFiles, true
	case access.Seen:
		return access.SeeWindow, true
	case access.Printed:
		return access.SeeRegisters, true
	}
	kind, _, _ := fact.Encode(v)
	return access.OpenDay, strings.HasPrefix(kind, "daybook.") || kind == "dose.missed"
}

// Every kind that ordinary months make is there.
func TestEveryKindOfAMorningAppears(t *testing.T) {
	seldom := map[string]string{
		"site.founded": "written by the founding", "rule.confirmed": "written by the founding", "staff.duties_set": "nobody changed work",
		"staff.left": "nobody left", "staff.locked_out": "nobody forgot a PIN", "staff.key_made": "keys are for letters",
		"dose.attested": "nothing was restored", "patient.photo_withdrawn": "nobody asked",
		"patient.likeness_answered": "nobody was like somebody else", "patient.double_answered": "nobody was registered twice",
		"glass.broken": "there was no emergency", "glass.reviewed": "there was no emergency",
	}
	// What happens between sites, and in the programme's own journal, is no part
	// of one place's mornings.
	between := []string{"transfer.", "installation.", "programme.", "stability."}
	have := map[reflect.Type]int{}
	for _, f := range histories(t, 1)[2].Facts {
		have[reflect.TypeOf(f.Fact)]++
	}
	names := map[string]bool{}
	for _, f := range histories(t, 1)[2].Facts {
		kind, _, err := fact.Encode(f.Fact)
		if err != nil {
			t.Fatal(err)
		}
		names[kind] = true
	}
	for _, k := range fact.Kinds {
		apart := slices.ContainsFunc(between, func(noun string) bool { return strings.HasPrefix(k.Name, noun) })
		if !names[k.Name] && seldom[k.Name] == "" && !apart {
			t.Errorf("%s never happens", k.Name)
		}
	}
	t.Log(have)
}

// Nobody looks real: places and patients say that they are invented, and no
// telephone number can exist; names are in one Unicode form.
func TestEverybodyIsInvented(t *testing.T) {
	for _, s := range histories(t, 1) {
		if !s.Founded.Invented || !strings.Contains(s.Founded.Name, "hư cấu") || !strings.Contains(s.Founded.Programme, "hư cấu") {
			t.Errorf("%v does not say that it is invented", s.Founded)
		}
		for _, f := range s.Facts {
			if r, ok := f.Fact.(patient.Registered); ok {
				d := r.Details
				if d.Note != Disclaimer || (d.Phone != "" && !strings.HasPrefix(d.Phone, "0000 ")) || d.Identity != "" {
					t.Errorf("%s: %+v looks real", r.Code, d)
				}
				if !norm.NFC.IsNormalString(d.Name + d.Village + d.Commune) {
					t.Errorf("%s: %q is not NFC", r.Code, d.Name)
				}
			}
		}
		pins := map[string]bool{}
		for _, p := range s.Staff {
			if err := staff.CheckPIN(p.PIN); err != nil || pins[p.PIN] {
				t.Errorf("%s: PIN %s: %v, or taken", s.Founded.Site, p.PIN, err)
			}
			pins[p.PIN] = true
		}
	}
}

// The manager keeps the id that founding gave.
func TestManagerKeepsTheID(t *testing.T) {
	o := options(t, 1)
	o.Manager = "m0"
	s, err := Places()[0].History(o)
	if err != nil {
		t.Fatal(err)
	}
	used := false
	for _, f := range s.Facts {
		used = used || f.By == "m0"
	}
	if s.Staff[0].Person != "m0" || !used {
		t.Errorf("manager %q, used %v; want m0 and its acts", s.Staff[0].Person, used)
	}
}

// Too short a history, or none of its options, is refused and not guessed.
func TestIncompleteOptionsAreRefused(t *testing.T) {
	good := options(t, 1)
	for name, o := range map[string]Options{
		"no zone": {Last: good.Last}, "no last day": {Zone: good.Zone}, "too short": {Last: good.Last, Zone: good.Zone, Days: 3},
	} {
		if _, err := Places()[0].History(o); err == nil {
			t.Errorf("%s: made a history", name)
		}
	}
}

// A large place streams its facts; what is drawn fits the bottles there too.
func TestManyStreams(t *testing.T) {
	o := options(t, 1)
	o.Days = 90
	book := newBook()
	n := 0
	s, err := Many(o, 300, 0, func(f Fact) error {
		n++
		return book.add(f)
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 300*90*2 || len(s.Facts) != 0 || book.poured == 0 {
		t.Errorf("%d facts, %d kept, %v poured", n, len(s.Facts), book.poured)
	}
	stop := fmt.Errorf("enough")
	if _, err := Many(o, 10, 0, func(Fact) error { return stop }); err == nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("got %v, want the caller's own error", err)
	}
}

// The bottles' book: received less drawn, spilled and counted is what is left,
// and it is never below zero.
func TestBottlesAddUp(t *testing.T) {
	for _, s := range histories(t, 1) {
		b := newBook()
		for _, f := range s.Facts {
			if err := b.add(f); err != nil {
				t.Fatalf("%s: %v", s.Founded.Site, err)
			}
		}
		var open, sealed unit.Microlitre
		for name, left := range b.left {
			if b.open[name] {
				open += left
			} else {
				sealed += left
			}
		}
		t.Logf("%s: open %v, sealed %v, poured %v, two bottles %d", s.Founded.Site, open, sealed, b.poured, b.two)
		if open < 500*unit.Millilitre || open > 700*unit.Millilitre {
			t.Errorf("%s: the open bottles hold %v at the end, want about 600 mL", s.Founded.Site, open)
		}
		if sealed < 2*bottleSize {
			t.Errorf("%s: %v sealed, want at least two bottles", s.Founded.Site, sealed)
		}
	}
}

// book is the bottles' book, kept from the facts alone.
type book struct {
	left   map[id.Bottle]unit.Microlitre
	open   map[id.Bottle]bool
	cups   map[id.Dose]dose.Poured
	poured unit.Microlitre
	two    int
}

func newBook() *book {
	return &book{left: map[id.Bottle]unit.Microlitre{}, open: map[id.Bottle]bool{}, cups: map[id.Dose]dose.Poured{}}
}

func (b *book) add(f Fact) error {
	switch v := f.Fact.(type) {
	case stock.Received:
		b.left[v.Bottle] = v.Volume
	case stock.Opened:
		b.open[v.Bottle] = true
	case stock.Spilled:
		b.left[v.Bottle] -= v.Volume
	case stock.Counted:
		if b.left[v.Bottle] != v.Book {
			return fmt.Errorf("bottle %s: book says %v, facts say %v", v.Bottle, v.Book, b.left[v.Bottle])
		}
		b.left[v.Bottle] = v.Measured
	case stock.Finished:
		if b.left[v.Bottle] != 0 {
			return fmt.Errorf("bottle %s finished with %v", v.Bottle, b.left[v.Bottle])
		}
		delete(b.left, v.Bottle)
	case dose.Poured:
		return b.pour(v)
	case dose.NotGiven:
		if !v.Wasted {
			for _, d := range b.cups[v.Dose].Draws {
				b.left[d.Bottle] += d.Volume
			}
		}
	}
	return nil
}

func (b *book) pour(v dose.Poured) error {
	if v.Amount%(unit.Milligram/2) != 0 {
		return fmt.Errorf("dose %s of %v is no whole or half mg", v.Dose, v.Amount)
	}
	if len(v.Draws) > 1 {
		b.two++
	}
	var sum unit.Microlitre
	for _, d := range v.Draws {
		sum += d.Volume
		b.left[d.Bottle] -= d.Volume
		if b.left[d.Bottle] < 0 || !b.open[d.Bottle] {
			return fmt.Errorf("bottle %s holds %v, open %v", d.Bottle, b.left[d.Bottle], b.open[d.Bottle])
		}
	}
	if sum != v.Volume {
		return fmt.Errorf("dose %s: draws make %v, want %v", v.Dose, sum, v.Volume)
	}
	b.poured += sum
	b.cups[v.Dose] = v
	return nil
}
