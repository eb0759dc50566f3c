package rulebook

import (
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/stability"
	"tram/internal/unit"
)

// limit is a number as a care room compares with it, with where it comes from.
func (b Book) limit(key string) order.Limit {
	r, _ := b.Rule(key) // keys are constants; TestEveryKeyIsRead
	return order.Limit{Value: r.InForce, Known: r.Known, Source: r.SourceNow, Status: string(r.StatusNow)}
}

// number is a value in force, or 0 when there is none.
func (b Book) number(key string) int64 {
	r, _ := b.Rule(key)
	if !r.Known {
		return 0
	}
	return r.InForce
}

// Order is what the order room compares with.
func (b Book) Order() order.Limits {
	return order.Limits{
		Version:             b.Version,
		FirstDoseMaxUg:      b.limit(FirstDoseMax),
		FirstDoseCareUg:     b.limit(FirstDoseCare),
		FirstDoseHighMaxUg:  b.limit(FirstDoseHighMax),
		DailyMaxUg:          b.limit(DailyMax),
		StepMaxInductionUg:  b.limit(StepMaxInduction),
		StepMaxUg:           b.limit(StepMax),
		RiseGapDays:         b.limit(RiseGapDays),
		FirstRiseDays:       b.limit(FirstRiseDays),
		WeekRiseInductionUg: b.limit(WeekInductionMax),
		WeekRiseUg:          b.limit(WeekMax),
		MaintenanceMinUg:    b.limit(MaintenanceMin),
		MaintenanceMaxUg:    b.limit(MaintenanceMax),
		InductionDays:       b.limit(InductionDays),
		LengthDays: map[order.Phase]order.Limit{
			order.Induction:   b.limit(LengthInduction),
			order.Adjustment:  b.limit(LengthAdjustment),
			order.Maintenance: b.limit(LengthMaint),
			order.Taper:       b.limit(LengthTaper),
		},
	}
}

// Dose is what the dose room compares with.
func (b Book) Dose() dose.Limits {
	watch, _ := b.Rule(WatchFromDays)
	l := dose.Limits{
		Version:       b.Version,
		MinHours:      int(b.number(DoseGapHours)),
		WatchFromDay:  int(b.number(WatchFromDays)),
		WatchToDay:    int(b.number(WatchToDays)),
		WatchStatus:   string(watch.StatusNow),
		WatchSource:   watch.SourceNow,
		OrderEndsDays: int(b.number(OrderEndsDays)),
	}
	for _, r := range b.Missed() {
		l.Gaps = append(l.Gaps, dose.GapRow{
			From: r.From, To: r.To, Action: r.Action, Percent: r.Percent, CapUg: unit.Microgram(r.CapUg),
			Source: r.Source, Status: string(r.Status),
		})
	}
	for _, r := range b.Vomited() {
		l.Vomits = append(l.Vomits, dose.VomitRow{
			FromMin: r.From, ToMin: r.To, Percent: r.Percent, Source: r.Source, Status: string(r.Status),
		})
	}
	return l
}

// Stability is what the stability room compares with.
func (b Book) Stability() stability.Limits {
	limit := func(key string) stability.Limit {
		l := b.limit(key)
		return stability.Limit{Key: key, Value: int(l.Value), Known: l.Known, Source: l.Source, Status: l.Status}
	}
	return stability.Limits{
		InductionDays: limit(InductionDays),
		DoseDays:      limit(StableDoseDays),
		WindowDays:    limit(StableWindowDays),
		MissedMax:     limit(StableMissedMax),
		UrineDays:     limit(StableUrineDays),
	}
}

// RestartMax is the most a restart after missed days begins with: the usual
// largest first dose. ok is false when the programme has no such number.
func (b Book) RestartMax() (amount unit.Microgram, ok bool) {
	l := b.limit(FirstDoseMax)
	return unit.Microgram(l.Value), l.Known
}

// CountTolerance is how far the daily count may be from the book without a
// written explanation; ok is false when the programme has set none.
func (b Book) CountTolerance() (v unit.Microlitre, ok bool) {
	l := b.limit(CountTolerance)
	return unit.Microlitre(l.Value), l.Known
}

// PermittedLoss is the permitted loss in thousandths of what was dispensed; ok
// is false when the programme has set none. It is never assumed.
func (b Book) PermittedLoss() (permille int, ok bool) {
	l := b.limit(PermittedLoss)
	return int(l.Value), l.Known
}

// StalePourMinutes is after how many minutes a poured dose nobody answered for
// becomes a question.
func (b Book) StalePourMinutes() int { return int(b.number(StalePourMinutes)) }
