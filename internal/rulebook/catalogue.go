package rulebook

// Keys of the numbers. A key names its unit; it is never reused for another
// meaning, because decisions on record cite it.
const (
	FirstDoseMin     = "first_dose_min_ug"
	FirstDoseLowMax  = "first_dose_low_tolerance_max_ug"
	FirstDoseMax     = "first_dose_max_ug"
	FirstDoseCare    = "first_dose_care_from_ug"
	FirstDoseHighMax = "first_dose_high_max_ug"
	ObserveHours     = "observe_after_first_dose_hours"
	DailyMax         = "daily_max_ug"
	StepMinInduction = "step_min_induction_ug"
	StepMaxInduction = "step_max_induction_ug"
	StepMin          = "step_min_ug"
	StepMax          = "step_max_ug"
	RiseGapDays      = "rise_gap_days"
	FirstRiseDays    = "first_rise_days"
	WeekInductionMax = "week_rise_induction_max_ug"
	WeekMax          = "week_rise_max_ug"
	MaintenanceMin   = "maintenance_min_ug"
	MaintenanceMax   = "maintenance_max_ug"
	InductionDays    = "induction_days"
	LengthInduction  = "length_induction_days"
	LengthAdjustment = "length_adjustment_days"
	LengthMaint      = "length_maintenance_days"
	LengthTaper      = "length_taper_days"
	DoseGapHours     = "dose_gap_hours"
	WatchFromDays    = "watch_from_days"
	WatchToDays      = "watch_to_days"
	OrderEndsDays    = "order_ends_days"
	StalePourMinutes = "stale_pour_minutes"
	CountTolerance   = "count_tolerance_ul"
	PermittedLoss    = "permitted_loss_permille"
	StableDoseDays   = "stable_dose_days"
	StableWindowDays = "stable_window_days"
	StableMissedMax  = "stable_missed_max_days"
	StableUrineDays  = "stable_urine_days"

	MissedKey  = "missed"  // the table for missed days, as a key of a change
	VomitedKey = "vomited" // the table for a vomited dose
)

// entry is what is known of a key beforehand: its unit and the bounds outside
// of which a value is a typing error (mg for µg, a year for a day). The bounds
// are no clinical limits. An optional number is one not every guideline has: a
// set may leave it out, and then nobody is asked.
type entry struct {
	key, unit string
	lo, hi    int64
	optional  bool
}

// catalogue lists every key in the order of the rulebook page.
var catalogue = []entry{
	{FirstDoseMin, "ug", 1_000, 200_000, true},
	{FirstDoseLowMax, "ug", 1_000, 200_000, true},
	{FirstDoseMax, "ug", 1_000, 200_000, false},
	{FirstDoseCare, "ug", 1_000, 200_000, true},
	{FirstDoseHighMax, "ug", 1_000, 200_000, false},
	{ObserveHours, "hours", 1, 48, true},
	{DailyMax, "ug", 10_000, 2_000_000, false},
	{StepMinInduction, "ug", 500, 200_000, true},
	{StepMaxInduction, "ug", 500, 200_000, false},
	{StepMin, "ug", 500, 200_000, true},
	{StepMax, "ug", 500, 200_000, false},
	{RiseGapDays, "days", 1, 90, false},
	{FirstRiseDays, "days", 1, 90, false},
	{WeekInductionMax, "ug", 500, 500_000, false},
	{WeekMax, "ug", 500, 500_000, false},
	{MaintenanceMin, "ug", 1_000, 2_000_000, false},
	{MaintenanceMax, "ug", 1_000, 2_000_000, false},
	{InductionDays, "days", 1, 90, false},
	{LengthInduction, "days", 1, 366, false},
	{LengthAdjustment, "days", 1, 366, false},
	{LengthMaint, "days", 1, 366, false},
	{LengthTaper, "days", 1, 366, false},
	{DoseGapHours, "hours", 1, 23, false},
	{WatchFromDays, "days", 1, 90, false},
	{WatchToDays, "days", 1, 90, false},
	{OrderEndsDays, "days", 1, 60, false},
	{StalePourMinutes, "minutes", 1, 240, false},
	{CountTolerance, "ul", 0, 1_000_000, false},
	{PermittedLoss, "permille", 0, 1_000, false},
	{StableDoseDays, "days", 1, 366, false},
	{StableWindowDays, "days", 1, 366, false},
	{StableMissedMax, "days", 0, 366, false},
	{StableUrineDays, "days", 1, 366, false},
}

func entryOf(key string) (entry, bool) {
	for _, e := range catalogue {
		if e.key == key {
			return e, true
		}
	}
	return entry{}, false
}

// pair says that the number under low must not be above the number under high.
type pair struct{ low, high string }

var pairs = []pair{
	{FirstDoseMin, FirstDoseMax},
	{FirstDoseLowMax, FirstDoseMax},
	{FirstDoseMax, FirstDoseHighMax},
	{FirstDoseCare, FirstDoseHighMax},
	{FirstDoseHighMax, DailyMax},
	{StepMinInduction, StepMaxInduction},
	{StepMin, StepMax},
	{StepMaxInduction, WeekInductionMax},
	{StepMax, WeekMax},
	{MaintenanceMin, MaintenanceMax},
	{MaintenanceMax, DailyMax},
	{WatchFromDays, WatchToDays},
	{StableMissedMax, StableWindowDays},
}
