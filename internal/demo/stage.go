package demo

import (
	"context"
	"fmt"

	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/stability"
	"tram/internal/care/transfer"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/id"
)

// away is the satellite from which somebody is at the main clinic this morning.
const away = "TG"

// tested is how far the tests lie before and after the letter.
const tested = day.Instant(600_000)

// stageReturn makes one person of a satellite be at the main clinic on the first
// morning: sent there yesterday after a urine test, and tested again there with
// nothing found. Both sites then propose the return. It is made once, with the
// main clinic, at a satellite where nothing was recorded since its history, and
// is no more real than they are.
func stageReturn(ctx context.Context, sites []*Site) error {
	var main, from *Site
	for _, s := range sites {
		switch s.Site().Site {
		case Main:
			main = s
		case away:
			from = s
		}
	}
	if main == nil || from == nil || !main.Made || from.Last != main.Last {
		return nil
	}
	at := from.Zone().At(from.Last, 17, 30)
	if from.Head().LastHLC.Instant() >= at-tested {
		return nil
	}
	who, carried, err := from.toSend(ctx)
	if err != nil || who == "" {
		return err
	}
	letter := id.Letter(who) // nobody else has a letter of this name
	given := transfer.Given{Letter: letter, Patient: who, To: Main, First: from.Last + 1, Why: transfer.ForGood, Number: 1, Bytes: []byte{}}
	err = from.SeedInvented(ctx, []clinic.Seed{
		{At: at - tested, By: from.one(duty.Physician), Fact: patient.UrineTested{Patient: who, Day: from.Last - 1, Found: []string{"opiates"}, Method: "observed"}},
		{At: at, By: from.one(duty.Physician), Fact: given},
	}, func(int, int) {})
	if err != nil {
		return err
	}
	taken := transfer.Accepted{
		Letter: letter, Patient: who, From: away, Number: 1, First: given.First, Why: given.Why, Bytes: []byte{}, Carried: carried,
	}
	doctor := main.one(duty.Physician)
	return main.SeedInvented(ctx, []clinic.Seed{
		{At: at, By: doctor, Fact: taken},
		{At: at + tested, By: doctor, Fact: patient.UrineTested{Patient: who, Day: main.Last, Found: []string{}, Method: "observed"}},
	}, func(int, int) {})
}

// toSend is somebody of a satellite whose treatment is stable, with what a
// letter tells; "" where there is nobody.
func (s *Site) toSend(ctx context.Context) (who id.Patient, c transfer.Carried, err error) {
	err = s.View(ctx, func(v *clinicdb.View) error {
		people, err := v.PatientsInCare()
		if err != nil {
			return fmt.Errorf("read the patients: %w", err)
		}
		for _, row := range people {
			said, _, err := s.StabilityOf(v, row)
			if err != nil {
				return err
			}
			orders, err := v.Orders(row.Patient)
			if err != nil {
				return fmt.Errorf("read orders of %s: %w", row.Patient, err)
			}
			in, no := order.InForce(orders, s.Last+1)
			if no != nil || in.Last < s.Last+7 || said.Answer.Kind != stability.Stable {
				continue
			}
			d := row.Details
			who, c = row.Patient, transfer.Carried{
				LastDay: row.LastDay, LastAmount: row.LastAmount, LastAt: row.LastAt, Order: in.Order, Amount: in.Amount, OrderLast: in.Last,
				Code: row.Code, Name: d.Name, Birth: d.Birth, Sex: string(d.Sex), Language: d.Language, Note: d.Note,
			}
			return nil
		}
		return nil
	})
	return who, c, err
}

// one is somebody of the staff with a duty.
func (s *Site) one(d duty.Duty) id.Person {
	for _, p := range s.People {
		if duty.Has(p.Duties, d) {
			return p.Person
		}
	}
	return ""
}
