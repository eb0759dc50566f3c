package programme

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// Limits of this room.
const (
	nameMax   = 200
	textMax   = 2000
	keyTexts  = 300 // longest key in note form
	keyLen    = 32  // X25519 and Ed25519 public keys
	nkeyLen   = 56
	untilDays = 400 // a clinician is named again at least every year
)

// Join is a site's wish to take part, with the programme its people say it
// belongs to and what the approving person decided.
type Join struct {
	SiteJoined
	Programme string
}

// DecideJoin answers whether a site may take part: PROG-01 a site of another
// programme, PROG-02 a code that is the hub's or another site's, PROG-03 keys
// that are none or belong to another site, PROG-04 no role, or a satellite or
// unit whose main clinic is not one, PROG-05 no name. The same site asking
// again with the same keys is answered as before.
func DecideJoin(d Directory, j Join) (SiteJoined, error) {
	f := j.SiteJoined
	f.Name = strings.Join(strings.Fields(f.Name), " ")
	if !strings.EqualFold(strings.TrimSpace(j.Programme), strings.TrimSpace(d.Programme.Programme)) {
		return SiteJoined{}, reason.Refuse("PROG-01", "theirs", j.Programme, "ours", d.Programme.Programme)
	}
	old, known := d.Site(f.Site)
	if f.Site == Hub || known && (old.Verifier != f.Verifier || old.NKey != f.NKey) {
		return SiteJoined{}, reason.Refuse("PROG-02", "site", string(f.Site))
	}
	if err := checkKeys(d, f); err != nil {
		return SiteJoined{}, err
	}
	if err := checkRole(d, f); err != nil {
		return SiteJoined{}, err
	}
	if f.Name == "" || utf8.RuneCountInString(f.Name) > nameMax {
		return SiteJoined{}, reason.Refuse("PROG-05")
	}
	return f, nil
}

func checkKeys(d Directory, f SiteJoined) error {
	bad := f.Verifier == "" || len(f.Verifier) > keyTexts || len(f.NKey) != nkeyLen || f.NKey[0] != 'U' || !key(f.Box) || f.Number < 1
	for _, s := range d.Sites() {
		bad = bad || s.Site != f.Site && (s.Verifier == f.Verifier || s.NKey == f.NKey || s.Box == f.Box)
	}
	if bad || f.Verifier == d.Programme.Verifier {
		return reason.Refuse("PROG-03", "site", string(f.Site))
	}
	return nil
}

// key says whether text is 32 bytes in base64, and not all of them zero.
func key(text string) bool {
	b, err := base64.StdEncoding.DecodeString(text)
	return err == nil && len(b) == keyLen && strings.Trim(string(b), "\x00") != ""
}

func checkRole(d Directory, f SiteJoined) error {
	parent, ok := d.Site(f.Parent)
	good := false
	switch f.Role {
	case Main, Office:
		good = f.Parent == ""
	case Satellite, Unit:
		good = f.Parent == "" || ok && parent.Role == Main && f.Parent != f.Site
	}
	if !good {
		return reason.Refuse("PROG-04", "site", string(f.Site))
	}
	return nil
}

// DecideEnd answers whether an installation is ended at a number of entries:
// PROG-06 a site that never joined, PROG-07 an installation that is not the
// present one or has ended at or before there, PROG-16 no reason.
func DecideEnd(d Directory, f InstallationEnded) (InstallationEnded, error) {
	s, ok := d.Site(f.Site)
	if !ok {
		return InstallationEnded{}, reason.Refuse("PROG-06", "site", string(f.Site))
	}
	old, ended := s.Ended(f.Number)
	if f.Number < 1 || f.Number > s.Number || f.Size < 0 || ended && f.Size >= old.Size || utf8.RuneCountInString(f.Why) > textMax {
		return InstallationEnded{}, reason.Refuse("PROG-07", "site", string(f.Site), "number", f.Number)
	}
	if strings.TrimSpace(f.Why) == "" {
		return InstallationEnded{}, reason.Refuse("PROG-16")
	}
	return f, nil
}

