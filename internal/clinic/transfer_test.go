package clinic_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/programme"
	"tram/internal/care/transfer"
	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/fact"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/reason"
)

// plainLetters writes letters as JSON: the door's tests are about days and
// facts, and package letter has its own about bytes.
type plainLetters struct{}

func (plainLetters) Seal(d clinic.Draft) ([]byte, error) { return json.Marshal(d.Letter) }

func (plainLetters) Open(text string, _ programme.Directory, _ day.Day) (clinic.ReadLetter, error) {
	var l transfer.Letter
	if text == "wrong" {
		return clinic.ReadLetter{}, reason.Refuse("LETTER-09")
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, &l)
	}
	return clinic.ReadLetter{Letter: l, Raw: raw, Signed: l.Note != "forged"}, err
}

func (plainLetters) ByHand(text string) bool { return text == "wrong" }

func (plainLetters) Again(clinicdb.Letter, programme.Site) (transfer.Letter, string, bool, error) {
	return transfer.Letter{}, "", false, nil
}

// stick is a baton in memory: what it knows, and whether it is plugged in.
type stick struct {
	site   id.Site
	number int
	size   int64
	in     bool
}

func (s *stick) Look() (transfer.Head, string, bool, error) {
	return transfer.Head{Site: s.site, Number: s.number, Size: s.size}, "baton:k", s.in, nil
}

func (s *stick) Mirror(_ context.Context, c *clinic.Clinic) (int64, string, error) {
	if !s.in {
		return 0, "", nil
	}
	s.size = c.Head().Size
	return s.size, "baton:k", nil
}

// twoSites are MC and TG of one programme, each with a baton, a named clinician
// and an open day. They meet only through what a test carries between them.
type twoSites struct {
	mc, tg   *clinictest.Site
	mcStick  *stick
	tgStick  *stick
	hubFacts []any
	people   int
}

func newTwoSites(t *testing.T) *twoSites {
	t.Helper()
	w := &twoSites{mcStick: &stick{site: "MC", number: 1, in: true}, tgStick: &stick{site: "TG", number: 1, in: true}}
	w.mc = clinictest.At(t, "MC", plainLetters{}, w.mcStick)
	w.tg = clinictest.At(t, "TG", plainLetters{}, w.tgStick)
	w.tell(t, programme.Founded{Programme: "DBV", Name: "thử", Rules: "vn", Zone: "Asia/Ho_Chi_Minh"})
	for _, s := range []id.Site{"MC", "TG"} {
		w.tell(t, programme.SiteJoined{Site: s, Name: string(s), Language: "vi", Number: 1, Role: programme.Main})
	}
	for _, s := range []*clinictest.Site{w.mc, w.tg} {
		f, err := s.MakeSigningKey(ctx, s.Doctor, s.NewForm(), clinictest.DoctorPIN)
		if err != nil {
			t.Fatal(err)
		}
		w.tell(t, programme.ClinicianNamed{Person: f.Person, Name: "bs", Site: s.Site().Site, Key: f.Key, Until: s.Today() + 30})
		s.OpenDay()
		s.OpenBottle()
	}
	return w
}

// tell brings one more fact of the programme to both sites.
func (w *twoSites) tell(t *testing.T, f any) {
	t.Helper()
	for _, s := range []*clinictest.Site{w.mc, w.tg} {
		hear(t, s, "HUB", int64(len(w.hubFacts)), f)
	}
	w.hubFacts = append(w.hubFacts, f)
}

// hear brings an entry of another journal to a site, as sync does after it has
// verified it.
func hear(t *testing.T, s *clinictest.Site, from id.Site, seq int64, f any) {
	t.Helper()
	kind, body, err := fact.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	hearKind(t, s, from, seq, kind, body)
}

func hearKind(t *testing.T, s *clinictest.Site, from id.Site, seq int64, kind string, body []byte) {
	t.Helper()
	body, err := journal.Canonical(body)
	if err != nil {
		t.Fatal(err)
	}
	e := journal.Entry{Site: from, Seq: seq, HLC: journal.HLC{Ms: int64(s.Now()) + seq}, Day: s.Today(), By: "someone", Kind: kind, Fact: body}
	raw, err := e.Encode()
	if err == nil {
		err = s.DB.Write(func(tx *clinicdb.Tx) error { _, err := tx.Hear(e, raw); return err })
	}
	if err != nil {
		t.Fatal(err)
	}
}

