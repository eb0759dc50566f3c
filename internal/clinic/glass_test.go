package clinic_test

import (
	"errors"
	"testing"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/fact"
	"tram/internal/id"
)

const (
	bossPIN  = "730514"
	bossWord = "suối nguồn qua đá"
	minutes  = 60 * 1000
)

// manager enrols someone whose only duty is to manage, with a password.
func manager(t *testing.T, s *clinictest.Site, name string) access.Actor {
	t.Helper()
	f, code, err := s.Enrol(ctx, s.Nurse, s.NewForm(), name, []duty.Duty{duty.Manager}, clinictest.NursePIN)
	if err == nil {
		err = s.SetPIN(ctx, f.Person, "", code, bossPIN)
	}
	if err == nil {
		err = s.SetPassword(ctx, f.Person, bossPIN, "", bossWord)
	}
	if err != nil {
		t.Fatal(err)
	}
	return access.Actor{Person: f.Person, Duties: []duty.Duty{duty.Manager}, Station: "window 1"}
}

// glance reads a record under the glass and answers whose it was.
func glance(s *clinictest.Site, by access.Actor, p id.Patient) (name string, err error) {
	err = s.SeeUnderGlass(ctx, by, p, "record", func(_ *clinicdb.View, row clinicdb.Patient, _ clinic.UnderGlass) error {
		name = row.Details.Name
		return nil
	})
	return name, err
}

func smash(s *clinictest.Site, by access.Actor, form id.Form, p id.Patient, why string) (access.GlassBroken, error) {
	return s.BreakGlass(ctx, by, form, access.Break{Patient: p, Reason: why}, bossWord)
}

