// Package transfer decides where a person may be dosed: for each person and
// each calendar day there is one right to dose, at one site, and it moves from
// site to site by letter only, between sites that cannot talk to each other.
//
// It knows no clock, storage, network, signature or picture: the caller brings
// the day, what was verified and what was read, and gets facts to append or a
// refusal. It promises, whatever happens to the network and to the PCs, that
// usable holders and open letters of one person's day never add up to more than
// one (docs/spec/dosing-right.md, I2), which is why no two sites dose on a day.
//
// There is one implementation and two ways in:
//
//   - The door (package clinic) loads an [Installation] and one person's
//     [Holding], asks a Decide function (or [MayDose]), appends the fact it
//     answers, and projects the fact with the Apply function of its name. The
//     projection of a fact read from another medium or in a rebuild is the same
//     call, or [Fold], which knows them all.
//   - The simulator and the explorer give events to [Step], which is made of
//     those same functions and says in which order effects happen.
//
// The order of effects is the protocol: a letter's closing and its bytes are one
// fact; then the journal goes to the second medium; only then is the letter
// shown ([DecideRelease], [MayShow]). A dose is appended before the cup leaves
// the counter. Rules: docs/rules.md, TRANSFER-01 and INST-01 and on.
package transfer

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
)

// Why is the reason a letter is written.
type Why string

// The reasons. A transfer is for good; a visit has a last day; a return sends
// days back to where they came from; a storm letter is a visit written ahead of
// a forecast, and just as binding.
const (
	ForGood Why = "transfer"
	Visit   Why = "visit"
	Back    Why = "return"
	Storm   Why = "storm"
)

// Hub is the site code under which the programme's hub keeps its own journal
// and writes letters for a sealed site.
const Hub id.Site = "HUB"

// Given closes days here and carries the letter that opens them elsewhere: one
// fact, so that there is no moment between the two. Journal kind
// "transfer.given". Fields are only ever added.
type Given struct {
	Letter  id.Letter  `json:"letter"`
	Patient id.Patient `json:"patient"`
	To      id.Site    `json:"to"`
	First   day.Day    `json:"first"`
	Last    day.Day    `json:"last,omitempty"` // absent: for good
	Why     Why        `json:"why"`
	Number  int        `json:"number"` // of the installation that gave
	Bytes   []byte     `json:"bytes"`  // the signed, sealed letter; set by the door, never read here
}

// Released says that the closing of a letter is on a second medium, so that the
// letter may be seen. Journal kind "transfer.released".
type Released struct {
	Letter  id.Letter  `json:"letter"`
	Patient id.Patient `json:"patient"`
	Medium  string     `json:"medium"` // "baton:<id>" or "hub"
}

// Carried is what a letter tells about the person besides the days. This room
// reads LastDay only; the rest is for the order, the dose and the patient.
type Carried struct {
	LastDay    day.Day        `json:"last_day,omitempty"` // of the last dose before the letter; absent: none known
	LastAmount unit.Microgram `json:"last_ug,omitempty"`
	LastAt     day.Instant    `json:"last_at,omitempty"`
	Missed     int            `json:"missed,omitempty"`    // days missed before the letter
	TakeHome   int            `json:"take_home,omitempty"` // doses handed out and not yet due
	Amount     unit.Microgram `json:"amount_ug"`
	Order      id.Order       `json:"order"`
	OrderLast  day.Day        `json:"order_last,omitempty"`
	Code       string         `json:"code"`
	Name       string         `json:"name"`
	Birth      day.Partial    `json:"birth"`
	Sex        string         `json:"sex"`
	Language   string         `json:"language,omitempty"`
	Note       string         `json:"note,omitempty"`
}