// dosedYesterday is a patient who had yesterday's dose at MC; both sites have
// opened the day after.
func (w *twoSites) dosedYesterday(t *testing.T) id.Patient {
	t.Helper()
	p := w.patient(t)
	if err := pourAt(w.mc, p); err != nil {
		t.Fatal(err)
	}
	doses, err := dosesOf(w.mc, p)
	if err != nil || len(doses) != 1 {
		t.Fatalf("%d doses, %v", len(doses), err)
	}
	if _, err := w.mc.Swallow(ctx, w.mc.Nurse, w.mc.NewForm(), doses[0].Dose); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*clinictest.Site{w.mc, w.tg} {
		s.NextMorning()
		closeAndOpen(t, s)
	}
	return p
}

func dosesOf(s *clinictest.Site, p id.Patient) (doses []dose.Entry, err error) {
	err = s.View(ctx, func(v *clinicdb.View) error {
		doses, err = v.DosesOf(p, s.Today(), s.Today())
		return err
	})
	return doses, err
}

// patient is a person of MC with an order for today and tomorrow.
func (w *twoSites) patient(t *testing.T) id.Patient {
	t.Helper()
	w.people++ // nobody is taken for another one of before
	p := w.mc.Patient(fmt.Sprintf("Vàng A Thử %d", w.people), mg)
	w.mc.Order(p, order.Induction, mg, w.mc.Today()+1, w.mc.Today()+1)
	return p
}

func (w *twoSites) visit(t *testing.T, p id.Patient, first, last day.Day) string {
	t.Helper()
	g, err := w.mc.SendLetter(ctx, w.mc.Doctor, w.mc.NewForm(), clinic.Send{
		Patient: p, To: "TG", First: first, Last: last, Why: transfer.Visit, PIN: clinictest.DoctorPIN,
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := w.mc.LetterToShow(ctx, w.mc.Nurse, g.Letter)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(l.Bytes)
}

func pourAt(s *clinictest.Site, p id.Patient) error {
	s.Pass(1000)
	_, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: mg})
	return err
}

func saysRule(t *testing.T, what string, err error, rule string) {
	t.Helper()
	if got := reason.Rule(err); got != rule || (rule == "" && err != nil) {
		t.Errorf("%s: got %v, want %q", what, err, rule)
	}
}

// TestOneSiteADay (T1): two sites that never speak to each other, the same
// patient, the same day: whatever is tried, one dose. The letter is the only
// thing that is carried.
func TestOneSiteADay(t *testing.T) {
	w := newTwoSites(t)
	p := w.dosedYesterday(t)
	today := w.mc.Today()
	text := w.visit(t, p, today, today)

	saysRule(t, "dose at home on a day given away", pourAt(w.mc, p), "TRANSFER-21")
	saysRule(t, "dose at the other site before the letter", pourAt(w.tg, p), "PATIENT-13")
	if _, err := w.tg.TakeLetter(ctx, w.tg.Nurse, w.tg.NewForm(), text, ""); err != nil {
		t.Fatal(err)
	}
	saysRule(t, "dose by letter", pourAt(w.tg, p), "")
	saysRule(t, "dose again", pourAt(w.tg, p), "DOSE-03")
	saysRule(t, "dose at home still", pourAt(w.mc, p), "TRANSFER-21")

	_, err := w.tg.TakeLetter(ctx, w.tg.Nurse, w.tg.NewForm(), text, "")
	saysRule(t, "the letter a second time", err, "TRANSFER-14")
	_, err = w.mc.TakeLetter(ctx, w.mc.Nurse, w.mc.NewForm(), text, "")
	saysRule(t, "the letter at home", err, "TRANSFER-13")

	q, err := w.tg.Queue(ctx, w.tg.Nurse)
	if err != nil || len(q.Rows) != 1 || q.Rows[0].Patient.Details.Name != "Vàng A Thử 1" {
		t.Errorf("the visitor is not on the window: %+v, %v", q.Rows, err)
	}
	if q, err = w.mc.Queue(ctx, w.mc.Nurse); err != nil || len(q.Rows) != 0 {
		t.Errorf("the patient is still expected at home: %+v, %v", q.Rows, err)
	}
	if c, err := w.mc.Closing(ctx, today); err != nil || len(c.Missing) != 0 {
		t.Errorf("the closing at home marks who was given away: %+v, %v", c.Missing, err)
	}
}

