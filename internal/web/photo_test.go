package web

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"

	"tram/internal/access"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/portrait"
)

func pngOf(t *testing.T, c color.Color) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 200, 250))
	for y := range 250 {
		for x := range 200 {
			m.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// photo is the name of the portrait on record; what lies beside the journal must
// be what it names.
func (h *house) photo(p id.Patient) (hash string) {
	h.t.Helper()
	err := h.View(context.Background(), func(v *clinicdb.View) error {
		row, err := v.Patient(p)
		if err != nil {
			return err
		}
		hash = row.Photo
		_, err = v.CheckPhotos()
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return hash
}

// sendPhoto sends a picture under a name, as a browser without scripts does.
func (b *browser) sendPhoto(p id.Patient, name string, pic []byte, agreed bool) {
	b.h.t.Helper()
	action := "/patient/" + string(p) + "/photo"
	b.get(action)
	fields, ok := formOf(b.raw, action)
	if !ok {
		b.h.t.Fatalf("no form to %s:\n%s", action, b.text())
	}
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	err := m.WriteField("form", fields.Get("form"))
	if err == nil && agreed {
		err = m.WriteField("agreed", "yes")
	}
	if err == nil && name != "" {
		var part io.Writer
		if part, err = m.CreateFormFile("file", name); err == nil {
			_, err = part.Write(pic)
		}
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		b.h.t.Fatal(err)
	}
	b.sendBody(action, m.FormDataContentType(), &body)
}

func (b *browser) sendBody(path, kind string, body io.Reader) {
	b.h.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.h.srv.URL+path, body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	b.do(r)
}

// TestPhotoWithoutScripts keeps a picture sent as a file, shows it at the window
// and in the record, and takes it away.
func TestPhotoWithoutScripts(t *testing.T) {
	h, p := morning(t)
	b := h.nurse()
	b.get("/patient/" + string(p) + "/photo")
	b.shows("Chưa có ảnh")
	b.sendPhoto(p, "a.png", pngOf(t, color.RGBA{0, 90, 90, 255}), true)
	b.shows("Đã lưu ảnh", "Dùng từ ngày 02/11/2026")
	hash := h.photo(p)
	record, atWindow := "/patient/"+string(p)+"/photo/"+hash, "/window/photo/"+string(p)+"/"+hash
	for page, address := range map[string]string{"/patient/" + string(p): record, "/patient/" + string(p) + "/photo": record} {
		b.get(page)
		if !strings.Contains(b.raw, `src="`+address+`"`) || !strings.Contains(b.page, `alt="Ảnh của Lò Văn Thương"`) {
			t.Errorf("%s does not show the photo", page)
		}
	}
	b.get("/window")
	b.send("/window/open", "patient", string(p))
	if !strings.Contains(b.raw, `src="`+atWindow+`"`) {
		t.Error("the window does not show the photo")
	}
	for _, address := range []string{record, atWindow} {
		res, err := b.client.Get(h.srv.URL + address)
		if err != nil {
			t.Fatal(err)
		}
		pic, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK || portrait.Hash(pic) != hash {
			t.Fatalf("%s answered %d, %d bytes, %v", address, res.StatusCode, len(pic), err)
		}
		if m, err := jpeg.DecodeConfig(bytes.NewReader(pic)); err != nil || m.Width != 200 || m.Height != 250 {
			t.Errorf("%s: %d × %d, %v", address, m.Width, m.Height, err)
		}
		for k, want := range map[string]string{"Content-Type": "image/jpeg", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"} {
			if got := res.Header.Get(k); got != want {
				t.Errorf("%s: %s is %q, want %q", address, k, got, want)
			}
		}
	}
	b.get("/patient/" + string(p) + "/photo")
	b.send("/patient/" + string(p) + "/photo/withdraw")
	b.shows("Đã gỡ và xóa ảnh", "Chưa có ảnh")
	b.get(record)
	if b.status != http.StatusNotFound {
		t.Errorf("a withdrawn photo answered %d", b.status)
	}
	b.get("/window")
	b.shows("LT") // the initials are back
}

// TestPhotoAddresses: a picture is sent to who may see that part of the record,
// under the patient whose it is, and to nobody else.
func TestPhotoAddresses(t *testing.T) {
	h, p := morning(t)
	other := h.Patient("Quàng Thị Sơ", 20_000)
	f, err := h.Photograph(context.Background(), h.Nurse, h.NewForm(), p, pngOf(t, color.Black), true)
	if err != nil {
		t.Fatal(err)
	}
	inspector, code, err := h.Enrol(context.Background(), h.Nurse, h.NewForm(), "Điêu Chính Kiểm", []duty.Duty{duty.Inspector}, clinictest.NursePIN)
	if err == nil {
		err = h.SetPIN(context.Background(), inspector.Person, "", code, "739105")
	}
	if err != nil {
		t.Fatal(err)
	}
	addresses := func(p id.Patient, hash string) []string {
		return []string{"/patient/" + string(p) + "/photo/" + hash, "/window/photo/" + string(p) + "/" + hash}
	}
	want := func(b *browser, who string, status int, list []string) {
		t.Helper()
		for _, a := range list {
			if b.get(a); b.status != status {
				t.Errorf("%s: %s answered %d, want %d", who, a, b.status, status)
			}
		}
	}
	nurse := h.nurse()
	want(nurse, "the nurse", 200, addresses(p, f.Hash))
	want(nurse, "under another patient", 404, addresses(other, f.Hash))
	want(nurse, "another picture", 404, addresses(p, strings.Repeat("0", 64)))
	want(nurse, "no name", 404, addresses(p, "%2e%2e"))
	want(h.signedIn(access.Actor{Person: inspector.Person}, "739105", "2"), "an inspector", 403, addresses(p, f.Hash))
	want(h.browser(), "nobody signed in", 401, addresses(p, f.Hash))
}

// TestPhotoRefused: whatever is no picture of ours is refused beside its field,
// in words, and nothing is kept.
func TestPhotoRefused(t *testing.T) {
	h, p := morning(t)
	good := pngOf(t, color.White)
	size := h.Head().Size
	b := h.nurse()
	signedIn := h.Head().Size - size
	head := "IHDR\x00\x00\xc3\x50\x00\x00\xc3\x50\x08\x02\x00\x00\x00"
	bomb := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"+head), crc32.ChecksumIEEE([]byte(head)))
	for _, x := range []struct {
		name, file, says string
		pic              []byte
		agreed           bool
	}{
		{"no word of the person", "a.png", "Chưa có sự đồng ý của người bệnh", good, false},
		{"no file", "", "Hãy chụp hoặc chọn một ảnh", nil, true},
		{"an empty file", "a.png", "Hãy chụp hoặc chọn một ảnh", nil, true},
		{"a page named .png", "a.png", "Tệp này không phải ảnh JPEG hay PNG", []byte("<!doctype html><script>alert(1)</script>"), true},
		{"a PDF named .jpg", "a.jpg", "Tệp này không phải ảnh JPEG hay PNG", []byte("%PDF-1.7"), true},
		{"a program named .png", "a.png", "Tệp này không phải ảnh JPEG hay PNG", []byte("MZ\x90\x00\x03"), true},
		{"an SVG", "a.svg", "Tệp này không phải ảnh JPEG hay PNG", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), true},
		{"a header of 50,000 × 50,000", "a.png", "Ảnh quá lớn: nhiều nhất 40 triệu điểm ảnh", bomb, true},
		{"a picture cut off", "../../a.png", "Tệp ảnh bị hỏng hoặc thiếu một phần", good[:len(good)-20], true},
	} {
		b.sendPhoto(p, x.file, x.pic, x.agreed)
		if b.status != http.StatusUnprocessableEntity {
			t.Errorf("%s answered %d", x.name, b.status)
		}
		b.shows(x.says)
		if h.photo(p) != "" {
			t.Fatalf("%s was kept", x.name)
		}
	}
	if got := h.Head().Size - size - signedIn; got != 1 {
		t.Errorf("refusals left %d entries, want the one look at the page", got)
	}
}

// TestPhotoTooLarge: more than a photo can have is refused in words once it was
// sent, and lies in no file; of who is not signed in nothing is read.
func TestPhotoTooLarge(t *testing.T) {
	tmp := t.TempDir()
	h, p := morning(t)
	t.Setenv("TMPDIR", tmp)
	b := h.nurse()
	b.sendPhoto(p, "a.png", make([]byte, photoMax+1), true)
	if b.status != http.StatusRequestEntityTooLarge {
		t.Fatalf("answered %d", b.status)
	}
	b.shows("một ảnh nhiều nhất 12 MB")
	b.sendPhoto(p, "a.png", append(pngOf(t, color.White), make([]byte, photoMax-4096)...), true) // what follows a picture is dropped
	b.shows("Đã lưu ảnh")
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left in the folder for temporary files: %v, %v", left, err)
	}
	nobody := h.browser()
	nobody.sendBody("/patient/"+string(p)+"/photo", "multipart/form-data; boundary=x", strings.NewReader("no form at all"))
	if nobody.path != "/signin" {
		t.Errorf("a stranger's upload led to %s", nobody.path)
	}
}

// TestLostPhoto: one that is named and not here, as after a restore from an
// older copy, is said to be lost; the window goes on with the initials.
func TestLostPhoto(t *testing.T) {
	h, p := morning(t)
	if _, err := h.Photograph(context.Background(), h.Nurse, h.NewForm(), p, pngOf(t, color.Black), true); err != nil {
		t.Fatal(err)
	}
	err := h.DB.Write(func(tx *clinicdb.Tx) error {
		return tx.Conn().Script(`DROP TRIGGER blobs_no_delete; DELETE FROM blobs`)
	})
	if err != nil {
		t.Fatal(err)
	}
	b := h.nurse()
	b.get("/patient/" + string(p) + "/photo")
	b.shows("Ảnh không còn trong máy")
	b.get("/window")
	b.send("/window/open", "patient", string(p))
	b.shows("LT", "Rót 30 mg = 3 mL")
	b.lacks("Ảnh của")
	if strings.Contains(b.raw, "/window/photo/") {
		t.Error("a lost photo is asked for")
	}
	b.get("/patient/" + string(p) + "/photo")
	b.send("/patient/" + string(p) + "/photo/withdraw")
	b.shows("Đã gỡ và xóa ảnh")
}
