package clinicdb

import (
	"fmt"
	"strings"

	"tram/internal/care/dose"
	"tram/internal/care/patient"
	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/fold"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
	"tram/internal/unit"
)

func (t *Tx) patientRegistered(f patient.Registered) error {
	err := t.c.Exec(`INSERT INTO patients (patient, code, name, name_fold, sex, birth, ethnic, commune, village, phone, identity, language, note, registered)
		VALUES (?, ?, '', '', '', '', '', '', '', '', '', '', '', ?)`, string(f.Patient), f.Code, int64(f.Day))
	if err != nil {
		return err
	}
	err = t.setHolding(f.Patient, func(h transfer.Holding) transfer.Holding { return transfer.ApplyRegistered(h, f.Patient, f.Day) })
	if err != nil {
		return err
	}
	return t.patientDetails(f.Patient, f.Details)
}

func (t *Tx) patientDetails(p id.Patient, d patient.Details) error {
	if err := t.setNumbers(p, d.Identity); err != nil {
		return err
	}
	return t.c.Exec(`UPDATE patients SET name = ?, name_fold = ?, sex = ?, birth = ?, ethnic = ?, commune = ?, village = ?, phone = ?, identity = ?,
		language = ?, note = ?, former = ? WHERE patient = ?`,
		d.Name, fold.Fold(d.Name), string(d.Sex), d.Birth.String(), d.Ethnic, d.Commune, d.Village, d.Phone, d.Identity, d.Language, d.Note, id.Normal(d.Former), string(p))
}

func (t *Tx) cardGiven(e journal.Entry, f patient.CardGiven) error {
	err := t.c.Exec(`INSERT INTO cards (card, patient, given_at) VALUES (?, ?, ?) ON CONFLICT (card) DO UPDATE SET patient = excluded.patient,
		given_at = excluded.given_at`, f.Card, string(f.Patient), int64(e.When()))
	if err != nil {
		return err
	}
	// A card that was another person's points to this one now; the other has none.
	err = t.c.Exec(`UPDATE patients SET card = '' WHERE card = ? AND patient <> ?`, f.Card, string(f.Patient))
	if err != nil {
		return err
	}
	return t.c.Exec(`UPDATE patients SET card = ? WHERE patient = ?`, f.Card, string(f.Patient))
}

// Patient is a person on the register, with what the lists show of the last
// dose.
type Patient struct {
	Patient    id.Patient
	Code       string
	Card       string
	Details    patient.Details
	Registered day.Day
	CourseFrom day.Day // start of the present course of treatment, when it is not the first; Never otherwise
	LeftDay    day.Day // Never while in care
	LeftWhy    patient.LeftWhy
	LastDay    day.Day // newest day with a dose taken; Never if none is known
	LastAmount unit.Microgram
	LastAt     day.Instant
	LastHow    dose.Outcome
	LastVomit  bool
	FirstDose  day.Day // first dose of this course of treatment; Never if none is known
	Photo      string  // name of the portrait; "" if there is none
	PhotoDay   day.Day // from which day on; Never without one
}

// InCare says whether the person is in treatment here now.
func (p Patient) InCare() bool { return p.LeftDay == day.Never }

const patientColumns = `patient, code, card, name, sex, birth, ethnic, commune, village, phone, identity, language, note, registered, course_from,
	left_day, left_why, last_day, last_ug, last_at, last_outcome, last_vomited, first_dose, former, photo, photo_day`

func patientRow(r *sqlitefile.Row) (Patient, error) {
	birth, err := day.ParsePartial(r.Text(5))
	if err != nil {
		return Patient{}, fmt.Errorf("birth of patient %s: %w", r.Text(0), err)
	}
	return Patient{
		Patient: id.Patient(r.Text(0)), Code: r.Text(1), Card: r.Text(2),
		Details: patient.Details{
			Name: r.Text(3), Sex: patient.Sex(r.Text(4)), Birth: birth, Ethnic: r.Text(6), Commune: r.Text(7), Village: r.Text(8),
			Phone: r.Text(9), Identity: r.Text(10), Language: r.Text(11), Note: r.Text(12), Former: r.Text(23),
		},
		Registered: dayOf(r, 13), CourseFrom: dayOf(r, 14), LeftDay: dayOf(r, 15), LeftWhy: patient.LeftWhy(r.Text(16)), LastDay: dayOf(r, 17),
		LastAmount: unit.Microgram(r.Int(18)), LastAt: day.Instant(r.Int(19)), LastHow: dose.Outcome(r.Text(20)), LastVomit: r.Int(21) == 1,
		FirstDose: dayOf(r, 22), Photo: r.Text(24), PhotoDay: dayOf(r, 25),
	}, nil
}

