package clinic

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"tram/internal/access"
	"tram/internal/care/order"
	"tram/internal/care/programme"
	"tram/internal/care/transfer"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// Letters writes letters as bytes and reads them. The door knows what a letter
// says; seals, signatures and pictures are above it.
type Letters interface {
	// Seal signs a letter with the site's and the clinician's key and seals it to
	// the site it goes to.
	Seal(d Draft) ([]byte, error)
	// Open reads a letter from any of its forms: what a scanner typed, what a
	// camera read, what came over the network. A refusal says what is wrong with
	// it and what to do.
	Open(text string, dir programme.Directory, today day.Day) (ReadLetter, error)
	// ByHand says whether a text is the short form, typed by hand.
	ByHand(text string) bool
	// Again reads a letter that this site gave, for its paper: what it says, and
	// its short form, in lines. ok is false where it cannot be read again, as
	// after a change of the other site's key.
	Again(l clinicdb.Letter, to programme.Site) (says transfer.Letter, short string, ok bool, err error)
}

// Draft is a letter before it is sealed.
type Draft struct {
	Letter    transfer.Letter
	Head      [32]byte // hash of the giver's journal before the letter
	Issued    day.Day
	To        programme.Site
	Clinician id.Person
	Key       ed25519.PrivateKey // the clinician's
}

// ReadLetter is a letter as it was read and checked.
type ReadLetter struct {
	Letter transfer.Letter
	Raw    []byte
	ByHand bool // typed from the short form: a clinician's signature is not in it
	Signed bool // by keys known here, as far as its form has signatures
}

// proposed are the limits of letters and openings; no guideline names any.
var proposed = transfer.Proposed

// installation is this PC's incarnation, with what only the running program
// knows: a failed disk, a forgotten journal, a date that nobody confirmed since
// the program started.
//
// guarded is false at a site of its own that was never restored: there is no
// other installation that could dose.
func (c *Clinic) installation(v *clinicdb.View) (i transfer.Installation, guarded bool, err error) {
	many, err := v.Manyfold()
	if err != nil {
		return i, many, err
	}
	numbered, err := v.Numbered()
	if err != nil {
		return i, many, err
	}
	guarded = many || numbered || c.birth.get() != nil
	if i, err = v.Installation(); err != nil {
		return i, guarded, err
	}
	i.Site, i.Size = c.site.Site, c.log.Head().Size
	if guarded && i.Phase == transfer.Enrolled { // joined or restored while a day was open: people name its date once more
		open, ok, err := v.OpenDay()
		if err != nil {
			return i, guarded, fmt.Errorf("read the open day: %w", err)
		}
		if ok {
			i.Day, i.Phase = open.Day, transfer.NoDate
		}
	}
	switch phase := c.forgot.Load(); {
	case c.birth.get() != nil && i.Phase != transfer.Fenced:
		i.Phase = transfer.Recovering
	case phase != nil && i.Phase != transfer.Fenced:
		i.Phase = *phase
	case c.Broken() != nil:
		i = transfer.Stop(i)
	case c.word.lapsed(i.Day):
		i = transfer.Restarted(i)
	}
	return i, guarded, nil
}

// right says why this PC doses nobody now, or why today is not this site's to
// dose the patient. A site of its own has every right there is.
func (c *Clinic) right(v *clinicdb.View, p id.Patient, today day.Day) (notReady, noRight *reason.Refusal, err error) {
	i, guarded, err := c.installation(v)
	if err != nil || !guarded {
		return nil, nil, err
	}
	if c.birth.get() != nil {
		return reason.Refuse("INST-17"), nil, nil
	}
	kinds, err := v.NotUnderstood(p)
	if err != nil {
		return nil, nil, err
	}
	if len(kinds) > 0 {
		return reason.Refuse("TRANSFER-40", "kinds", strings.Join(kinds, ", ")), nil, nil
	}
	h, err := v.Holding(p)
	if err != nil {
		return nil, nil, err
	}
	var no *reason.Refusal
	if err := transfer.MayDose(i, h, today); errors.As(err, &no) {
		if strings.HasPrefix(no.Rule, "INST-") {
			return no, nil, nil
		}
		no, err = named(v, no)
		return nil, no, err
	}
	return nil, nil, nil
}

// named is a refusal that says a site's name beside its code, as far as the
// programme is known here.
func named(v *clinicdb.View, no *reason.Refusal) (*reason.Refusal, error) {
	dir, err := v.Directory()
	if err != nil {
		return nil, err
	}
	out := &reason.Refusal{Rule: no.Rule}
	for _, a := range no.Args {
		code, text := a.Value.(string)
		if s, ok := dir.Site(id.Site(code)); text && a.Name == "site" && ok && s.Name != "" {
			a.Value = s.Name
		}
		out.Args = append(out.Args, a)
	}
	return out, nil
}

