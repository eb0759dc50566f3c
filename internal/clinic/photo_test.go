package clinic_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"testing"

	"tram/internal/access"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/portrait"
)

// picture is a plain picture of one colour, as a browser would send it.
func picture(t *testing.T, c color.Color) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 160, 200))
	for y := range 200 {
		for x := range 160 {
			m.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	must(t, png.Encode(&b, m))
	return b.Bytes()
}

// photos is the portrait on record and how many pictures lie beside the
// journal, which must be those that it names.
func photos(t *testing.T, s *clinictest.Site, p id.Patient) (shown string, n int) {
	t.Helper()
	must(t, s.View(ctx, func(v *clinicdb.View) error {
		row, err := v.Patient(p)
		if err != nil {
			return err
		}
		shown = row.Photo
		n, err = v.CheckPhotos()
		return err
	}))
	return shown, n
}

// TestPhotoComesAndGoes: a portrait is kept with the person's word, a newer one
// takes its place, a withdrawn one is gone from the file; the journal keeps
// what was done.
func TestPhotoComesAndGoes(t *testing.T) {
	s, p := ready(t)
	red, blue := picture(t, color.RGBA{200, 0, 0, 255}), picture(t, color.RGBA{0, 0, 200, 255})
	size := s.Head().Size
	_, err := s.Photograph(ctx, s.Nurse, s.NewForm(), p, red, false)
	wantRule(t, err, "PATIENT-16")
	_, err = s.Photograph(ctx, s.Nurse, s.NewForm(), p, red[:len(red)/2], true)
	wantRule(t, err, "PATIENT-20")
	_, err = s.Photograph(ctx, s.Nurse, s.NewForm(), "nosuchone", red, true)
	wantRule(t, err, "PATIENT-13")
	if shown, n := photos(t, s, p); shown != "" || n != 0 || s.Head().Size != size {
		t.Fatalf("after refusals: %q, %d pictures, %d entries more", shown, n, s.Head().Size-size)
	}
	form := s.NewForm()
	f, err := s.Photograph(ctx, s.Nurse, form, p, red, true)
	must(t, err)
	again, err := s.Photograph(ctx, s.Nurse, form, p, red, true)
	if err != nil || again != f || !f.Agreed {
		t.Fatalf("sent again: %+v, %v", again, err)
	}
	_, err = s.Photograph(ctx, s.Nurse, form, p, blue, true)
	wantRule(t, err, "FORM-01")
	pic, err := s.Photo(ctx, s.Nurse, access.SeeWindow, p, "window", f.Hash)
	if err != nil || portrait.Hash(pic) != f.Hash || len(pic) != f.Bytes {
		t.Fatalf("%d bytes, %v", len(pic), err)
	}
	newer, err := s.Photograph(ctx, s.Doctor, s.NewForm(), p, blue, true)
	must(t, err)
	if shown, n := photos(t, s, p); shown != newer.Hash || n != 1 {
		t.Fatalf("shown is %q of %d pictures, want the newer one alone", shown, n)
	}
	if _, err := s.Photo(ctx, s.Nurse, access.SeeWindow, p, "window", f.Hash); !errors.Is(err, clinicdb.ErrNotFound) {
		t.Fatalf("the older picture answered %v", err)
	}
	_, err = s.WithdrawPhoto(ctx, s.Nurse, s.NewForm(), p, f.Hash)
	wantRule(t, err, "PATIENT-17")
	form = s.NewForm()
	must(t, err1(s.WithdrawPhoto(ctx, s.Nurse, form, p, newer.Hash)))
	must(t, err1(s.WithdrawPhoto(ctx, s.Nurse, form, p, newer.Hash)))
	if shown, n := photos(t, s, p); shown != "" || n != 0 {
		t.Fatalf("after it was withdrawn: %q, %d pictures", shown, n)
	}
	must(t, err1(s.Photograph(ctx, s.Nurse, s.NewForm(), p, blue, true))) // the person thought about it again
	must(t, s.Rebuild(nil))
	if shown, n := photos(t, s, p); shown != newer.Hash || n != 1 {
		t.Fatalf("after a rebuild: %q, %d pictures", shown, n)
	}
}

// TestOnePictureOfTwo: a picture that two records show goes with the last of
// them.
func TestOnePictureOfTwo(t *testing.T) {
	s, p := ready(t)
	other, red := s.Patient("Vàng A Nhì", 20*mg), picture(t, color.RGBA{200, 0, 0, 255})
	f, err := s.Photograph(ctx, s.Nurse, s.NewForm(), p, red, true)
	must(t, err)
	must(t, err1(s.Photograph(ctx, s.Nurse, s.NewForm(), other, red, true)))
	must(t, err1(s.WithdrawPhoto(ctx, s.Nurse, s.NewForm(), p, f.Hash)))
	if shown, n := photos(t, s, other); shown != f.Hash || n != 1 {
		t.Fatalf("the other is shown by %q of %d", shown, n)
	}
	must(t, err1(s.WithdrawPhoto(ctx, s.Nurse, s.NewForm(), other, f.Hash)))
	if _, n := photos(t, s, other); n != 0 {
		t.Fatalf("%d pictures stay", n)
	}
}

// TestPhotoIsPartOfTheRecord: who may not see the record does not see the
// picture, nobody takes one without the duty, and a look leaves its trace.
func TestPhotoIsPartOfTheRecord(t *testing.T) {
	s, p := ready(t)
	f, err := s.Photograph(ctx, s.Nurse, s.NewForm(), p, picture(t, color.Black), true)
	must(t, err)
	inspector, _, err := s.Enrol(ctx, s.Nurse, s.NewForm(), "Điêu Chính Kiểm", []duty.Duty{duty.Inspector}, clinictest.NursePIN)
	must(t, err)
	by := access.Actor{Person: inspector.Person}
	for _, a := range []access.Action{access.SeeWindow, access.SeeRecord} {
		_, err := s.Photo(ctx, by, a, p, "window", f.Hash)
		wantRule(t, err, "ACCESS-02")
		_, err = s.Photo(ctx, access.Actor{}, a, p, "window", f.Hash)
		wantRule(t, err, "ACCESS-01")
	}
	_, err = s.Photograph(ctx, by, s.NewForm(), p, picture(t, color.White), true)
	wantRule(t, err, "ACCESS-02")
	_, err = s.WithdrawPhoto(ctx, by, s.NewForm(), p, f.Hash)
	wantRule(t, err, "ACCESS-02")
	size := s.Head().Size
	must(t, err1(s.Photo(ctx, s.Doctor, access.SeeRecord, p, "record", f.Hash)))
	must(t, err1(s.Photo(ctx, s.Doctor, access.SeeRecord, p, "record", f.Hash)))
	if got := s.Head().Size - size; got != 1 {
		t.Errorf("two looks in a row left %d traces, want one", got)
	}
}

// TestWithdrawnAfterTheCopy: a picture that a restore brought back, and whose
// withdrawal came after the copy, is gone once the site is open.
func TestWithdrawnAfterTheCopy(t *testing.T) {
	s, p := ready(t)
	pic, err := portrait.Make(picture(t, color.Black))
	must(t, err)
	must(t, s.DB.Write(func(tx *clinicdb.Tx) error { return tx.KeepPhoto(pic) }))
	must(t, s.View(ctx, func(v *clinicdb.View) error {
		if _, err := v.CheckPhotos(); !errors.Is(err, clinicdb.ErrPhoto) {
			t.Errorf("a picture of nobody: %v", err)
		}
		return nil
	}))
	must(t, s.Reopen())
	if shown, n := photos(t, s, p); shown != "" || n != 0 {
		t.Errorf("%q of %d", shown, n)
	}
}

// TestPhotoWholeOrNot: whichever write fails, the fact and its picture are both
// there after the restart, or neither.
func TestPhotoWholeOrNot(t *testing.T) {
	red := picture(t, color.RGBA{200, 0, 0, 255})
	for _, stored := range []bool{false, true} {
		failed := 0
		for n := 1; ; n++ {
			s, d, p := diskSite(t)
			d.FailAt(n, stored)
			f, err := s.Photograph(ctx, s.Nurse, s.NewForm(), p, red, true)
			if !d.Failed() {
				_ = s.Close()
				break
			}
			failed++
			d.FailAt(1<<40, false)
			must(t, s.Reopen())
			shown, have := photos(t, s, p) // compares them, too
			if (shown != "") != (have == 1) || (err == nil && shown != f.Hash) {
				t.Fatalf("operation %d (reached the disk: %v): %v; shown %q of %d", n, stored, err, shown, have)
			}
			_ = s.Close()
		}
		if failed < 2 {
			t.Fatalf("only %d operations failed; the test does not reach the disk", failed)
		}
	}
}
