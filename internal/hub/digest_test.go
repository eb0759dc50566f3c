package hub_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"tram/internal/access"
	"tram/internal/care/daybook"
	"tram/internal/care/patient"
	"tram/internal/care/programme"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/hubdb"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/reason"
)

// written is what is written of an invented person.
func written(name, born, identity string) patient.Details {
	b, err := day.ParsePartial(born)
	if err != nil {
		panic(err)
	}
	return patient.Details{Name: name, Sex: patient.Male, Birth: b, Identity: identity}
}

func (s *station) write(d patient.Details, said ...patient.Said) (patient.Registered, error) {
	return s.c.RegisterAnswered(s.t.Context(), s.by, s.c.NewForm(), d, said)
}

// knows waits until the site's list names so many records.
func (s *station) knows(n int) {
	s.t.Helper()
	until(s.t, "the list of digests came", func() bool {
		l, err := s.c.DigestList(s.t.Context())
		return err == nil && l.Records == n && l.State == clinic.ListPresent
	})
}

func rule(t testing.TB, err error, want string) {
	t.Helper()
	var no *reason.Refusal
	if !errors.As(err, &no) || no.Rule != want {
		t.Fatalf("got %v, want %s", err, want)
	}
}

// stops is the rule that stops the window for a patient, "" for none of those
// about doubles.
func (s *station) stops(p id.Patient) string {
	s.t.Helper()
	a, err := s.c.Identify(s.t.Context(), s.by, p)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range a.Care {
		if c.Stop && strings.HasPrefix(c.Rule, "PATIENT-3") {
			if a.Attestable {
				s.t.Errorf("people's word goes past %s", c.Rule)
			}
			return c.Rule
		}
	}
	return ""
}

func (s *station) answers(p, other id.Patient, said patient.DoubleAnswered) error {
	said.Patient, said.Other, said.Note = p, other, "đã gọi điện hỏi trạm kia"
	_, err := s.c.AnswerDouble(s.t.Context(), s.by, s.c.NewForm(), said)
	return err
}

