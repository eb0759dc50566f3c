package clinic_test

import (
	"strings"
	"testing"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/intake"
	"tram/internal/unit"
)

// TestSecrets: the rules about PINs, passwords and one-time codes that live at
// the door, each just outside and just inside.
func TestSecrets(t *testing.T) {
	s := clinictest.New(t)
	inspector, code, err := s.Enrol(ctx, s.Nurse, s.NewForm(), "Điêu Chính Kiểm", []duty.Duty{duty.Inspector}, clinictest.NursePIN)
	if err != nil {
		t.Fatal(err)
	}
	wantRule(t, s.CheckPIN(ctx, inspector.Person, "739105"), "STAFF-12")
	wantRule(t, s.SetPIN(ctx, inspector.Person, "", "WRONGONE", "739105"), "STAFF-16")
	wantRule(t, s.SetPIN(ctx, inspector.Person, "", code, "739105"), "STAFF-16") // one wrong try ends a code
	if code, err = s.ResetPIN(ctx, s.Nurse, inspector.Person, clinictest.NursePIN); err != nil {
		t.Fatal(err)
	}
	s.Pass(25 * 3600 * 1000)
	wantRule(t, s.SetPIN(ctx, inspector.Person, "", code, "739105"), "STAFF-16") // a day old
	if code, err = s.ResetPIN(ctx, s.Nurse, inspector.Person, clinictest.NursePIN); err != nil {
		t.Fatal(err)
	}
	if err := s.SetPIN(ctx, inspector.Person, "", code, "739105"); err != nil {
		t.Fatal(err)
	}
	if err := s.CheckPIN(ctx, inspector.Person, "739105"); err != nil {
		t.Fatal(err)
	}
	wantRule(t, s.CheckWitness(ctx, clinic.Witness{Person: inspector.Person, PIN: "739105"}), "STAFF-13")
	if err := s.CheckWitness(ctx, s.Witness()); err != nil {
		t.Fatal(err)
	}
}

// TestPasswordOnceADay: who has a password gives it at the first sign-in of a
// day on this PC; after that the PIN is enough.
func TestPasswordOnceADay(t *testing.T) {
	s := clinictest.New(t)
	p := s.Doctor.Person
	if err := s.SetPassword(ctx, p, clinictest.DoctorPIN, "", "mưa rừng ban mai"); err != nil {
		t.Fatal(err)
	}
	s.NextMorning()
	_, err := s.SignIn(ctx, p, clinictest.DoctorPIN, "", "window 1")
	wantRule(t, err, "STAFF-14")
	_, err = s.SignIn(ctx, p, clinictest.DoctorPIN, "mưa rừng chiều tà", "window 1")
	wantRule(t, err, "STAFF-15")
	if _, err := s.SignIn(ctx, p, clinictest.DoctorPIN, "mưa rừng ban mai", "window 1"); err != nil {
		t.Fatal(err)
	}
	a, err := s.SignIn(ctx, p, clinictest.DoctorPIN, "", "window 1")
	if err != nil || a.Person != p {
		t.Fatalf("second sign-in of the day: %v, %v", a, err)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	s, p := ready(t)
	_, err := s.Swallow(ctx, s.Nurse, s.NewForm(), "nosuchdose")
	wantRule(t, err, "DOSE-31")
	_, err = s.Clinic.OpenBottle(ctx, s.Nurse, s.NewForm(), "nosuchbottle", s.Witness())
	wantRule(t, err, "STOCK-16")
	_, err = s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: "nosuchone", Shown: 20 * mg})
	wantRule(t, err, "PATIENT-13")
	_, err = s.SignOrders(ctx, s.Doctor, s.NewForm(), nil, clinictest.DoctorPIN)
	wantRule(t, err, "ORDER-46")
	_, err = s.SignOrders(ctx, s.Doctor, s.NewForm(), []id.Order{"nosuchorder"}, clinictest.DoctorPIN)
	wantRule(t, err, "ORDER-13")
	f := pour(t, s, p, 20*mg)
	if _, err := s.Swallow(ctx, s.Nurse, s.NewForm(), f.Dose); err != nil {
		t.Fatal(err)
	}
}

