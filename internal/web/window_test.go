package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tram/internal/care/dose"
	"tram/internal/care/patient"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/id"
	"tram/internal/unit"
)

// morning is an open day with a bottle and one patient who had a dose
// yesterday.
func morning(t *testing.T) (*house, id.Patient) {
	t.Helper()
	h := newHouse(t)
	p := h.Patient("Lò Văn Thương", 30*unit.Milligram)
	h.OpenDay()
	h.OpenBottle()
	return h, p
}

func (h *house) doses(p id.Patient) []dose.Entry {
	h.t.Helper()
	var out []dose.Entry
	err := h.View(context.Background(), func(v *clinicdb.View) error {
		var err error
		out, err = v.DosesOf(p, h.Today(), h.Today())
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

func (h *house) nurse() *browser { return h.signedIn(h.Nurse, clinictest.NursePIN, "1") }

// TestThreeActs walks one dose: identify, pour, swallowed.
func TestThreeActs(t *testing.T) {
	h, p := morning(t)
	b := h.nurse()
	b.shows("chưa đến", "1000 mL", "Lò Văn Thương", "30 mg = 3 mL")
	b.send("/window/find", "q", "lo thuong") // no diacritics
	b.shows("Rót 30 mg = 3 mL")
	b.lacks("Đã uống hết S")
	b.send("/window/pour")
	if got := h.doses(p); len(got) != 1 || got[0].Outcome != dose.PouredOnly || got[0].Volume != 3000 {
		t.Fatalf("after pouring: %+v", got)
	}
	b.shows("Đã rót vào cốc lúc", "997 mL")
	if strings.Contains(b.page, `action="/window/pour"`) {
		t.Fatal("a second cup is offered")
	}
	b.send("/window/swallowed")
	b.shows("30 mg = 3 mL đã uống hết lúc", "Mời người tiếp theo")
	if got := h.doses(p); len(got) != 1 || got[0].Outcome != dose.Taken || got[0].Taken != 30*unit.Milligram {
		t.Fatalf("after swallowing: %+v", got)
	}
	b.get("/window?list=came")
	b.shows("đã đến", "TT-0001", "lúc")
}

// TestSameFormOnce sends one pour form ten times at once, and again later.
func TestSameFormOnce(t *testing.T) {
	h, p := morning(t)
	b := h.nurse()
	b.send("/window/open", "patient", string(p))
	form, ok := formOf(b.raw, "/window/pour")
	if !ok {
		t.Fatal("no form to pour")
	}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			r, err := http.NewRequest(http.MethodPost, h.srv.URL+"/window/pour", strings.NewReader(form.Encode()))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			res, err := b.client.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			_ = res.Body.Close()
			if res.StatusCode != http.StatusOK {
				t.Errorf("answered %d", res.StatusCode)
			}
		})
	}
	wg.Wait()
	b.post("/window/pour", form)
	if got := h.doses(p); len(got) != 1 {
		t.Fatalf("%d cups, want 1", len(got))
	}
	b.shows("Đã rót vào cốc lúc")
}

// TestTwoWindows serves one patient at two windows.
func TestTwoWindows(t *testing.T) {
	h, p := morning(t)
	one := h.nurse()
	two := h.signedIn(h.Doctor, clinictest.DoctorPIN, "2")
	one.send("/window/open", "patient", string(p))
	two.send("/window/open", "patient", string(p))
	two.shows("đang phục vụ người này tại Quầy 1")
	second, ok := formOf(two.raw, "/window/pour")
	if !ok {
		t.Fatal("no form to pour at window 2")
	}
	one.send("/window/pour")
	two.post("/window/pour", second)
	two.shows("chưa được xác nhận")
	if got := h.doses(p); len(got) != 1 {
		t.Fatalf("%d cups, want 1", len(got))
	}
	two.shows("Chưa ai xác nhận kết quả") // only two together may answer for another's cup
	one.send("/window/swallowed")
	two.get("/window")
	two.shows("đã uống hết lúc")
}

// TestChangedOrderIsNoticed pours what an old page showed.
func TestChangedOrderIsNoticed(t *testing.T) {
	h, p := morning(t)
	b := h.nurse()
	b.send("/window/open", "patient", string(p))
	b.send("/window/pour", "shown_ug", "60000")
	b.shows("Đơn thuốc đã thay đổi: nay là 30 mg, màn hình đang hiện 60 mg")
	if got := h.doses(p); len(got) != 0 {
		t.Fatalf("poured: %+v", got)
	}
}

