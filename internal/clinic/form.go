package clinic

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/fact"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/reason"
	"tram/internal/rulebook"
)

// sameAct says whether the first fact that a form was answered with is the fact
// of what is asked now. A form is one act: sent twice it is answered once, and
// sent again with other contents it is refused, because "recorded" would then
// be said of something that is not on record.
type sameAct func(tx *clinicdb.Tx, first any) (bool, error)

// as is the sameAct of acts whose first fact tells all that was asked; another
// kind of fact is another act.
func as[T any](same func(T) bool) sameAct {
	return func(_ *clinicdb.Tx, first any) (bool, error) {
		f, ok := first.(T)
		return ok && same(f), nil
	}
}

// again answers a form that was answered before with the fact of then. Only
// the same person gets it, and only for the same act (FORM-01).
func (c *Clinic) again(tx *clinicdb.Tx, a *act) (done bool, err error) {
	if a.form == "" {
		return false, nil
	}
	seq, ok, err := tx.FormSeq(a.form)
	if err != nil || !ok {
		return false, err
	}
	e, err := journal.Get(tx.Conn(), c.site.Site, seq)
	if err != nil {
		return false, fmt.Errorf("entry %d of a form sent again: %w", seq, err)
	}
	v, err := fact.Decode(e.Kind, e.Fact)
	if err != nil {
		return false, err
	}
	same := false
	if e.By == a.by.Person {
		if same, err = a.same(tx, v); err != nil {
			return false, fmt.Errorf("compare with entry %d of a form sent again: %w", seq, err)
		}
	}
	if !same {
		return true, reason.Refuse("FORM-01")
	}
	a.facts, a.again = []any{v}, true
	return true, nil
}

// alike compares two typed texts as a person would: blanks at the ends, doubled
// blanks and the order of marks make no difference.
func alike(a, b string) bool { return plainText(a) == plainText(b) }

func plainText(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }

// alikeAll is alike for lists.
func alikeAll(a, b []string) bool {
	return plainText(strings.Join(a, "\n")) == plainText(strings.Join(b, "\n"))
}

// sameAnswer compares an answer to a gap, and the order that came with it.
func sameAnswer(cmd GapAnswer) sameAct {
	return func(tx *clinicdb.Tx, first any) (bool, error) {
		f, ok := first.(dose.GapAnswered)
		if !ok || f.Patient != cmd.Patient || f.Action != cmd.Action || !alike(f.Reason, cmd.Reason) {
			return false, nil
		}
		if f.Order == "" {
			return true, nil
		}
		o, err := tx.Order(f.Order)
		return err == nil && o.Amount == cmd.Amount && o.Last-o.First == day.Day(max(cmd.Days, 1))-1, err
	}
}

// sameOrder compares an order with the one that was written; whether it was
// signed with it counts, because "signed" is what is answered.
func sameOrder(cmd order.Write, signed bool) sameAct {
	return func(tx *clinicdb.Tx, first any) (bool, error) {
		f, ok := first.(order.Written)
		if !ok || f.Patient != cmd.Patient || f.Phase != cmd.Phase || f.Amount != cmd.Amount || f.First != cmd.First || f.Last != cmd.Last || !alike(f.Reason, cmd.Reason) {
			return false, nil
		}
		o, err := tx.Order(f.Order)
		return err == nil && (o.Signed || !signed), err
	}
}

// sameSignatures compares the orders chosen now with those that were signed:
// each of them is.
func sameSignatures(ids []id.Order) sameAct {
	return func(tx *clinicdb.Tx, first any) (bool, error) {
		f, ok := first.(order.Signed)
		if !ok || f.Order != ids[0] {
			return false, nil
		}
		for _, one := range ids {
			o, err := tx.Order(one)
			if err != nil || !o.Signed {
				return false, err
			}
		}
		return true, nil
	}
}

// sameRules compares what is asked for with the first number that was recorded.
func sameRules(asks []rulebook.Confirm) sameAct {
	return as(func(f rulebook.Confirmed) bool {
		a := asks[0]
		return f.Key == a.Key && f.Unset == a.Unset && reflect.DeepEqual(f.Value, a.Value) && alike(f.Reason, a.Reason) &&
			reflect.DeepEqual(f.Missed, a.Missed) && reflect.DeepEqual(f.Vomited, a.Vomited)
	})
}

// sameImport says whether the first fact came from one of the files.
func sameImport(cmd Import) sameAct {
	return func(_ *clinicdb.Tx, first any) (bool, error) {
		source := ""
		switch f := first.(type) {
		case patient.Registered:
			source = f.Source
		case dose.Recorded:
			source = f.Source
		case order.Written:
			return f.Imported, nil // a prescription keeps no file; its rows are compared one by one anyway
		}
		for _, f := range cmd.Files {
			if strings.HasPrefix(source, sourceOf(f)) {
				return true, nil
			}
		}
		return false, nil
	}
}

// sameClosing compares the volumes measured now with those the day was closed
// with.
func sameClosing(d day.Day, counts []Count) sameAct {
	return func(tx *clinicdb.Tx, first any) (bool, error) {
		f, ok := first.(daybook.Closed)
		if !ok || f.Day != d {
			return false, nil
		}
		moves, err := tx.Moves(d, d)
		if err != nil {
			return false, err
		}
		for _, n := range counts {
			if !slices.ContainsFunc(moves, func(m clinicdb.Move) bool {
				return m.Kind == "counted" && m.Bottle == n.Bottle && m.Book+m.Volume == n.Measured && alike(m.Why, n.Why)
			}) {
				return false, nil
			}
		}
		return true, nil
	}
}
