package clinic_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/programme"
	"tram/internal/care/stability"
	"tram/internal/care/transfer"
	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/fact"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/rulebook"
)

// steadySites are MC, a main clinic, and TG, its satellite. Facts go from one
// to the other when a test carries them.
type steadySites struct {
	*twoSites
	heard map[id.Site]int64 // entries of each that the other has been given
}

func newSteadySites(t *testing.T) *steadySites {
	w := &steadySites{newTwoSites(t), map[id.Site]int64{}}
	w.tell(t, programme.SiteChanged{Site: "TG", Role: programme.Satellite, Parent: "MC"})
	return w
}

// carry brings what a site shares to the other, as the hub does.
func (w *steadySites) carry(t *testing.T, from, to *clinictest.Site) {
	t.Helper()
	type heard struct {
		e   journal.Entry
		raw []byte
	}
	var all []heard
	err := from.View(ctx, func(v *clinicdb.View) error {
		return journal.Each(v.Conn(), func(e journal.Entry) error {
			k, _ := fact.ByName(e.Kind)
			if e.Seq < w.heard[e.Site] || !k.Shared {
				return nil
			}
			raw, err := e.Encode()
			all = append(all, heard{e, raw})
			return err
		})
	})
	if err == nil {
		w.heard[from.Site().Site] = from.Head().Size
		err = to.DB.Write(func(tx *clinicdb.Tx) error {
			for _, h := range all {
				if _, err := tx.Hear(h.e, h.raw); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// numbers sets what the rule set leaves to the programme.
func numbers(t *testing.T, s *clinictest.Site) {
	t.Helper()
	var asks []rulebook.Confirm
	for key, n := range map[string]int64{rulebook.StableWindowDays: 30, rulebook.StableMissedMax: 2, rulebook.StableUrineDays: 60} {
		asks = append(asks, rulebook.Confirm{Key: key, Value: &n, Reason: "test programme"})
	}
	if err := s.ConfirmRules(ctx, s.Doctor, s.NewForm(), asks, clinictest.DoctorPIN); err != nil {
		t.Fatal(err)
	}
}

func seed(t *testing.T, s *clinictest.Site, facts ...any) {
	t.Helper()
	var seeds []clinic.Seed
	for _, f := range facts {
		seeds = append(seeds, clinic.Seed{At: s.Now(), By: s.Doctor.Person, Fact: f})
	}
	if err := s.SeedInvented(ctx, seeds, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
}

// longTreated is a person with a hundred days of treatment on one dose, of
// which the record has sixty. found is what the newest urine test found; nil
// for no test.
func longTreated(t *testing.T, s *clinictest.Site, name string, found []string) id.Patient {
	t.Helper()
	p, today := id.Patient("pat"+strings.ToLower(name)), s.Today()
	facts := []any{
		patient.Registered{Patient: p, Code: clinic.Code(s.Site().Site, 100+len(name)), Day: today - 100, Details: patient.Details{Name: name}},
		order.Written{Order: id.Order("o" + p), Patient: p, Phase: order.Maintenance, Amount: mg, First: today - 100, Last: today + 200},
		order.Signed{Order: id.Order("o" + p), Patient: p},
	}
	if found != nil {
		facts = append(facts, patient.UrineTested{Patient: p, Day: today - 10, Found: found})
	}
	seed(t, s, append(facts, doses(p, today-60, today-1)...)...)
	return p
}

func doses(p id.Patient, first, last day.Day) (facts []any) {
	for d := first; d <= last; d++ {
		facts = append(facts, dose.Recorded{Dose: id.Dose(fmt.Sprintf("d%d%s", d, p)), Patient: p, Day: d, Amount: mg, Source: "test"})
	}
	return facts
}

// said is what a site's list says of a person: the answer, what is proposed,
// whether it is asked, and the rules behind it.
func said(t *testing.T, s *clinictest.Site, p id.Patient) string {
	t.Helper()
	list, err := s.Stability(ctx, s.Doctor)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list.People {
		if x.Patient.Patient != p {
			continue
		}
		out := string(x.Answer.Kind)
		for _, r := range append(x.Answer.Against, x.Answer.Missing...) {
			out += " " + r.Rule
		}
		if x.Proposal != stability.Nothing {
			out += fmt.Sprintf(" %s %s", x.Proposal, x.To)
		}
		if x.Asked {
			out += " asked"
		}
		for _, o := range x.Others {
			out += fmt.Sprintf(" %s:%t:%s", o.Site, o.Agreed, o.Why)
		}
		return out
	}
	return "not listed"
}

func wantSaid(t *testing.T, when string, s *clinictest.Site, p id.Patient, want string) {
	t.Helper()
	if got := said(t, s, p); got != want {
		t.Errorf("%s: %s says %q, want %q", when, s.Site().Site, got, want)
	}
}

func answer(s *clinictest.Site, p id.Patient, shown stability.Proposal, agreed bool, why string) error {
	_, err := s.AnswerStability(ctx, s.Doctor, s.NewForm(), stability.Answering{Patient: p, Shown: shown, Agreed: agreed, Why: why})
	return err
}

func agree(t *testing.T, s *clinictest.Site, p id.Patient, shown stability.Proposal) {
	t.Helper()
	if err := answer(s, p, shown, true, ""); err != nil {
		t.Fatal(err)
	}
}

// TestStabilityThereAndBack: a person of a satellite loses stability, goes to
// the main clinic, becomes stable there and may return; each proposal is asked
// until it is answered, and again when what the answer stood on has changed.
// long: one way there and back, in its order.
func TestStabilityThereAndBack(t *testing.T) {
	w := newSteadySites(t)
	numbers(t, w.mc)
	p := longTreated(t, w.tg, "Dơ", []string{"THC"})
	untested := longTreated(t, w.tg, "Sùng", nil)
	wantSaid(t, "numbers that nobody set", w.tg, p, "cannot_say STAB-10 STAB-10 STAB-10")
	numbers(t, w.tg)
	wantSaid(t, "stable at a satellite", w.tg, p, "stable")
	wantSaid(t, "never tested", w.tg, untested, "cannot_say STAB-14")

	seed(t, w.tg, patient.UrineTested{Patient: p, Day: w.tg.Today() - 3, Found: []string{"morphine"}})
	lost := "not_stable STAB-04 to_main MC"
	wantSaid(t, "an opioid", w.tg, p, lost+" asked")
	saysRule(t, "not now without a reason", answer(w.tg, p, stability.ToMain, false, " "), "STAB-21")
	saysRule(t, "what is not asked", answer(w.tg, p, stability.Return, true, ""), "STAB-20")
	saysRule(t, "not now", answer(w.tg, p, stability.ToMain, false, "cough medicine, tested again next week"), "")
	wantSaid(t, "answered", w.tg, p, lost)
	saysRule(t, "answered twice", answer(w.tg, p, stability.ToMain, true, ""), "STAB-20")
	seed(t, w.tg, patient.UrineTested{Patient: p, Day: w.tg.Today() - 1, Found: []string{"morphine"}})
	wantSaid(t, "a newer test says it too", w.tg, p, lost+" asked")
	agree(t, w.tg, p, stability.ToMain)
	wantSaid(t, "agreed, the letter not written", w.tg, p, lost)

	w.move(t, w.tg, w.mc, p)
	wantSaid(t, "away, and nothing to propose", w.tg, p, "not_stable STAB-04")
	wantSaid(t, "here, and nothing heard of before", w.mc, p, "cannot_say STAB-11 STAB-12 STAB-13 STAB-14")
	w.carry(t, w.tg, w.mc)
	wantSaid(t, "with what was heard", w.mc, p, "not_stable STAB-04")
	seed(t, w.mc, patient.UrineTested{Patient: p, Day: w.mc.Today(), Found: []string{}})
	wantSaid(t, "stable again", w.mc, p, "stable return TG asked")
	w.carry(t, w.mc, w.tg)
	wantSaid(t, "stable again, seen from the satellite", w.tg, p, "stable return MC asked")
	saysRule(t, "the satellite answers", answer(w.tg, p, stability.Return, false, "no room this week"), "")
	w.carry(t, w.tg, w.mc)
	wantSaid(t, "the main clinic sees the answer and is asked itself", w.mc, p, "stable return TG asked TG:false:no room this week")
	agree(t, w.mc, p, stability.Return)
	w.move(t, w.mc, w.tg, p)
	wantSaid(t, "back", w.tg, p, "stable")
	w.mc.Pass(1000)
	wantSaid(t, "gone back", w.mc, p, "not listed")
	if err := w.mc.Rebuild(nil); err != nil {
		t.Fatal(err)
	}
	var kept []clinicdb.StabilityAnswer
	if err := w.mc.View(ctx, func(v *clinicdb.View) (err error) { kept, err = v.StabilityAnswers(p); return err }); err != nil {
		t.Fatal(err)
	}
	if len(kept) != 3 || kept[0].Site != "" || !kept[0].Agreed || kept[1].Why != "no room this week" || len(kept[2].Grounds) != 1 {
		t.Errorf("after a rebuild the answers are %+v", kept)
	}
}

// move gives a person's days for good and takes them on the other side, both on
// one day.
func (w *steadySites) move(t *testing.T, from, to *clinictest.Site, p id.Patient) {
	t.Helper()
	g, err := from.SendLetter(ctx, from.Doctor, from.NewForm(), clinic.Send{
		Patient: p, To: to.Site().Site, First: from.Today(), Why: transfer.ForGood, PIN: clinictest.DoctorPIN,
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := from.LetterToShow(ctx, from.Nurse, g.Letter)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := to.TakeLetter(ctx, to.Nurse, to.NewForm(), base64.StdEncoding.EncodeToString(l.Bytes), ""); err != nil {
		t.Fatal(err)
	}
}

// TestStabilityAskedAgain: "not now" to a stable person stands while the
// stability does, and no longer.
func TestStabilityAskedAgain(t *testing.T) {
	w := newSteadySites(t)
	numbers(t, w.mc)
	p, today := longTreated(t, w.mc, "Chứ", []string{}), w.mc.Today()
	wantSaid(t, "at the main clinic", w.mc, p, "stable to_satellite  asked")
	saysRule(t, "not now", answer(w.mc, p, stability.ToSatellite, false, "after the harvest"), "")
	wantSaid(t, "answered", w.mc, p, "stable to_satellite ")
	seed(t, w.mc, patient.UrineTested{Patient: p, Day: today, Found: []string{}})
	wantSaid(t, "one more test that went well", w.mc, p, "stable to_satellite ")

	for range 40 { // three days away at once, and a month of doses
		w.mc.NextMorning()
	}
	late := []any{dose.Missed{Patient: p, Day: today, Cause: dose.Absent}, dose.Missed{Patient: p, Day: today + 1, Cause: dose.Absent}, dose.Missed{Patient: p, Day: today + 2, Cause: dose.Absent}}
	seed(t, w.mc, append(late, doses(p, today+3, today+29)...)...)
	wantSaid(t, "the record has a hole", w.mc, p, "cannot_say STAB-13")
	seed(t, w.mc, doses(p, today+30, today+39)...)
	wantSaid(t, "stable a second time", w.mc, p, "stable to_satellite  asked")
	agree(t, w.mc, p, stability.ToSatellite)
	wantSaid(t, "agreed", w.mc, p, "stable to_satellite ")

	list, err := w.mc.Stability(ctx, w.mc.Doctor)
	if err != nil || list.Role != stability.Main || list.Waiting() != 0 || list.Kind(stability.Stable) != 1 {
		t.Errorf("list %+v, %v", list, err)
	}
	err = w.mc.View(ctx, func(v *clinicdb.View) error {
		row, err := v.Patient(p)
		if err != nil {
			return err
		}
		s, since, err := w.mc.StabilityOf(v, row)
		if s.Answer.Kind != stability.Stable || since != today+30 { // the first day with two missed ones behind it
			t.Errorf("stable since %s: %+v", since, s.Answer)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestStabilityOfAFile: of someone who came with a file nobody here knows more
// than the file says, and a site of its own proposes nothing.
func TestStabilityOfAFile(t *testing.T) {
	s := clinictest.New(t)
	numbers(t, s)
	today := s.Today()
	seed(t, s, append([]any{
		patient.Registered{Patient: "pfile", Code: clinic.Code("TT", 7), Day: today - 5, Details: patient.Details{Name: "Lý"}},
		order.Written{Order: "ofile", Patient: "pfile", Phase: order.Maintenance, Amount: mg, First: today - 8, Last: today + 20, Imported: true},
		order.Signed{Order: "ofile", Patient: "pfile"},
		patient.UrineTested{Patient: "pfile", Day: today - 1, Found: []string{"fentanyl?"}},
	}, doses("pfile", today-8, today-1)...)...)
	wantSaid(t, "a file", s, "pfile", "cannot_say STAB-11 STAB-12 STAB-13 STAB-16")
	saysRule(t, "an answer nobody asked for", answer(s, "pfile", stability.ToMain, true, ""), "STAB-20")
	_, err := s.AnswerStability(ctx, s.Nurse, s.NewForm(), stability.Answering{Patient: "nobody", Shown: stability.ToMain, Agreed: true})
	saysRule(t, "an answer about nobody", err, "PATIENT-13")
}
