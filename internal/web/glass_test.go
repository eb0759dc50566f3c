package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tram/internal/access"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/programme"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/duty"
	"tram/internal/fact"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/walk"
)

const (
	bossPIN  = "730514"
	bossWord = "suối nguồn qua đá"
	hour     = 60 * 60 * 1000
)

// boss enrols somebody whose only duty is to manage, with a password.
func (h *house) boss() access.Actor {
	h.t.Helper()
	ctx := context.Background()
	f, code, err := h.Enrol(ctx, h.Nurse, h.NewForm(), "Hoàng Thị Quản", []duty.Duty{duty.Manager}, clinictest.NursePIN)
	if err == nil {
		err = h.SetPIN(ctx, f.Person, "", code, bossPIN)
	}
	if err == nil {
		err = h.SetPassword(ctx, f.Person, bossPIN, "", bossWord)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return access.Actor{Person: f.Person}
}

// signInBoss signs the manager in with PIN and password.
func (h *house) signInBoss(a access.Actor) *browser {
	h.t.Helper()
	b := h.browser()
	b.get("/signin?person=" + string(a.Person))
	b.send("/signin", "pin", bossPIN)
	if _, asked := formOf(b.raw, "/signin"); asked {
		b.send("/signin", "pin", bossPIN, "password", bossWord)
	}
	if b.status != http.StatusOK {
		h.t.Fatalf("sign-in answered %d: %s", b.status, b.text())
	}
	return b
}

func (h *house) glasses(p id.Patient) (all []clinicdb.Glass) {
	h.t.Helper()
	if err := h.View(context.Background(), func(v *clinicdb.View) (err error) { all, err = v.Glasses(p, 10); return err }); err != nil {
		h.t.Fatal(err)
	}
	return all
}

// TestGlassWithoutScripts opens a record in an emergency: found, asked why,
// proved with the password, read, refused after the hour; it stands in the
// record, on the journal's page, and before the other manager in the morning.
func TestGlassWithoutScripts(t *testing.T) {
	h, p := morning(t)
	who := h.boss()
	b := h.signInBoss(who)
	ask, read := "/glass/"+string(p), "/glass/"+string(p)+"/record"

	b.get("/patient/" + string(p))
	if b.status != http.StatusForbidden || !strings.Contains(b.raw, `href="`+ask+`"`) {
		t.Fatalf("answered %d, and the way out is missing: %s", b.status, b.text())
	}
	b.get("/window")
	b.send("/window/open", "patient", string(p))
	if !strings.Contains(b.raw, `href="`+ask+`"`) {
		t.Error("the window does not offer it")
	}
	b.get(read)
	if b.path != ask {
		t.Fatalf("read without a reason at %s: %s", b.path, b.text())
	}
	b.get("/glass")
	b.send("/glass", "q", "lo thuong")
	b.shows("Lò Văn Thương", "đang điều trị tại đây")
	b.get(ask)
	b.shows("Điều gì sẽ xảy ra", "Mật khẩu")
	b.send(ask, "reason", "Bệnh viện gọi: bất tỉnh", "pin", bossPIN)
	b.shows("Mật khẩu chưa đúng", "Bệnh viện gọi: bất tỉnh")
	b.send(ask, "reason", " - ", "pin", bossWord)
	b.shows("Cần ghi lý do bằng lời")
	if b.status != http.StatusUnprocessableEntity || len(h.glasses(p)) != 0 {
		t.Fatalf("answered %d, %d on record", b.status, len(h.glasses(p)))
	}
	form, _ := formOf(b.raw, ask)
	form.Set("reason", "Bệnh viện gọi: bất tỉnh")
	form.Set("pin", bossWord)
	for range 2 { // a double press
		b.post(ask, form)
		if b.path != read || b.status != http.StatusOK {
			t.Fatalf("%s answered %d: %s", b.path, b.status, b.text())
		}
	}
	if n := len(h.glasses(p)); n != 1 {
		t.Fatalf("%d on record, want 1", n)
	}
	b.shows("Mở khi khẩn cấp, xem được đến", "Chỉ để xem", "Lò Văn Thương", "30 mg", "chưa có trả lời")
	readsOnly(t, b, p)

	h.signedOut(b)
	b = h.signInBoss(who)
	b.get(read)
	b.shows("Chỉ để xem") // a new session of the same person, within the hour
	h.Pass(hour)
	b.get(read)
	b.send("/unlock", "pin", bossPIN)
	b.get(read)
	b.shows("Đã hết một giờ được xem hồ sơ này", "hãy mở lại với lý do mới")
	b.lacks("30 mg")
	answersInTheMorning(t, h, p)
}

// signedOut ends the browser's place.
func (h *house) signedOut(b *browser) {
	h.t.Helper()
	b.get("/switch")
	if b.path != "/signin" {
		h.t.Fatalf("signed out to %s", b.path)
	}
}

// readsOnly wants no form of care on the page, and every act of care refused.
func readsOnly(t *testing.T, b *browser, p id.Patient) {
	t.Helper()
	if strings.Contains(b.raw, `action="/patient/`) || strings.Contains(b.raw, `action="/order/`) || strings.Contains(b.raw, `href="/patient/`) {
		t.Error("the page offers more than reading")
	}
	form := url.Values{"form": {string(b.h.NewForm())}, "patient": {string(p)}, "shown_ug": {"30000"}, "text": {"ghi chú"}, "amount": {"40"}}
	for _, path := range []string{
		"/patient/" + string(p) + "/note", "/patient/" + string(p) + "/order", "/patient/" + string(p) + "/end", "/patient/" + string(p) + "/urine", "/window/pour",
	} {
		b.post(path, form)
		if b.status != http.StatusForbidden {
			t.Errorf("POST %s answered %d", path, b.status)
		}
	}
	b.get("/papers/record/" + string(p))
	if b.status != http.StatusForbidden {
		t.Errorf("the record's sheet answered %d", b.status)
	}
}

// answersInTheMorning has the other manager meet the opening first, answer for
// it, and find it in the record and on the journal's page.
func answersInTheMorning(t *testing.T, h *house, p id.Patient) {
	t.Helper()
	b := h.signedIn(h.Nurse, clinictest.NursePIN, "1")
	if b.path != "/glass/waiting" {
		t.Fatalf("the manager's first page is %s", b.path)
	}
	b.shows("Lò Văn Thương", "Hoàng Thị Quản", "Bệnh viện gọi: bất tỉnh")
	action := "/glass/waiting/" + string(h.glasses(p)[0].Glass)
	b.send(action, "note", "Đã gọi lại bệnh viện")
	b.shows("Chưa chọn kết luận")
	b.send(action, "found", "needed", "note", "Đã gọi lại bệnh viện")
	b.shows("Đã ghi câu trả lời của bạn", "Không có lần mở nào chờ trả lời")
	b.get("/")
	if b.path != "/window" {
		t.Errorf("all answered, and the first page is %s", b.path)
	}
	b.get("/patient/" + string(p))
	b.shows("Đã mở khi khẩn cấp", "Hoàng Thị Quản", "Bệnh viện gọi: bất tỉnh", "Việc mở là cần thiết", "Đã gọi lại bệnh viện")
	b.get("/journal?code=" + h.code(p))
	b.shows("Hồ sơ đã mở khi khẩn cấp", "Hoàng Thị Quản", "khi khẩn cấp")
	b.get("/glass/" + string(p))
	b.shows("Nhiệm vụ của bạn vốn đã được xem hồ sơ này")
}

// TestEveryOpeningIsProved: the one address that opens a record asks for the
// secret of who is signed in, whatever else is sent; none opens it without.
func TestEveryOpeningIsProved(t *testing.T) {
	h, p := morning(t)
	b := h.signInBoss(h.boss())
	for _, rt := range h.web.routes() {
		path, post := strings.CutPrefix(rt.pattern, "POST ")
		if !post || rt.action != access.BreakGlass {
			continue
		}
		for _, secret := range []string{"", bossPIN, clinictest.NursePIN} {
			b.post(strings.ReplaceAll(path, "{id}", string(p)), url.Values{
				"form": {string(h.NewForm())}, "reason": {"Bệnh viện gọi"}, "pin": {secret}, "password": {bossWord}, "q": {"lo thuong"},
			})
		}
	}
	if n := len(h.glasses(p)); n != 0 {
		t.Errorf("%d records opened without the password", n)
	}
	b.get("/glass/" + string(p) + "/record")
	b.lacks("30 mg")
}

// TestStaffOfAnotherSite: who wrote at another site is named where the programme
// names them, and is otherwise said to be of there; never a number.
func TestStaffOfAnotherSite(t *testing.T) {
	h, p := morning(t)
	for seq, f := range []any{
		programme.Founded{Programme: "DBV", Name: "thử", Rules: "vn", Zone: "Asia/Ho_Chi_Minh"},
		programme.ClinicianNamed{Person: "q7", Name: "BS. Điêu Văn Giả", Site: "MC", Key: "AAEC", Until: h.Today() + 30},
	} {
		h.hear("HUB", int64(seq), "q1", f)
	}
	h.hear("MC", 0, "q7", patient.Noted{Patient: p, Day: h.Today(), Text: "ngủ tốt"})
	h.hear("MC", 1, "q8", patient.Noted{Patient: p, Day: h.Today(), Text: "đau lưng"})
	b := h.nurse()
	b.get("/patient/" + string(p))
	b.shows("ngủ tốt", "BS. Điêu Văn Giả", "đau lưng", "nhân viên cơ sở khác")
	b.lacks("q7", "q8")
}

// TestGlassOfAnotherSite shows the physician the record of somebody known only
// from another site, and lets them change nothing of it.
func TestGlassOfAnotherSite(t *testing.T) {
	h, _ := morning(t)
	p, today := id.Patient("p7"), h.Today()
	for seq, f := range []any{
		patient.Registered{Patient: p, Code: "MC-0007-K", Day: today - 30, Details: patient.Details{Name: "Sùng A Ngoài"}},
		order.Written{Order: "o7", Patient: p, Phase: order.Maintenance, Amount: 60_000, First: today - 30, Last: today + 30},
		order.Signed{Order: "o7", Patient: p},
	} {
		h.hear("MC", int64(seq), "q7", f)
	}
	b := h.signedIn(h.Doctor, clinictest.DoctorPIN, "1")
	b.get("/patient/" + string(p))
	b.shows("Hồ sơ của người này ở cơ sở khác", "Mở hồ sơ khi khẩn cấp")
	ask := "/glass/" + string(p)
	b.get(ask)
	b.shows("Sùng A Ngoài", "hồ sơ ở cơ sở khác")
	b.send(ask, "reason", "Ngất ở cổng trạm", "pin", clinictest.DoctorPIN)
	b.shows("60 mg", "hồ sơ ở cơ sở khác", "Có thể còn ghi chép mới chưa tới", "nhân viên cơ sở khác", "Ngất ở cổng trạm")
	b.lacks("Đang điều trị")
	for _, path := range []string{"/patient/" + string(p) + "/note", "/patient/" + string(p) + "/order", "/window/pour"} {
		b.post(path, url.Values{"form": {string(h.NewForm())}, "patient": {string(p)}, "shown_ug": {"60000"}, "text": {"ghi chú"}, "sure": {"yes"}})
		if b.path == "/window" { // the window says its refusals there
			b.shows("Hồ sơ của người này ở cơ sở khác")
		} else if b.status != http.StatusForbidden {
			t.Errorf("POST %s answered %d: %s", path, b.status, b.text())
		}
	}
}

// hear brings an entry of another journal, as sync does after it was verified.
func (h *house) hear(from id.Site, seq int64, by id.Person, f any) {
	h.t.Helper()
	kind, body, err := fact.Encode(f)
	if err == nil {
		body, err = journal.Canonical(body)
	}
	e := journal.Entry{Site: from, Seq: seq, HLC: journal.HLC{Ms: int64(h.Now()) + seq}, Day: h.Today(), By: by, Kind: kind, Fact: body}
	var raw []byte
	if err == nil {
		raw, err = e.Encode()
	}
	if err == nil {
		err = h.DB.Write(func(tx *clinicdb.Tx) error { _, err := tx.Hear(e, raw); return err })
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// TestWalkGlass looks at the pages of an emergency with a real browser.
func TestWalkGlass(t *testing.T) {
	b := walk.Start(t)
	h, p := morning(t)
	who := h.boss()
	ctx := context.Background()
	if _, err := h.SignIn(ctx, who.Person, bossPIN, bossWord, "window 1"); err != nil { // the day's password
		t.Fatal(err)
	}
	look := func(page *walk.Page, name string) {
		page.Accessible()
		if n := page.Sideways(); n > 0 {
			t.Errorf("%s is %d pixels too wide", name, n)
		}
		page.ShotWhole(name)
	}
	desk := b.Open(walk.Desk)
	desk.Go(h.srv.URL + "/signin?person=" + string(who.Person))
	desk.Fill("#pin", bossPIN)
	desk.Press("\r")
	desk.WaitAt("/window")
	desk.Go(h.srv.URL + "/glass/" + string(p))
	look(desk, "glass-ask")
	desk.Fill("#reason", "Bệnh viện tỉnh gọi: người bệnh bất tỉnh, bác sĩ hỏi liều đang dùng.")
	desk.Fill("#glass-proof", bossWord)
	desk.Press("\r")
	desk.WaitAt("/glass/" + string(p) + "/record")
	look(desk, "glass-record")
	desk.Quiet()

	phone := b.Open(walk.Phone)
	phone.Go(h.srv.URL + "/signin?person=" + string(h.Nurse.Person))
	phone.Fill("#pin", clinictest.NursePIN)
	phone.Press("\r")
	phone.WaitAt("/glass/waiting")
	look(phone, "glass-waiting")
	phone.Go(h.srv.URL + "/patient/" + string(p))
	look(phone, "glass-opened")
	phone.Quiet()
}
