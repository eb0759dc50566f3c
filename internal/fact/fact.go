// Package fact is the one list of fact kinds: the name under which a fact
// stands in the journal, how to read it back, and where it may go.
//
// It knows the types of the care rooms and nothing of storage. A kind is only
// ever added, and the fields of a kind are only ever added; the golden bytes
// in testdata hold every form ever written. A program that meets a kind it
// does not know keeps and forwards it; a kind marked MustUnderstand stops the
// window for that patient instead of being guessed at.
package fact

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"tram/internal/access"
	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/programme"
	"tram/internal/care/site"
	"tram/internal/care/stability"
	"tram/internal/care/staff"
	"tram/internal/care/stock"
	"tram/internal/care/transfer"
	"tram/internal/rulebook"
)

// Kind is one kind of fact.
type Kind struct {
	Name           string // "dose.poured"; frozen
	MustUnderstand bool   // a program that does not know it must not dose the patient
	Shared         bool   // goes to other sites that care for the patient
	FHIR           string // resource it maps to, or "" when not in FHIR
	typ            reflect.Type
}

func kind[T any](name string, must, shared bool, fhir string) Kind {
	return Kind{name, must, shared, fhir, reflect.TypeFor[T]()}
}

// Kinds is the list. The order is that of a patient's way through a day.
var Kinds = []Kind{
	kind[site.Founded]("site.founded", true, true, "Location"),
	kind[staff.Enrolled]("staff.enrolled", false, false, "Practitioner"),
	kind[staff.DutiesSet]("staff.duties_set", false, false, "PractitionerRole"),
	kind[staff.SecretSet]("staff.secret_set", false, false, ""),
	kind[staff.KeyMade]("staff.key_made", false, false, "Practitioner"),
	kind[staff.Left]("staff.left", false, false, "PractitionerRole"),
	kind[staff.SignedIn]("staff.signed_in", false, false, "AuditEvent"),
	kind[staff.LockedOut]("staff.locked_out", false, false, "AuditEvent"),
	kind[rulebook.Confirmed]("rule.confirmed", true, true, "PlanDefinition"),
	kind[patient.Registered]("patient.registered", true, true, "Patient"),
	kind[patient.Changed]("patient.changed", false, true, "Patient"),
	kind[patient.CardGiven]("patient.card_given", false, true, "Patient"),
	kind[patient.Photographed]("patient.photographed", false, false, "Patient"), // the picture stays at its site
	kind[patient.PhotoWithdrawn]("patient.photo_withdrawn", false, false, "Patient"),
	kind[patient.Left]("patient.left", true, true, "EpisodeOfCare"),
	kind[patient.Returned]("patient.returned", true, true, "EpisodeOfCare"),
	kind[patient.Noted]("patient.noted", false, true, "Observation"),
	kind[patient.UrineTested]("patient.urine_tested", false, true, "Observation"),
	kind[stability.Answered]("stability.answered", false, true, "Task"),
	kind[patient.LikenessAnswered]("patient.likeness_answered", false, false, ""),
	kind[patient.DoubleAnswered]("patient.double_answered", true, false, ""),
	kind[order.Written]("order.written", true, true, "MedicationRequest"),
	kind[order.Signed]("order.signed", true, true, "MedicationRequest"),
	kind[order.Stopped]("order.stopped", true, true, "MedicationRequest"),
	kind[daybook.Opened]("daybook.opened", true, false, ""),
	kind[daybook.Closed]("daybook.closed", false, false, ""),
	kind[stock.Received]("stock.received", false, false, "SupplyDelivery"),
	kind[stock.Opened]("stock.opened", false, false, ""),
	kind[stock.Spilled]("stock.spilled", false, false, ""),
	kind[stock.Counted]("stock.counted", false, false, ""),
	kind[stock.Finished]("stock.finished", false, false, ""),
	kind[dose.Poured]("dose.poured", true, true, "MedicationAdministration"),
	kind[dose.Swallowed]("dose.swallowed", true, true, "MedicationAdministration"),
	kind[dose.PartTaken]("dose.part_taken", true, true, "MedicationAdministration"),
	kind[dose.NotGiven]("dose.not_given", true, true, "MedicationAdministration"),
	kind[dose.Answered]("dose.answered", true, true, "MedicationAdministration"),
	kind[dose.Vomited]("dose.vomited", true, true, "Observation"),
	kind[dose.ReplacementAllowed]("dose.replacement_allowed", true, true, "MedicationRequest"),
	kind[dose.Held]("dose.held", true, true, "MedicationAdministration"),
	kind[dose.Released]("dose.released", true, true, "MedicationAdministration"),
	kind[dose.Missed]("dose.missed", false, true, "MedicationAdministration"),
	kind[dose.Corrected]("dose.corrected", true, true, "MedicationAdministration"),
	kind[dose.GapAnswered]("dose.gap_answered", true, true, "MedicationRequest"),
	kind[dose.Recorded]("dose.recorded", true, true, "MedicationAdministration"),
	kind[dose.Attested]("dose.attested", true, true, "MedicationAdministration"),
	kind[transfer.Given]("transfer.given", true, true, "ServiceRequest"),
	kind[transfer.Released]("transfer.released", false, true, ""),
	kind[transfer.Accepted]("transfer.accepted", true, true, "Task"),
	kind[transfer.Rejected]("transfer.rejected", false, false, "AuditEvent"),
	kind[transfer.InstallationOpened]("installation.opened", true, false, ""),
	kind[transfer.InstallationRestored]("installation.restored", true, false, ""),
	kind[transfer.InstallationAdjudicated]("installation.adjudicated", true, false, ""),
	kind[transfer.InstallationFenced]("installation.fenced", true, false, ""),
	kind[access.Seen]("access.seen", false, false, "AuditEvent"),
	kind[access.Printed]("access.printed", false, false, "AuditEvent"),
	kind[access.GlassBroken]("glass.broken", false, true, "AuditEvent"), // the patient's own site sees who opened the record
	kind[access.GlassReviewed]("glass.reviewed", false, true, "AuditEvent"),
	kind[programme.Founded]("programme.founded", true, true, "Organization"),
	kind[programme.SiteJoined]("programme.site_joined", true, true, "Location"),
	kind[programme.SiteChanged]("programme.site_changed", true, true, "Location"),
	kind[programme.InstallationEnded]("programme.installation_ended", true, true, "Location"),
	kind[programme.ClinicianNamed]("programme.clinician_named", true, true, "PractitionerRole"),
	kind[programme.ClinicianEnded]("programme.clinician_ended", true, true, "PractitionerRole"),
	kind[programme.PairAnswered]("programme.pair_answered", false, true, "Patient"),
	kind[programme.DigestKey]("programme.digest_key", false, true, ""),
	kind[programme.Digests]("programme.digests", false, true, ""),
	kind[programme.HubRestored]("programme.hub_restored", false, false, ""),
	kind[programme.IncidentAnswered]("programme.incident_answered", false, false, ""),
}