// TestReturn: only the holder sends days back, and then home doses again.
func TestReturn(t *testing.T) {
	w := newTwoSites(t)
	p, today := w.patient(t), w.mc.Today()
	if _, err := w.tg.TakeLetter(ctx, w.tg.Nurse, w.tg.NewForm(), w.visit(t, p, today, today+5), p); err != nil {
		t.Fatal(err)
	}
	back := func() (transfer.Given, error) {
		return w.tg.SendLetter(ctx, w.tg.Doctor, w.tg.NewForm(), clinic.Send{Patient: p, To: "MC", Why: transfer.Back, PIN: clinictest.DoctorPIN})
	}
	g, err := back()
	if err != nil {
		t.Fatal(err)
	}
	saysRule(t, "dose after sending back", pourAt(w.tg, p), "TRANSFER-21")
	_, err = back()
	saysRule(t, "send back twice", err, "TRANSFER-08")
	l, err := w.tg.LetterToShow(ctx, w.tg.Nurse, g.Letter)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.mc.TakeLetter(ctx, w.mc.Nurse, w.mc.NewForm(), base64.StdEncoding.EncodeToString(l.Bytes), p); err != nil {
		t.Fatal(err)
	}
	saysRule(t, "dose at home again", pourAt(w.mc, p), "")
}

// TestNoMediumNoLetter (R2, I3): without a second medium no letter is written;
// with one that is pulled after the opening it is written and not shown, and it
// is shown when the stick is back.
func TestNoMediumNoLetter(t *testing.T) {
	w := newTwoSites(t)
	p, today := w.patient(t), w.mc.Today()
	w.mcStick.in = false
	send := clinic.Send{Patient: p, To: "TG", First: today, Last: today, Why: transfer.Visit, PIN: clinictest.DoctorPIN}
	form := w.mc.NewForm()
	g, err := w.mc.SendLetter(ctx, w.mc.Doctor, form, send)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.mc.LetterToShow(ctx, w.mc.Nurse, g.Letter)
	saysRule(t, "show a letter that is on no second medium", err, "TRANSFER-09")
	saysRule(t, "dose although it is not shown", pourAt(w.mc, p), "TRANSFER-21")
	if again, err := w.mc.SendLetter(ctx, w.mc.Doctor, form, send); err != nil || again.Letter != g.Letter {
		t.Errorf("the form sent again is another letter: %v, %v", again.Letter, err)
	}
	w.mcStick.in = true
	if err := w.mc.Mirror(ctx); err != nil {
		t.Fatal(err)
	}
	_, err = w.mc.LetterToShow(ctx, w.mc.Nurse, g.Letter)
	saysRule(t, "show it when the baton has it", err, "")

	w.mcStick.in = false
	w.mc.NextMorning()
	closeAndOpen(t, w.mc)
	send.First, send.Last = w.mc.Today(), w.mc.Today()
	_, err = w.mc.SendLetter(ctx, w.mc.Doctor, w.mc.NewForm(), send)
	saysRule(t, "give without any second medium", err, "INST-08")
}

// closeAndOpen closes the day before and opens today.
func closeAndOpen(t *testing.T, s *clinictest.Site) {
	t.Helper()
	c, err := s.Closing(ctx, s.Today()-1)
	if err != nil {
		t.Fatal(err)
	}
	var counts []clinic.Count
	for _, b := range c.Bottles {
		counts = append(counts, clinic.Count{Bottle: b.Bottle, Measured: b.Left})
	}
	if _, err := s.CloseDay(ctx, s.Nurse, s.NewForm(), s.Today()-1, counts, s.Witness()); err != nil {
		t.Fatal(err)
	}
	s.OpenDay()
}