func glasses(t *testing.T, s *clinictest.Site, p id.Patient) (all []clinicdb.Glass) {
	t.Helper()
	if err := s.View(ctx, func(v *clinicdb.View) (err error) { all, err = v.Glasses(p, 10); return err }); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestGlass opens a record for an hour: for one person and one patient, to read
// and for nothing else, with a trace of each look.
func TestGlass(t *testing.T) {
	s := clinictest.New(t)
	s.OpenDay()
	s.OpenBottle()
	p, other := s.Patient("Lò Văn Thương", mg), s.Patient("Vàng A Khác", mg)
	boss, second := manager(t, s, "Hoàng Thị Quản"), manager(t, s, "Lường Văn Hai")

	_, err := glance(s, boss, p)
	saysRule(t, "read before", err, "GLASS-04")
	_, err = s.BreakGlass(ctx, boss, s.NewForm(), access.Break{Patient: p, Reason: "bệnh viện gọi"}, "sai mật khẩu")
	saysRule(t, "a wrong password", err, "STAFF-15")
	_, err = s.BreakGlass(ctx, boss, s.NewForm(), access.Break{Patient: p, Reason: "bệnh viện gọi"}, bossPIN)
	saysRule(t, "the PIN of somebody with a password", err, "STAFF-15")
	_, err = smash(s, boss, s.NewForm(), p, " . ")
	saysRule(t, "no reason", err, "GLASS-03")
	_, err = s.BreakGlass(ctx, s.Nurse, s.NewForm(), access.Break{Patient: p, Reason: "bệnh viện gọi"}, clinictest.NursePIN)
	saysRule(t, "open as it is", err, "GLASS-01")
	_, err = smash(s, boss, s.NewForm(), "nobody", "bệnh viện gọi")
	saysRule(t, "nobody", err, "PATIENT-13")
	_, err = smash(s, access.Actor{}, s.NewForm(), p, "bệnh viện gọi")
	saysRule(t, "not signed in", err, "ACCESS-01")
	if all := glasses(t, s, p); len(all) != 0 {
		t.Fatalf("refused, and on record: %+v", all)
	}

	form := s.NewForm()
	f, err := smash(s, boss, form, p, " Bệnh viện gọi: bất tỉnh ")
	if err != nil {
		t.Fatal(err)
	}
	again, err := smash(s, boss, form, p, "Bệnh viện gọi: bất tỉnh")
	if err != nil || again != f {
		t.Errorf("the same form: %+v, %v; want %+v", again, err, f)
	}
	_, err = smash(s, boss, s.NewForm(), p, "Bệnh viện gọi: bất tỉnh")
	saysRule(t, "opened already", err, "GLASS-02")
	if all := glasses(t, s, p); len(all) != 1 || all[0].Name != "Hoàng Thị Quản" || all[0].Reason != "Bệnh viện gọi: bất tỉnh" || all[0].Until-all[0].From != 60*minutes {
		t.Fatalf("on record: %+v", all)
	}

	for range 2 { // a page that is shown again within minutes is one look
		if name, err := glance(s, boss, p); err != nil || name != "Lò Văn Thương" {
			t.Fatalf("under the glass: %q, %v", name, err)
		}
	}
	_, err = glance(s, boss, other)
	saysRule(t, "another patient", err, "GLASS-04")
	_, err = glance(s, second, p)
	saysRule(t, "another person", err, "GLASS-04")
	opensNothingElse(t, s, boss, p)

	var looks []clinicdb.Look
	if err := s.View(ctx, func(v *clinicdb.View) (err error) { looks, err = v.Looks(p, 10); return err }); err != nil {
		t.Fatal(err)
	}
	if len(looks) != 1 || looks[0].Glass != f.Glass || looks[0].By != boss.Person || looks[0].Part != "record" {
		t.Errorf("traces: %+v", looks)
	}
	s.Pass(60*minutes - 1)
	if _, err := glance(s, boss, p); err != nil {
		t.Errorf("just inside the hour: %v", err)
	}
	s.Pass(1)
	_, err = glance(s, boss, p)
	saysRule(t, "after the hour", err, "GLASS-05")
	if _, err = smash(s, boss, s.NewForm(), p, "vẫn bất tỉnh"); err != nil {
		t.Errorf("asked again: %v", err)
	}
}

// opensNothingElse wants the acts of care, and the record's own page, refused
// as without the glass.
func opensNothingElse(t *testing.T, s *clinictest.Site, by access.Actor, p id.Patient) {
	t.Helper()
	_, err := s.See(ctx, by, access.SeeRecord, p, "record", "")
	saysRule(t, "the record's own page", err, "ACCESS-02")
	_, err = s.Note(ctx, by, s.NewForm(), p, "ghi chú")
	saysRule(t, "a note", err, "ACCESS-02")
	_, _, err = s.WriteOrder(ctx, by, s.NewForm(), order.Write{Patient: p, Phase: order.Maintenance, Amount: mg, First: s.Today(), Last: s.Today()}, "")
	saysRule(t, "an order", err, "ACCESS-02")
	_, err = s.Pour(ctx, by, s.NewForm(), dose.Pour{Patient: p, Shown: mg})
	saysRule(t, "a dose", err, "ACCESS-02")
	_, err = s.EndCare(ctx, by, s.NewForm(), p, patient.OwnWish, "")
	saysRule(t, "the end of care", err, "ACCESS-02")
}

// TestGlassAndTheClock: a clock that is set back gives no more than an hour,
// whether the program runs on or is started again.
func TestGlassAndTheClock(t *testing.T) {
	s := clinictest.New(t)
	p := s.Patient("Lò Văn Thương", mg)
	boss := manager(t, s, "Hoàng Thị Quản")
	opened := s.Now()
	if _, err := smash(s, boss, s.NewForm(), p, "bất tỉnh"); err != nil {
		t.Fatal(err)
	}
	s.Pass(40 * minutes)
	s.SetClock(opened - 30*minutes)
	if _, err := glance(s, boss, p); err != nil {
		t.Errorf("set back, 40 minutes gone: %v", err)
	}
	s.Pass(20 * minutes)
	_, err := glance(s, boss, p)
	saysRule(t, "set back, an hour gone", err, "GLASS-05")

	s.SetClock(opened + 120*minutes)
	if _, err := smash(s, boss, s.NewForm(), p, "vẫn bất tỉnh"); err != nil {
		t.Fatal(err)
	}
	s.Pass(30 * minutes)
	if err := s.Reopen(); err != nil {
		t.Fatal(err)
	}
	if _, err := glance(s, boss, p); err != nil { // the look itself is the journal's newest entry
		t.Errorf("started again: %v", err)
	}
	now := s.Now()
	s.SetClock(now - 20*minutes)
	_, err = glance(s, boss, p)
	saysRule(t, "started again, behind the journal", err, "GLASS-06")
	s.SetClock(opened)
	_, err = glance(s, boss, p)
	saysRule(t, "started again, behind the opening", err, "GLASS-06")
	s.SetClock(now + 30*minutes)
	_, err = glance(s, boss, p)
	saysRule(t, "started again, after the hour", err, "GLASS-05")
}

// TestGlassIsAnswered: another manager than who opened the record answers for
// it, in words, once; the only manager of a site answers alone and is marked.
func TestGlassIsAnswered(t *testing.T) {
	s := clinictest.New(t)
	p := s.Patient("Lò Văn Thương", mg)
	boss := manager(t, s, "Hoàng Thị Quản")
	f, err := smash(s, boss, s.NewForm(), p, "bất tỉnh")
	if err != nil {
		t.Fatal(err)
	}
	wait, err := s.Openings(ctx, s.Nurse, access.ReviewGlass, true, 0)
	if err != nil || len(wait) != 1 || wait[0].Of.Details.Name != "Lò Văn Thương" || wait[0].Own {
		t.Fatalf("waiting: %+v, %v", wait, err)
	}
	say := func(by access.Actor, g id.Glass, found access.Found, note string) error {
		_, err := s.ReviewGlass(ctx, by, s.NewForm(), access.Review{Glass: g, Found: found, Note: note})
		return err
	}
	saysRule(t, "one's own", say(boss, f.Glass, access.Needed, "cần"), "GLASS-09")
	saysRule(t, "no manager", say(s.Doctor, f.Glass, access.Needed, "cần"), "ACCESS-02")
	saysRule(t, "no such one", say(s.Nurse, "nothing", access.Needed, "cần"), "GLASS-07")
	saysRule(t, "nothing found", say(s.Nurse, f.Glass, "", "cần"), "GLASS-10")
	saysRule(t, "no words", say(s.Nurse, f.Glass, access.Needed, " "), "DOSE-29")
	saysRule(t, "answered", say(s.Nurse, f.Glass, access.NotNeeded, "đã có y tá trực"), "")
	saysRule(t, "answered before", say(s.Nurse, f.Glass, access.Needed, "cần"), "GLASS-08")
	if wait, err = s.Openings(ctx, s.Nurse, access.ReviewGlass, true, 0); err != nil || len(wait) != 0 {
		t.Errorf("still waiting: %+v, %v", wait, err)
	}
	all := glasses(t, s, p)
	if len(all) != 1 || !all[0].Answered() || all[0].Reviews[0].Name != "Lò Thị Nhàn" || all[0].Reviews[0].Note != "đã có y tá trực" || all[0].Reviews[0].Alone {
		t.Errorf("on record: %+v", all)
	}

	if err = s.SetDuties(ctx, s.Nurse, s.NewForm(), s.Nurse.Person, []duty.Duty{duty.Dispenser}, "", clinictest.NursePIN); err != nil {
		t.Fatal(err)
	}
	s.Pass(61 * minutes)
	if f, err = smash(s, boss, s.NewForm(), p, "lại bất tỉnh"); err != nil {
		t.Fatal(err)
	}
	saysRule(t, "the only manager", say(boss, f.Glass, access.Needed, "đã báo gia đình"), "")
	if all = glasses(t, s, p); len(all) != 2 || !all[0].Reviews[0].Alone {
		t.Errorf("answered alone: %+v", all)
	}
}

// TestGlassOfAnotherSite opens the record of somebody known only from what
// another site told; the patient's own site hears who, when and why, and
// nothing of the glance stays in the records here.
func TestGlassOfAnotherSite(t *testing.T) {
	s := clinictest.New(t)
	day0, p := s.Today()-30, id.Patient("p1")
	for n, f := range []any{
		patient.Registered{Patient: p, Code: "MC-0007-K", Day: day0, Details: patient.Details{Name: "Sùng A Ngoài", Birth: day.Partial{Year: 1990}}},
		order.Written{Order: "o1", Patient: p, Phase: order.Maintenance, Amount: 60_000, First: day0, Last: day0 + 60},
		order.Signed{Order: "o1", Patient: p},
		dose.Poured{Dose: "d1", Patient: p, Day: s.Today() - 1, Order: "o1", Amount: 60_000, Volume: 6000},
		dose.Swallowed{Dose: "d1", Patient: p},
	} {
		hear(t, s, "MC", int64(n), f)
	}
	_, err := s.See(ctx, s.Doctor, access.SeeRecord, p, "record", "")
	saysRule(t, "the physician's own page", err, "ACCESS-04")
	here, there, err := s.FindForGlass(ctx, s.Doctor, "sung ngoai")
	if err != nil || len(here) != 0 || len(there) != 1 || there[0].Patient != p || there[0].Code != "MC-0007-K" {
		t.Fatalf("found %+v and %+v, %v", here, there, err)
	}
	f, err := s.BreakGlass(ctx, s.Doctor, s.NewForm(), access.Break{Patient: p, Reason: "đến ngất ở cổng, không có giấy"}, clinictest.DoctorPIN)
	if err != nil {
		t.Fatal(err)
	}
	before := digest(t, s)
	err = s.SeeUnderGlass(ctx, s.Doctor, p, "record", func(v *clinicdb.View, row clinicdb.Patient, g clinic.UnderGlass) error {
		orders, err := v.Orders(p)
		if err != nil || len(orders) != 1 || !orders[0].Signed || orders[0].Amount != 60_000 {
			t.Errorf("orders: %+v, %v", orders, err)
		}
		if row.Details.Name != "Sùng A Ngoài" || row.LastDay != s.Today()-1 || row.LastAmount != 60_000 || g.Glass != f.Glass || g.Rel != access.Elsewhere {
			t.Errorf("shown: %+v", row)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.View(ctx, func(v *clinicdb.View) error { _, err := v.Patient(p); return err }); !errors.Is(err, clinicdb.ErrNotFound) {
		t.Errorf("after the glance the person has a record here: %v", err)
	}
	after := digest(t, s)
	for table := range after {
		if table != "seen" && after[table] != before[table] {
			t.Errorf("the glance changed %s", table)
		}
	}
	if err := s.Rebuild(nil); err != nil {
		t.Fatal(err)
	}
	for table, sum := range digest(t, s) {
		if sum != after[table] {
			t.Errorf("rebuilt, %s is another", table)
		}
	}

	home := clinictest.At(t, "MC", nil, nil)
	mine := home.Patient("Sùng A Ngoài", mg)
	f.Patient = mine
	hear(t, home, "TT", 0, access.GlassReviewed{Glass: f.Glass, Patient: mine, Name: "Lò Thị Nhàn", Found: access.Needed, Note: "đúng"}) // in any order
	hear(t, home, "TT", 1, f)
	all := glasses(t, home, mine)
	if len(all) != 1 || all[0].Site != "TT" || all[0].Name != "Hoàng Văn Lâm" || len(all[0].Reviews) != 1 || all[0].Reviews[0].Site != "TT" || all[0].Answered() {
		t.Errorf("at home: %+v", all)
	}
	if k, _ := fact.ByName("glass.broken"); !k.Shared || k.MustUnderstand {
		t.Errorf("kind %+v: the patient's own site must hear of it", k)
	}
}

func digest(t *testing.T, s *clinictest.Site) (out map[string][32]byte) {
	t.Helper()
	if err := s.View(ctx, func(v *clinicdb.View) (err error) { out, err = v.Digest(); return err }); err != nil {
		t.Fatal(err)
	}
	return out
}
