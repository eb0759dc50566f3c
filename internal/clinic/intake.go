package clinic

import (
	"context"
	"errors"
	"fmt"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/intake"
	"tram/internal/reason"
)

// Import is what a person decided about files that were read and previewed.
type Import struct {
	Files []intake.File
	// GoodOnly imports the good rows although there are bad ones. Without it
	// one bad row stops the whole import (IMPORT-02).
	GoodOnly bool
	// RegisterUnknown puts patients on the register of whom the files hold
	// only a code; the code stands as the name until someone writes the name.
	RegisterUnknown bool
	PIN             string // of the person importing, entered again
}

// Imported is what an import did.
type Imported struct {
	Patients, Orders, Doses int // facts written
	Known                   int // rows that were on record already and were left alone
	Left                    int // bad rows that were left out, by the person's choice
}

// Import writes all good rows in one transaction, or nothing. Rows that are on
// record already are left alone, so that the same file imported twice changes
// nothing the second time.
func (c *Clinic) Import(ctx context.Context, by access.Actor, form id.Form, cmd Import) (Imported, error) {
	if err := c.stepUpHigh(ctx, by, cmd.PIN); err != nil {
		return Imported{}, err
	}
	var res Imported
	_, err := c.run(ctx, &act{by: by, form: form, same: sameImport(cmd), decide: func(t *turn) ([]any, error) {
		if err := t.allow(access.ImportFiles, access.InCare); err != nil {
			return nil, err
		}
		m, err := t.importer(cmd)
		if err != nil {
			return nil, err
		}
		for _, f := range cmd.Files {
			if err := m.file(f); err != nil {
				return nil, err
			}
		}
		res = m.res
		return m.out, nil
	}})
	if err != nil {
		return Imported{}, err
	}
	if res == (Imported{}) { // the form was answered before, and all of it is on record
		for _, f := range cmd.Files {
			res.Known += f.Len()
			res.Left += len(f.Bad)
		}
	}
	return res, nil
}

// importer gathers the facts of one import.
type importer struct {
	t      *turn
	cmd    Import
	codes  map[string]id.Patient // by the normal form of every code a patient is known under
	names  map[string]bool       // identity numbers on record
	next   int
	source string
	res    Imported
	out    []any
}

// importer checks what would stop the whole import: IMPORT-01 a file that must
// be answered for first, IMPORT-02 bad rows without a decision to leave them
// out, IMPORT-03 nothing to import.
func (t *turn) importer(cmd Import) (*importer, error) {
	rows, bad := 0, 0
	for _, f := range cmd.Files {
		if len(f.Stops) > 0 {
			return nil, reason.Refuse("IMPORT-01")
		}
		rows += f.Len()
		bad += len(f.Bad)
	}
	if bad > 0 && !cmd.GoodOnly {
		return nil, reason.Refuse("IMPORT-02", "rows", bad)
	}
	if rows == 0 {
		return nil, reason.Refuse("IMPORT-03")
	}
	m := &importer{t: t, cmd: cmd, codes: map[string]id.Patient{}, names: map[string]bool{}, res: Imported{Left: bad}}
	all, err := t.tx.PatientsAll()
	if err != nil {
		return nil, fmt.Errorf("read the patients: %w", err)
	}
	m.next = len(all)
	for _, p := range all {
		m.know(p)
	}
	return m, nil
}

func (m *importer) know(p clinicdb.Patient) {
	for _, code := range []string{p.Code, p.Card, p.Details.Former} {
		if code != "" {
			m.codes[id.Normal(code)] = p.Patient
		}
	}
	if p.Details.Identity != "" {
		m.names[p.Details.Identity] = true
	}
}

// sourceOf names a file in the facts that come from it.
func sourceOf(f intake.File) string { return "sha256:" + f.Hash[:min(16, len(f.Hash))] }

func (m *importer) file(f intake.File) error {
	m.source = sourceOf(f)
	for _, r := range f.Patients {
		if err := m.patient(r); err != nil {
			return fmt.Errorf("patient of line %d: %w", r.Line, err)
		}
	}
	for _, r := range f.Orders {
		if err := m.order(r); err != nil {
			return fmt.Errorf("order of line %d: %w", r.Line, err)
		}
	}
	return m.doses(f.Doses)
}

func (m *importer) at(line int) string { return fmt.Sprintf("%s line %d", m.source, line) }

