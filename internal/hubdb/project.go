package hubdb

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tram/internal/care/dose"
	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/fact"
	"tram/internal/id"
	"tram/internal/journal"
)

// intake gathers the rows of one transaction.
type intake struct {
	c      conn
	k      *known
	secret []byte
	now    day.Instant

	chunks, blocks, about, relations, inbox, incidents *bulk

	doses  map[id.Dose]*doseRow // poured or recorded in this batch
	later  map[id.Dose]*doseEnd // outcomes of doses that were here before
	months map[int64]bool

	busy chan error // a flush under way

	fresh     map[id.Site][][]byte // entries that are not flushed yet
	freshFrom map[id.Site]int64
	dirty     map[id.Site]bool
	taken     int          // entries
	days      []patientDay // of new doses
	related   []relation   // new ones, in their order
	isNew     map[relation]bool
	inboxes   map[id.Site]bool
	people    []person
	acts      []func() error // projections that are rare: one statement each, after the bulks
	facts     []Fact
	births    int  // restored installations
	orphaned  bool // a letter or a restore came by which a day may be at two sites
}

type doseRow struct {
	patient       id.Patient
	day           day.Day
	dose          id.Dose
	site          id.Site
	seq, end      int64
	at            day.Instant
	order         string
	amount, taken int64
	outcome       dose.Outcome
}

type doseEnd struct {
	patient id.Patient
	day     day.Day // of the entry; the dose is of this day or a few before
	site    id.Site
	seq     int64
	whole   bool
	taken   int64
	outcome dose.Outcome
}

type patientDay struct {
	patient id.Patient
	day     day.Day
}

type relation struct {
	patient id.Patient
	site    id.Site
}

func newIntake(c conn, k *known, secret []byte, now day.Instant) *intake {
	in := &intake{
		c: c, k: k, secret: secret, now: now,
		about:     newBulk("patient_facts", "patient text, site text, seq int, kind text", "ON CONFLICT (patient, site, seq) DO NOTHING"),
		relations: newBulk("relations", "patient text, site text, since int", "ON CONFLICT (patient, site) DO NOTHING"),
		inbox:     newBulk("inbox", "to_site text, num int, site text, seq int", "ON CONFLICT (to_site, site, seq) DO NOTHING"),
		incidents: newBulk("incidents", "incident text, kind text, site text, patient text, day int, at int, detail text", "ON CONFLICT (incident) DO NOTHING"),
		later:     map[id.Dose]*doseEnd{}, dirty: map[id.Site]bool{}, inboxes: map[id.Site]bool{}, isNew: map[relation]bool{},
	}
	in.empty()
	return in
}

// empty begins what one flush writes.
func (in *intake) empty() {
	in.chunks = newBulk("chunks", "site text, first int, n int, body blob", "")
	in.blocks = newBulk("blocks", "site text, idx int, hash blob", "ON CONFLICT (site, idx) DO NOTHING")
	in.doses, in.months = map[id.Dose]*doseRow{}, map[int64]bool{}
	in.fresh, in.freshFrom = map[id.Site][][]byte{}, map[id.Site]int64{}
}

// flush writes what is most of the work while the next pieces are judged: the
// database has one core to itself and we another.
func (in *intake) flush() error {
	if err := in.wait(); err != nil {
		return err
	}
	if err := in.c.partition(slices.Collect(maps.Keys(in.months))); err != nil {
		return err
	}
	bulks, busy := []*bulk{in.chunks, in.blocks, in.newDoses()}, make(chan error, 1)
	in.busy = busy
	in.empty()
	go func() {
		for _, b := range bulks {
			if err := in.c.bulk(b); err != nil {
				busy <- err
				return
			}
		}
		busy <- nil
	}()
	return nil
}

// wait waits for a flush under way; only then may anything else be asked in
// the transaction.
func (in *intake) wait() error {
	if in.busy == nil {
		return nil
	}
	err := <-in.busy
	in.busy = nil
	return err
}

// head is the writer's own head of a site, made at first sight.
func (in *intake) head(s id.Site) *head {
	h, ok := in.k.heads[s]
	if !ok {
		h = &head{Head: Head{Site: s}}
		in.k.heads[s] = h
	}
	return h
}

