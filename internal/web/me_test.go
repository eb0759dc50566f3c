package web

import (
	"net/url"
	"strings"
	"testing"

	"tram/internal/clinic/clinictest"
)

// TestMyPINAndPassword: a person changes their own PIN, sets a password, and
// from then on proves with it, and not with the PIN, what changes who may do
// what or by which numbers. Five wrong PINs call for it at the sign-in page.
func TestMyPINAndPassword(t *testing.T) {
	const pin, password = "380417", "mưa rừng ban mai"
	s := clinictest.New(t)
	srv := serve(t, s)
	w := signedIn(t, srv, s.Nurse, clinictest.NursePIN)
	w.get("/me", 200)
	w.wrong("/me/pin", url.Values{"pin": {clinictest.NursePIN}, "new_pin": {pin}, "new_pin_again": {"380418"}})
	w.says("Hai lần nhập không giống nhau")
	w.wrong("/me/pin", url.Values{"pin": {clinictest.NursePIN}, "new_pin": {"111111"}, "new_pin_again": {"111111"}})
	w.wrong("/me/pin", url.Values{"pin": {pin}, "new_pin": {pin}, "new_pin_again": {pin}})
	w.says("Mã PIN")
	w.send("/me/pin", url.Values{"pin": {clinictest.NursePIN}, "new_pin": {pin}, "new_pin_again": {pin}})

	w.get("/me", 200)
	w.wrong("/me/password", url.Values{"pin": {pin}, "new_password": {"matkhau123"}, "new_password_again": {"matkhau123"}})
	w.send("/me/password", url.Values{"pin": {pin}, "new_password": {password}, "new_password_again": {" " + password}})
	w.get("/me", 200)
	w.says("đã đặt")
	w.wrong("/me/password", url.Values{"pin": {pin}, "password": {"đoán thử xem sao"}, "new_password": {password + " mới"}, "new_password_again": {password + " mới"}})
	w.says("Mật khẩu chưa đúng")

	const rule = "/rules/count_tolerance_ul"
	w.get(rule, 200)
	w.says("Mật khẩu của bạn")
	w.wrong(rule, url.Values{"value": {"1,5"}, "reason": {"thử"}, "pin": {pin}, "act": {"set"}})
	w.send(rule, url.Values{"value": {"1,5"}, "reason": {"thử"}, "pin": {password}, "act": {"set"}})
	w.get("/staff", 200)
	duties := url.Values{"duty": {"dispenser", "physician"}, "act": {"duties"}, "reason": {"thử"}, "pin": {pin}}
	w.wrong("/staff/"+string(s.Assistant.Person), duties)
	duties.Set("pin", password)
	w.send("/staff/"+string(s.Assistant.Person), duties)

	other := &walker{t: t, base: srv.URL, http: w.http}
	signIn := func(fields url.Values) string {
		fields.Set("person", string(s.Nurse.Person))
		fields.Set("station", "1")
		return other.post("/signin", fields)
	}
	for range 5 {
		if to := signIn(url.Values{"pin": {"999111"}}); to != "" {
			t.Fatalf("a wrong PIN went to %s", to)
		}
	}
	other.says("Bây giờ cần mật khẩu")
	if !strings.Contains(other.page, `name="password"`) {
		t.Error("the page asks for no password")
	}
	if to := signIn(url.Values{"pin": {pin}}); to != "" {
		t.Errorf("the PIN alone went to %s", to)
	}
	if to := signIn(url.Values{"pin": {pin}, "password": {password}}); to != "/" {
		t.Errorf("PIN and password went to %q: %.300s", to, text(other.page))
	}
}