func (m *importer) patient(r intake.PatientRow) error {
	if _, ok := m.codes[id.Normal(r.Code)]; ok || (r.Identity != "" && m.names[r.Identity]) {
		m.res.Known++
		return nil
	}
	_, err := m.register(patient.Details{
		Name: r.Name, Sex: patient.Sex(r.Sex), Birth: r.Birth, Ethnic: r.Ethnic, Commune: r.Commune, Village: r.Village, Phone: r.Phone,
		Identity: r.Identity, Language: r.Language, Note: r.Note, Former: r.Code,
	}, r.Line)
	return err
}

func (m *importer) register(d patient.Details, line int) (id.Patient, error) {
	m.next++
	f, err := m.t.register(nfc(d), m.next)
	if err != nil {
		return "", err
	}
	f.Source = m.at(line)
	m.out = append(m.out, f)
	m.res.Patients++
	m.codes[id.Normal(d.Former)] = f.Patient
	m.codes[f.Code] = f.Patient
	if d.Identity != "" {
		m.names[d.Identity] = true
	}
	return f.Patient, nil
}

// who finds the patient of a code, or registers one where the person decided
// so (IMPORT-04 otherwise).
func (m *importer) who(code string, line int) (id.Patient, error) {
	if p, ok := m.codes[id.Normal(code)]; ok {
		return p, nil
	}
	if !m.cmd.RegisterUnknown {
		return "", reason.Refuse("IMPORT-04", "code", code, "line", line)
	}
	return m.register(patient.Details{Name: code, Former: code}, line)
}

// order takes over an order as it stands in the clinic's list. It waits for a
// physician's signature, and where the list does not say when it ends it runs
// for one day only: nothing is assumed about how long it may.
func (m *importer) order(r intake.OrderRow) error {
	p, err := m.who(r.Code, r.Line)
	if err != nil {
		return err
	}
	w := order.Write{Patient: p, Phase: order.Phase(r.Phase), Amount: r.Amount, First: r.First, Last: r.Last, Reason: r.Note, Imported: true}
	if w.Phase == "" {
		w.Phase = order.Maintenance
	}
	if w.First == day.Never {
		w.First = m.t.today
	}
	if w.Last == day.Never {
		w.Last = max(w.First, m.t.today)
	}
	strengths, err := m.t.tx.Strengths()
	if err != nil {
		return fmt.Errorf("read strengths: %w", err)
	}
	standing, err := m.t.tx.Orders(p)
	if err != nil && !errors.Is(err, clinicdb.ErrNotFound) {
		return fmt.Errorf("read orders: %w", err)
	}
	for _, o := range standing {
		if o.Amount == w.Amount && o.First == w.First && o.Last == w.Last {
			m.res.Known++
			return nil
		}
	}
	f, _, err := order.DecideWrite(order.History{Orders: standing, Strengths: strengths}, w, m.t.today, m.t.book.Order())
	if err != nil {
		return err
	}
	f.Order = id.Order(m.t.c.newID())
	m.out = append(m.out, f)
	m.res.Orders++
	return nil
}

// doses takes over past doses. A day on which the patient has a dose on record
// is left alone.
func (m *importer) doses(rows []intake.DoseRow) error {
	have := map[id.Patient]map[day.Day]bool{}
	for _, r := range rows {
		p, err := m.who(r.Code, r.Line)
		if err != nil {
			return err
		}
		if have[p] == nil {
			if have[p], err = m.daysOf(p); err != nil {
				return err
			}
		}
		if have[p][r.Day] {
			m.res.Known++
			continue
		}
		have[p][r.Day] = true
		m.out = append(m.out, dose.Recorded{Dose: id.Dose(m.t.c.newIDAt(m.t.now)), Patient: p, Day: r.Day, Amount: r.Amount, Source: m.at(r.Line)})
		m.res.Doses++
	}
	return nil
}

func (m *importer) daysOf(p id.Patient) (map[day.Day]bool, error) {
	entries, err := m.t.tx.DosesOf(p, 1, m.t.today)
	if err != nil {
		return nil, fmt.Errorf("read doses of %s: %w", p, err)
	}
	days := map[day.Day]bool{}
	for _, e := range entries {
		days[e.Day] = true
	}
	return days, nil
}

// KnownCodes answers whether a code is one a patient is known under here.
func (c *Clinic) KnownCodes(ctx context.Context) (func(code string) bool, error) {
	known := map[string]bool{}
	err := c.db.View(ctx, func(v *clinicdb.View) error {
		all, err := v.PatientsAll()
		for _, p := range all {
			for _, code := range []string{p.Code, p.Card, p.Details.Former} {
				if code != "" {
					known[id.Normal(code)] = true
				}
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the patients: %w", err)
	}
	return func(code string) bool { return known[id.Normal(code)] }, nil
}
