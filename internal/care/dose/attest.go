package dose

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
)

// Attest asks to record a dose that is given on people's word, where the machine
// has no right to the day.
type Attest struct {
	Patient   id.Patient
	Amount    unit.Microgram
	Why       string
	Card      bool      // the person's card was seen and shows no dose of today
	Physician id.Person // who decided, here or on the telephone
	Witness   Second
}

// DecideAttest answers Attest with the measured dose and the rule that people
// went past: DOSE-50 nothing stands in the way that they could answer for;
// DOSE-51 no physician; DOSE-52 more than the order in force says, or than the
// last dose known where there is none; DOSE-29 no reason.
func DecideAttest(s State, c Attest, by id.Person, today day.Day) (plan Plan, rule string, err error) {
	no := s.NotReady
	if no == nil {
		no = s.NoRight
	}
	switch {
	case !s.DayOpen:
		return plan, "", reason.Refuse("DAY-01")
	case no == nil || !s.Answerable:
		return plan, "", reason.Refuse("DOSE-50")
	}
	for _, e := range s.Today {
		if e.Counts() {
			return plan, "", reason.Refuse("DOSE-02", "at", e.PouredAt, "amount", e.Amount)
		}
	}
	if err := second(by, c.Witness); err != nil {
		return plan, "", err
	}
	if err := note(c.Why, true); err != nil {
		return plan, "", err
	}
	most := s.Ordered
	if s.Order == "" {
		most = s.LastAmount
	}
	switch {
	case c.Physician == "":
		return plan, "", reason.Refuse("DOSE-51")
	case c.Amount <= 0 || c.Amount > most:
		return plan, "", reason.Refuse("DOSE-52", "most", most)
	}
	plan, err = measured(s, Plan{Order: s.Order, Amount: c.Amount}, today)
	return plan, no.Rule, err
}
