package hubdb

import (
	"context"
	"encoding/json"
	"fmt"

	"tram/internal/care/programme"
	"tram/internal/care/staff"
	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/fact"
	"tram/internal/id"
	"tram/internal/journal"
)

// home gathers what the hub keeps of facts that go to no other site: who works
// there with which key, what was restored, what is for people to look at.
func (in *intake) home(e journal.Entry) {
	switch e.Kind {
	case "staff.enrolled", "staff.duties_set", "staff.key_made", "staff.left":
	case "transfer.rejected", "installation.restored", "installation.adjudicated", "installation.fenced":
	default:
		return
	}
	v, err := fact.Decode(e.Kind, e.Fact)
	if err != nil {
		return // kept as it is, and of a form that says nothing here
	}
	switch f := v.(type) {
	case staff.Enrolled:
		in.hand(e, f.Person, `name = ?, duties = ?`, f.Name, duties(f.Duties))
	case staff.DutiesSet:
		in.hand(e, f.Person, `duties = ?`, duties(f.Duties))
	case staff.KeyMade:
		in.hand(e, f.Person, `sign_key = ?, key_at = ?`, f.Key, e.When())
	case staff.Left:
		in.hand(e, f.Person, `left_at = ?`, e.When())
	case transfer.Rejected:
		in.incident("letter.rejected", e.Site, "", e.Day, fmt.Sprintf("%s %s, entry %d", f.What, f.Digest, e.Seq))
	case transfer.InstallationRestored:
		in.restored(e, f)
	case transfer.InstallationAdjudicated:
		in.accounted(e, f)
	case transfer.InstallationFenced:
		in.incident("installation.fenced", e.Site, "", e.Day, fmt.Sprintf("saw installation %d, entry %d", f.Seen, e.Seq))
	}
}

func duties[T ~string](all []T) string {
	b, err := json.Marshal(all)
	if err != nil {
		panic(fmt.Sprintf("hubdb: %v", err)) // texts always encode
	}
	return string(b)
}

// hand changes what is known of one of a site's staff.
func (in *intake) hand(e journal.Entry, p id.Person, set string, args ...any) {
	in.acts = append(in.acts, func() error {
		_, err := in.c.exec(`INSERT INTO hands (site, person, name, duties, sign_key, key_at, left_at) VALUES (?, ?, '', '[]', '', 0, 0)
			ON CONFLICT (site, person) DO NOTHING`, e.Site, p)
		if err == nil {
			_, err = in.c.exec(`UPDATE hands SET `+set+` WHERE site = ? AND person = ?`, append(args, e.Site, p)...)
		}
		return err
	})
}

// restored keeps a new installation's birth record. One that may have forgotten
// letters is for people of several sites.
func (in *intake) restored(e journal.Entry, f transfer.InstallationRestored) {
	in.acts = append(in.acts, func() error {
		_, err := in.c.exec(`INSERT INTO restores (site, number, of_number, of_size, of_hash, at, by_person, letters, complete, accounted_at, account)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '') ON CONFLICT (site, number) DO NOTHING`,
			e.Site, int64(f.Number), int64(f.OfNumber), f.OfSize, f.OfHash, e.When(), e.By, flag(f.Letters), flag(f.Complete))
		return err
	})
	in.orphaned = true
	in.births++
	if !f.Letters {
		in.incident("letters.missing", e.Site, "", e.Day, fmt.Sprintf("installation %d goes on from entry %d of installation %d, read: %q", f.Number, f.OfSize, f.OfNumber, f.Medium))
	}
}