// Accepted opens the days of a letter here. Journal kind "transfer.accepted".
// Fields are only ever added.
type Accepted struct {
	Letter  id.Letter  `json:"letter"`
	Patient id.Patient `json:"patient"`
	From    id.Site    `json:"from"`
	Number  int        `json:"number"` // of the installation that gave
	First   day.Day    `json:"first"`
	Last    day.Day    `json:"last,omitempty"` // absent: for good
	Why     Why        `json:"why"`
	Bytes   []byte     `json:"bytes"`
	ByHand  bool       `json:"by_hand,omitempty"` // typed from the short form, not scanned
	Carried
}

// Rejected notes a forged or altered letter for the incident list; no day
// moves. Journal kind "transfer.rejected".
type Rejected struct {
	What   string `json:"what"`   // the rule that refused
	Digest string `json:"digest"` // of the bytes that were shown
}

// InstallationOpened says that the site was opened for a day, and what stood
// beside the PC as a witness of its journal. Journal kind
// "installation.opened".
type InstallationOpened struct {
	Day         day.Day `json:"day"`
	Baton       string  `json:"baton,omitempty"`       // id of the baton that was plugged in; "" without
	Hub         bool    `json:"hub,omitempty"`         // the hub knew this journal's head
	Unwitnessed int     `json:"unwitnessed,omitempty"` // openings in a row with neither, this one included
}

// InstallationRestored is the birth record of a new installation: from which
// entry of which one it goes on. Journal kind "installation.restored".
type InstallationRestored struct {
	Number   int       `json:"number"`
	OfNumber int       `json:"of_number"`
	OfSize   int64     `json:"of_size"` // entries recovered; what the old one wrote after them is not good
	OfHash   string    `json:"of_hash"`
	Fence    day.Day   `json:"fence"`  // no dose by right on this day or before, unless Complete
	Medium   string    `json:"medium"` // what was read besides the backup: "baton:<id>", "hub", both with a comma, or ""
	Witness  id.Person `json:"witness,omitempty"`
	Letters  bool      `json:"letters"`  // every letter the old installation can have shown is among the entries
	Complete bool      `json:"complete"` // so is every dose: two people state that nothing was opened without the baton since
}

// InstallationAdjudicated ends the adjudication of a site whose PC and second
// medium died together: people have accounted for its letters, in the order in
// which they were written. Journal kind "installation.adjudicated".
type InstallationAdjudicated struct {
	Number  int       `json:"number"`
	Day     day.Day   `json:"day"` // doses by right from the day after
	Found   []Found   `json:"found"`
	Sources []string  `json:"sources"` // "counterfoils", "neighbours", "hub"
	Witness id.Person `json:"witness,omitempty"`
	Note    string    `json:"note"`
}

// Found is a letter that people found for a site that had forgotten it.
type Found struct {
	Letter  id.Letter  `json:"letter"`
	Patient id.Patient `json:"patient"`
	Other   id.Site    `json:"other"` // where it went, or whence it came
	In      bool       `json:"in"`    // accepted here; else given from here
	First   day.Day    `json:"first"`
	Last    day.Day    `json:"last,omitempty"`
}

// InstallationFenced says that this PC saw a newer number of its own site and
// is read only for ever. Journal kind "installation.fenced".
type InstallationFenced struct {
	Seen int `json:"seen_number"`
}

// At is the place of a fact: its number in the journal and its clinic day.
type At struct {
	Seq int64
	Day day.Day
}

// Holding is what one installation knows of one person's days. Days, Out and In
// are never changed in place, so that a copy of a Holding is a copy.
type Holding struct {
	Patient   id.Patient
	Days      []Span  // held here: in order, apart; the last may be for good
	Spent     day.Day // newest day with a dose recorded here, attested ones included
	Elsewhere day.Day // newest day with a dose known of another place: letter, card, hub
	Out       []Out   // letters given, oldest first
	In        []In    // letters accepted, oldest first
}

// Out is a letter given.
type Out struct {
	Letter   id.Letter
	To       id.Site
	Span     Span
	Why      Why
	Seq      int64 // its place in the journal
	Released bool  // may be seen
}

// In is a letter accepted.
type In struct {
	Letter id.Letter
	From   id.Site
	Span   Span
	Day    day.Day // on which it was accepted
}