// TestFind looks for people as they are typed and scanned.
func TestFind(t *testing.T) {
	h, p := morning(t)
	h.Patient("Đào Thị Ảnh", 20*unit.Milligram)
	h.Patient("Lò Văn Ẩn", 20*unit.Milligram)
	b := h.nurse()
	code := ""
	err := h.View(context.Background(), func(v *clinicdb.View) error {
		row, err := v.Patient(p)
		code = row.Code
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]string{
		strings.ToLower(code): "Rót 30 mg", "dao anh": "Đào Thị Ảnh", "\u0002" + code + "\u0003": "Rót 30 mg", "  THƯƠNG ": "Rót 30 mg",
		"lo van": "Tìm thấy 2 người", "%": "ít nhất hai chữ cái", "__": "ít nhất hai chữ cái", "xyz": "Không tìm thấy ai",
		"TT-0001-X": "ký tự kiểm tra không khớp", "<script>alert(1)</script>": "Không tìm thấy ai", "'; DROP TABLE patients; --": "Không tìm thấy ai",
	} {
		b.get("/window")
		b.send("/window/find", "q", typed)
		if !strings.Contains(b.text(), want) {
			t.Errorf("%q does not show %q:\n%s", typed, want, b.text())
		}
	}
}

// TestHoldAndRelease holds a dose, with what is missing said beside its field.
func TestHoldAndRelease(t *testing.T) {
	h, p := morning(t)
	b := h.nurse()
	b.send("/window/open", "patient", string(p))
	b.get("/window?do=hold")
	b.send("/window/hold", "signs", "Nói líu lưỡi", "minutes", "6o")
	if b.status != http.StatusUnprocessableEntity {
		t.Fatalf("answered %d", b.status)
	}
	b.shows("Hãy chọn một câu trả lời", "Nhập số phút nguyên", "Nói líu lưỡi")
	b.send("/window/hold", "why", "intoxicated", "minutes", "60")
	b.shows("Đã tạm dừng liều", "Tạm dừng từ", "có biểu hiện say", "Xem lại lúc 07:3")
	if strings.Contains(b.page, `action="/window/pour"`) {
		t.Fatal("a held dose can be poured")
	}
	b.get("/window?do=release")
	b.send("/window/release", "note", "Tỉnh táo, đi vững")
	b.shows("Rót 30 mg = 3 mL")
}

// TestPartNeedsExactVolumeAndWitness records a part with hostile numbers and a
// wrong witness first.
func TestPartNeedsExactVolumeAndWitness(t *testing.T) {
	h, p := morning(t)
	b := h.nurse()
	b.send("/window/open", "patient", string(p))
	b.send("/window/pour")
	for typed, want := range map[string]string{
		"1.234": "Chưa rõ", "-1": "Không đọc được", "NaN": "Không đọc được", "": "Hãy nhập một số", "0": "Phải nhiều hơn 0", "1e1": "Không đọc được",
	} {
		b.get("/window?do=part")
		b.send("/window/part", "volume", typed, "note", "Ho", "second", string(h.Assistant.Person), "second_pin", clinictest.AssistantPIN)
		if b.status != http.StatusUnprocessableEntity || !strings.Contains(b.text(), want) {
			t.Errorf("%q: %d, want %q", typed, b.status, want)
		}
	}
	b.get("/window?do=part")
	b.send("/window/part", "volume", "0,5", "note", "Ho khi uống", "second", string(h.Assistant.Person), "second_pin", "000001")
	b.shows("Mã PIN chưa đúng. Còn 4 lần thử")
	b.send("/window/part", "second", string(h.Nurse.Person), "second_pin", clinictest.NursePIN)
	b.shows("Người chứng kiến phải là người khác")
	if got := h.doses(p); got[0].Outcome != dose.PouredOnly {
		t.Fatalf("recorded by a refused form: %+v", got)
	}
	b.send("/window/part", "second", string(h.Assistant.Person), "second_pin", clinictest.AssistantPIN)
	b.shows("Đã ghi uống 25 mg", "Uống 25 mg trong 30 mg = 3 mL")
}

// TestVomitedReplacedCorrected goes the seldom ways after a dose.
func TestVomitedReplacedCorrected(t *testing.T) {
	h, p := morning(t)
	b := h.nurse()
	b.send("/window/open", "patient", string(p))
	b.send("/window/pour")
	b.send("/window/swallowed")
	h.Pass(10 * 60_000)
	b.send("/window/close") // five minutes have passed: the screen is locked
	b.shows("Màn hình đang khóa")
	b.send("/unlock", "pin", clinictest.NursePIN)
	b.get("/window?do=vomited")
	b.send("/window/vomited", "minutes", "90", "seen", "yes")
	b.shows("Số phút không thể đúng")
	b.send("/window/vomited", "minutes", "5", "seen", "yes")
	b.shows("Nôn sau 5 phút")
	doc := h.signedIn(h.Doctor, clinictest.DoctorPIN, "2")
	doc.send("/window/find", "q", "thuong")
	doc.get("/window?do=replace")
	doc.send("/window/replace", "amount", "12,5", "note", "Thấy thuốc trong chất nôn", "pin", clinictest.DoctorPIN)
	b.get("/window")
	b.shows("Rót liều bù 12,5 mg = 1,25 mL")
	b.send("/window/pour")
	b.send("/window/swallowed")
	b.get("/window?do=correct")
	b.send("/window/correct", "outcome", "not_given", "note", "Bấm nhầm", "second", string(h.Assistant.Person), "second_pin", clinictest.AssistantPIN)
	b.shows("Đã ghi đính chính", "Đã đính chính.")
	if got := h.doses(p); len(got) != 2 {
		t.Fatalf("%d entries, want 2: a correction frees no dose", len(got))
	}
	if strings.Contains(b.page, `action="/window/pour"`) {
		t.Fatal("a correction freed the day for another dose")
	}
}

// TestPagesRefreshThemselves hears of a dose poured elsewhere.
func TestPagesRefreshThemselves(t *testing.T) {
	h, p := morning(t)
	one, two := h.nurse(), h.signedIn(h.Doctor, clinictest.DoctorPIN, "2")
	one.send("/window/open", "patient", string(p))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	ready, told := make(chan struct{}), make(chan bool, 1)
	go func() { told <- two.events(ctx, ready) }()
	<-ready
	one.send("/window/pour")
	if !<-told {
		t.Fatal("the other window was not told")
	}
	two.get("/window/lists?list=waiting")
	two.get("/window?list=waiting")
	two.shows("Lò Văn Thương", "đã rót")
}

// TestWhoLeftIsNotServed refuses a patient whose treatment ended.
func TestWhoLeftIsNotServed(t *testing.T) {
	h, p := morning(t)
	if _, err := h.EndCare(context.Background(), h.Doctor, h.NewForm(), p, patient.Moved, ""); err != nil {
		t.Fatal(err)
	}
	b := h.nurse()
	b.send("/window/find", "q", "Thuong")
	b.shows("không còn điều trị tại đây")
	b.send("/window/open", "patient", string(p))
	b.shows("Người bệnh không còn điều trị tại đây")
	b.post("/window/pour", url.Values{"form": {string(h.NewForm())}, "patient": {string(p)}, "shown_ug": {"30000"}, "replaces": {""}})
	if got := h.doses(p); len(got) != 0 {
		t.Fatalf("poured for someone who left: %+v", got)
	}
	code := h.code(p)
	b.get("/patient/" + string(p))
	b.shows("ngày cuối, đến")
	b.lacks("Gọi bác sĩ để kê đơn")
	b.get("/journal?code=" + code)    // the nurse of this site is its manager
	b.shows("Lò Văn Thương", "hồ sơ") // who looked is answered for former patients, too
}

// TestBeforeTheDayIsOpen says what to do, and pours nothing.
func TestBeforeTheDayIsOpen(t *testing.T) {
	h := newHouse(t)
	p := h.Patient("Lò Văn Thương", 30*unit.Milligram)
	b := h.nurse()
	b.shows("Chưa mở ngày làm việc", "chưa mở chai")
	b.send("/window/open", "patient", string(p))
	b.shows("Chưa mở ngày làm việc.", "30 mg")
	if strings.Contains(b.page, `action="/window/pour"`) {
		t.Fatal("a dose can be poured before the day is open")
	}
}
