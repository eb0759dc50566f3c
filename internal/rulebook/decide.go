package rulebook

import (
	"encoding/json"
	"errors"
	"fmt"

	"tram/internal/reason"
)

// Bounds of a change, so that it fits into one journal entry.
const (
	reasonMax = 4_000
	changeMax = 12_000
)

// Confirm asks to confirm (the set's own value), change or set a number, or to
// confirm or replace a table, or to go back to what the set says.
type Confirm struct {
	Key     string
	Value   *int64
	Missed  []MissedRow
	Vomited []VomitedRow
	Unset   bool
	Reason  string // needed for every value that is not the set's own
}

// DecideConfirm answers what the programme asks for, as one whole: all changes
// to journal, in order, or the first rule that says no. The outcome is checked
// after all of them, so that two numbers that depend on each other can be
// changed together. past are all changes so far, oldest first.
func DecideConfirm(s Set, past []Confirmed, asks []Confirm) ([]Confirmed, error) {
	var out []Confirmed
	for _, a := range asks {
		if err := askable(s, a); err != nil {
			return nil, err
		}
		c := Confirmed{
			Key: a.Key, Value: a.Value, Missed: a.Missed, Vomited: a.Vomited, Unset: a.Unset,
			Status: ByProgramme, Reason: a.Reason, Version: len(past) + len(out) + 1,
		}
		b, err := json.Marshal(c)
		if err != nil {
			return nil, fmt.Errorf("write change of %s: %w", a.Key, err)
		}
		if len(b) > changeMax {
			return nil, reason.Refuse("RULE-06", "max", changeMax)
		}
		out = append(out, c)
	}
	all := append(append([]Confirmed{}, past...), out...)
	if _, err := Effective(s, all); err != nil {
		return nil, asRefusal(err)
	}
	return out, nil
}

// askable checks one change by itself.
func askable(s Set, a Confirm) error {
	if len(a.Reason) > reasonMax {
		return reason.Refuse("RULE-06", "max", reasonMax)
	}
	switch a.Key {
	case MissedKey, VomitedKey:
		return askableTable(s, a)
	}
	e, ok := entryOf(a.Key)
	if !ok {
		return reason.Refuse("RULE-01", "key", a.Key)
	}
	if a.Unset {
		return needReason(a)
	}
	if a.Value == nil || len(a.Missed)+len(a.Vomited) > 0 {
		return reason.Refuse("RULE-02", "key", a.Key)
	}
	if *a.Value < e.lo || *a.Value > e.hi {
		return reason.Refuse("RULE-03", "key", a.Key, "low", int(e.lo), "high", int(e.hi), "unit", e.unit)
	}
	if own := fromSet(s, e); own.Known && own.InForce == *a.Value {
		return nil // confirmed as it stands
	}
	return needReason(a)
}

func askableTable(s Set, a Confirm) error {
	own, given := len(s.Missed.Rows), len(a.Missed)
	foreign := len(a.Vomited)
	if a.Key == VomitedKey {
		own, given, foreign = len(s.Vomited.Rows), len(a.Vomited), len(a.Missed)
	}
	switch {
	case a.Value != nil || foreign > 0 || (a.Unset && given > 0):
		return reason.Refuse("RULE-02", "key", a.Key)
	case !a.Unset && given == 0 && own == 0:
		return reason.Refuse("RULE-02", "key", a.Key)
	case !a.Unset && given == 0:
		return nil // the set's own rows, confirmed as they stand
	}
	return needReason(a)
}

func needReason(a Confirm) error {
	if a.Reason == "" {
		return reason.Refuse("RULE-07", "key", a.Key)
	}
	return nil
}

// asRefusal turns a contradiction into words a person can act on.
func asRefusal(err error) error {
	var p *Problem
	switch {
	case !errors.As(err, &p):
		return err
	case p.With != "":
		return reason.Refuse("RULE-04", "key", p.Key, "with", p.With)
	case p.Row > 0:
		return reason.Refuse("RULE-05", "key", p.Key, "row", p.Row)
	}
	return err
}
