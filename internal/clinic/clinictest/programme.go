package clinictest

import (
	"tram/internal/care/programme"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/fact"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/keys"
)

// digestCost is the least that a digest can cost.
const digestCost = 8

// digestSecret is the programme's key of digests in tests; it is sealed as it
// is.
var digestSecret = [32]byte{'d', 'i', 'g', 'e', 's', 't'}

// Joined makes the site one of an invented programme with one other site, whose
// hub was reached just now.
func (s *Site) Joined(other id.Site, name string) {
	s.T.Helper()
	s.must(s.SetLink(clinicdb.Link{Programme: s.Site().Programme, URL: "nats://hub.test:4222"}))
	s.must(s.SetContact())
	s.Programme(programme.SiteJoined{Site: other, Name: name, Language: "vi", Number: 1, Role: programme.Main})
}

// Programme lets the site hear facts of the hub's journal.
func (s *Site) Programme(facts ...any) {
	s.T.Helper()
	for _, v := range facts {
		kind, body, err := fact.Encode(v)
		s.must(err)
		e := journal.Entry{Site: programme.Hub, Seq: s.programme, HLC: journal.HLC{Ms: s.now.Load()}, Day: s.Today(), By: "office", Kind: kind, Fact: body}
		s.programme++
		raw, err := e.Encode()
		s.must(err)
		_, err = s.Hear([]clinic.Heard{{Entry: e, Raw: raw}})
		s.must(err)
	}
}

// Elsewhere lets the programme say that another site registered a person with
// an identity number.
func (s *Site) Elsewhere(site id.Site, p id.Patient, code, number string) {
	s.T.Helper()
	s.Programme(
		programme.DigestKey{Site: s.Site().Site, Generation: 1, CostKiB: digestCost, Sealed: string(digestSecret[:])},
		programme.Digests{Generation: 1, Site: site, Lines: []string{string(p) + " " + code + " " + keys.Digest(digestSecret, digestCost, number)}},
	)
}