// hereOn are those of the patients who are dosed at this site on a day: whose
// day it holds, or who had a dose here.
func hereOn(v *clinicdb.View, people []clinicdb.Patient, d day.Day) ([]clinicdb.Patient, error) {
	many, err := v.Manyfold()
	if err != nil || !many {
		return people, err
	}
	held, err := v.HeldOn(d)
	if err != nil {
		return nil, err
	}
	doses, err := v.DosesOn(d)
	if err != nil {
		return nil, fmt.Errorf("read the day's doses: %w", err)
	}
	for _, e := range doses {
		held[e.Patient] = true
	}
	var here []clinicdb.Patient
	for _, p := range people {
		if held[p.Patient] {
			here = append(here, p)
		}
	}
	return here, nil
}

// Send asks to give days of a patient to another site, or to send them back.
type Send struct {
	Patient id.Patient
	To      id.Site
	First   day.Day // of a return: not looked at, it is the first day still held
	Last    day.Day // Never: for good
	Why     transfer.Why
	PIN     string // the clinician's own, entered again: it opens their signing key
}

// SendLetter closes the days here and writes the letter that opens them at the
// other site, as one fact. The letter may be seen once a second medium has it
// (LetterToShow); a baton that is plugged in has it when this returns.
func (c *Clinic) SendLetter(ctx context.Context, by access.Actor, form id.Form, cmd Send) (transfer.Given, error) {
	if err := c.stepUp(ctx, by, cmd.PIN); err != nil {
		return transfer.Given{}, err
	}
	key, err := c.signingKey(ctx, by.Person, cmd.PIN)
	if err != nil {
		return transfer.Given{}, err
	}
	given, err := do[transfer.Given](ctx, c, &act{
		by: by, form: form,
		same:   as(func(f transfer.Given) bool { return f.Patient == cmd.Patient && f.To == cmd.To && f.Why == cmd.Why }),
		decide: func(t *turn) ([]any, error) { return facts(t.give(cmd, key)) },
	})
	if err != nil {
		return given, err
	}
	return given, c.Mirror(ctx)
}

// give decides and seals.
func (t *turn) give(cmd Send, key ed25519.PrivateKey) (transfer.Given, error) {
	none := transfer.Given{}
	row, err := t.patient(access.SendLetter, cmd.Patient)
	if err != nil {
		return none, err
	}
	to, err := t.addressee(cmd.To)
	if err != nil {
		return none, err
	}
	i, _, err := t.c.installation(&t.tx.View)
	if err != nil {
		return none, err
	}
	h, err := t.tx.Holding(cmd.Patient)
	if err != nil {
		return none, err
	}
	letter := id.Letter(t.c.newID())
	var f transfer.Given
	if cmd.Why == transfer.Back {
		f, err = transfer.DecideReturn(i, h, transfer.Return{Letter: letter, To: cmd.To}, t.today, proposed)
	} else {
		f, err = transfer.DecideIssue(i, h, transfer.Issue{Letter: letter, To: cmd.To, First: cmd.First, Last: cmd.Last, Why: cmd.Why}, t.today, proposed)
	}
	if err != nil {
		return none, err
	}
	carried, err := t.carried(row, f)
	if err != nil {
		return none, err
	}
	size, head := t.c.log.Next()
	f.Bytes, err = t.c.letters.Seal(Draft{
		Letter: transfer.Letter{
			ID: f.Letter, Patient: f.Patient, From: i.Site, Number: f.Number, Seq: size, To: f.To, First: f.First, Last: f.Last, Why: f.Why, Carried: carried,
		},
		Head: head, Issued: t.today, To: to, Clinician: t.by.Person, Key: key,
	})
	return f, err
}

// addressee is the site a letter goes to, as the programme knows it, and
// refuses a person whom the programme has not named to sign letters.
func (t *turn) addressee(s id.Site) (programme.Site, error) {
	dir, err := t.tx.Directory()
	if err != nil {
		return programme.Site{}, err
	}
	to, ok := dir.Site(s)
	if !ok {
		return to, reason.Refuse("TRANSFER-41", "site", string(s))
	}
	if who, ok := dir.Clinician(t.by.Person); !ok || !who.Signs(t.today) {
		return to, reason.Refuse("TRANSFER-42")
	}
	return to, nil
}