// carried are the entries of the hub's journal that a kind takes, as bytes.
func (s *station) carried(kind string) (entries, size int, text string) {
	s.t.Helper()
	err := s.c.View(s.t.Context(), func(v *clinicdb.View) error {
		return v.HeardOf("", func(e clinicEntry) error {
			if e.Kind == kind {
				entries, size, text = entries+1, size+len(e.Fact), text+string(e.Fact)
			}
			return nil
		})
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return entries, size, text
}

// TestRegisteredTwice goes the whole way: a person is registered at one site;
// the other, with its line cut, asks when the same number is typed in another
// form; the nurse there cannot tell, and nobody is dosed until somebody can.
// Then the hub finds the pair, people there answer which record goes on, and at
// no moment may both be dosed.
func TestRegisteredTwice(t *testing.T) {
	f := newFleet(t, nil)
	tg, ns := f.site("TG", programme.Main, ""), f.site("NS", programme.Satellite, "TG")
	for _, s := range []*station{tg, ns} {
		s.seed(daybook.Opened{Day: s.c.Today(), Confirmed: s.by.Person})
	}
	before, err := tg.write(written("Lò Văn Ún", "1985-03-17", "011 085 000 123")) // before there is any list
	if err != nil {
		t.Fatal(err)
	}
	tg.synced()
	ns.knows(1)

	ns.line.Cut()
	until(t, "the cut is noticed", func() bool { return !ns.sync.Status().Connected })
	again := written("Giàng A Dế", "1978", "11085000123") // another name, and the number from a spreadsheet
	found, err := ns.c.Likely(t.Context(), ns.by, again)
	if err != nil || len(found) != 1 || found[0].Code != before.Code || found[0].Site != "TG" || found[0].Why != patient.ByIdentity {
		t.Fatalf("found %+v, %v", found, err)
	}
	_, err = ns.write(again)
	rule(t, err, "PATIENT-30")
	known := patient.Said{Other: before.Patient, Answer: patient.OnePerson, Note: "có thẻ của trạm kia"}
	_, err = ns.write(again, known)
	rule(t, err, "PATIENT-33")
	if kept, err := ns.c.KnownAlready(t.Context(), ns.by, ns.c.NewForm(), again, known); err != nil || kept.Patient != "" || kept.Answer != patient.OnePerson {
		t.Fatalf("kept %+v, %v", kept, err)
	}
	second, err := ns.write(again, patient.Said{Other: before.Patient, Answer: patient.Unsure, Note: "không mang giấy tờ"})
	if err != nil {
		t.Fatal(err)
	}
	if got := ns.stops(second.Patient); got != "PATIENT-36" {
		t.Errorf("nobody could tell, and the window says %q", got)
	}

	ns.line.Mend()
	ns.synced()
	f.oneGoesOn(tg, ns, before.Patient, second.Patient)

	again.Identity = "" // no longer known; nobody is found by it any more
	if _, err := ns.c.ChangePatient(t.Context(), ns.by, ns.c.NewForm(), second.Patient, again, "gõ nhầm"); err != nil {
		t.Fatal(err)
	}
	ns.synced()
	tg.knows(1)
	for _, s := range []*station{tg, ns} {
		if err := s.c.Rebuild(nil); err != nil {
			t.Fatal(err)
		}
	}
	if tg.stops(before.Patient) != "" || ns.stops(second.Patient) != "PATIENT-34" {
		t.Error("made again from the journal, the tables say something else")
	}
}

// oneGoesOn lets the hub's people answer that two records are one person.
func (f *fleet) oneGoesOn(tg, ns *station, keep, other id.Patient) {
	t := f.t
	t.Helper()
	var pairs []hubdb.Pair
	until(t, "the hub found the pair", func() bool {
		var err error
		pairs, err = f.hub.DB().OpenPairs(t.Context())
		return err == nil && len(pairs) == 1
	})
	answer := programme.PairAnswered{One: pairs[0].Two, Two: pairs[0].One, Same: true, Why: "cùng một thẻ"}
	rule(t, f.hub.AnswerPair(t.Context(), "tram", answer), "PROG-19")
	answer.Keep = keep
	if err := f.hub.AnswerPair(t.Context(), "tram", answer); err != nil {
		t.Fatal(err)
	}
	until(t, "the other record is over", func() bool { return ns.stops(other) == "PATIENT-34" })
	until(t, "and the one that goes on waits for its site", func() bool { return tg.stops(keep) == "PATIENT-35" })
	rule(t, ns.answers(other, keep, patient.DoubleAnswered{Dosed: patient.NotDosed}), "PATIENT-38")
	rule(t, tg.answers(keep, other, patient.DoubleAnswered{}), "PATIENT-39")
	rule(t, tg.answers(keep, "nobody", patient.DoubleAnswered{Dosed: patient.NotDosed}), "PATIENT-38")
	if err := tg.answers(keep, other, patient.DoubleAnswered{Dosed: patient.NotDosed}); err != nil {
		t.Fatal(err)
	}
	if got := tg.stops(keep); got != "" {
		t.Errorf("answered, and the window says %q", got)
	}
	if got := ns.stops(other); got != "PATIENT-34" {
		t.Errorf("the other record is %q", got)
	}
}

// TestDigestsCarryNoNumber: what travels to the sites holds no number, no name
// and nobody's key but each site's own, sealed; and it is small.
func TestDigestsCarryNoNumber(t *testing.T) {
	f := newFleet(t, nil)
	tg, ns := f.site("TG", programme.Main, ""), f.site("NS", programme.Satellite, "TG")
	const many = 120
	tg.line.Cut() // so that they come to the hub at once, however slowly they are written
	for i := range many {
		number := "0" + strings.Repeat("1", 2) + "0850" + string(rune('1'+i/100)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10)) + "37"
		tg.seed(patient.Registered{
			Patient: id.Patient(tg.c.NewForm()), Code: clinic.Code("TG", i+1), Day: tg.c.Today(), Details: written("Lò Văn Thử "+string(rune('A'+i%26)), "1985", number),
		})
	}
	tg.line.Mend()
	tg.synced()
	ns.knows(many)
	entries, size, text := ns.carried("programme.digests")
	if entries > 8 || size > many*45 {
		t.Errorf("%d numbers took %d entries of %d bytes", many, entries, size)
	}
	t.Logf("%d numbers in %d entries, %d bytes: %d for each", many, entries, size, size/many)
	_, _, sealed := ns.carried("programme.digest_key")
	for _, x := range []string{"0110850", "Lò Văn"} {
		if strings.Contains(text+sealed, x) {
			t.Errorf("%q travels to the sites", x)
		}
	}
	secret := 0
	err := ns.c.View(t.Context(), func(v *clinicdb.View) error {
		return v.HeardOf("", func(e clinicEntry) error {
			var k programme.DigestKey
			if e.Kind != "programme.digest_key" {
				return nil
			}
			if err := json.Unmarshal(e.Fact, &k); err != nil {
				return err
			}
			if _, err := ns.c.Keys.OpenSealed("tram digest key 1", k.Sealed); err == nil {
				secret++
			}
			return nil
		})
	})
	if err != nil || secret != 1 {
		t.Errorf("the site opens %d keys, %v, want its own", secret, err)
	}
}

// TestProbing: who looks many numbers up and registers nobody is stopped, and
// each record that was found stands in the journal with who asked.
func TestProbing(t *testing.T) {
	f := newFleet(t, nil)
	tg, ns := f.site("TG", programme.Main, ""), f.site("NS", programme.Satellite, "TG")
	first, err := tg.write(written("Lò Văn Ún", "1985-03-17", "011085000123"))
	if err != nil {
		t.Fatal(err)
	}
	tg.synced()
	ns.knows(1)
	for i := range 20 {
		number := "0110850001" + string(rune('2'+i/10)) + string(rune('0'+i%10))
		found, err := ns.c.Likely(t.Context(), ns.by, written("Ai Đó", "1990", number))
		if err != nil || (len(found) == 1) != (number == "011085000123") {
			t.Fatalf("number %d: found %v, %v", i, found, err)
		}
	}
	_, err = ns.c.Likely(t.Context(), ns.by, written("Ai Đó", "1990", "011085000999"))
	rule(t, err, "PATIENT-40")
	seen := 0
	seg, err := ns.c.Outgoing(t.Context(), 0, 10_000, 1<<20)
	for _, raw := range seg.Entries {
		var e clinicEntry
		if e, err = journal.Decode(raw); err != nil {
			break
		}
		var f access.Seen
		if e.Kind == "access.seen" && json.Unmarshal(e.Fact, &f) == nil && f.Part == "likeness" && f.Why == first.Code && e.By == ns.by.Person {
			seen++
		}
	}
	if err != nil || seen != 1 {
		t.Errorf("%d traces, %v, want 1", seen, err)
	}
	_, err = ns.c.Likely(t.Context(), access.Actor{Person: "p0", Duties: []duty.Duty{duty.Manager}}, written("Ai Đó", "1990", ""))
	rule(t, err, "ACCESS-01")
}