func (v *View) patients(where string, args ...any) ([]Patient, error) {
	var out []Patient
	err := v.c.Query(`SELECT `+patientColumns+` FROM patients `+where, args, func(r *sqlitefile.Row) error {
		p, err := patientRow(r)
		out = append(out, p)
		return err
	})
	return out, err
}

// Patient is one person, or ErrNotFound.
func (v *View) Patient(p id.Patient) (Patient, error) {
	found, err := v.patients(`WHERE patient = ?`, string(p))
	if err != nil {
		return Patient{}, err
	}
	if len(found) == 0 {
		return Patient{}, ErrNotFound
	}
	return found[0], nil
}

// PatientsInCare are all persons in treatment, in the order of their codes;
// the faces sort by name, in the reader's language.
func (v *View) PatientsInCare() ([]Patient, error) {
	return v.patients(`WHERE left_day = 0 ORDER BY code`)
}

// PatientsAll are all persons ever registered, in the order of their codes.
func (v *View) PatientsAll() ([]Patient, error) { return v.patients(`ORDER BY code`) }

// PatientByCode finds a person by the code on the record, on the present card
// or of the clinic's former list, or ErrNotFound. replaced tells that the card was replaced by a newer
// one.
func (v *View) PatientByCode(code string) (p Patient, replaced bool, err error) {
	code = id.Normal(code)
	found, err := v.patients(`WHERE code = ? OR (card <> '' AND card = ?1) OR (former <> '' AND former = ?1)`, code)
	if err != nil {
		return Patient{}, false, err
	}
	if len(found) > 0 {
		return found[0], false, nil
	}
	var owner id.Patient
	ok, err := v.c.One(`SELECT patient FROM cards WHERE card = ?`, []any{code}, func(r *sqlitefile.Row) error {
		owner = id.Patient(r.Text(0))
		return nil
	})
	if err != nil {
		return Patient{}, false, err
	}
	if !ok {
		return Patient{}, false, ErrNotFound
	}
	p, err = v.Patient(owner)
	return p, true, err
}

// SearchMax is how many persons a search answers: more is no answer at a
// window, and a list of everyone is a matter for the register.
const SearchMax = 20

// Search finds persons whose name holds every word typed, whatever the
// diacritics, or whose code starts with it. The typed % and _ mean themselves.
func (v *View) Search(typed string) ([]Patient, error) {
	folded := strings.Fields(fold.Fold(typed))
	if len(strings.Join(folded, "")) < 2 {
		return nil, nil
	}
	where, args := `WHERE (`, []any{}
	for i, w := range folded {
		if i > 0 {
			where += ` AND `
		}
		where += `instr(name_fold, ?) > 0`
		args = append(args, w)
	}
	where += `) OR substr(code, 1, ?) = ? OR former = ? ORDER BY left_day <> 0, name_fold, code LIMIT ?`
	code := id.Normal(typed)
	return v.patients(where, append(args, len(code), code, code, SearchMax)...)
}

// CodesUsed is how many persons were ever registered; the next code is one
// more.
func (v *View) CodesUsed() (int, error) {
	n := 0
	err := v.one(`SELECT COUNT(*) FROM patients`, nil, func(r *sqlitefile.Row) error {
		n = int(r.Int(0))
		return nil
	})
	return n, err
}

// Note is a note on a record.
type Note struct {
	Day  day.Day
	Text string
	By   id.Person
	At   day.Instant
}

// Notes are a patient's notes, newest first.
func (v *View) Notes(p id.Patient, limit int) ([]Note, error) {
	var out []Note
	err := v.c.Query(`SELECT day, text, by, at FROM notes WHERE patient = ? ORDER BY seq DESC LIMIT ?`, []any{string(p), limit},
		func(r *sqlitefile.Row) error {
			out = append(out, Note{dayOf(r, 0), r.Text(1), id.Person(r.Text(2)), day.Instant(r.Int(3))})
			return nil
		})
	return out, err
}

// Urine is the result of a urine test.
type Urine struct {
	Day    day.Day
	Found  []string
	Method string
	By     id.Person
}

// UrineTests are a patient's tests, newest first.
func (v *View) UrineTests(p id.Patient, limit int) ([]Urine, error) {
	var out []Urine
	err := v.c.Query(`SELECT day, found, method, by FROM urine WHERE patient = ? ORDER BY day DESC, seq DESC LIMIT ?`, []any{string(p), limit},
		func(r *sqlitefile.Row) error {
			found, err := unlist[string](r.Text(1))
			out = append(out, Urine{dayOf(r, 0), found, r.Text(2), id.Person(r.Text(3))})
			return err
		})
	return out, err
}

func none(*sqlitefile.Row) error { return nil }