// Restored is what a site's own journal says of its new installation.
type Restored struct {
	Site     id.Site
	Number   int   // the new one
	OfNumber int   // the one it was restored from
	OfSize   int64 // entries recovered from it
	OfHash   string
}

// DecideRestored answers the facts that follow from a restore. A number that
// is not new says nothing new: no fact and no refusal, because the journal may
// be read again.
func DecideRestored(d Directory, r Restored) ([]any, error) {
	s, ok := d.Site(r.Site)
	if !ok {
		return nil, reason.Refuse("PROG-06", "site", string(r.Site))
	}
	if r.Number <= s.Number {
		return nil, nil
	}
	var facts []any
	if _, ended := s.Ended(r.OfNumber); !ended && r.OfNumber >= 1 && r.OfNumber <= s.Number && r.OfSize >= 0 {
		facts = append(facts, InstallationEnded{Site: r.Site, Number: r.OfNumber, Size: r.OfSize, Hash: r.OfHash, Why: "restored"})
	}
	return append(facts, SiteChanged{Site: r.Site, Number: r.Number}), nil
}

// DecideClinician answers whether a person may sign letters: PROG-06 a site
// that never joined, PROG-08 a key that is none or another person's, PROG-09 a
// last day that has passed or is further than the programme looks ahead.
func DecideClinician(d Directory, f ClinicianNamed, today day.Day) (ClinicianNamed, error) {
	f.Name = strings.Join(strings.Fields(f.Name), " ")
	if _, ok := d.Site(f.Site); !ok {
		return ClinicianNamed{}, reason.Refuse("PROG-06", "site", string(f.Site))
	}
	bad := !key(f.Key) || f.Person == "" || f.Name == "" || utf8.RuneCountInString(f.Name) > nameMax
	for _, c := range d.Clinicians() {
		bad = bad || c.Person != f.Person && c.Key == f.Key
	}
	if bad {
		return ClinicianNamed{}, reason.Refuse("PROG-08")
	}
	if f.Until < today || f.Until > today+untilDays {
		return ClinicianNamed{}, reason.Refuse("PROG-09", "max", untilDays)
	}
	return f, nil
}

// DecideClinicianEnd answers whether a person's signature ends: PROG-10 a
// person who was never named.
func DecideClinicianEnd(d Directory, f ClinicianEnded) (ClinicianEnded, error) {
	if _, ok := d.Clinician(f.Person); !ok || utf8.RuneCountInString(f.Why) > textMax {
		return ClinicianEnded{}, reason.Refuse("PROG-10")
	}
	return f, nil
}

// DecidePair answers whether two records are one person, as people decided:
// PROG-11 without a reason, or of one record with itself; PROG-19 one person,
// and not which of the two records goes on.
func DecidePair(f PairAnswered) (PairAnswered, error) {
	if f.Two < f.One {
		f.One, f.Two, f.OneCode, f.TwoCode, f.OneSite, f.TwoSite = f.Two, f.One, f.TwoCode, f.OneCode, f.TwoSite, f.OneSite
	}
	if f.One == f.Two || f.One == "" || strings.TrimSpace(f.Why) == "" || utf8.RuneCountInString(f.Why) > textMax {
		return PairAnswered{}, reason.Refuse("PROG-11")
	}
	if !f.Same {
		f.Keep = ""
		return f, nil
	}
	if f.Keep != f.One && f.Keep != f.Two {
		return PairAnswered{}, reason.Refuse("PROG-19")
	}
	return f, nil
}

// DecideIncident answers what people did about an incident: PROG-12 without
// words.
func DecideIncident(f IncidentAnswered) (IncidentAnswered, error) {
	if f.Incident == "" || strings.TrimSpace(f.Answer) == "" || utf8.RuneCountInString(f.Answer) > textMax {
		return IncidentAnswered{}, reason.Refuse("PROG-12")
	}
	return f, nil
}