// carried is what the letter tells of the person: the order that will be in
// force on its first day, the last dose and what lies before it. A patient
// without an order is given nowhere, because the other site could not dose;
// sent home they are: their orders are there.
func (t *turn) carried(row clinicdb.Patient, f transfer.Given) (transfer.Carried, error) {
	d := row.Details
	c := transfer.Carried{
		LastDay: row.LastDay, LastAmount: row.LastAmount, LastAt: row.LastAt,
		Code: row.Code, Name: d.Name, Birth: d.Birth, Sex: string(d.Sex), Language: d.Language, Note: d.Note,
	}
	if row.LastDay != day.Never {
		c.Missed = max(0, int(f.First-row.LastDay)-1)
	}
	orders, err := t.tx.Orders(row.Patient)
	if err != nil {
		return c, fmt.Errorf("read orders of %s: %w", row.Patient, err)
	}
	in, no := order.InForce(orders, f.First)
	if no != nil && f.Why != transfer.Back {
		return c, no
	}
	if no == nil {
		c.Order, c.Amount, c.OrderLast = in.Order, in.Amount, in.Last
	}
	return c, nil
}

// Medium is a store that does not die with the PC.
type Medium interface {
	// Look is how far the medium knows this site's journal; plugged is false where
	// there is none. A medium that cannot be read is an error, never absent.
	Look() (head transfer.Head, name string, plugged bool, err error)
	// Mirror takes over what is new in the journal and returns when it is
	// durable: how many entries the medium then has, and its name ("baton:<id>"),
	// or "" where there is none.
	Mirror(ctx context.Context, c *Clinic) (size int64, name string, err error)
}

// Mirror brings the second medium up to the journal's head, where one is
// plugged in, and releases the letters it then has. Without one the letters wait
// for it, or for the hub's receipt.
func (c *Clinic) Mirror(ctx context.Context) error {
	if c.medium == nil {
		return nil
	}
	size, name, err := c.medium.Mirror(ctx, c)
	if err != nil || name == "" {
		return err
	}
	return c.ReleaseLetters(ctx, name, size)
}

// ReleaseLetters records which letters a second medium has, so that they may be seen.
// medium is its name; size is how many entries of this journal it has.
func (c *Clinic) ReleaseLetters(ctx context.Context, medium string, size int64) error {
	waiting := false
	err := c.db.View(ctx, func(v *clinicdb.View) error {
		letters, err := v.LettersWaiting()
		for _, l := range letters {
			waiting = waiting || l.Seq < size
		}
		return err
	})
	if err != nil || !waiting {
		return err
	}
	_, err = c.run(ctx, &act{by: access.Actor{Person: systemPerson}, decide: func(t *turn) ([]any, error) { return t.release(medium, size) }})
	return err
}

