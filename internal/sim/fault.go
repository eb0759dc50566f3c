package sim

import "math/rand/v2"

// fault is one kind of thing that goes wrong.
type fault int

// The kinds, in the order of the published table.
const (
	netCut fault = iota
	netDelay
	netTwice
	netLost
	paperLost
	paperCopied
	paperWrongSite
	paperOther
	paperForged
	crashBefore
	crashWithin
	crashAfter
	diskFails
	pcDies
	backupOld
	batonForgotten
	batonPulled
	batonLost
	batonOlder
	mirrorLate
	pcCloned
	clockHours
	clockDay
	clockYear
	clockMidday
	dateOne
	dateBoth
	doubleClick
	notClosed
	wrongPerson
	cupLeft
	twoSites
	earlyReturn
	neverArrives
	thirdSite
	cardLost
	storm
	siteLost
	hubGuess
	cancelAsked
	faults
)

// kinds names each fault and its family, and how often it happens at an
// intensity of one: in a million site-days, or person-days, or letters.
var kinds = [faults]struct {
	family, name string
	perMillion   float64
}{
	netCut:         {"network", "site cut off, a stretch of days", 160_000},
	netDelay:       {"network", "letter days late", 200_000},
	netTwice:       {"network", "letter delivered twice", 150_000},
	netLost:        {"network", "letter lost on the way", 150_000},
	paperLost:      {"letter", "paper lost", 60_000},
	paperCopied:    {"letter", "old or photocopied letter shown again", 1_500},
	paperWrongSite: {"letter", "scanned at another site", 2_000},
	paperOther:     {"letter", "scanned on another person's page", 20_000},
	paperForged:    {"letter", "forged or altered", 300},
	crashBefore:    {"process", "killed before the first effect of a step", 150},
	crashWithin:    {"process", "killed between two effects", 300},
	crashAfter:     {"process", "killed after the last effect", 150},
	diskFails:      {"process", "disk or chain fails, paper for the day", 400},
	pcDies:         {"restore", "PC dies, restored from a backup", 1_500},
	backupOld:      {"restore", "the older of two backups", 300_000},
	batonForgotten: {"operator", "opened without the baton", 8_000},
	batonPulled:    {"operator", "baton pulled out at midday", 3_000},
	batonLost:      {"restore", "baton lost together with the PC", 80_000},
	batonOlder:     {"restore", "an older baton offered", 150_000},
	mirrorLate:     {"operator", "baton written late", 20_000},
	pcCloned:       {"restore", "old PC kept and used again", 250_000},
	clockHours:     {"clock", "hours off, same date", 2_000},
	clockDay:       {"clock", "a day off at opening", 3_000},
	clockYear:      {"clock", "years off at opening", 600},
	clockMidday:    {"clock", "jumps a day while open", 1_500},
	dateOne:        {"operator", "one person confirms a wrong date", 300_000},
	dateBoth:       {"operator", "both confirm a wrong date", 10_000},
	doubleClick:    {"operator", "double click", 3_000},
	notClosed:      {"operator", "left open overnight", 6_000},
	wrongPerson:    {"operator", "poured for another, not handed over", 300},
	cupLeft:        {"patient", "left the window before the cup", 600},
	twoSites:       {"patient", "two sites in one day", 2_000},
	earlyReturn:    {"patient", "comes back early", 60_000},
	neverArrives:   {"patient", "never arrives", 50_000},
	thirdSite:      {"patient", "arrives at a third site", 40_000},
	cardLost:       {"patient", "card lost", 200_000},
	storm:          {"patient", "no letter, attested dose", 30_000},
	siteLost:       {"site", "burned down, sealed, reassigned by the hub", 12},
	hubGuess:       {"site", "hub asked to reassign a silent site unsealed", 300},
	cancelAsked:    {"operator", "giver asked to take a letter back", 60_000},
}

// weather is how hard each fault strikes in one seed. Some seeds are calm, some
// terrible, some have one family only.
type weather [faults]uint64

func forecast(r *rand.Rand, storm float64) weather {
	var w weather
	if storm == 0 {
		storm = 1
	}
	mood := []float64{0, 0.3, 1, 1, 2, 4}[r.IntN(6)]
	only := ""
	if r.IntN(6) == 0 && storm <= 1 {
		only = kinds[r.IntN(int(faults))].family
		mood = max(mood, 1)
	}
	for k := range w {
		own := []float64{0, 0.3, 1, 1, 1, 3}[r.IntN(6)]
		if only != "" && kinds[k].family != only {
			own = 0
		}
		p := min(kinds[k].perMillion*mood*own*storm/1e6, 0.7)
		w[k] = uint64(p * (1 << 32))
	}
	return w
}

// strikes draws whether a fault happens now.
func (s *Sim) strikes(k fault) bool {
	return !s.calm && s.weather[k] > 0 && s.dice.Uint64()>>32 < s.weather[k]
}

// took counts a fault that took effect.
func (s *Sim) took(k fault) { s.report.Faults[k]++ }