func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// accounted keeps what people found for a restored site: the letters it had
// forgotten are known from here on.
func (in *intake) accounted(e journal.Entry, f transfer.InstallationAdjudicated) {
	account, err := json.Marshal(f)
	if err != nil {
		panic(fmt.Sprintf("hubdb: %v", err)) // it was decoded a moment ago
	}
	in.acts = append(in.acts, func() error {
		_, err := in.c.exec(`UPDATE restores SET accounted_at = ?, account = ? WHERE site = ? AND number = ?`, e.When(), string(account), e.Site, int64(f.Number))
		return err
	})
	for _, l := range f.Found {
		if l.In {
			continue
		}
		in.relate(l.Patient, l.Other)
		in.acts = append(in.acts, func() error {
			_, err := in.c.exec(`INSERT INTO letters (letter, patient, site, to_site, first, last, why, given_at, state, accepted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'released', 0)
				ON CONFLICT (letter) DO UPDATE SET given_at = excluded.given_at`, l.Letter, l.Patient, e.Site, l.Other, l.First, l.Last, transfer.Visit, e.When())
			return err
		})
	}
}

// orphans finds letters that one site has accepted and the restored giver does
// not know: both may hold the same days.
func (in *intake) orphans() error {
	if !in.orphaned {
		return nil
	}
	return in.c.query(`SELECT DISTINCT l.letter, l.patient, l.site, l.to_site, l.first FROM letters AS l JOIN restores AS r ON r.site = l.site AND r.of_number >= l.number
		WHERE l.given_at = 0 AND l.state = 'accepted' AND l.number > 0`, nil, func(r row) error {
		in.incident("right.doubled", id.Site(r.Text(2)), id.Patient(r.Text(1)), day.Day(r.Int(4)), fmt.Sprintf("letter %s, accepted at %s", r.Text(0), r.Text(3)))
		return nil
	})
}

// answer keeps what people said about an incident or a pair.
func (in *intake) answer(e journal.Entry, about, kind string, s id.Site, d day.Day, words string, same bool) {
	in.acts = append(in.acts, func() error {
		_, err := in.c.exec(`INSERT INTO answers (about, seq, kind, site, day, answer, same, at, by_person) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (about, seq) DO NOTHING`, about, e.Seq, kind, s, d, words, flag(same), e.When(), e.By)
		return err
	})
}

// pairKey names a pair of patients in answers.
func pairKey(one, two id.Patient) string { return string(one) + "/" + string(two) }

// casesFilled is the name of the projections of 0002_cases.sql.
const casesFilled = "cases"

// fill makes the projections that are younger than the entries here, once.
func (d *DB) fill(ctx context.Context) error {
	done := false
	err := d.e.read(ctx, func(c conn) error {
		return c.query(`SELECT what FROM filled WHERE what = ?`, []any{casesFilled}, func(row) error {
			done = true
			return nil
		})
	})
	if err != nil || done {
		return err
	}
	return d.write(ctx, func(c conn, k *known) error {
		in := newIntake(c, k, nil, 0)
		for s, h := range k.heads {
			err := between(c, s, 0, h.Size, func(_ int64, raw []byte) error {
				e, err := journal.Peek(raw)
				if err == nil {
					in.refill(e)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		if err := in.finish(); err != nil {
			return err
		}
		_, err := c.exec(`INSERT INTO filled (what) VALUES (?)`, casesFilled)
		return err
	})
}

func (in *intake) refill(e journal.Entry) {
	in.now = e.When()
	var p id.Patient
	switch {
	case e.Site == programme.Hub:
		if v, err := fact.Decode(e.Kind, e.Fact); err == nil {
			in.answered(e, v)
		}
	case e.Kind == "transfer.given" || e.Kind == "transfer.accepted":
		in.letter(e)
	case e.Kind == "dose.attested":
		in.dose(e, &p)
	default:
		in.home(e)
	}
}

// answered gathers people's answers of the hub's own journal.
func (in *intake) answered(e journal.Entry, v any) {
	switch f := v.(type) {
	case programme.PairAnswered:
		in.answer(e, pairKey(f.One, f.Two), "pair", "", day.Never, f.Why, f.Same)
		in.acts = append(in.acts, func() error {
			_, err := in.c.exec(`UPDATE answers SET keep = ? WHERE about = ? AND seq = ?`, f.Keep, pairKey(f.One, f.Two), e.Seq)
			return err
		})
	case programme.IncidentAnswered:
		in.answer(e, f.Incident, f.Kind, f.Site, f.Day, f.Answer, false)
	}
}
