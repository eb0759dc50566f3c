package order

import (
	"tram/internal/day"
	"tram/internal/reason"
	"tram/internal/unit"
)

// weekDays is the length of the window over which rises are summed.
const weekDays = 7

// asked collects the warnings about one order, each rule once.
type asked struct {
	list []reason.Warning
}

// add keeps the first warning of a rule; of ORDER-34 one for each number.
func (a *asked) add(w reason.Warning, l Limit) {
	w.Stop, w.Source, w.Status = true, l.Source, l.Status
	for _, have := range a.list {
		if have.Rule == w.Rule && (w.Rule != unknownRule || have.String() == w.String()) {
			return
		}
	}
	a.list = append(a.list, w)
}

const unknownRule = "ORDER-34"

// unknown says that the programme has no number here. name is the number's
// name in the rulebook without its unit.
func (a *asked) unknown(name string, l Limit) {
	if !l.Known {
		a.add(reason.Warn(unknownRule, "limit", name), l)
	}
}

// above warns when an amount is above a known limit, and asks when there is no
// limit to compare with.
func (a *asked) above(rule, name string, got unit.Microgram, l Limit) {
	a.unknown(name, l)
	if l.Known && int64(got) > l.Value {
		a.add(reason.Warn(rule, "amount", got, "max", unit.Microgram(l.Value)), l)
	}
}

// warnings lists what a physician must answer for before the order is written,
// most important first.
func warnings(h History, c Write, lim Limits) []reason.Warning {
	var a asked
	a.start(h, c, lim)
	if h.RestartMaxUg > 0 && c.Amount > h.RestartMaxUg {
		a.add(reason.Warn("ORDER-24", "amount", c.Amount, "max", h.RestartMaxUg), Limit{})
	}
	// Once by what is signed and once by what is planned: an order that waits
	// may neither hide a rise nor be passed over.
	a.rise(h, c, lim, isSigned)
	a.rise(h, c, lim, isPlanned)
	a.usualRange(h, c, lim)
	a.duration(h, c, lim)
	if !lim.DailyMaxUg.Known {
		a.add(reason.Warn("ORDER-35"), lim.DailyMaxUg)
	}
	return a.list
}

// start looks at an order before which no dose is known, or that starts again.
func (a *asked) start(h History, c Write, lim Limits) {
	if h.FirstDose != day.Never && !starts(h, c) {
		return
	}
	high := lim.FirstDoseHighMaxUg
	a.unknown("first_dose_high_max", high)
	if high.Known && int64(c.Amount) > high.Value {
		// In induction this is refused. Otherwise the person may come from
		// another clinic: then the physician says what the dose there was.
		a.add(reason.Warn("ORDER-23", "amount", c.Amount, "max", unit.Microgram(high.Value)), high)
		return
	}
	a.above("ORDER-21", "first_dose_max", c.Amount, lim.FirstDoseMaxUg)
	if care := lim.FirstDoseCareUg; care.Known && int64(c.Amount) >= care.Value {
		a.add(reason.Warn("ORDER-22", "amount", c.Amount, "from", unit.Microgram(care.Value)), care)
	}
}

// rise looks at a step up from the amount before.
func (a *asked) rise(h History, c Write, lim Limits, take func(Standing) bool) {
	prev, known := amountBefore(h, c.First, take)
	if !known {
		if h.FirstDose != day.Never {
			a.add(reason.Warn("ORDER-32"), Limit{})
		}
		return
	}
	by := c.Amount - prev
	if by <= 0 {
		return
	}
	early := inInduction(h, c, lim)
	step, week, stepName, weekName := lim.StepMaxUg, lim.WeekRiseUg, "step_max", "week_rise_max"
	if early {
		step, week, stepName, weekName = lim.StepMaxInductionUg, lim.WeekRiseInductionUg, "step_max_induction", "week_rise_induction_max"
	}
	a.above("ORDER-25", stepName, by, step)
	a.soon(h, c, lim, take, early)
	sum := by
	for _, r := range rises(h, c.First, take) {
		if r.day > c.First-weekDays {
			sum += r.by
		}
	}
	a.above("ORDER-28", weekName, sum, week)
}

// soon looks at a rise in the first days and at one soon after another.
func (a *asked) soon(h History, c Write, lim Limits, take func(Standing) bool, early bool) {
	if h.FirstDose != day.Never {
		if early {
			a.unknown("first_rise", lim.FirstRiseDays)
		}
		if l := lim.FirstRiseDays; l.Known && int64(c.First-h.FirstDose) < l.Value {
			a.add(reason.Warn("ORDER-26", "start", h.FirstDose, "days", int(l.Value)), l)
		}
	}
	past := rises(h, c.First, take)
	if len(past) == 0 {
		return
	}
	l, last := lim.RiseGapDays, past[len(past)-1]
	a.unknown("rise_gap", l)
	if l.Known && int64(c.First-last.day) < l.Value {
		a.add(reason.Warn("ORDER-27", "last", last.day, "days", int(l.Value)), l)
	}
}

// inInduction says whether the stricter limits hold: by the phase as written,
// and by the days since the first dose, whatever phase was written.
func inInduction(h History, c Write, lim Limits) bool {
	return c.Phase == Induction ||
		(lim.InductionDays.Known && h.FirstDose != day.Never && int64(c.First-h.FirstDose) < lim.InductionDays.Value)
}

// usualRange looks at the usual maintenance range: above it always, below it
// only where the amount changes, since a person who does well on less should
// not be questioned at every renewal.
func (a *asked) usualRange(h History, c Write, lim Limits) {
	low, high := lim.MaintenanceMinUg, lim.MaintenanceMaxUg
	if high.Known || c.Phase == Maintenance {
		a.above("ORDER-29", "maintenance_max", c.Amount, high)
	}
	prev, known := amountBefore(h, c.First, isSigned)
	if c.Phase != Maintenance || (known && prev == c.Amount) {
		return
	}
	a.unknown("maintenance_min", low)
	if low.Known && int64(c.Amount) < low.Value {
		a.add(reason.Warn("ORDER-30", "amount", c.Amount, "min", unit.Microgram(low.Value)), low)
	}
}

// duration looks at the length of the phase and of the prescription.
func (a *asked) duration(h History, c Write, lim Limits) {
	if l := lim.InductionDays; c.Phase == Induction && h.FirstDose != day.Never && !starts(h, c) {
		a.unknown("induction", l)
		if l.Known && int64(c.Last-h.FirstDose) >= l.Value {
			a.add(reason.Warn("ORDER-31", "start", h.FirstDose, "days", int(l.Value)), l)
		}
	}
	l := lim.LengthDays[c.Phase]
	a.unknown("length_"+string(c.Phase), l)
	if l.Known && length(c) > l.Value { // refused before, where the number is sure
		a.add(reason.Warn("ORDER-33", "days", int(length(c)), "max", int(l.Value), "phase", string(c.Phase)), l)
	}
}
