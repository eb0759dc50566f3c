package clinic

import (
	"context"
	"fmt"

	"tram/internal/access"
	"tram/internal/care/patient"
	"tram/internal/clinicdb"
	"tram/internal/id"
	"tram/internal/portrait"
)

// Photograph makes a portrait of an uploaded picture and keeps it: the person
// is known by it at the window from now on, and one kept before is taken away.
// agreed is that the person said yes. The picture and the fact that names it
// are one transaction.
func (c *Clinic) Photograph(ctx context.Context, by access.Actor, form id.Form, p id.Patient, upload []byte, agreed bool) (patient.Photographed, error) {
	if err := c.mayPhotograph(ctx, by, p); err != nil {
		return patient.Photographed{}, err
	}
	pic, err := c.portrait(upload)
	if err != nil {
		return patient.Photographed{}, err
	}
	hash, before := portrait.Hash(pic), ""
	return do[patient.Photographed](ctx, c, &act{by: by, form: form, same: as(func(f patient.Photographed) bool {
		return f.Patient == p && f.Hash == hash
	}), decide: func(t *turn) ([]any, error) {
		row, err := t.patient(access.ChangePatient, p)
		if err != nil {
			return nil, err
		}
		before = row.Photo
		return facts(patient.DecidePhoto(p, hash, len(pic), agreed))
	}, local: func(tx *clinicdb.Tx) error {
		if err := tx.KeepPhoto(pic); err != nil {
			return err
		}
		return tx.DropPhoto(before)
	}})
}

// mayPhotograph refuses before a picture is decoded for nothing.
func (c *Clinic) mayPhotograph(ctx context.Context, by access.Actor, p id.Patient) error {
	return c.db.View(ctx, func(v *clinicdb.View) error {
		t := turn{tx: &clinicdb.Tx{View: *v}, by: c.present(by), c: c}
		_, err := t.patient(access.ChangePatient, p)
		return err
	})
}

// portrait makes one portrait at a time: a large picture takes much memory
// while it is decoded, and clinics' PCs have little.
func (c *Clinic) portrait(upload []byte) ([]byte, error) {
	c.making.Lock()
	defer c.making.Unlock()
	return portrait.Make(upload)
}

// WithdrawPhoto takes away the portrait that was shown, for good.
func (c *Clinic) WithdrawPhoto(ctx context.Context, by access.Actor, form id.Form, p id.Patient, shown string) (patient.PhotoWithdrawn, error) {
	return do[patient.PhotoWithdrawn](ctx, c, &act{by: by, form: form, same: as(func(f patient.PhotoWithdrawn) bool {
		return f.Patient == p && f.Hash == shown
	}), decide: func(t *turn) ([]any, error) {
		row, err := t.patient(access.ChangePatient, p)
		if err != nil {
			return nil, err
		}
		return facts(patient.DecideWithdraw(p, row.Photo, shown))
	}, local: func(tx *clinicdb.Tx) error { return tx.DropPhoto(shown) }})
}

// Photo is the portrait of a person, for who may see that part of the record
// and looks at it; the look leaves the same trace. clinicdb.ErrNotFound: the
// person has no such portrait, or it was lost.
func (c *Clinic) Photo(ctx context.Context, by access.Actor, action access.Action, p id.Patient, part, hash string) ([]byte, error) {
	row, err := c.See(ctx, by, action, p, part, "")
	if err != nil {
		return nil, err
	}
	if row.Photo == "" || row.Photo != hash {
		return nil, clinicdb.ErrNotFound
	}
	var pic []byte
	err = c.db.View(ctx, func(v *clinicdb.View) error {
		if pic, err = v.Photo(hash); err != nil {
			return fmt.Errorf("photo of %s: %w", p, err)
		}
		return nil
	})
	return pic, err
}

// dropUnshown takes away pictures that a restore brought back: they were in the
// copy, and what was restored on top of it withdrew them.
func (c *Clinic) dropUnshown(ctx context.Context) error {
	var left []string
	err := c.db.View(ctx, func(v *clinicdb.View) (err error) {
		left, err = v.UnshownPhotos()
		return err
	})
	if err != nil || len(left) == 0 {
		return err
	}
	return c.db.Write(func(tx *clinicdb.Tx) error {
		for _, hash := range left {
			if err := tx.DropPhoto(hash); err != nil {
				return err
			}
		}
		return nil
	})
}