// ErrUnknown says that this program does not know a kind: the entry is kept
// and forwarded, and read by a newer program.
var ErrUnknown = errors.New("kind of fact not known to this program")

var (
	byName = map[string]Kind{}
	byType = map[reflect.Type]Kind{}
)

func init() {
	for _, k := range Kinds {
		byName[k.Name] = k
		byType[k.typ] = k
	}
}

// Encode is the kind and the JSON of a fact. A value that is not in Kinds is a
// broken promise of the caller and panics.
func Encode(v any) (string, []byte, error) {
	k, ok := byType[reflect.TypeOf(v)]
	if !ok {
		panic(fmt.Sprintf("fact: %T is not in the list of kinds", v))
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "", nil, fmt.Errorf("encode %s: %w", k.Name, err)
	}
	return k.Name, b, nil
}

// Decode reads a fact back. Fields it does not know are left alone: they come
// from a newer program, and the journal keeps them.
func Decode(name string, raw []byte) (any, error) {
	k, ok := byName[name]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknown, name)
	}
	p := reflect.New(k.typ)
	if err := json.Unmarshal(raw, p.Interface()); err != nil {
		return nil, fmt.Errorf("decode %s: %w", name, err)
	}
	return p.Elem().Interface(), nil
}

// ByName finds a kind.
func ByName(name string) (Kind, bool) {
	k, ok := byName[name]
	return k, ok
}
