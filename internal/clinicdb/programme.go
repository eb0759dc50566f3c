package clinicdb

import (
	"fmt"

	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
)

// programmeFact keeps the directory's tables in step with programme.Directory:
// the same facts give the same answers, as TestDirectoryTables checks.
func (t *Tx) programmeFact(e journal.Entry, v any) error {
	switch f := v.(type) {
	case programme.Founded:
		return t.c.Exec(`INSERT INTO programme (one, programme, name, rules, zone, verifier, cosigner) VALUES (1, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (one) DO UPDATE SET programme = excluded.programme, name = excluded.name, rules = excluded.rules, zone = excluded.zone,
			verifier = excluded.verifier, cosigner = excluded.cosigner`, f.Programme, f.Name, f.Rules, f.Zone, f.Verifier, f.Cosigner)
	case programme.SiteJoined:
		return t.c.Exec(`INSERT INTO programme_sites (site, name, language, number, verifier, box, nkey, role, parent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (site) DO UPDATE SET name = excluded.name, language = excluded.language, number = max(number, excluded.number),
			verifier = excluded.verifier, box = excluded.box, nkey = excluded.nkey, role = excluded.role, parent = excluded.parent`,
			f.Site, f.Name, f.Language, f.Number, f.Verifier, f.Box, f.NKey, f.Role, f.Parent)
	case programme.SiteChanged:
		return t.c.Exec(`UPDATE programme_sites SET name = coalesce(nullif(?, ''), name), language = coalesce(nullif(?, ''), language),
			number = max(number, ?), verifier = coalesce(nullif(?, ''), verifier), box = coalesce(nullif(?, ''), box), nkey = coalesce(nullif(?, ''), nkey),
			role = coalesce(nullif(?, ''), role), parent = coalesce(nullif(?, ''), parent) WHERE site = ?`,
			f.Name, f.Language, f.Number, f.Verifier, f.Box, f.NKey, f.Role, f.Parent, f.Site)
	case programme.InstallationEnded:
		return t.c.Exec(`INSERT INTO installations (site, number, size, hash, why) SELECT ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM programme_sites WHERE site = ?1)
			ON CONFLICT (site, number) DO UPDATE SET size = excluded.size, hash = excluded.hash, why = excluded.why WHERE excluded.size < size`,
			f.Site, f.Number, f.Size, f.Hash, f.Why)
	case programme.ClinicianNamed:
		return t.c.Exec(`INSERT INTO programme_people (person, name, site, key, until) VALUES (?, ?, ?, ?, ?) ON CONFLICT (person) DO UPDATE SET
			name = excluded.name, site = excluded.site, key = excluded.key, until = excluded.until, ended = 0`, f.Person, f.Name, f.Site, f.Key, f.Until)
	case programme.ClinicianEnded:
		return t.c.Exec(`UPDATE programme_people SET ended = ? WHERE person = ? AND (ended = 0 OR ended > ?1)`, f.From, f.Person)
	case programme.PairAnswered:
		return t.pairAnswered(e, f)
	case programme.DigestKey:
		return t.digestKey(f)
	case programme.Digests:
		return t.newDigests(f)
	}
	return nil // an incident is answered at the hub; here it is read from what was heard
}

// Directory is what the programme's facts say, as far as this site has heard.
func (v *View) Directory() (programme.Directory, error) {
	var d programme.Directory
	_, err := v.c.One(`SELECT programme, name, rules, zone, verifier, cosigner FROM programme`, nil, func(r *sqlitefile.Row) error {
		d.Apply(programme.Founded{Programme: r.Text(0), Name: r.Text(1), Rules: r.Text(2), Zone: r.Text(3), Verifier: r.Text(4), Cosigner: r.Text(5)})
		return nil
	})
	if err != nil {
		return d, fmt.Errorf("read the programme: %w", err)
	}
	err = v.c.Query(`SELECT site, name, language, number, verifier, box, nkey, role, parent FROM programme_sites`, nil, func(r *sqlitefile.Row) error {
		d.Apply(programme.SiteJoined{
			Site: id.Site(r.Text(0)), Name: r.Text(1), Language: r.Text(2), Number: int(r.Int(3)), Verifier: r.Text(4), Box: r.Text(5),
			NKey: r.Text(6), Role: programme.Role(r.Text(7)), Parent: id.Site(r.Text(8)),
		})
		return nil
	})
	if err == nil {
		err = v.c.Query(`SELECT site, number, size, hash, why FROM installations`, nil, func(r *sqlitefile.Row) error {
			d.Apply(programme.InstallationEnded{Site: id.Site(r.Text(0)), Number: int(r.Int(1)), Size: r.Int(2), Hash: r.Text(3), Why: r.Text(4)})
			return nil
		})
	}
	if err == nil {
		err = v.c.Query(`SELECT person, name, site, key, until, ended FROM programme_people`, nil, func(r *sqlitefile.Row) error {
			d.Apply(programme.ClinicianNamed{Person: id.Person(r.Text(0)), Name: r.Text(1), Site: id.Site(r.Text(2)), Key: r.Text(3), Until: dayOf(r, 4)})
			if ended := dayOf(r, 5); ended != day.Never {
				d.Apply(programme.ClinicianEnded{Person: id.Person(r.Text(0)), From: ended})
			}
			return nil
		})
	}
	if err != nil {
		return d, fmt.Errorf("read the programme's directory: %w", err)
	}
	return d, nil
}