func (t *turn) release(medium string, size int64) ([]any, error) {
	letters, err := t.tx.LettersWaiting()
	if err != nil {
		return nil, err
	}
	var out []any
	for _, l := range letters {
		if l.Seq >= size {
			continue
		}
		h, err := t.tx.Holding(l.Patient)
		if err != nil {
			return nil, err
		}
		f, err := transfer.DecideRelease(h, l.Letter, medium, size)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// LetterToShow is a letter given here, with its bytes, for printing, sending or
// showing. TRANSFER-09 while no second medium has its closing.
func (c *Clinic) LetterToShow(ctx context.Context, by access.Actor, l id.Letter) (out clinicdb.Letter, err error) {
	if err := access.Allow(c.present(by), access.SeeWindow, access.NoPatient); err != nil {
		return out, err
	}
	err = c.db.View(ctx, func(v *clinicdb.View) error {
		out, err = v.LetterOut(l)
		if errors.Is(err, clinicdb.ErrNotFound) {
			return reason.Refuse("TRANSFER-10")
		}
		if err != nil {
			return err
		}
		h, err := v.Holding(out.Patient)
		if err != nil {
			return err
		}
		return transfer.MayShow(h, l)
	})
	return out, err
}

// LetterSays is what a letter given here tells of the person and its
// short form, for its paper. A letter that cannot be read again is told from
// the records as they were on its day, without a short form.
func (c *Clinic) LetterSays(v *clinicdb.View, l clinicdb.Letter) (transfer.Letter, string, error) {
	dir, err := v.Directory()
	if err != nil {
		return transfer.Letter{}, "", err
	}
	if to, ok := dir.Site(l.Site); ok && c.letters != nil {
		says, short, ok, err := c.letters.Again(l, to)
		if err != nil || ok {
			return says, short, err
		}
	}
	says, err := c.onRecord(v, l)
	return says, "", err
}

func (c *Clinic) onRecord(v *clinicdb.View, l clinicdb.Letter) (transfer.Letter, error) {
	row, err := v.Patient(l.Patient)
	if err != nil {
		return transfer.Letter{}, fmt.Errorf("read patient %s: %w", l.Patient, err)
	}
	orders, err := v.Orders(l.Patient)
	if err != nil {
		return transfer.Letter{}, fmt.Errorf("read orders of %s: %w", l.Patient, err)
	}
	d := row.Details
	out := transfer.Letter{
		ID: l.Letter, Patient: l.Patient, From: c.site.Site, To: l.Site, First: l.Span.First, Last: l.Span.Last, Why: l.Why, Number: l.Number, Seq: l.Seq,
		Carried: transfer.Carried{Code: row.Code, Name: d.Name, Birth: d.Birth, Sex: string(d.Sex), Language: d.Language, Note: d.Note},
	}
	last, ok, err := v.LastTaken(l.Patient, min(l.Day+1, l.Span.First))
	if err != nil {
		return out, fmt.Errorf("read the last dose of %s: %w", l.Patient, err)
	}
	if ok {
		out.LastDay, out.LastAmount, out.LastAt = last.Day, last.Taken, last.PouredAt
	}
	var before []order.Standing
	for _, o := range orders {
		if o.SignedAt <= l.At {
			before = append(before, o)
		}
	}
	if in, no := order.InForce(before, l.Span.First); no == nil {
		out.Order, out.Amount, out.OrderLast = in.Order, in.Amount, in.Last
	}
	return out, nil
}

// ReadLetter reads a letter without taking it, for the person at the screen to
// compare with who stands there. It checks all that can be checked; nothing is
// written but, for one that is forged or altered, the incident.
func (c *Clinic) ReadLetter(ctx context.Context, by access.Actor, text string) (r ReadLetter, err error) {
	if err := access.Allow(c.present(by), access.TakeLetter, access.NoPatient); err != nil {
		return r, err
	}
	if c.letters == nil {
		return r, reason.Refuse("TRANSFER-43")
	}
	var dir programme.Directory
	err = c.db.View(ctx, func(v *clinicdb.View) error {
		dir, err = v.Directory()
		return err
	})
	if err != nil {
		return r, err
	}
	if c.letters.ByHand(text) && !c.byHand.may(c.Today()) {
		return r, reason.Refuse("TRANSFER-45")
	}
	r, err = c.letters.Open(text, dir, c.Today())
	if err == nil && !r.Signed {
		err = reason.Refuse("TRANSFER-12")
	}
	if reason.Rule(err) == "LETTER-09" { // the short form's own check is short, so it is not guessed at
		c.byHand.wrong(c.Today())
	}
	if reason.Rule(err) == "TRANSFER-12" {
		return r, errors.Join(err, c.reject(ctx, by, text))
	}
	return r, err
}

// reject notes a forged or altered letter for people to look into.
func (c *Clinic) reject(ctx context.Context, by access.Actor, text string) error {
	sum := sha256.Sum256([]byte(text))
	_, err := c.run(ctx, &act{by: by, decide: func(*turn) ([]any, error) {
		return []any{transfer.Rejected{What: "TRANSFER-12", Digest: "sha256:" + hex.EncodeToString(sum[:])}}, nil
	}})
	return err
}

// TakeLetter takes the days of a letter: from now on the patient is dosed here
// on them. shown is the patient open on the screen, or "". A letter taken before
// is TRANSFER-14 and changes nothing.
func (c *Clinic) TakeLetter(ctx context.Context, by access.Actor, form id.Form, text string, shown id.Patient) (transfer.Accepted, error) {
	r, err := c.ReadLetter(ctx, by, text)
	if err != nil {
		return transfer.Accepted{}, err
	}
	got, err := do[transfer.Accepted](ctx, c, &act{
		by: by, form: form, same: as(func(f transfer.Accepted) bool { return f.Letter == r.Letter.ID }),
		decide: func(t *turn) ([]any, error) { return facts(t.take(r, shown)) },
	})
	if err != nil {
		return got, err
	}
	return got, c.Mirror(ctx)
}

func (t *turn) take(r ReadLetter, shown id.Patient) (transfer.Accepted, error) {
	none := transfer.Accepted{}
	if err := t.allow(access.TakeLetter, access.NoPatient); err != nil {
		return none, err
	}
	i, _, err := t.c.installation(&t.tx.View)
	if err != nil {
		return none, err
	}
	h, err := t.tx.Holding(r.Letter.Patient)
	if err != nil {
		return none, err
	}
	dir, err := t.tx.Directory()
	if err != nil {
		return none, err
	}
	ask := transfer.Accept{Letter: r.Letter, Bytes: r.Raw, ByHand: r.ByHand, Signed: r.Signed, Shown: shown}
	if from, ok := dir.Site(r.Letter.From); ok {
		if f, ended := from.Ended(r.Letter.Number); ended {
			ask.Ended, ask.EndedAt = true, f.Size
		}
	}
	return transfer.DecideAccept(i, h, ask, t.today)
}
