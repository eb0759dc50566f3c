// Package programme holds what the sites of one programme must know of each
// other: who takes part with which keys, which installations have ended, and
// which clinicians may sign a letter.
//
// Its facts stand in the hub's own journal, and everyone folds them into the
// same [Directory]. It checks no signature and knows no network: the bytes of
// keys are compared, never used. It promises that a key, once ended, is never
// good again for what came after. Rules: docs/rules.md, PROG-01 and on.
package programme

import (
	"tram/internal/day"
	"tram/internal/id"
)

// Hub is the site code of the programme's hub, which is a site too.
const Hub id.Site = "HUB"

// Founded says that a programme has a hub. First fact of the hub's journal,
// kind "programme.founded". Fields are only ever added.
type Founded struct {
	Programme string `json:"programme"`
	Name      string `json:"name"`
	Rules     string `json:"rules"`
	Zone      string `json:"zone"`
	Verifier  string `json:"verifier,omitempty"` // of the hub's journal, in note form
	Cosigner  string `json:"cosigner,omitempty"` // with which the hub signs receipts, in note form
}

// Role is what a site is in the programme.
type Role string

// The roles. A main clinic has physicians; a satellite doses its patients.
const (
	Main      Role = "main"
	Satellite Role = "satellite"
	Unit      Role = "unit"   // a community unit, without methadone
	Office    Role = "office" // looks and does not treat
)

// SiteJoined says that a site takes part. Journal kind
// "programme.site_joined".
type SiteJoined struct {
	Site     id.Site `json:"site"`
	Name     string  `json:"name"`
	Language string  `json:"language"`
	Number   int     `json:"number"`   // of its installation
	Verifier string  `json:"verifier"` // of its journal, in note form
	Box      string  `json:"box"`      // X25519 public key for letters, base64
	NKey     string  `json:"nkey"`     // with which it signs in for sync
	Role     Role    `json:"role"`
	Parent   id.Site `json:"parent,omitempty"` // the main clinic of a satellite
}

// SiteChanged says what is different at a site from now on; a field that is
// empty stays as it was. Journal kind "programme.site_changed".
type SiteChanged struct {
	Site     id.Site `json:"site"`
	Name     string  `json:"name,omitempty"`
	Language string  `json:"language,omitempty"`
	Number   int     `json:"number,omitempty"`
	Verifier string  `json:"verifier,omitempty"`
	Box      string  `json:"box,omitempty"`
	NKey     string  `json:"nkey,omitempty"`
	Role     Role    `json:"role,omitempty"`
	Parent   id.Site `json:"parent,omitempty"`
}

// InstallationEnded says that an installation is no more, because it was
// restored, replaced or stolen: what bears its number past the first Size
// entries is not good. Journal kind "programme.installation_ended".
type InstallationEnded struct {
	Site   id.Site `json:"site"`
	Number int     `json:"number"`
	Size   int64   `json:"size"`
	Hash   string  `json:"hash,omitempty"` // of the tree over those entries, base64; "" if not known
	Why    string  `json:"why,omitempty"`
}

// ClinicianNamed says that a person may sign letters. Journal kind
// "programme.clinician_named".
type ClinicianNamed struct {
	Person id.Person `json:"person"`
	Name   string    `json:"name"`
	Site   id.Site   `json:"site"`
	Key    string    `json:"key"`   // Ed25519 public key, base64
	Until  day.Day   `json:"until"` // last day on which a signature is good
}

// ClinicianEnded says that a person signs no letter from a day on. Journal
// kind "programme.clinician_ended".
type ClinicianEnded struct {
	Person id.Person `json:"person"`
	From   day.Day   `json:"from"`
	Why    string    `json:"why,omitempty"`
}

// PairAnswered says whether two records that look alike are one person.
// Journal kind "programme.pair_answered".
type PairAnswered struct {
	One     id.Patient `json:"one"`
	Two     id.Patient `json:"two"`
	Same    bool       `json:"same"`
	Why     string     `json:"why"`
	Keep    id.Patient `json:"keep,omitempty"` // of one person: the record that goes on; nobody is dosed under the other
	OneCode string     `json:"one_code,omitempty"`
	TwoCode string     `json:"two_code,omitempty"`
	OneSite id.Site    `json:"one_site,omitempty"` // where it was registered
	TwoSite id.Site    `json:"two_site,omitempty"`
}

// DigestKey gives one site the key of the programme's digests of identity
// numbers, sealed to the site's box key: nobody else can open it. Journal kind
// "programme.digest_key".
type DigestKey struct {
	Site       id.Site `json:"site"`
	Generation int     `json:"generation"` // digests of another generation are not made with this key
	CostKiB    int     `json:"cost_kib"`   // memory that one digest takes, so that nobody tries all numbers
	Box        string  `json:"box"`        // the box key it is sealed to, base64
	Sealed     string  `json:"sealed"`     // base64
}

// Digests says which digests the numbers of some patients have now; what was
// said of these patients before is over. Journal kind "programme.digests". A
// line is the patient, the code on the record and the digests, with blanks
// between them; a patient without a number has none.
type Digests struct {
	Generation int      `json:"generation"`
	Site       id.Site  `json:"site"` // that registered the patients
	Lines      []string `json:"lines"`
}

// HubRestored says that the hub came back from a backup and passes over numbers
// that sites may have heard. The first says it; those without contents only take
// a number each. Journal kind "programme.hub_restored".
type HubRestored struct {
	Made    day.Instant `json:"made,omitempty"`    // when the backup was
	Size    int64       `json:"size,omitempty"`    // entries of the hub's journal in it
	Skipped int64       `json:"skipped,omitempty"` // numbers passed over
}

// IncidentAnswered says what people did about an incident. Journal kind
// "programme.incident_answered".
type IncidentAnswered struct {
	Incident string  `json:"incident"`
	Answer   string  `json:"answer"`
	Kind     string  `json:"kind,omitempty"` // what it was about, so that the answer can be read without the tables
	Site     id.Site `json:"site,omitempty"`
	Day      day.Day `json:"day,omitempty"`
	Resume   bool    `json:"resume,omitempty"` // the site's journal is taken again
}
