package web

import (
	"strings"
	"testing"

	"tram/internal/care/programme"
	"tram/internal/id"
	"tram/internal/walk"
)

// TestWalkRegisteredTwice registers somebody whose number is another site's, in
// a real browser: the form asks, says where and what to do next, and takes no
// half answer; who cannot tell registers, and the window stops.
func TestWalkRegisteredTwice(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	b := walk.Start(t)
	h, p := morning(t)
	h.Joined("NS", "Trạm Nà Sáng")
	desk := b.Open(walk.Desk)
	signInWalk(h, desk, h.srv.URL)
	desk.Go(h.srv.URL + "/register")
	desk.WaitText("main", "Chưa nhận được danh sách số giấy tờ")
	h.Elsewhere("NS", "x1", "NS-0007-B", "011085000123")
	desk.Go(h.srv.URL + "/register")
	if desk.Count(".list-note") != 0 {
		t.Error("the list is here, and the form says that it is not")
	}
	desk.Fill("#name", "Lo Thuong")
	desk.Fill("#birth", "1985")
	desk.Fill("#identity", "O11 085 000 123")
	desk.Tap("main form .acts button")
	desk.WaitText("main", "Đã có người đăng ký với số giấy tờ này")
	desk.WaitText("main", "Hồ sơ NS-0007-B, đăng ký tại Trạm Nà Sáng")
	desk.WaitText("main", "Đã có người có tên và ngày sinh giống như vậy")
	desk.Accessible()
	desk.ShotWhole("register-likely-vi")
	desk.Tap("input[name='same-x1'][value='unknown']")
	desk.Fill("#note-x1", "không mang giấy tờ")
	desk.Tap("main form .acts button")
	desk.WaitText("main", "Trả lời về hồ sơ giống trước")
	desk.Tap("input[name='same-" + string(p) + "'][value='two']")
	desk.Fill("#note-"+string(p), "hai ảnh khác nhau")
	desk.Tap("main form .acts button")
	desk.WaitText(".similar", "Khi đăng ký, chưa rõ")
	desk.Accessible()
	desk.ShotWhole("patient-unsure-vi")
	second := id.Patient(desk.At()[len("/patient/"):])
	if got := h.doses(second); len(got) != 0 {
		t.Fatalf("doses %+v", got)
	}
	desk.Go(h.srv.URL + "/window")
	desk.Scan(h.code(second))
	desk.WaitText("main", "Khi đăng ký, chưa rõ")
	desk.Shot("window-unsure-vi")
	if desk.Count("#pour") != 0 {
		t.Error("the window offers a dose")
	}
}

// TestWalkOneGoesOn: the programme's office says that a record here goes on; its
// page asks what must be known first, and the window is free once it is
// answered. Then the office says that it is the other one.
func TestWalkOneGoesOn(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	b := walk.Start(t)
	h, p := morning(t)
	h.Joined("NS", "Trạm Nà Sáng")
	phone := b.Open(walk.Phone)
	h.Programme(programme.PairAnswered{One: p, Two: "x9", Same: true, Keep: p, Why: "cùng một thẻ", OneCode: "TT-0001-N", TwoCode: "NS-0009-C", OneSite: "TT", TwoSite: "NS"})
	signInWalk(h, phone, h.srv.URL)
	phone.Go(h.srv.URL + "/patient/" + string(p))
	phone.WaitText(".similar", "hồ sơ này được tiếp tục")
	if over := phone.Sideways(); over > 0 {
		t.Errorf("the record is %d pixels too wide", over)
	}
	phone.Accessible()
	phone.ShotWhole("patient-goes-on-vi")
	phone.Tap("button[name='lang'][value='en']")
	phone.WaitText(".similar", "this record goes on")
	phone.ShotWhole("patient-goes-on-en")
	phone.Tap("button[name='lang'][value='vi']")
	phone.WaitText(".similar", "hồ sơ này được tiếp tục")
	phone.Fill("#note-x9", "chị Mai ở Nà Sáng: đã ngừng từ hôm qua")
	phone.Tap("input[name='dosed'][value='no']")
	phone.Tap(".similar button[name='answer']")
	phone.WaitText("main", "Đã trả lời: chị Mai")
	phone.Go(h.srv.URL + "/window")
	phone.Tap(".queue .row")
	phone.WaitText("#pane-name", "Lò Văn Thương")
	if text := phone.Text("main"); strings.Contains(text, "Người này còn có hồ sơ") {
		t.Errorf("answered, and the window says %.400s", text)
	}
	h.Programme(programme.PairAnswered{One: p, Two: "x9", Same: true, Keep: "x9", Why: "đã hỏi lại", OneCode: "TT-0001-N", TwoCode: "NS-0009-C", OneSite: "TT", TwoSite: "NS"})
	phone.Go(h.srv.URL + "/window")
	phone.WaitText("main", "không cấp liều theo hồ sơ này")
	phone.Go(h.srv.URL + "/papers/sheet/" + (h.Today() + 1).String())
	if text := phone.Text("body"); !strings.Contains(text, "không cấp liều theo hồ sơ này") || strings.Contains(text, "30 mg") {
		t.Errorf("the sheet for a day without the PC says %.600s", text)
	}
	phone.Quiet()
}
