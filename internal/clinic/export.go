package clinic

import (
	"context"
	"errors"
	"fmt"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/intake"
)

// Export gives the rows of one kind as import takes them, after the person has
// proven who they are, and leaves its trace before anything is handed out.
func (c *Clinic) Export(ctx context.Context, by access.Actor, what intake.Kind, pin string) (intake.Rows, error) {
	rows := intake.Rows{Kind: what}
	if err := c.stepUpHigh(ctx, by, pin); err != nil {
		return rows, err
	}
	_, err := c.run(ctx, &act{by: by, decide: func(t *turn) ([]any, error) {
		if err := t.allow(access.ExportFiles, access.Former); err != nil {
			return nil, err
		}
		return []any{access.Printed{Paper: "export", About: string(what)}}, nil
	}})
	if err != nil {
		return rows, err
	}
	err = c.db.View(ctx, func(v *clinicdb.View) error {
		switch what {
		case intake.Stock:
			return bottleRows(v, &rows)
		case intake.Patients, intake.Orders, intake.Doses:
			return c.peopleRows(v, &rows)
		}
		return fmt.Errorf("export %q: there is no such table", what)
	})
	return rows, err
}

func bottleRows(v *clinicdb.View, rows *intake.Rows) error {
	all, err := v.Bottles()
	if err != nil {
		return fmt.Errorf("read the bottles: %w", err)
	}
	for _, b := range all {
		state := "sealed"
		switch {
		case b.Finished:
			state = "finished"
		case b.Opened != day.Never:
			state = "open"
		}
		rows.Bottles = append(rows.Bottles, intake.BottleRow{
			Code: b.Code, Product: b.Product, Lot: b.Lot, Expiry: b.Expiry, Strength: b.Strength, Size: b.Size, Left: b.Left, Opened: b.Opened, State: state,
		})
	}
	return nil
}

func (c *Clinic) peopleRows(v *clinicdb.View, rows *intake.Rows) error {
	all, err := v.PatientsAll()
	if err != nil {
		return fmt.Errorf("read the patients: %w", err)
	}
	for _, p := range all {
		switch rows.Kind {
		case intake.Patients:
			d := p.Details
			rows.Patients = append(rows.Patients, intake.PatientRow{
				Code: p.Code, Name: d.Name, Sex: string(d.Sex), Birth: d.Birth, Ethnic: d.Ethnic, Commune: d.Commune, Village: d.Village,
				Phone: d.Phone, Identity: d.Identity, Language: d.Language, Note: d.Note,
			})
		case intake.Orders:
			err = orderRows(v, p.Patient, p.Code, rows)
		default:
			err = doseRows(v, p.Patient, p.Code, c.Today(), rows)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// orderRows are a patient's orders; what keeps one from being in force stands
// in its note.
func orderRows(v *clinicdb.View, p id.Patient, code string, rows *intake.Rows) error {
	all, err := v.Orders(p)
	if err != nil && !errors.Is(err, clinicdb.ErrNotFound) {
		return fmt.Errorf("read the orders of %s: %w", p, err)
	}
	for _, o := range all {
		r := intake.OrderRow{Code: code, Amount: o.Amount, First: o.First, Last: o.Last, Phase: string(o.Phase), Note: o.Reason}
		if o.StoppedFrom != day.Never {
			r.Last = max(o.First, min(o.Last, o.StoppedFrom-1))
		}
		if !o.Signed || o.StoppedFrom != day.Never && o.StoppedFrom <= o.First {
			r.Note = unsigned(o) + r.Note
		}
		rows.Orders = append(rows.Orders, r)
	}
	return nil
}

func unsigned(o order.Standing) string {
	if !o.Signed {
		return "[not signed] "
	}
	return "[stopped before it began] "
}

// doseRows are the doses that a patient took, whole or in part. A cup of which
// nobody knows is written as poured and says so.
func doseRows(v *clinicdb.View, p id.Patient, code string, today day.Day, rows *intake.Rows) error {
	all, err := v.DosesOf(p, day.Never+1, today)
	if err != nil {
		return fmt.Errorf("read the doses of %s: %w", p, err)
	}
	for _, e := range all {
		r := intake.DoseRow{Code: code, Day: e.Day, Amount: e.Taken, Volume: e.Volume}
		switch e.Outcome {
		case dose.NotTaken:
			continue
		case dose.PartOnly:
			r.Volume, r.Note = 0, "[in part]"
		case dose.PouredOnly, dose.Unknown:
			r.Amount, r.Note = e.Amount, "["+string(e.Outcome)+"]"
		}
		rows.Doses = append(rows.Doses, r)
	}
	return nil
}
