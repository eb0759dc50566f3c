package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"

	"tram/internal/access"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	page "tram/internal/web/pages/patient"
	"tram/internal/web/pages/typed"
)

// recordPhoto and windowPhoto send a portrait to the page that shows it. Both
// names stand in the address and no other: a browser remembers addresses.
func (a *ask) recordPhoto() error { return a.sendPhoto(access.SeeRecord, "record") }

func (a *ask) windowPhoto() error { return a.sendPhoto(access.SeeWindow, "window") }

func (a *ask) sendPhoto(act access.Action, part string) error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	pic, err := a.c.Photo(a.ctx(), a.by, act, p, part, a.r.PathValue("hash"))
	if err != nil {
		return err
	}
	h := a.w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Length", strconv.Itoa(len(pic)))
	_, _ = a.w.Write(pic) // the browser went away: nothing to do for it
	return nil
}

// photoOf is the address of a person's portrait for the record's pages; "" where
// there is none, where it was lost, and where whoever asks may not see it.
func (a *ask) photoOf(v *clinicdb.View, row clinicdb.Patient) (string, error) {
	here, err := v.HasPhoto(row.Photo)
	if err != nil || !here {
		return "", err
	}
	switch rel := clinic.Relation(row); {
	case a.may(access.SeeRecord, rel):
		return "/patient/" + string(row.Patient) + "/photo/" + row.Photo, nil
	case a.may(access.SeeWindow, rel):
		return "/window/photo/" + string(row.Patient) + "/" + row.Photo, nil
	}
	return "", nil
}

func (a *ask) takePhoto() error { return a.showPhoto(a.fresh(), a.fresh()) }

func (a *ask) showPhoto(take, withdraw typed.Form) error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	row, err := a.c.See(a.ctx(), a.by, access.ChangePatient, p, "photo", "")
	if err != nil {
		return err
	}
	pg := page.PhotoPage{
		Shell: a.shell("patients", a.p.T("patient.photo.title")), Patient: person(row), Hash: row.Photo, Since: row.PhotoDay, Take: take, Withdraw: withdraw,
		Record: a.may(access.SeeRecord, clinic.Relation(row)),
	}
	err = a.c.View(a.ctx(), func(v *clinicdb.View) error {
		here, err := v.HasPhoto(row.Photo)
		if err != nil {
			return err
		}
		pg.Lost = row.Photo != "" && !here
		pg.Patient.Photo, err = a.photoOf(v, row)
		return err
	})
	if err != nil {
		return err
	}
	return a.show(status(take, withdraw), page.TakePhoto(pg))
}

func (a *ask) postPhoto() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	f := a.typed()
	agreed := slices.Contains(a.keep(&f, "agreed"), "yes")
	upload, err := a.picture()
	if errors.Is(err, http.ErrMissingFile) || (err == nil && len(upload) == 0) {
		f.Wrong("file", a.p.T("patient.photo.no_file"))
		return a.showPhoto(f, a.fresh())
	}
	if err != nil {
		return err
	}
	if _, err = a.c.Photograph(a.ctx(), a.by, f.ID, p, upload, agreed); err == nil {
		return a.done("/patient/"+string(p)+"/photo", "patient.done.photo")
	}
	if !a.refused(&f, err, "") {
		return err
	}
	return a.showPhoto(f, a.fresh())
}

// picture is the file that was sent; its name and what the browser believes it
// is are worth nothing.
func (a *ask) picture() ([]byte, error) {
	file, _, err := a.r.FormFile("file")
	if err != nil {
		return nil, fmt.Errorf("take the picture: %w", err)
	}
	b, err := io.ReadAll(io.LimitReader(file, photoMax))
	if errClose := file.Close(); err == nil {
		err = errClose
	}
	if err != nil {
		return nil, fmt.Errorf("read the picture: %w", err)
	}
	return b, nil
}

func (a *ask) postWithdrawPhoto() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	f := a.typed()
	if _, err = a.c.WithdrawPhoto(a.ctx(), a.by, f.ID, p, a.val("hash")); err == nil {
		return a.done("/patient/"+string(p)+"/photo", "patient.done.photo_gone")
	}
	if !a.refused(&f, err, "") {
		return err
	}
	return a.showPhoto(a.fresh(), f)
}