// project gathers what follows from one entry. An entry this program does not
// know is kept and, when it is about a patient, forwarded like the others.
func (in *intake) project(e journal.Entry) {
	k, known := fact.ByName(e.Kind)
	shared := !known || k.Shared
	if e.Site == programme.Hub {
		in.programme(e, shared)
		return
	}
	in.home(e)
	if !shared {
		return
	}
	var p id.Patient
	if in.dose(e, &p) {
		if p != "" {
			in.route(e, p)
		}
		return
	}
	p = id.Patient(textOf(e.Fact, "patient"))
	if p == "" {
		return
	}
	in.about.add(p, e.Site, e.Seq, e.Kind)
	in.route(e, p)
	switch e.Kind {
	case "patient.registered", "patient.changed":
		in.person(e)
	case "transfer.given", "transfer.released", "transfer.accepted":
		in.letter(e)
	case "dose.corrected":
		in.corrected(e)
	}
}

// corrected changes how a dose counts, as its own site does.
func (in *intake) corrected(e journal.Entry) {
	var f dose.Corrected
	if json.Unmarshal(e.Fact, &f) != nil {
		return
	}
	in.acts = append(in.acts, func() error {
		_, err := in.c.exec(`UPDATE doses SET outcome = ?, taken_ug = ? WHERE patient = ? AND dose = ? AND site = ?`, f.Outcome, f.Taken, f.Patient, f.Dose, e.Site)
		return err
	})
}

func textOf(obj []byte, field string) string {
	out := ""
	_ = journal.Members(obj, func(name string, v []byte) error { // an object of another form has no such field
		if name == field {
			out = journal.Text(v)
		}
		return nil
	})
	return out
}

// dose gathers the commonest facts, a pouring and its outcome, without
// decoding all of them; it answers whether the entry was one.
func (in *intake) dose(e journal.Entry, p *id.Patient) bool {
	switch e.Kind {
	case "dose.poured", "dose.recorded", "dose.attested", "dose.swallowed", "dose.part_taken", "dose.not_given", "dose.answered":
	default:
		return false
	}
	r := doseRow{site: e.Site, seq: e.Seq, end: -1, at: e.When()}
	end := doseEnd{site: e.Site, seq: e.Seq, day: e.Day}
	err := journal.Members(e.Fact, func(name string, v []byte) error {
		switch name {
		case "patient":
			r.patient = id.Patient(journal.Text(v))
		case "dose":
			r.dose = id.Dose(journal.Text(v))
		case "day":
			var err error
			r.day, err = day.Parse(journal.Text(v))
			return err
		case "order":
			r.order = journal.Text(v)
		case "amount_ug":
			r.amount, _ = journal.Whole(v)
		case "taken_ug":
			end.taken, _ = journal.Whole(v)
		case "outcome":
			end.outcome = dose.Outcome(journal.Text(v))
		}
		return nil
	})
	*p = r.patient
	if err != nil || r.patient == "" || r.dose == "" {
		return true // kept as it is, and no dose
	}
	switch e.Kind {
	case "dose.poured":
		r.outcome = dose.PouredOnly
		in.newDose(&r)
	case "dose.attested": // a site's day of doses on people's word is one thing to look at, however many they are
		in.incident("dose.attested", e.Site, "", r.day, "")
		fallthrough
	case "dose.recorded":
		r.outcome, r.taken, r.end = dose.Taken, r.amount, e.Seq
		in.newDose(&r)
	default:
		end.patient = r.patient
		in.endDose(r.dose, e.Kind, end)
	}
	return true
}

func (in *intake) newDose(r *doseRow) {
	if _, twice := in.doses[r.dose]; twice {
		return
	}
	in.doses[r.dose] = r
	in.days = append(in.days, patientDay{r.patient, r.day})
	if m, ok := monthOf(r.day); ok {
		in.months[m] = true
	}
}

