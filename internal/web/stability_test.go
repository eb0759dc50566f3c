package web

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/programme"
	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
	"tram/internal/id"
	"tram/internal/rulebook"
	"tram/internal/unit"
	"tram/internal/walk"
)

// satellite makes the test site a satellite of the main clinic MC, whose
// programme has set its numbers, and treats one person for long enough.
func satellite(t *testing.T) (*house, id.Patient) {
	t.Helper()
	h := newHouse(t)
	for n, f := range []any{
		programme.Founded{Programme: "DBV", Name: "thử", Rules: "vn", Zone: "Asia/Ho_Chi_Minh"},
		programme.SiteJoined{Site: "MC", Name: "Trung tâm Thử", Language: "vi", Number: 1, Role: programme.Main},
		programme.SiteJoined{Site: "TT", Name: "Trạm thử", Language: "vi", Number: 1, Role: programme.Satellite, Parent: "MC"},
	} {
		h.hear("HUB", int64(n), "someone", f)
	}
	h.OpenDay()
	today := h.Today()
	const p = id.Patient("pat0042")
	facts := []any{
		patient.Registered{Patient: p, Code: clinic.Code("TT", 42), Day: today - 100, Details: patient.Details{Name: "Sùng A Hình"}},
		order.Written{Order: "ohinh", Patient: p, Phase: order.Maintenance, Amount: 60 * unit.Milligram, First: today - 100, Last: today + 20},
		order.Signed{Order: "ohinh", Patient: p},
		patient.UrineTested{Patient: p, Day: today - 2, Found: []string{"morphine"}},
	}
	for d := today - 60; d < today; d++ {
		facts = append(facts, dose.Recorded{Dose: id.Dose(fmt.Sprintf("d%d", d)), Patient: p, Day: d, Amount: 60 * unit.Milligram, Source: "test"})
	}
	h.seed(facts...)
	return h, p
}

func (h *house) seed(facts ...any) {
	h.t.Helper()
	var seeds []clinic.Seed
	for _, f := range facts {
		seeds = append(seeds, clinic.Seed{At: h.Now(), By: h.Doctor.Person, Fact: f})
	}
	if err := h.SeedInvented(context.Background(), seeds, func(int, int) {}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) numbers() {
	h.t.Helper()
	for key, n := range map[string]int64{rulebook.StableWindowDays: 30, rulebook.StableMissedMax: 2, rulebook.StableUrineDays: 60} {
		ask := []rulebook.Confirm{{Key: key, Value: &n, Reason: "test programme"}}
		if err := h.ConfirmRules(context.Background(), h.Doctor, h.NewForm(), ask, clinictest.DoctorPIN); err != nil {
			h.t.Fatal(err)
		}
	}
}

// TestStabilityPage answers one proposal: first "not now" without a reason, then
// with one; a newer test asks again, and an agreement leads to the letter.
func TestStabilityPage(t *testing.T) {
	h, p := satellite(t)
	b := h.signedIn(h.Doctor, clinictest.DoctorPIN, "1")
	b.get("/stability")
	b.shows("Chương trình chưa đặt những con số này", "STAB-04", "Sùng A Hình", "Trung tâm Thử", "1 đề xuất")
	h.numbers()
	b.get("/patient/" + string(p))
	b.shows("Mức ổn định hôm nay", "chưa ổn định", "STAB-02", "Trả lời đề xuất")
	b.get("/stability")
	b.lacks("Chương trình chưa đặt những con số này")
	b.send("/stability/"+string(p), "answer", "not_now", "why", " ")
	b.shows("cần có lý do", "Sùng A Hình")
	b.send("/stability/"+string(p), "answer", "not_now", "why", "uống thuốc ho có codein")
	b.shows("Sẽ hỏi lại khi có thay đổi", "Đã trả lời", "uống thuốc ho có codein", "0 đề xuất", "Không có gì chờ trả lời")
	h.seed(patient.UrineTested{Patient: p, Day: h.Today(), Found: []string{"heroin"}})
	b.get("/stability")
	b.shows("1 đề xuất", "Hỏi lại: căn cứ")
	b.send("/stability/"+string(p), "answer", "agree")
	b.shows("Thư đã điền sẵn", "Sùng A Hình")
	v, ok := formOf(b.raw, "/patient/"+string(p)+"/letter")
	if got := v.Get("why") + " " + v.Get("to") + " " + v.Get("first"); !ok || got != "transfer MC 03/11/2026" {
		t.Errorf("the letter is filled with %q", got)
	}
	b.get("/stability")
	b.shows("Đã đồng ý, chưa chuyển", "Viết thư chuyển", "0 đề xuất")
	b.post("/stability/"+string(p), url.Values{"form": {string(h.NewForm())}, "proposal": {"to_main"}, "answer": {"agree"}})
	b.shows("Câu hỏi này không còn nữa")

	n := h.signedIn(h.Assistant, clinictest.AssistantPIN, "2")
	n.get("/patient/" + string(p) + "/letter?why=nonsense&first=32&to=XX")
	n.shows("Chuyển đến")
}

// TestWalkStability answers a proposal by one press in a browser, and lands on
// the letter with everything filled in but the PIN.
func TestWalkStability(t *testing.T) {
	b := walk.Start(t)
	h, p := satellite(t)
	h.numbers()
	h.seed(patient.Registered{Patient: "pat0043", Code: clinic.Code("TT", 43), Day: h.Today(), Details: patient.Details{Name: "Giàng Thị Khác"}})
	for _, size := range []walk.Size{walk.Phone, walk.Desk} {
		page := b.Open(size)
		signInWalk(h, page, h.srv.URL)
		page.Go(h.srv.URL + "/patient/" + string(p))
		page.Wait("a[href^='/stability']")
		page.Accessible()
		page.Go(h.srv.URL + "/stability")
		page.Accessible()
		if over := page.Sideways(); over > 0 {
			t.Errorf("the list is %d pixels too wide", over)
		}
		page.ShotWhole("stability")
		if size.Touch {
			continue
		}
		page.Reset()
		page.Tap("article.case button[value=agree]")
		page.Wait("#send-pin")
		if did := page.Did(); did.Total() != 1 {
			t.Errorf("%+v, want one press", did)
		}
		got := walk.Ask[string](page, `[document.querySelector("input[name=why]:checked").value, document.querySelector("select[name=to]").value,
			document.querySelector("input[name=first]").value].join(" ")`)
		if want := "transfer MC " + (h.Today() + 1).Typed(); got != want {
			t.Errorf("the letter is filled with %q, want %q", got, want)
		}
		page.Accessible()
		page.ShotWhole("stability-letter")
		page.Quiet()
	}
}
