package hubdb

import (
	"fmt"
	"maps"
	"slices"

	"tram/internal/id"
	"tram/internal/journal"
)

// route sends an entry about a patient to the other sites that have to do with
// the patient. A site that records something about a patient has.
func (in *intake) route(e journal.Entry, p id.Patient) {
	in.relate(p, e.Site)
	in.toOthers(p, e)
}

// toOthers leaves out the sites that are new in this batch: they get
// everything in its order, in backfill.
func (in *intake) toOthers(p id.Patient, e journal.Entry) {
	for _, s := range in.k.relations[p] {
		if s != e.Site && !in.isNew[relation{p, s}] {
			in.send(s, e.Site, e.Seq)
		}
	}
}

func (in *intake) send(to, site id.Site, seq int64) {
	in.k.numbers[to]++
	in.inbox.add(to, in.k.numbers[to], site, seq)
	in.inboxes[to] = true
}

// relate makes a site one of those that have to do with a patient. What was
// recorded before goes to it in backfill.
func (in *intake) relate(p id.Patient, s id.Site) {
	if slices.Contains(in.k.relations[p], s) {
		return
	}
	in.k.relations[p] = append(in.k.relations[p], s)
	in.relations.add(p, s, in.now)
	in.related = append(in.related, relation{p, s})
	in.isNew[relation{p, s}] = true
}

// backfill sends a new site of a patient everything that the others recorded,
// in this batch and before.
func (in *intake) backfill() error {
	for _, r := range in.related {
		if len(in.k.relations[r.patient]) == 1 && r.patient != "" {
			continue // nobody else ever recorded anything
		}
		err := in.c.query(`SELECT site, seq FROM patient_facts WHERE patient = ? AND site <> ?
			UNION ALL SELECT site, seq FROM doses WHERE patient = ? AND site <> ?
			UNION ALL SELECT site, end_seq FROM doses WHERE patient = ? AND site <> ? AND end_seq >= 0 AND end_seq <> seq ORDER BY site, seq`,
			[]any{r.patient, r.site, r.patient, r.site, r.patient, r.site}, func(x row) error {
				in.send(r.site, id.Site(x.Text(0)), x.Int(1))
				return nil
			})
		if err != nil {
			return fmt.Errorf("what was recorded of %s before: %w", r.patient, err)
		}
	}
	return nil
}

// doubles finds doses of one patient and day at two sites. Only a patient of
// two sites can have them.
func (in *intake) doubles() error {
	seen := map[patientDay]bool{}
	for _, x := range in.days {
		if len(in.k.relations[x.patient]) > 1 {
			seen[x] = true
		}
	}
	for x := range seen {
		var sites []string
		err := in.c.query(`SELECT DISTINCT site FROM doses WHERE patient = ? AND day = ? AND outcome <> 'not_given' ORDER BY site`, []any{x.patient, x.day},
			func(r row) error {
				sites = append(sites, r.Text(0))
				return nil
			})
		if err != nil {
			return fmt.Errorf("doses of %s: %w", x.patient, err)
		}
		if len(sites) > 1 {
			in.incident("dose.doubled", id.Site(sites[0]), x.patient, x.day, fmt.Sprint(sites))
		}
	}
	return nil
}

func (in *intake) poked() []id.Site { return slices.Sorted(maps.Keys(in.inboxes)) }
