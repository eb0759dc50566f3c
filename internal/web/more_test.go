package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
	"tram/internal/web/ui/story"
	"tram/internal/words"
)

// walker is a person with a browser: it keeps cookies, follows no redirect by
// itself and fills in forms as they stand on the page.
type walker struct {
	t    *testing.T
	base string
	http *http.Client
	page string // last page shown
	path string // of that page
}

// serve opens the pages of a test site.
func serve(t *testing.T, s *clinictest.Site) *httptest.Server {
	t.Helper()
	web, err := New(Options{Clinic: s.Clinic, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Stations: 2})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(web)
	t.Cleanup(srv.Close)
	return srv
}

// signedIn is a walker who signed in.
func signedIn(t *testing.T, srv *httptest.Server, who access.Actor, pin string) *walker {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &walker{t: t, base: srv.URL, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	to := w.post("/signin", url.Values{"person": {string(who.Person)}, "pin": {pin}, "station": {"1"}})
	if to != "/" {
		t.Fatalf("sign-in went to %q: %.300s", to, w.page)
	}
	return w
}

func (w *walker) do(req *http.Request) (int, string) {
	w.t.Helper()
	res, err := w.http.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if errClose := res.Body.Close(); err != nil || errClose != nil {
		w.t.Fatal(err, errClose)
	}
	w.page, w.path = words.Plain(string(body)), req.URL.Path
	return res.StatusCode, res.Header.Get("Location")
}

// get opens a page and wants a status.
func (w *walker) get(path string, want int) string {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodGet, w.base+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if code, _ := w.do(req); code != want {
		w.t.Fatalf("GET %s: %d, want %d: %.400s", path, code, want, text(w.page))
	}
	return w.page
}

// post sends fields and answers where it was sent to; "" when a page came back.
func (w *walker) post(path string, fields url.Values) string {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodPost, w.base+path, strings.NewReader(fields.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	code, to := w.do(req)
	if code == http.StatusSeeOther {
		return to
	}
	if code >= 500 {
		w.t.Fatalf("POST %s: %d", path, code)
	}
	return ""
}

// formID is the id of the form with an action on the page that is shown.
func (w *walker) formID(action string) string {
	w.t.Helper()
	_, rest, ok := strings.Cut(w.page, `action="`+action+`"`)
	m := regexp.MustCompile(`name="form" value="([0-9a-z]+)"`).FindStringSubmatch(rest)
	if !ok || m == nil {
		w.t.Fatalf("no form to %s on %s", action, w.path)
	}
	return m[1]
}

// send fills in the form with an action on the page that is shown, and wants
// to be sent to a page.
func (w *walker) send(action string, fields url.Values) string {
	w.t.Helper()
	fields.Set("form", w.formID(action))
	to := w.post(action, fields)
	if to == "" {
		w.t.Fatalf("POST %s was not taken: %.600s", action, text(w.page))
	}
	return to
}

// wrong sends a form that must come back.
func (w *walker) wrong(action string, fields url.Values) string {
	w.t.Helper()
	fields.Set("form", w.formID(action))
	if to := w.post(action, fields); to != "" {
		w.t.Fatalf("POST %s was taken and went to %s", action, to)
	}
	return w.page
}

var tags = regexp.MustCompile(`(?s)<[^>]*>|\s+`)

// text is the words of a page.
func text(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	return strings.Join(strings.Fields(tags.ReplaceAllString(page, " ")), " ")
}

func (w *walker) says(want ...string) {
	w.t.Helper()
	for _, s := range want {
		if !strings.Contains(text(w.page), s) && !strings.Contains(w.page, s) {
			w.t.Errorf("%s does not say %q: %.1500s", w.path, s, text(w.page))
		}
	}
}

func witnessed(f url.Values, s *clinictest.Site) url.Values {
	f.Set("second", string(s.Assistant.Person))
	f.Set("second_pin", clinictest.AssistantPIN)
	return f
}

// TestMorningByForms walks a day through the forms alone: a bottle comes, the
// day is opened, a person is registered, the physician orders past a warning,
// a dose is poured and left unanswered, and the day is closed with two people.
// Nothing is typed after the closing, and every paper is there.
func TestMorningByForms(t *testing.T) {
	s := clinictest.New(t)
	srv := serve(t, s)
	nurse, doctor := signedIn(t, srv, s.Nurse, clinictest.NursePIN), signedIn(t, srv, s.Doctor, clinictest.DoctorPIN)
	today := s.Today()

	nurse.get("/stock", 200)
	page := nurse.wrong("/stock/receive", witnessed(url.Values{"code": {"B-0001-X"}, "product": {"Methadone"}, "lot": {"L1"}, "expiry": {"01/11/2027"}, "strength": {"10"}, "volume": {"1.000"}}, s))
	if !strings.Contains(page, `value="1.000"`) || !strings.Contains(page, `value="B-0001-X"`) {
		t.Error("what was typed is gone")
	}
	code := id.CheckCode("B-0001")
	nurse.send("/stock/receive", witnessed(url.Values{"code": {code}, "product": {"Methadone"}, "lot": {"L1"}, "expiry": {"01/11/2027"}, "strength": {"10"}, "volume": {"1000"}}, s))

	nurse.get("/day/open", 200)
	nurse.says(today.Typed())
	nurse.wrong("/day/open", url.Values{"day": {today.String()}, "typed": {today.Typed()}, "second": {string(s.Assistant.Person)}, "second_pin": {"111111"}})
	nurse.send("/day/open", witnessed(url.Values{"day": {today.String()}, "typed": {today.Typed()}}, s))
	nurse.get("/day/open", 200)
	nurse.send("/day/bottle", witnessed(url.Values{"code": {code}}, s))

	nurse.get("/register", 200)
	to := nurse.send("/register", url.Values{"name": {"Lò Văn Thử"}, "birth": {"1985"}, "phone": {"0900 000 001"}, "sex": {"m"}})
	p := strings.TrimPrefix(to, "/patient/")
	nurse.get(to, 200)
	nurse.says("TT-0001-", "sinh 1985")

	doctor.get(to+"/order", 200)
	fields := url.Values{"amount": {"25"}, "phase": {"induction"}, "first": {today.Typed()}, "last": {(today + 6).Typed()}, "reason": {"bắt đầu"}, "pin": {clinictest.DoctorPIN}}
	page = doctor.wrong(to+"/order", fields)
	rules := regexp.MustCompile(`name="override-([A-Z0-9-]+)"`).FindAllStringSubmatch(page, -1)
	if len(rules) == 0 {
		t.Fatalf("25 mg as a first dose raised no warning: %.800s", text(page))
	}
	for _, r := range rules {
		fields.Set("override-"+r[1], "đã khám")
	}
	doctor.send(to+"/order", fields)
	doctor.get(to, 200)
	doctor.says("25 mg = 2,5 mL", "đã khám")

	poured, err := s.Pour(context.Background(), s.Nurse, s.NewForm(), dose.Pour{Patient: id.Patient(p), Shown: 25 * unit.Milligram})
	if err != nil {
		t.Fatal(err)
	}
	nurse.get("/day/close", 200)
	nurse.says("1 cốc chưa có câu trả lời", "25 mg = 2,5 mL")
	nurse.send("/day/answer/"+string(poured.Dose), witnessed(url.Values{"day": {today.String()}, "outcome": {"swallowed"}, "note": {"đã gọi điện"}}, s))

	nurse.get("/day/close", 200)
	bottle := regexp.MustCompile(`name="(measured-[0-9a-z]+)"`).FindStringSubmatch(nurse.page)
	if bottle == nil {
		t.Fatal("no bottle to measure")
	}
	closing := witnessed(url.Values{"day": {today.String()}, bottle[1]: {"990"}, "pin": {clinictest.NursePIN}}, s)
	page = nurse.wrong("/day/close", closing)
	if !strings.Contains(page, "STOCK-13") || !strings.Contains(text(page), "7,5 mL (75 mg)") || !strings.Contains(page, `value="990"`) {
		t.Errorf("a difference is not asked about: %.900s", text(page))
	}
	closing.Set(bottle[1], "997,5")
	if to := nurse.send("/day/close", closing); to != "/day/closed/"+today.String() {
		t.Fatalf("closing went to %s", to)
	}
	nurse.get("/day/closed/"+today.String(), 200)
	nurse.says("Khóa lúc", "997,5 mL", "khớp sổ")
	papersAfter(t, nurse, today, code)
}

// papersAfter opens every paper of a closed day.
func papersAfter(t *testing.T, w *walker, today day.Day, bottle string) {
	t.Helper()
	w.get("/papers/register/"+today.String(), 200)
	w.says("Lò Văn Thử", "25 mg = 2,5 mL", "Đã uống", "Lò Thị Nhàn", bottle, "997,5")
	if strings.Contains(text(w.page), "BẢN NHÁP") {
		t.Error("the register of a closed day is called a draft")
	}
	first := w.page
	if w.get("/papers/register/"+today.String(), 200) != first {
		t.Error("the second copy of a register differs from the first")
	}
	w.get("/papers/missed/"+today.String(), 200)
	w.get("/papers/records/"+today.String(), 200)
	w.says("Lò Văn Thử", "02/11/2026")
	w.get("/papers/stock/"+today.String()[:7], 200)
	w.says("1000", "2,5", "997,5", "9975 mg")
	w.get("/papers/sheet/"+(today+1).String(), 200)
	w.says("TT-"+(today+1).String()+"-", "25 mg = 2,5 mL", "10 mg/mL")
	w.get("/papers/count", 200)
	w.says(bottle)
	w.get("/papers", 200)
}

// TestEveryPageIsSound opens the pages with people, orders and doses on record
// and holds each against what no page may have.
func TestEveryPageIsSound(t *testing.T) {
	s := clinictest.New(t)
	srv := serve(t, s)
	s.OpenDay()
	s.OpenBottle()
	p := s.Patient("Vàng Thị Thử", 20*unit.Milligram)
	_ = s.Patient("Vàng A Hai", 20*unit.Milligram)
	pour(t, s, p, 20*unit.Milligram)
	w := order.Write{Patient: p, Phase: order.Induction, Amount: 20 * unit.Milligram, First: s.Today() + 1, Last: s.Today() + 5}
	_, warnings, err := s.WriteOrder(context.Background(), s.Doctor, s.NewForm(), w, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range warnings {
		w.Overrides = append(w.Overrides, order.Override{Rule: x.Rule, Reason: "test"})
	}
	if f, _, err := s.WriteOrder(context.Background(), s.Doctor, s.NewForm(), w, ""); err != nil || f.Order == "" {
		t.Fatal("the order was not written", err)
	}
	if _, err := s.GiveCard(context.Background(), s.Nurse, s.NewForm(), p); err != nil {
		t.Fatal(err)
	}
	rec := "/patient/" + string(p)
	nurse := []string{
		"/patients", "/register", rec, rec + "?days=90", rec + "?orders=all", rec + "/change", rec + "/card", rec + "/card/print",
		"/day/open", "/day/close", "/stock", "/papers", "/papers?day=32/1/2026", "/papers/register/2026-11-02", "/papers/missed/2026-11-02",
		"/papers/records/2026-11-02", "/papers/record/" + string(p), "/papers/stock/2026-11", "/papers/sheet/2026-11-03", "/papers/count", "/import", "/rules",
		"/rules/daily_max_ug", "/rules/count_tolerance_ul", "/rules/missed", "/rules/vomited", "/staff", "/journal", "/journal?code=TT-0001", "/journal?code=zz",
	}
	check(t, signedIn(t, srv, s.Nurse, clinictest.NursePIN), nurse)
	check(t, signedIn(t, srv, s.Doctor, clinictest.DoctorPIN), []string{"/orders", rec, rec + "/order", "/rules"})
}

func pour(t *testing.T, s *clinictest.Site, p id.Patient, g unit.Microgram) dose.Poured {
	t.Helper()
	f, err := s.Pour(context.Background(), s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: g})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Swallow(context.Background(), s.Nurse, s.NewForm(), f.Dose); err != nil {
		t.Fatal(err)
	}
	return f
}

func check(t *testing.T, w *walker, paths []string) {
	t.Helper()
	for _, path := range paths {
		req, err := http.NewRequest(http.MethodGet, w.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		code, _ := w.do(req)
		if code != http.StatusOK && code != http.StatusUnprocessableEntity {
			t.Errorf("GET %s: %d: %.300s", path, code, text(w.page))
			continue
		}
		for _, problem := range story.Problems(w.page, "vi") {
			t.Errorf("GET %s: %s", path, problem)
		}
	}
}

// TestWhoMayNotIsRefused: the inspector sees the stock and the journal and no
// person; a counsellor does not order.
func TestWhoMayNotIsRefused(t *testing.T) {
	s := clinictest.New(t)
	srv := serve(t, s)
	p := s.Patient("Lò Thị Kín", 20*unit.Milligram)
	helper := signedIn(t, srv, s.Assistant, clinictest.AssistantPIN)
	for _, path := range []string{"/orders", "/patient/" + string(p) + "/order", "/staff", "/import"} {
		helper.get(path, http.StatusForbidden)
	}
	doctor := signedIn(t, srv, s.Doctor, clinictest.DoctorPIN)
	for _, path := range []string{"/day/close", "/staff", "/import"} {
		doctor.get(path, http.StatusForbidden)
	}
	doctor.get("/patient/zzzz", http.StatusUnprocessableEntity) // PATIENT-13, in words
	doctor.get("/patient/..%2f", http.StatusNotFound)
	doctor.get("/papers/register/2026-02-31", http.StatusNotFound)
	doctor.get("/rules/no_such_key", http.StatusNotFound)
}

// TestRecordLeavesATrace: opening a record is journaled, with who and which
// part, and the page that shows it says so.
func TestRecordLeavesATrace(t *testing.T) {
	s := clinictest.New(t)
	srv := serve(t, s)
	p := s.Patient("Lò Thị Xem", 20*unit.Milligram)
	doctor := signedIn(t, srv, s.Doctor, clinictest.DoctorPIN)
	doctor.get("/patient/"+string(p), 200)
	var looks []clinicdb.Look
	err := s.View(context.Background(), func(v *clinicdb.View) error {
		var err error
		looks, err = v.Looks(p, 10)
		return err
	})
	if err != nil || len(looks) != 1 || looks[0].By != s.Doctor.Person || looks[0].Part != "record" {
		t.Fatalf("looks %+v, %v", looks, err)
	}
	nurse := signedIn(t, srv, s.Nurse, clinictest.NursePIN)
	nurse.get("/journal?code=TT-0001", 422)
	nurse.get("/journal?code="+url.QueryEscape(id.CheckCode("TT-0001")), 200)
	nurse.says("Lò Thị Xem", "Hoàng Văn Lâm", "hồ sơ")
}

// TestRegisterKeepsAndAsks: typed values stay, each problem stands beside its
// field, a namesake is shown first, and the same form twice is one person.
func TestRegisterKeepsAndAsks(t *testing.T) {
	s := clinictest.New(t)
	srv := serve(t, s)
	w := signedIn(t, srv, s.Nurse, clinictest.NursePIN)
	w.get("/register", 200)
	page := w.wrong("/register", url.Values{"name": {"Quàng Thị Đẹp"}, "birth": {"31/02/1990"}, "note": {"<script>x</script>"}})
	for _, want := range []string{`value="Quàng Thị Đẹp"`, `value="31/02/1990"`, "&lt;script&gt;", `aria-invalid="true"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the form shown again lacks %s", want)
		}
	}
	page = w.wrong("/register", url.Values{"name": {""}})
	if !strings.Contains(page, `id="name-error"`) {
		t.Error("no sentence beside the name")
	}
	w.get("/register", 200)
	fields := url.Values{"name": {"Quàng Thị Đẹp"}, "form": {w.formID("/register")}}
	one, two := w.post("/register", fields), w.post("/register", url.Values{"name": {"Quàng Thị Đẹp"}, "form": fields["form"], "sure": {"yes"}})
	if one == "" || one != two {
		t.Errorf("one form sent twice went to %q and %q", one, two)
	}
	w.get("/register", 200)
	page = w.wrong("/register", url.Values{"name": {"quang thi dep"}})
	if !strings.Contains(page, one) {
		t.Error("the namesake is not shown")
	}
	w.send("/register", url.Values{"name": {"quang thi dep"}, "sure": {"yes"}})
	w.get(one+"/change", 200)
	w.send(one+"/change", url.Values{"name": {"Quàng Thị Đẹp"}, "birth": {"1990"}, "phone": {"0900 000 002"}})
	w.get(one, 200)
	w.says("sinh 1990", "0900 000 002")
}

// TestPhysiciansDesk: an order of the assistant's waits, is signed by PIN; a
// gap is answered at one press with the offered dose, which becomes the order.
func TestPhysiciansDesk(t *testing.T) {
	s := clinictest.New(t)
	srv := serve(t, s)
	s.OpenDay()
	s.OpenBottle()
	p := s.Patient("Giàng A Vắng", 20*unit.Milligram)
	pour(t, s, p, 20*unit.Milligram)
	if _, err := s.CloseDay(context.Background(), s.Nurse, s.NewForm(), s.Today(), []clinic.Count{{Bottle: s.Bottle, Measured: 998 * unit.Millilitre}}, s.Witness()); err != nil {
		t.Fatal(err)
	}
	s.SetClock(s.Zone().At(s.Today()+6, 6, 30))
	s.OpenDay()
	s.Order(p, order.Maintenance, 40*unit.Milligram, s.Today(), s.Today()+10)
	w := signedIn(t, srv, s.Doctor, clinictest.DoctorPIN)
	w.get("/orders", 200)
	w.says("Giàng A Vắng", "5 ngày không uống", "Giảm còn 20 mg")
	action := "/orders/gap/" + string(p)
	page := w.wrong(action, url.Values{"action": {"same"}, "days": {"3"}, "pin": {clinictest.DoctorPIN}})
	if !strings.Contains(page, "DOSE-28") {
		t.Errorf("going on against the table needs no reason: %.600s", text(page))
	}
	page = w.wrong(action, url.Values{"action": {"reduce"}, "days": {"3"}, "pin": {"000111"}})
	if !strings.Contains(page, `gap-pin-`+string(p)+`-error`) {
		t.Error("a wrong PIN is not said beside its field")
	}
	w.send(action, url.Values{"action": {"reduce"}, "days": {"3"}, "pin": {clinictest.DoctorPIN}})
	w.get("/patient/"+string(p), 200)
	w.says("20 mg = 2 mL", "giảm liều")
	w.get("/orders", 200)
	w.says("Không có ai đang chờ")
}

// TestImportByForms: a file with a bad row is previewed, refused without a
// decision, imported without the row, and is harmless the second time.
func TestImportByForms(t *testing.T) {
	s := clinictest.New(t)
	srv := serve(t, s)
	w := signedIn(t, srv, s.Nurse, clinictest.NursePIN)
	w.get("/import", 200)
	const file = "Mã BN;Họ và tên;Ngày sinh\nA-1;Lò Văn Một;1980\nA-2;Lò Văn Hai;31/02/1981\n"
	ticket := w.upload(file)
	w.get(ticket, 200)
	w.says("Lò Văn Một", "31/02/1981", "Không có ngày")
	page := w.wrong(ticket+"/confirm", url.Values{"pin": {clinictest.NursePIN}})
	if !strings.Contains(page, "IMPORT-02") {
		t.Errorf("bad rows were left out without a decision: %.600s", text(page))
	}
	if to := w.send(ticket+"/confirm", url.Values{"pin": {clinictest.NursePIN}, "without": {"yes"}}); to != ticket {
		t.Errorf("went to %s", to)
	}
	w.get(ticket, 200)
	w.says("Đã đăng ký 1 người bệnh")
	w.get("/patients", 200)
	w.says("Lò Văn Một")
	w.get("/import", 200)
	again := w.upload(file)
	w.get(again, 200)
	w.send(again+"/confirm", url.Values{"pin": {clinictest.NursePIN}, "without": {"yes"}})
	w.get(again, 200)
	w.says("1 dòng đã có từ trước")
	other := signedIn(t, srv, s.Assistant, clinictest.AssistantPIN)
	other.get(again, http.StatusForbidden)
}

func (w *walker) upload(file string) string {
	w.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for k, v := range map[string]string{"form": w.formID("/import"), "kind": "", "dates": ""} {
		if err := m.WriteField(k, v); err != nil {
			w.t.Fatal(err)
		}
	}
	part, err := m.CreateFormFile("file", "danh-sach.csv")
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := io.WriteString(part, file); err != nil {
		w.t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, w.base+"/import", &body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", m.FormDataContentType())
	code, to := w.do(req)
	if code != http.StatusSeeOther {
		w.t.Fatalf("upload: %d: %.500s", code, text(w.page))
	}
	return to
}

// TestRulesAndStaffByForms: a number is set in mL, refused outside its bounds
// in the unit it is shown in, and a new person's code is shown once.
func TestRulesAndStaffByForms(t *testing.T) {
	s := clinictest.New(t)
	srv := serve(t, s)
	w := signedIn(t, srv, s.Nurse, clinictest.NursePIN)
	const key = "/rules/count_tolerance_ul"
	w.get(key, 200)
	page := w.wrong(key, url.Values{"value": {"2000"}, "reason": {"thử"}, "pin": {clinictest.NursePIN}, "act": {"set"}})
	if !strings.Contains(text(page), "1000 (mL)") {
		t.Errorf("the bounds are not said in mL: %.600s", text(page))
	}
	w.send(key, url.Values{"value": {"1,5"}, "reason": {"quyết định của chương trình"}, "pin": {clinictest.NursePIN}, "act": {"set"}})
	w.get("/rules", 200)
	w.says("1,5 mL")
	if v, ok := s.Book().CountTolerance(); !ok || v != 1_500 {
		t.Errorf("tolerance %v, %v", v, ok)
	}
	w.get("/rules/missed", 200)
	w.send("/rules/missed", url.Values{"pin": {clinictest.NursePIN}, "act": {"confirm"}, "reason": {"đã đối chiếu"}})

	w.get("/staff", 200)
	fields := url.Values{"name": {"Cà Thị Mới"}, "duty": {"counsellor"}, "pin": {clinictest.NursePIN}, "form": {w.formID("/staff")}}
	if to := w.post("/staff", fields); to != "" {
		t.Errorf("the code's page went to %s", to)
	}
	w.says("Cà Thị Mới")
	m := regexp.MustCompile(`class="once-code mono">([0-9A-Z]{8})<`).FindStringSubmatch(w.page)
	if m == nil {
		t.Fatalf("no code is shown: %.500s", text(w.page))
	}
	if strings.Contains(w.get("/staff", 200), m[1]) {
		t.Error("the code is shown a second time")
	}
}

// TestFormWithoutItsID: what no page of ours sends is refused.
func TestFormWithoutItsID(t *testing.T) {
	s := clinictest.New(t)
	w := signedIn(t, serve(t, s), s.Nurse, clinictest.NursePIN)
	if to := w.post("/register", url.Values{"name": {"Không Mẫu"}}); to != "" {
		t.Errorf("a form without an id was taken and went to %s", to)
	}
	w.get("/patients", 200)
	if strings.Contains(w.page, "Không Mẫu") {
		t.Error("a person was registered without a form")
	}
}
