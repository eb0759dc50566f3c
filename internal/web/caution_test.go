package web

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"tram/internal/access"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/unit"
)

// TestNoteAsksGently: a note with a telephone number or somebody else's name is
// shown once more with a question, and kept as it is when its writer says so.
func TestNoteAsksGently(t *testing.T) {
	s := clinictest.New(t)
	p := s.Patient("Lò Văn Thương", 30*unit.Milligram)
	s.Patient("Vàng Thị Mỷ", 30*unit.Milligram)
	w := signedIn(t, serve(t, s), s.Doctor, clinictest.DoctorPIN)
	rec := "/patient/" + string(p)
	size := s.Head().Size
	for text, asks := range map[string]string{
		"Gọi theo số 0912 345 678 nếu cần.":     "số điện thoại",
		"Số mới:+84912345678":                   "số điện thoại",
		"Đi cùng vang thi my; ở cạnh nhà nhau.": "Vàng Thị Mỷ",
	} {
		w.get(rec, 200)
		page := w.wrong(rec+"/note", url.Values{"text": {text}})
		if !strings.Contains(page, asks) || !strings.Contains(page, text) {
			t.Errorf("%q: not asked about %q, or not kept: %.900s", text, asks, page)
		}
	}
	w.get(rec, 200)
	w.send(rec+"/note", url.Values{"text": {"Gọi 0912345678."}, "sure": {"yes"}})
	for _, plain := range []string{
		"Uống 65 mg từ ngày 03/11/2026, huyết áp 120/80, mã TT-0001-7.", "Lò Văn Thương khỏe.", "Thẻ bảo hiểm 1234567890123.", "Vàng da nhẹ, thị lực tốt.",
	} {
		w.get(rec, 200)
		w.send(rec+"/note", url.Values{"text": {plain}})
	}
	w.get(rec, 200)
	w.wrong(rec+"/note", url.Values{"text": {strings.Repeat("ệ", 3001)}})
	if !strings.Contains(w.page, strings.Repeat("ệ", 3001)) {
		t.Error("a text that is too long was cut")
	}
	if got := s.Head().Size - size; got != 6 { // five notes and one look
		t.Errorf("%d entries, want 6", got)
	}
}

// TestSearchLeavesATrace: what was searched among people is on record, once for
// a page that is read again, and never stands in an address.
func TestSearchLeavesATrace(t *testing.T) {
	s := clinictest.New(t)
	for _, name := range []string{"Lò Văn Thương", "Lò Văn Hùng Anh Thưởng"} {
		s.Patient(name, 30*unit.Milligram)
	}
	w := signedIn(t, serve(t, s), s.Nurse, clinictest.NursePIN)
	traces := func() (all []clinicdb.Look) {
		t.Helper()
		err := s.View(context.Background(), func(v *clinicdb.View) error {
			looks, err := v.Looks("", 100)
			for _, l := range looks {
				if l.Part == "search" {
					all = append(all, l)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	w.get("/patients", 200)
	if to := w.send("/patients", url.Values{"q": {"thuong"}}); to != "/patients" {
		t.Errorf("a search goes to %s", to)
	}
	for range 2 {
		w.get("/patients", 200)
		w.says("Lò Văn Thương", "Lò Văn Hùng Anh Thưởng")
	}
	if got := traces(); len(got) != 1 || got[0].Why != "thuong" || got[0].By != s.Nurse.Person {
		t.Fatalf("traces %+v", got)
	}
	w.get("/window", 200)
	if to := w.post("/window/find", url.Values{"q": {"lo van"}}); to != "/window" {
		t.Errorf("a search at the window goes to %s", to)
	}
	w.get("/window", 200)
	if got := traces(); len(got) != 2 {
		t.Errorf("traces %+v", got)
	}
	if err := s.Searched(context.Background(), access.Actor{Person: "nobody"}, access.SeeRecord, "lò"); err == nil {
		t.Error("a stranger searched")
	}
}

// TestPapersAreCounted: each paper that is about people is on record with who
// made it, as often as it was made (S30, R8), and both times the same.
func TestPapersAreCounted(t *testing.T) {
	s := clinictest.New(t)
	s.OpenDay()
	s.OpenBottle()
	p := s.Patient("Lò Văn Thương", 30*unit.Milligram)
	if _, err := s.GiveCard(context.Background(), s.Nurse, s.NewForm(), p); err != nil {
		t.Fatal(err)
	}
	w := signedIn(t, serve(t, s), s.Nurse, clinictest.NursePIN)
	today := s.Today().String()
	want := map[string]int{}
	for path, paper := range map[string]string{
		"/papers/register/" + today: "register", "/papers/missed/" + today: "missed", "/papers/records/" + today: "record",
		"/papers/record/" + string(p): "record_one", "/papers/sheet/" + today: "sheet", "/patient/" + string(p) + "/card/print": "card",
	} {
		first := w.get(path, 200)
		if again := w.get(path, 200); again != first && paper != "sheet" { // each sheet has its own number
			t.Errorf("%s is another paper the second time", paper)
		}
		want[paper] = 2
	}
	err := s.View(context.Background(), func(v *clinicdb.View) error {
		all, err := v.Printed(100)
		for _, x := range all {
			if x.By != s.Nurse.Person {
				t.Errorf("%s was made by %s", x.Paper, x.By)
			}
			want[x.Paper]--
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for paper, n := range want {
		if n != 0 {
			t.Errorf("%s: %d more than were counted", paper, n)
		}
	}
	w.get("/journal", 200)
	w.says("thẻ TT-0001", "sổ cấp phát 02/11/2026")
}
