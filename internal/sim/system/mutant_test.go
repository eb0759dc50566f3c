package system_test

import (
	"context"
	"testing"
	"time"

	"tram/internal/baton"
	"tram/internal/care/programme"
	"tram/internal/care/transfer"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/hubdb"
	"tram/internal/id"
	"tram/internal/sim/system"
)

// mutants are mistakes as a program could make them, in the place of a part.
var mutants = []struct {
	name, says string
	parts      system.Parts
}{
	{"show_unreleased", "a letter is shown before a second medium has its closing", system.Parts{Show: showAnything}},
	{"medium_lies", "the medium says that it has what it has not", system.Parts{Medium: func(m clinic.Medium) clinic.Medium { return boaster{m} }}},
	{"letter_again", "a letter taken twice counts twice", system.Parts{Letters: func(l clinic.Letters) clinic.Letters { return &renamer{Letters: l} }}},
	{"right_not_asked", "a dose without asking whose day it is", system.Parts{Pouring: holdEverything}},
	{"no_fence", "the number on the baton is not looked at", system.Parts{Medium: func(m clinic.Medium) clinic.Medium { return blind{m} }}},
	{"form_not_kept", "a double click is two forms", system.Parts{Click: func(c *clinic.Clinic, _ id.Form) id.Form { return c.NewForm() }}},
	{"heard_lost", "entries of others are called heard and are not kept", system.Parts{Heard: func(h []clinic.Heard) []clinic.Heard { return h[len(h)/2:] }}},
	{"stick_not_flushed", "a baton is acknowledged before it is flushed", system.Parts{Stick: func(f baton.FS) baton.FS { return lazy{f} }}},
	{"word_for_ever", "people's word for the date never grows old", system.Parts{Uptime: func(func() time.Duration) func() time.Duration {
		return func() time.Duration { return 0 }
	}}},
	{"receipt_early", "the hub signs for what it has not stored", system.Parts{Ingest: signsAnyway}},
	{"hub_takes_part", "the hub stores a part and calls it all", system.Parts{Ingest: takesPart}},
}

func showAnything(ctx context.Context, c *clinic.Clinic, l id.Letter) (raw []byte, err error) {
	err = c.View(ctx, func(v *clinicdb.View) error {
		out, err := v.LetterOut(l)
		raw = out.Bytes
		return err
	})
	return raw, err
}

// lazy is a stick that is never told to flush.
type lazy struct{ baton.FS }

func (l lazy) Open(name string, fresh bool) (baton.File, error) {
	f, err := l.FS.Open(name, fresh)
	return lazyFile{f}, err
}

type lazyFile struct{ baton.File }

func (lazyFile) Sync() error { return nil }

// signsAnyway calls everything stored, whether the database took it or not.
func signsAnyway(pieces []hubdb.Piece, take func([]hubdb.Piece) (hubdb.Batch, error)) (hubdb.Batch, error) {
	b, err := take(pieces)
	if err == nil {
		return b, nil
	}
	for _, p := range pieces {
		b.Outcomes = append(b.Outcomes, hubdb.Outcome{State: hubdb.Stored, Head: hubdb.Head{Site: p.Segment.Site, Size: p.Segment.End()}})
	}
	return b, nil
}

// takesPart is a transaction for each piece, of which the last is forgotten.
func takesPart(pieces []hubdb.Piece, take func([]hubdb.Piece) (hubdb.Batch, error)) (hubdb.Batch, error) {
	last := len(pieces) - 1
	if last == 0 {
		return take(pieces)
	}
	b, err := take(pieces[:last])
	p := pieces[last].Segment
	b.Outcomes = append(b.Outcomes, hubdb.Outcome{State: hubdb.Stored, Head: hubdb.Head{Site: p.Site, Size: p.End()}})
	return b, err
}

// boaster is a medium that acknowledges without writing.
type boaster struct{ clinic.Medium }

func (b boaster) Mirror(_ context.Context, c *clinic.Clinic) (int64, string, error) {
	_, name, plugged, err := b.Look()
	if err != nil || !plugged {
		return 0, "", err
	}
	return c.Head().Size, name, nil
}

// blind is a medium whose number is taken for the PC's own.
type blind struct{ clinic.Medium }

func (b blind) Look() (transfer.Head, string, bool, error) {
	h, name, plugged, err := b.Medium.Look()
	h.Number, h.Size, h.Other = 1, 0, false
	return h, name, plugged, err
}

// renamer reads each scan as a letter of its own.
type renamer struct {
	clinic.Letters
	n int
}

func (r *renamer) Open(text string, dir programme.Directory, today day.Day) (clinic.ReadLetter, error) {
	l, err := r.Letters.Open(text, dir, today)
	r.n++
	l.Letter.ID = id.Letter(id.Encode([]byte{9, 9, 9, 9, 9, 9, 9, 9, byte(r.n >> 8), byte(r.n)}))
	return l, err
}

// holdEverything makes every day of everybody this site's.
func holdEverything(db *clinicdb.DB, p id.Patient) error {
	return db.Write(func(tx *clinicdb.Tx) error {
		return tx.Conn().Exec(`UPDATE holdings SET days = '[[1,0]]', elsewhere = 0 WHERE patient = ?`, p)
	})
}

// TestMutantsDie puts each mistake in its place and wants it caught.
func TestMutantsDie(t *testing.T) {
	if underRace {
		t.Skip("one history has no races to find that TestSimulate does not; without the detector this runs whole")
	}
	g := ground(t)
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			for n := range uint64(30) {
				r := g.Run(ctx, system.Config{Seed: *seed + n, Days: 25, Storm: 3, Parts: m.parts})
				if r.Broken > 0 {
					v := r.Violations[0]
					t.Logf("seed %d: %s on day %d, %s", *seed+n, v.Promise, v.Day, v.What)
					return
				}
			}
			t.Errorf("%s (%s) lives", m.name, m.says)
		})
	}
}
