package clinic_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"

	"tram/internal/care/patient"
	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/id"
)

// notes is a history of n notes about a patient, made as it is asked for.
func notes(s *clinictest.Site, p id.Patient, n int, made *int) iter.Seq[clinic.Seed] {
	return func(yield func(clinic.Seed) bool) {
		for range n {
			*made++
			form := s.NewForm()
			if !yield(clinic.Seed{At: s.Now(), By: s.Doctor.Person, Form: form, Fact: patient.Noted{Patient: p, Day: s.Today(), Text: string(form)}}) {
				return
			}
		}
	}
}

// TestStreamInvented writes more facts than share a transaction: all are there,
// each answers its form, and what was made beside is told.
func TestStreamInvented(t *testing.T) {
	s := clinictest.New(t)
	p := s.Patient("Lò Văn Thử", mg)
	before := s.Head().Size
	var told []int
	made := 0
	if err := s.StreamInvented(ctx, notes(s, p, 20_001, &made), func(done int) { told = append(told, done) }); err != nil {
		t.Fatal(err)
	}
	if got := s.Head().Size - before; got != 20_001 || made != 20_001 {
		t.Errorf("%d entries of %d facts, want 20001 of 20001", got, made)
	}
	if want := []int{20_000, 20_001}; !slices.Equal(told, want) {
		t.Errorf("progress told %v, want %v", told, want)
	}
	err := s.View(ctx, func(v *clinicdb.View) error {
		list, err := v.Notes(p, 1)
		if err != nil {
			return err
		}
		_, found, err := v.FormSeq(id.Form(list[0].Text))
		if err == nil && !found {
			t.Error("the newest fact does not answer its form")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestStreamInventedStops ends a history in the middle: nothing is made that
// nobody writes.
func TestStreamInventedStops(t *testing.T) {
	s := clinictest.New(t)
	p := s.Patient("Lò Văn Thử", mg)
	stopped, stop := context.WithCancel(ctx)
	stop()
	made := 0
	err := s.StreamInvented(stopped, notes(s, p, 1_000_000, &made), func(int) {})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it canceled", err)
	}
	if made > 20_000 {
		t.Errorf("%d facts were made after the end", made)
	}
}