// TestWhoMaySend: the programme's word, the person's key, the letter itself.
func TestWhoMaySend(t *testing.T) {
	w := newTwoSites(t)
	p, today := w.patient(t), w.mc.Today()
	send := clinic.Send{Patient: p, To: "TG", First: today, Last: today, Why: transfer.Visit, PIN: clinictest.DoctorPIN}
	ask := func(s clinic.Send) error {
		_, err := w.mc.SendLetter(ctx, w.mc.Doctor, w.mc.NewForm(), s)
		return err
	}
	far := send
	far.To = "XX"
	saysRule(t, "to a site nobody knows", ask(far), "TRANSFER-41")
	nurse := send
	nurse.PIN = clinictest.NursePIN
	_, err := w.mc.SendLetter(ctx, w.mc.Nurse, w.mc.NewForm(), nurse)
	saysRule(t, "by someone without a key", err, "TRANSFER-44")
	if _, err := w.mc.MakeSigningKey(ctx, w.mc.Nurse, w.mc.NewForm(), clinictest.NursePIN); err != nil {
		t.Fatal(err)
	}
	_, err = w.mc.SendLetter(ctx, w.mc.Nurse, w.mc.NewForm(), nurse)
	saysRule(t, "by someone whom the programme did not name", err, "TRANSFER-42")

	if err := w.mc.SetPIN(ctx, w.mc.Doctor.Person, clinictest.DoctorPIN, "", "650281"); err != nil {
		t.Fatal(err)
	}
	send.PIN = "650281"
	saysRule(t, "after the PIN was changed", ask(send), "")
	_, err = clinictest.New(t).ReadLetter(ctx, w.mc.Nurse, "x")
	if reason.Rule(err) == "" {
		t.Errorf("a site of its own read a letter: %v", err)
	}
	single := clinictest.New(t)
	_, err = single.ReadLetter(ctx, single.Nurse, "x")
	saysRule(t, "read at a site that joined nothing", err, "TRANSFER-43")
}

// TestForgedLetterIsAnIncident: no day moves, and people find it.
func TestForgedLetterIsAnIncident(t *testing.T) {
	w := newTwoSites(t)
	p, today := w.patient(t), w.mc.Today()
	raw, err := base64.StdEncoding.DecodeString(w.visit(t, p, today, today))
	if err != nil {
		t.Fatal(err)
	}
	var l transfer.Letter
	if err := json.Unmarshal(raw, &l); err != nil {
		t.Fatal(err)
	}
	l.Note = "forged"
	raw, err = json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	before := w.tg.Head().Size
	_, err = w.tg.TakeLetter(ctx, w.tg.Nurse, w.tg.NewForm(), base64.StdEncoding.EncodeToString(raw), "")
	saysRule(t, "a forged letter", err, "TRANSFER-12")
	if got := w.tg.Head().Size; got != before+1 {
		t.Errorf("%d entries, want %d: the incident and nothing else", got, before+1)
	}
	saysRule(t, "dose by a forged letter", pourAt(w.tg, p), "PATIENT-13")
}

// TestNewerFactsHoldThePatient: what this program does not understand of a
// patient is not guessed at.
func TestNewerFactsHoldThePatient(t *testing.T) {
	w := newTwoSites(t)
	p := w.patient(t)
	saysRule(t, "before", rightAt(w.mc, p), "")
	hearKind(t, w.mc, "TG", 900, "dose.implanted", fmt.Appendf(nil, `{"patient":%q}`, p))
	saysRule(t, "a kind nobody here knows", pourAt(w.mc, p), "TRANSFER-40")
}

func rightAt(s *clinictest.Site, p id.Patient) error {
	a, err := s.Identify(ctx, s.Nurse, p)
	if err != nil {
		return err
	}
	if a.Plan.Amount == 0 {
		return errors.New("nothing may be poured")
	}
	return nil
}

// TestDateIsAskedAgain: after the program started again, people name the date
// before anybody is dosed.
func TestDateIsAskedAgain(t *testing.T) {
	w := newTwoSites(t)
	p, today := w.patient(t), w.mc.Today()
	if err := w.mc.Reopen(); err != nil {
		t.Fatal(err)
	}
	saysRule(t, "dose after a restart", pourAt(w.mc, p), "INST-02")
	_, err := w.mc.ConfirmDate(ctx, w.mc.Nurse, w.mc.NewForm(), today, clinic.Say{}, clinic.Witness{Person: w.mc.Nurse.Person, PIN: clinictest.NursePIN})
	saysRule(t, "one person twice", err, "DAY-12")
	if _, err := w.mc.ConfirmDate(ctx, w.mc.Nurse, w.mc.NewForm(), today, clinic.Say{}, w.mc.Witness()); err != nil {
		t.Fatal(err)
	}
	saysRule(t, "dose after two people named the date", pourAt(w.mc, p), "")
}

