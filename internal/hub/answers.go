package hub

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"tram/internal/access"
	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/hubdb"
	"tram/internal/id"
	"tram/internal/reason"
)

// AnswerPair records whether two records are one person, and which goes on.
func (h *Hub) AnswerPair(ctx context.Context, by id.Person, f programme.PairAnswered) error {
	if err := h.May(by, access.AnswerCase); err != nil {
		return err
	}
	f, err := programme.DecidePair(f)
	if err != nil {
		return err
	}
	p, err := h.db.Pair(ctx, f.One, f.Two)
	if err != nil && !errors.Is(err, hubdb.ErrNotFound) {
		return err
	}
	f.OneCode, f.TwoCode, f.OneSite, f.TwoSite = p.OneCode, p.TwoCode, p.OneSite, p.TwoSite
	return h.Record(ctx, by, f)
}

// AnswerIncident records what was done about an incident, with what it was
// about. PROG-15: there is no such incident.
func (h *Hub) AnswerIncident(ctx context.Context, by id.Person, f programme.IncidentAnswered) error {
	if err := h.May(by, access.AnswerCase); err != nil {
		return err
	}
	f, err := programme.DecideIncident(f)
	if err != nil {
		return err
	}
	i, err := h.db.Incident(ctx, f.Incident)
	if errors.Is(err, hubdb.ErrNotFound) {
		return reason.Refuse("PROG-15")
	}
	if err != nil {
		return err
	}
	f.Kind, f.Site, f.Day, f.Resume = i.Kind, i.Site, i.Day, false
	return h.Record(ctx, by, f)
}

// Resume takes a stopped journal again, and records why in the answer to what
// stopped it. PROG-18: it is not stopped.
func (h *Hub) Resume(ctx context.Context, by Signed, s id.Site, why string) error {
	if err := h.May(by.Person, access.RunProgramme); err != nil {
		return err
	}
	head, _, err := h.db.Head(ctx, s)
	if err != nil {
		return err
	}
	if head.Stopped == "" {
		return reason.Refuse("PROG-18", "site", string(s))
	}
	i, err := h.db.StoppedBy(ctx, s)
	if err != nil {
		return fmt.Errorf("what stopped %s: %w", s, err)
	}
	f, err := programme.DecideIncident(programme.IncidentAnswered{Incident: i.ID, Answer: why, Kind: i.Kind, Site: s, Day: i.Day, Resume: true})
	if err != nil {
		return err
	}
	if err := h.stepUp(ctx, by, access.RunProgramme); err != nil {
		return err
	}
	if err := h.Record(ctx, by.Person, f); err != nil {
		return err
	}
	return h.db.Resume(ctx, s)
}

// EndInstallation records that an installation of a site is no more: lost,
// stolen or replaced. Its first entries stay good, as many as f says; what it
// writes after them is not. While it is the site's present one the hub takes
// nothing more of the journal, because a PC in a stranger's hands has the keys:
// people let it go on when they know the new PC.
func (h *Hub) EndInstallation(ctx context.Context, by Signed, f programme.InstallationEnded) error {
	if err := h.May(by.Person, access.RunProgramme); err != nil {
		return err
	}
	head, root, err := h.db.Head(ctx, f.Site)
	if err != nil {
		return err
	}
	if f.Hash = ""; f.Size == head.Size {
		f.Hash = base64.StdEncoding.EncodeToString(root[:])
	}
	if f, err = programme.DecideEnd(h.Directory(), f); err != nil {
		return err
	}
	if err := h.stepUp(ctx, by, access.RunProgramme); err != nil {
		return err
	}
	if known, _ := h.Directory().Site(f.Site); known.Number == f.Number {
		// First, so that a crash in between leaves the safe half.
		if err := h.db.Stop(ctx, f.Site, fmt.Sprintf("installation %d was ended at entry %d", f.Number, f.Size), h.o.Clock()); err != nil {
			return err
		}
	}
	return h.Record(ctx, by.Person, f)
}

// NameClinician records that a person of a site may sign letters until a day,
// with the key that they made there. PROG-17: nobody of this name works there
// and has made a key.
func (h *Hub) NameClinician(ctx context.Context, by Signed, s id.Site, p id.Person, until day.Day) error {
	if err := h.May(by.Person, access.RunProgramme); err != nil {
		return err
	}
	all, err := h.db.Hands(ctx)
	if err != nil {
		return err
	}
	var hand hubdb.Hand
	for _, x := range all {
		if x.Site == s && x.Person == p {
			hand = x
		}
	}
	if hand.Key == "" || hand.LeftAt != 0 {
		return reason.Refuse("PROG-17")
	}
	f, err := programme.DecideClinician(h.Directory(), programme.ClinicianNamed{Person: p, Name: hand.Name, Site: s, Key: hand.Key, Until: until}, h.Today())
	if err != nil {
		return err
	}
	if err := h.stepUp(ctx, by, access.RunProgramme); err != nil {
		return err
	}
	return h.Record(ctx, by.Person, f)
}

// EndClinician records that a person signs no letter from a day on.
func (h *Hub) EndClinician(ctx context.Context, by Signed, f programme.ClinicianEnded) error {
	if err := h.May(by.Person, access.RunProgramme); err != nil {
		return err
	}
	f, err := programme.DecideClinicianEnd(h.Directory(), f)
	if err != nil {
		return err
	}
	if err := h.stepUp(ctx, by, access.RunProgramme); err != nil {
		return err
	}
	return h.Record(ctx, by.Person, f)
}

// ListPatients are the patients of a site, by code; who looked is recorded.
func (h *Hub) ListPatients(ctx context.Context, by id.Person, s id.Site) ([]hubdb.Patient, bool, error) {
	if err := h.May(by, access.ListPatients); err != nil {
		return nil, false, err
	}
	out, more, err := h.db.PatientsOf(ctx, s, patientsMost)
	if err != nil {
		return nil, false, err
	}
	return out, more, h.Record(ctx, by, access.Seen{Part: "hub.patients", Why: string(s)})
}