func (in *intake) endDose(d id.Dose, kind string, end doseEnd) {
	switch kind {
	case "dose.swallowed":
		end.outcome, end.whole = dose.Taken, true
	case "dose.part_taken":
		end.outcome = dose.PartOnly
	case "dose.not_given":
		end.outcome, end.taken = dose.NotTaken, 0
	case "dose.answered":
		end.whole, end.taken = end.outcome != dose.NotTaken, 0
	}
	r, here := in.doses[d]
	if !here {
		in.later[d] = &end
		return
	}
	if r.site != end.site || r.patient != end.patient {
		return
	}
	r.outcome, r.taken, r.end = end.outcome, end.taken, end.seq
	if end.whole {
		r.taken = r.amount
	}
}

// letter gathers what a site letter's facts say.
func (in *intake) letter(e journal.Entry) {
	var f struct {
		Letter  id.Letter  `json:"letter"`
		Patient id.Patient `json:"patient"`
		To      id.Site    `json:"to"`
		From    id.Site    `json:"from"`
		Number  int64      `json:"number"`
		First   day.Day    `json:"first"`
		Last    day.Day    `json:"last"`
		Why     string     `json:"why"`
	}
	if json.Unmarshal(e.Fact, &f) != nil || f.Letter == "" {
		return
	}
	if e.Kind == "transfer.given" && f.To != "" {
		in.relate(f.Patient, f.To)
	}
	in.acts = append(in.acts, func() error {
		var err error
		switch e.Kind {
		case "transfer.given":
			_, err = in.c.exec(`INSERT INTO letters (letter, patient, site, to_site, first, last, why, given_at, state, accepted_at, number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'given', 0, ?)
				ON CONFLICT (letter) DO UPDATE SET site = excluded.site, to_site = excluded.to_site, first = excluded.first, last = excluded.last,
				why = excluded.why, given_at = excluded.given_at, number = excluded.number`, f.Letter, f.Patient, e.Site, f.To, f.First, f.Last, f.Why, e.When(), f.Number)
		case "transfer.released":
			_, err = in.c.exec(`UPDATE letters SET state = 'released' WHERE letter = ? AND state = 'given' AND site = ?`, f.Letter, e.Site)
		case "transfer.accepted": // it may be heard before the giving: the two come from two sites
			_, err = in.c.exec(`INSERT INTO letters (letter, patient, site, to_site, first, last, why, given_at, state, accepted_at, number) VALUES (?, ?, ?, ?, ?, ?, '', 0, 'accepted', ?, ?)
				ON CONFLICT (letter) DO UPDATE SET state = 'accepted', accepted_at = excluded.accepted_at, number = excluded.number, to_site = excluded.to_site,
				site = CASE WHEN letters.given_at = 0 THEN excluded.site ELSE letters.site END`,
				f.Letter, f.Patient, f.From, e.Site, f.First, f.Last, e.When(), f.Number)
			in.orphaned = true
		}
		return err
	})
}

// programme gathers a fact of the hub's own journal: a shared one goes to
// every site.
func (in *intake) programme(e journal.Entry, shared bool) {
	if !strings.HasPrefix(e.Kind, "programme.") {
		return
	}
	in.facts = append(in.facts, Fact{e})
	v, err := fact.Decode(e.Kind, e.Fact)
	if err == nil {
		in.directory(v)
		in.answered(e, v)
	}
	if shared {
		in.about.add("", e.Site, e.Seq, e.Kind)
		in.toOthers("", e)
	}
}

func (in *intake) directory(v any) {
	act := func(sql string, args ...any) {
		in.acts = append(in.acts, func() error {
			_, err := in.c.exec(sql, args...)
			return err
		})
	}
	switch f := v.(type) {
	case programme.SiteJoined:
		in.relate("", f.Site)
		act(`INSERT INTO sites (site, name, role, parent, number) VALUES (?, ?, ?, ?, ?) ON CONFLICT (site) DO UPDATE
			SET name = excluded.name, role = excluded.role, parent = excluded.parent`, f.Site, f.Name, f.Role, f.Parent, f.Number)
	case programme.SiteChanged:
		act(`UPDATE sites SET name = COALESCE(NULLIF(?, ''), name), role = COALESCE(NULLIF(?, ''), role), parent = COALESCE(NULLIF(?, ''), parent),
			number = CASE WHEN number < ? THEN ? ELSE number END WHERE site = ?`, f.Name, f.Role, f.Parent, int64(f.Number), int64(f.Number), f.Site)
	}
}