// TestWordGrowsOld: people's word for the date is good for some hours of running
// time, whatever the PC's date says meanwhile.
func TestWordGrowsOld(t *testing.T) {
	w := newTwoSites(t)
	p, q := w.patient(t), w.patient(t)
	ran := time.Duration(0)
	w.mc.Uptime = func() time.Duration { return ran }
	if err := w.mc.Reopen(); err != nil {
		t.Fatal(err)
	}
	confirm := func() {
		t.Helper()
		if _, err := w.mc.ConfirmDate(ctx, w.mc.Nurse, w.mc.NewForm(), w.mc.Today(), clinic.Say{}, w.mc.Witness()); err != nil {
			t.Fatal(err)
		}
	}
	confirm()
	ran += time.Duration(transfer.Proposed.OpenHours) * time.Hour
	saysRule(t, "dose within the hours", pourAt(w.mc, p), "")
	ran += time.Minute
	saysRule(t, "dose on an old word", pourAt(w.mc, q), "INST-02")
	confirm()
	saysRule(t, "dose after the word was given again", pourAt(w.mc, q), "")
}

// TestOldPC: a baton that knows a newer number fences this PC for ever; one that
// knows more entries stops it until it is restored.
func TestOldPC(t *testing.T) {
	w := newTwoSites(t)
	p := w.patient(t)
	if err := w.mc.Forgot(ctx, transfer.Head{Site: "MC", Number: 1, Size: w.mc.Head().Size + 5}); err != nil {
		t.Fatal(err)
	}
	saysRule(t, "dose where the baton knows more", pourAt(w.mc, p), "INST-13")
	if err := w.mc.Forgot(ctx, transfer.Head{Site: "MC", Number: 2}); err != nil {
		t.Fatal(err)
	}
	saysRule(t, "dose where a newer number was seen", pourAt(w.mc, p), "INST-07")
	if err := w.mc.Reopen(); err != nil {
		t.Fatal(err)
	}
	saysRule(t, "dose after a restart", pourAt(w.mc, p), "INST-07")
}

// TestDoseOnPeoplesWord: where today is another site's, a physician decides and
// two names stand under it; the dose is recorded apart, takes its liquid, and
// there is one of them.
func TestDoseOnPeoplesWord(t *testing.T) {
	w := newTwoSites(t)
	p := w.dosedYesterday(t)
	w.visit(t, p, w.mc.Today(), w.mc.Today())
	ask := dose.Attest{Patient: p, Amount: mg, Why: "the river", Card: true, Physician: w.mc.Doctor.Person}
	a, err := w.mc.Identify(ctx, w.mc.Nurse, p)
	if err != nil || !a.Attestable {
		t.Fatalf("not offered: %v", err)
	}
	nobody := ask
	nobody.Physician = w.mc.Nurse.Person
	_, err = w.mc.Attest(ctx, w.mc.Nurse, w.mc.NewForm(), nobody, w.mc.Witness())
	saysRule(t, "a nurse named as physician", err, "DOSE-51")
	f, err := w.mc.Attest(ctx, w.mc.Nurse, w.mc.NewForm(), ask, w.mc.Witness())
	if err != nil || f.Rule != "TRANSFER-21" || f.Volume == 0 {
		t.Fatalf("%+v, %v", f, err)
	}
	_, err = w.mc.Attest(ctx, w.mc.Nurse, w.mc.NewForm(), ask, w.mc.Witness())
	saysRule(t, "a second one", err, "DOSE-02")
	doses, err := dosesOf(w.mc, p)
	if err != nil || len(doses) != 1 || doses[0].Outcome != dose.Taken || !doses[0].Attested {
		t.Errorf("%+v, %v", doses, err)
	}
}

// TestShortFormsAreNotGuessed: after many wrong ones the day takes no more typed
// letters; scanned ones go on.
func TestShortFormsAreNotGuessed(t *testing.T) {
	w := newTwoSites(t)
	for range 20 {
		_, err := w.tg.ReadLetter(ctx, w.tg.Nurse, "wrong")
		saysRule(t, "a wrong one", err, "LETTER-09")
	}
	_, err := w.tg.ReadLetter(ctx, w.tg.Nurse, "wrong")
	saysRule(t, "one too many", err, "TRANSFER-45")
	p, today := w.patient(t), w.mc.Today()
	_, err = w.tg.ReadLetter(ctx, w.tg.Nurse, w.visit(t, p, today, today))
	saysRule(t, "a scanned letter", err, "")
}
