package sitedir

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"tram/internal/care/programme"
	"tram/internal/care/transfer"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/keys"
	"tram/internal/letter"
)

// letters joins the door's letters with the bytes they are: the site's keys are
// here and nowhere above.
type letters struct {
	site      id.Site
	programme string
	signer    note.Signer
	box       [32]byte
}

// Letters are a site's letters, for its door.
func Letters(site id.Site, prog string, k *keys.Keys) clinic.Letters {
	return letters{site, prog, k.Journal.Signer, k.Box()}
}

// letterbox is Letters for the site in a database; nil where none was founded.
func letterbox(ctx context.Context, db *clinicdb.DB, k *keys.Keys) (clinic.Letters, error) {
	var box clinic.Letters
	err := db.View(ctx, func(v *clinicdb.View) error {
		s, err := v.Site()
		if errors.Is(err, clinicdb.ErrNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the site: %w", err)
		}
		box = Letters(s.Site, s.Programme, k)
		return nil
	})
	return box, err
}

func (l letters) Seal(d clinic.Draft) ([]byte, error) {
	x := d.Letter
	return letter.Seal(letter.Draft{Letter: x, Head: d.Head, Issued: d.Issued, Clinician: d.Clinician}, d.To,
		letter.Signers{Programme: l.programme, Site: l.signer, Clinician: d.Key},
		letter.Chance(l.me(), letter.Gave{Letter: x.ID, To: x.To, Number: x.Number, Seq: x.Seq}))
}

// me is the site as it reads letters.
func (l letters) me() letter.Receiver {
	return letter.Receiver{Programme: l.programme, Site: l.site, Box: l.box}
}

func (l letters) Open(text string, dir programme.Directory, today day.Day) (clinic.ReadLetter, error) {
	r, err := letter.OpenText(text, l.me(), dir, today)
	if err != nil {
		return clinic.ReadLetter{}, err
	}
	return clinic.ReadLetter{Letter: r.Letter, Raw: r.Raw, ByHand: r.ByHand, Signed: true}, nil
}

func (l letters) ByHand(text string) bool { return letter.IsShort(text) }

func (l letters) Again(x clinicdb.Letter, to programme.Site) (transfer.Letter, string, bool, error) {
	d, err := letter.Reopen(x.Bytes, l.me(), to, letter.Gave{Letter: x.Letter, To: x.Site, Number: x.Number, Seq: x.Seq})
	if errors.Is(err, letter.ErrNotOurs) {
		return transfer.Letter{}, "", false, nil
	}
	if err != nil {
		return transfer.Letter{}, "", false, err
	}
	short, err := letter.Short(d, to, l.me())
	return d.Letter, short, err == nil, err
}
