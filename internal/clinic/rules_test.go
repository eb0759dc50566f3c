package clinic_test

import (
	"strings"
	"testing"

	"tram/internal/care/dose"
	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/intake"
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
	if err := s.SetPassword(ctx, p, clinictest.DoctorPIN, "mưa rừng ban mai"); err != nil {
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