// table reads a small CSV as the import does.
func table(t *testing.T, s *clinictest.Site, text string, any bool) intake.File {
	t.Helper()
	known, err := s.KnownCodes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	f, err := intake.Read(strings.NewReader(text), intake.Options{Today: s.Today(), Known: func(c string) bool { return any || known(c) }})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const (
	peopleCSV = "code,name,birth\nR001,Lường Văn Một,1980\nR002,,1985\n"
	dosesCSV  = "patient,day,mg\nR001,2026-10-30,60\nR001,2026-10-31,60\nR009,2026-10-31,45\n"
	ordersCSV = "code,mg,start,end\nR001,60,2026-11-02,2026-11-20\n"
)

// TestImport: all good rows or none as the person chooses; what is on record
// already is left alone; orders wait for a signature.
func TestImport(t *testing.T) {
	s := clinictest.New(t)
	run := func(good, register bool, files ...intake.File) (clinic.Imported, error) {
		return s.Import(ctx, s.Nurse, s.NewForm(), clinic.Import{Files: files, GoodOnly: good, RegisterUnknown: register, PIN: clinictest.NursePIN})
	}
	people := table(t, s, peopleCSV, false)
	_, err := run(false, false, people)
	wantRule(t, err, "IMPORT-02")
	_, err = run(true, false)
	wantRule(t, err, "IMPORT-03")
	unclear := table(t, s, "patient,day,mg\nR001,03/04/2026,60\n", true)
	_, err = run(true, true, unclear)
	wantRule(t, err, "IMPORT-01")
	done, err := run(true, false, people)
	if err != nil || done.Patients != 1 || done.Left != 1 {
		t.Fatalf("people: %+v, %v", done, err)
	}
	doses := table(t, s, dosesCSV, true)
	_, err = run(true, false, doses)
	wantRule(t, err, "IMPORT-04")
	done, err = run(true, true, doses, table(t, s, ordersCSV, true))
	if err != nil || done.Doses != 3 || done.Patients != 1 || done.Orders != 1 {
		t.Fatalf("doses: %+v, %v", done, err)
	}
	size := s.Head().Size
	done, err = run(true, true, table(t, s, peopleCSV, true), doses, table(t, s, ordersCSV, true))
	if err != nil || done.Patients+done.Doses+done.Orders != 0 || done.Known != 5 || s.Head().Size != size {
		t.Fatalf("the same again: %+v, %v, journal %d → %d", done, err, size, s.Head().Size)
	}
	err = s.View(ctx, func(v *clinicdb.View) error {
		row, _, err := v.PatientByCode("r001")
		if err != nil {
			return err
		}
		waiting, err := v.OrdersWaiting()
		if row.LastAmount != 60*mg || len(waiting) != 1 || waiting[0].Signed {
			t.Errorf("row %+v, waiting %+v", row, waiting)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Import(ctx, s.Doctor, s.NewForm(), clinic.Import{Files: []intake.File{people}, GoodOnly: true, PIN: clinictest.DoctorPIN})
	wantRule(t, err, "ACCESS-02")
}

// TestFiveTries: the fifth wrong PIN locks the person out whatever comes next;
// four are forgiven by the right one. A code from the manager lets them in
// again with a new PIN, once, for a day to the millisecond.
func TestFiveTries(t *testing.T) {
	s := clinictest.New(t)
	p := s.Doctor.Person
	four := func() {
		t.Helper()
		for range 4 {
			wantRule(t, s.CheckPIN(ctx, p, "111112"), "STAFF-10")
		}
	}
	four()
	must(t, s.CheckPIN(ctx, p, clinictest.DoctorPIN))
	four()
	wantRule(t, s.CheckPIN(ctx, p, "111112"), "STAFF-11")
	wantRule(t, s.CheckPIN(ctx, p, clinictest.DoctorPIN), "STAFF-11")
	wantRule(t, s.SetPIN(ctx, p, clinictest.DoctorPIN, "", "380417"), "STAFF-11")

	code := reset(t, s, p)
	wantRule(t, s.CheckPIN(ctx, p, clinictest.DoctorPIN), "STAFF-11") // until the code is used
	s.Pass(24 * 3600 * 1000)
	must(t, s.SetPIN(ctx, p, "", " "+code+"\n", "380417"))
	must(t, s.CheckPIN(ctx, p, "380417"))
	wantRule(t, s.CheckPIN(ctx, p, clinictest.DoctorPIN), "STAFF-10")
	wantRule(t, s.SetPIN(ctx, p, "", code, "917350"), "STAFF-16") // spent

	code = reset(t, s, p)
	s.Pass(24*3600*1000 + 1)
	wantRule(t, s.SetPIN(ctx, p, "", code, "917350"), "STAFF-16")
	must(t, s.CheckPIN(ctx, p, "380417"))
}

func reset(t *testing.T, s *clinictest.Site, p id.Person) string {
	t.Helper()
	code, err := s.ResetPIN(ctx, s.Nurse, p, clinictest.NursePIN)
	must(t, err)
	return code
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestGuessedPasswordsAreCounted: whoever found out a PIN has five tries at
// the password that goes with it, and the PIN does not forgive them.
func TestGuessedPasswordsAreCounted(t *testing.T) {
	s := clinictest.New(t)
	p := s.Doctor.Person
	const right = "mưa rừng ban mai"
	must(t, s.SetPassword(ctx, p, clinictest.DoctorPIN, "", right))
	_, err := s.SignIn(ctx, p, clinictest.DoctorPIN, "", "window 1")
	must(t, err) // it was entered today, when it was set
	s.NextMorning()
	guess := func(pin, password, rule string) {
		t.Helper()
		_, err := s.SignIn(ctx, p, pin, password, "window 1")
		wantRule(t, err, rule)
	}
	for range 3 {
		guess(clinictest.DoctorPIN, "mưa rừng chiều tà", "STAFF-15")
	}
	guess("111112", right, "STAFF-10")
	guess(clinictest.DoctorPIN, "", "STAFF-14") // asking is no guess
	_, err = s.SignIn(ctx, p, clinictest.DoctorPIN, right, "window 1")
	must(t, err) // the fifth try, and right: all is forgiven
	s.NextMorning()
	for range 4 {
		guess(clinictest.DoctorPIN, "mưa rừng chiều tà", "STAFF-15")
	}
	guess(clinictest.DoctorPIN, "mưa rừng chiều tà", "STAFF-17")
	wantRule(t, s.CheckPIN(ctx, p, clinictest.DoctorPIN), "STAFF-17")
	guess(clinictest.DoctorPIN, "", "STAFF-17")
	for range 4 {
		guess(clinictest.DoctorPIN, "mưa rừng chiều tà", "STAFF-15")
	}
	guess(clinictest.DoctorPIN, "mưa rừng chiều tà", "STAFF-11") // the tenth in all
	guess(clinictest.DoctorPIN, right, "STAFF-11")
}

// TestPasswordOpensAfterWrongPINs: five wrong PINs call for the password, which
// forgives them; without one another person helps (STAFF-11, TestFiveTries).
func TestPasswordOpensAfterWrongPINs(t *testing.T) {
	s := clinictest.New(t)
	p := s.Doctor.Person
	const right = "mưa rừng ban mai"
	must(t, s.SetPassword(ctx, p, clinictest.DoctorPIN, "", right))
	for range 4 {
		wantRule(t, s.CheckPIN(ctx, p, "111112"), "STAFF-10")
	}
	wantRule(t, s.CheckPIN(ctx, p, "111112"), "STAFF-17")
	_, err := s.SignIn(ctx, p, clinictest.DoctorPIN, "", "window 1")
	wantRule(t, err, "STAFF-17")
	_, err = s.SignIn(ctx, p, "111112", right, "window 1")
	wantRule(t, err, "STAFF-10")
	_, err = s.SignIn(ctx, p, clinictest.DoctorPIN, right, "window 1")
	must(t, err)
	for range 4 {
		wantRule(t, s.CheckPIN(ctx, p, "111112"), "STAFF-10")
	}
	must(t, s.CheckPIN(ctx, p, clinictest.DoctorPIN))
}

// TestPINElsewhereForgivesNothing: wrong PINs typed at one PC are not forgiven
// by the person's right one at another; they end with the day. However many
// right ones come between, a day bears fifteen wrong ones.
func TestPINElsewhereForgivesNothing(t *testing.T) {
	s := clinictest.New(t)
	p := s.Doctor.Person
	here, there := clinic.At(ctx, "192.0.2.1"), clinic.At(ctx, "192.0.2.2")
	for range 4 {
		wantRule(t, s.CheckPIN(there, p, "111112"), "STAFF-10")
	}
	must(t, s.CheckPIN(here, p, clinictest.DoctorPIN))
	wantRule(t, s.CheckPIN(there, p, "111112"), "STAFF-11")
	must(t, s.SetPIN(ctx, p, "", reset(t, s, p), clinictest.DoctorPIN))

	for range 2 {
		wantRule(t, s.CheckPIN(there, p, "111112"), "STAFF-10")
	}
	for range 3 { // typing errors at work: the right one at the same PC forgives them
		for range 2 {
			wantRule(t, s.CheckPIN(here, p, "111112"), "STAFF-10")
		}
		must(t, s.CheckPIN(here, p, clinictest.DoctorPIN))
	}
	s.NextMorning()
	must(t, s.CheckPIN(here, p, clinictest.DoctorPIN)) // yesterday's elsewhere end with the day
	for i := range 14 {
		wantRule(t, s.CheckPIN(there, p, "111112"), "STAFF-10")
		if i%2 == 1 {
			must(t, s.CheckPIN(there, p, clinictest.DoctorPIN))
		}
	}
	wantRule(t, s.CheckPIN(there, p, "111112"), "STAFF-11")
}

// TestNoCupBackIntoAFinishedBottle: liquid that goes back goes into a bottle
// that someone will count.
func TestNoCupBackIntoAFinishedBottle(t *testing.T) {
	s, p := ready(t)
	must(t, err1(s.SpillBottle(ctx, s.Nurse, s.NewForm(), spill(s.Bottle, 998), s.Witness())))
	f := pour(t, s, p, 20*mg)
	must(t, err1(s.FinishBottle(ctx, s.Nurse, s.NewForm(), s.Bottle, s.Witness())))
	back := dose.NotGive{Dose: f.Dose, Why: dose.Declined}
	_, err := s.NotGive(ctx, s.Nurse, s.NewForm(), back, s.Witness())
	wantRule(t, err, "STOCK-12")
	back.Wasted = true
	must(t, err1(s.NotGive(ctx, s.Nurse, s.NewForm(), back, s.Witness())))
}

func err1[T any](_ T, err error) error { return err }

// TestAnswerNeverRaises: the answer to a gap may keep the dose to the
// microgram and not raise it by one.
func TestAnswerNeverRaises(t *testing.T) {
	s, p := ready(t)
	f := pour(t, s, p, 20*mg)
	must(t, err1(s.Swallow(ctx, s.Nurse, s.NewForm(), f.Dose)))
	s.Order(p, order.Maintenance, 20*mg, s.Today()+1, s.Today()+20)
	closeDay(t, s)
	for range 6 {
		s.NextMorning()
	}
	s.OpenDay()
	a := clinic.GapAnswer{Patient: p, Action: dose.Reduce, Amount: 20*mg + 1, Days: 2, Reason: "seen, well", PIN: clinictest.DoctorPIN}
	_, err := s.AnswerGap(ctx, s.Doctor, s.NewForm(), a)
	wantRule(t, err, "ORDER-47")
	a.Amount = 20 * mg
	must(t, err1(s.AnswerGap(ctx, s.Doctor, s.NewForm(), a)))
	pour(t, s, p, 20*mg)
}

// TestSigningIsAllOrNone: one order that may not be signed leaves the others
// unsigned; chosen alone, each is signed.
func TestSigningIsAllOrNone(t *testing.T) {
	s := clinictest.New(t)
	people := table(t, s, "code,name\nR001,Lường Văn Một\n", false)
	list := table(t, s, ordersCSV, true)
	must(t, err1(s.Import(ctx, s.Nurse, s.NewForm(), clinic.Import{Files: []intake.File{people, list}, PIN: clinictest.NursePIN})))
	w := waiting(t, s)
	if len(w) != 1 {
		t.Fatalf("%d orders wait, want 1", len(w))
	}
	_, err := s.SignOrders(ctx, s.Nurse, s.NewForm(), []id.Order{w[0].Order}, clinictest.NursePIN)
	wantRule(t, err, "ACCESS-02")
	_, err = s.SignOrders(ctx, s.Doctor, s.NewForm(), []id.Order{w[0].Order}, "111112")
	wantRule(t, err, "STAFF-10")
	_, err = s.SignOrders(ctx, s.Doctor, s.NewForm(), []id.Order{w[0].Order, "nosuchorder"}, clinictest.DoctorPIN)
	wantRule(t, err, "ORDER-13")
	if len(waiting(t, s)) != 1 {
		t.Fatal("signed although the command was refused")
	}
	n, err := s.SignOrders(ctx, s.Doctor, s.NewForm(), []id.Order{w[0].Order}, clinictest.DoctorPIN)
	if err != nil || n != 1 || len(waiting(t, s)) != 0 {
		t.Fatalf("signed %d, %v; %d still wait", n, err, len(waiting(t, s)))
	}
}

func waiting(t *testing.T, s *clinictest.Site) (out []order.Standing) {
	t.Helper()
	must(t, s.View(ctx, func(v *clinicdb.View) (err error) {
		out, err = v.OrdersWaiting()
		return err
	}))
	return out
}

// TestImportedOrderWaits: a person taken over from the clinic's list is poured
// for once a physician signed the order, and not before.
func TestImportedOrderWaits(t *testing.T) {
	s := clinictest.New(t)
	s.OpenDay()
	s.OpenBottle()
	files := []intake.File{
		table(t, s, "code,name,birth\nR001,Lường Văn Một,1980\n", false),
		table(t, s, "patient,day,mg\nR001,2026-11-01,60\n", true),
		table(t, s, ordersCSV, true),
	}
	must(t, err1(s.Import(ctx, s.Nurse, s.NewForm(), clinic.Import{Files: files, PIN: clinictest.NursePIN})))
	w := waiting(t, s)
	if len(w) != 1 || w[0].Amount != 60*mg || !w[0].Imported {
		t.Fatalf("waiting %+v", w)
	}
	p := w[0].Patient
	_, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 60 * mg})
	wantRule(t, err, "ORDER-41")
	must(t, err1(s.SignOrders(ctx, s.Doctor, s.NewForm(), []id.Order{w[0].Order}, clinictest.DoctorPIN)))
	pour(t, s, p, 60*mg)
}

// TestImportIsOneWhole: a row the rules refuse takes everything of the import
// with it, also what came before.
func TestImportIsOneWhole(t *testing.T) {
	s := clinictest.New(t)
	size := s.Head().Size
	run := func(amount string) error {
		_, err := s.Import(ctx, s.Nurse, s.NewForm(), clinic.Import{
			Files: []intake.File{
				table(t, s, "code,name\nR001,Lường Văn Một\n", false),
				table(t, s, "code,mg,start,end\nR001,"+amount+",2026-11-02,2026-11-20\n", true),
			},
			PIN: clinictest.NursePIN,
		})
		return err
	}
	wantRule(t, run("200.5"), "ORDER-06") // the test programme's largest is 200 mg
	if s.Head().Size != size {
		t.Fatalf("journal %d → %d after a refused import", size, s.Head().Size)
	}
	must(t, run("200"))
	if s.Head().Size != size+2 {
		t.Fatalf("journal %d → %d, want a person and an order", size, s.Head().Size)
	}
}

// TestFormOfAnotherAct: the number of a form belongs to one act of one person,
// also where the act is the closing of the day.
func TestFormOfAnotherAct(t *testing.T) {
	s, p := ready(t)
	form := s.NewForm()
	f, err := s.Pour(ctx, s.Nurse, form, dose.Pour{Patient: p, Shown: 20 * mg})
	must(t, err)
	must(t, err1(s.Swallow(ctx, s.Nurse, s.NewForm(), f.Dose)))
	count := []clinic.Count{{Bottle: s.Bottle, Measured: 998 * unit.Millilitre}}
	_, err = s.CloseDay(ctx, s.Nurse, form, s.Today(), count, s.Witness())
	wantRule(t, err, "FORM-01")
	form = s.NewForm()
	closed, err := s.CloseDay(ctx, s.Nurse, form, s.Today(), count, s.Witness())
	must(t, err)
	again, err := s.CloseDay(ctx, s.Nurse, form, s.Today(), count, s.Witness())
	if err != nil || again != closed {
		t.Fatalf("the same form again: %+v, %v; want %+v", again, err, closed)
	}
}

// TestImportFormTwice: the answer to the same form sent again tells that
// everything is on record, and writes nothing.
func TestImportFormTwice(t *testing.T) {
	s := clinictest.New(t)
	form := s.NewForm()
	cmd := clinic.Import{Files: []intake.File{table(t, s, dosesCSV, true)}, RegisterUnknown: true, PIN: clinictest.NursePIN}
	first, err := s.Import(ctx, s.Nurse, form, cmd)
	if err != nil || first.Doses != 3 {
		t.Fatalf("%+v, %v", first, err)
	}
	size := s.Head().Size
	again, err := s.Import(ctx, s.Nurse, form, cmd)
	if err != nil || again != (clinic.Imported{Known: 3}) || s.Head().Size != size {
		t.Fatalf("%+v, %v, journal %d → %d", again, err, size, s.Head().Size)
	}
}