// incident notes something for people. Its name comes from what it is about,
// so that the same thing met again is one incident.
func (in *intake) incident(kind string, s id.Site, p id.Patient, d day.Day, detail string) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%d\n%s", kind, s, p, d, detail))
	in.incidents.add(id.Encode(sum[:10]), kind, s, p, d, in.now, detail[:min(len(detail), detailMax)])
}

// finish writes everything that was gathered.
func (in *intake) finish() error {
	for _, step := range []func() error{in.flush, in.wait} {
		if err := step(); err != nil {
			return err
		}
	}
	for _, b := range []*bulk{in.endedDoses(), in.about, in.relations} {
		if err := in.c.bulk(b); err != nil {
			return err
		}
	}
	for _, act := range in.acts {
		if err := act(); err != nil {
			return err
		}
	}
	for _, step := range []func() error{in.backfill, in.doubles, in.pairs, in.orphans} {
		if err := step(); err != nil {
			return err
		}
	}
	for _, b := range []*bulk{in.inbox, in.incidents, in.headRows()} {
		if err := in.c.bulk(b); err != nil {
			return err
		}
	}
	return nil
}

func (in *intake) newDoses() *bulk {
	b := newBulk("doses", "patient text, day int, dose text, site text, seq int, end_seq int, at int, order_id text, amount_ug int, taken_ug int, outcome text",
		"ON CONFLICT (patient, day, dose) DO NOTHING")
	rows := slices.SortedFunc(maps.Values(in.doses), func(a, b *doseRow) int {
		return cmp.Or(cmp.Compare(a.patient, b.patient), cmp.Compare(a.day, b.day), cmp.Compare(a.dose, b.dose))
	})
	for _, r := range rows {
		b.add(r.patient, r.day, r.dose, r.site, r.seq, r.end, r.at, r.order, r.amount, r.taken, r.outcome)
	}
	return b
}

// answeredWithin is how many days after its day a dose may be answered for and
// still be found without looking through every month.
const answeredWithin = 400

func (in *intake) endedDoses() *bulk {
	first, last := day.Day(1<<30), day.Never
	for _, r := range in.later {
		first, last = min(first, r.day), max(last, r.day)
	}
	b := newBulk("doses", "patient text, dose text, site text, end_seq int, whole int, taken_ug int, outcome text", "")
	b.update = fmt.Sprintf(`SET outcome = u.outcome, end_seq = u.end_seq, taken_ug = CASE WHEN u.whole = 1 THEN d.amount_ug ELSE u.taken_ug END `+
		`WHERE d.patient = u.patient AND d.dose = u.dose AND d.site = u.site AND d.end_seq < u.end_seq AND d.day >= %d AND d.day <= %d`,
		first-answeredWithin, last+1)
	for d, r := range in.later {
		whole := 0
		if r.whole {
			whole = 1
		}
		b.add(r.patient, d, r.site, r.seq, whole, r.taken, r.outcome)
	}
	return b
}

func (in *intake) headRows() *bulk {
	b := newBulk("heads", "site text, size int, edge blob, settled int, checkpoint blob, ahead int, newest_day int, contact_at int, stopped text",
		`ON CONFLICT (site) DO UPDATE SET size = excluded.size, edge = excluded.edge, settled = excluded.settled, checkpoint = excluded.checkpoint,
		ahead = excluded.ahead, newest_day = excluded.newest_day, contact_at = excluded.contact_at, stopped = excluded.stopped`)
	for _, s := range slices.Sorted(maps.Keys(in.dirty)) {
		h := in.k.heads[s]
		b.add(s, h.Size, h.edge.Bytes(), h.Settled, append([]byte{}, bytes.Clone(h.Checkpoint)...), h.Ahead, h.NewestDay, h.ContactAt, h.Stopped)
	}
	return b
}
