// Package invented makes up a programme for the demonstration: three commune
// health centres, their staff, their patients and every morning of half a
// year, as the facts those mornings would have left.
//
// Nobody in it exists. It looks like the highlands it was drawn from: names,
// ages, languages, harvests and rain. It is pure: the same seed, the same last
// day and the same limits give the same bytes. It asks the care rooms for
// every order, dose, bottle and day, so what it makes obeys their rules; an
// answer of no is an error of this package and not a gap in the history. It
// knows no storage: the caller writes the facts, in the order given.
package invented

import (
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/site"
	"tram/internal/care/staff"
	"tram/internal/care/stock"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/unit"
)

// Options are what a history is made from.
type Options struct {
	Seed  uint64
	Last  day.Day // last day of the history: opened and closed like all before it
	Days  int     // how many mornings; 0 is half a year
	Zone  day.Zone
	Order order.Limits // in force at the sites
	Dose  dose.Limits
	// RestartMax is the most that treatment begins again with after a long gap.
	RestartMax unit.Microgram
	Tolerance  stock.Tolerance // of the daily count
	// Manager is the id under which the place's first person was enrolled when
	// the site was founded; one is made when it is empty.
	Manager id.Person
}

// Fact is one fact of a history: what, when and by whom.
type Fact struct {
	At   day.Instant
	By   id.Person
	Fact any
	Blob []byte // the picture that the fact names; nil for all other facts
}

// Person is an invented member of staff, with the PIN that the demonstration
// shows on its sign-in page.
type Person struct {
	staff.Enrolled
	PIN string
}

// Site is an invented place with its history.
type Site struct {
	Founded site.Founded // not among the facts: founding writes it
	At      day.Instant  // when it was founded, before every fact
	Staff   []Person     // the first was enrolled by the founding, the others by facts
	Facts   []Fact       // in the order of time
}

// Place is an invented place before anything happened there.
type Place struct {
	Founded  site.Founded
	Patients int // in care at the end
	Before   int // of those, in treatment before the history begins
	Gone     int // more people, who left along the way
	Windows  int // people served side by side
	Staged   bool
	Duties   [][]duty.Duty // of each person; the first is the manager
	mix      []share       // whose names are how common here
	communes []string
}

// Zone is where the places are.
const Zone = "Asia/Ho_Chi_Minh"

// Rules is the rule set of the places.
const Rules = "vn"

// Places are the three places, in the sizes met in the Dien Bien study of
// methadone at commune health centres: a handful, about twenty, sixty or more.
func Places() []Place {
	return []Place{
		{
			Founded: founded("PN", "Trạm Y tế xã Pá Nậm"), Patients: 2, Before: 1, Windows: 1, Staged: true,
			Duties: [][]duty.Duty{
				{duty.Manager, duty.Physician, duty.Dispenser},
				{duty.Dispenser, duty.Counsellor},
			},
			mix: []share{{mong, 80}, {thai, 20}}, communes: []string{"Pá Nậm"},
		},
		{
			Founded: founded("MA", "Trạm Y tế xã Mường Áy"), Patients: 21, Before: 15, Gone: 1, Windows: 1, Staged: true,
			Duties: [][]duty.Duty{
				{duty.Manager, duty.Physician},
				{duty.Dispenser, duty.Counsellor},
				{duty.Dispenser},
			},
			mix: []share{{thai, 60}, {mong, 20}, {khmu, 12}, {kinh, 8}}, communes: []string{"Mường Áy", "Mường Áy", "Nậm Lúa"},
		},
		{
			Founded: founded("TG", "Trạm Y tế xã Tà Giang"), Patients: 64, Before: 46, Gone: 2, Windows: 1, Staged: true,
			Duties: [][]duty.Duty{
				{duty.Manager, duty.Counsellor},
				{duty.Physician},
				{duty.Dispenser},
				{duty.Dispenser},
				{duty.Counsellor, duty.Dispenser},
			},
			mix:      []share{{thai, 46}, {mong, 28}, {kinh, 13}, {khmu, 8}, {dao, 5}},
			communes: []string{"Tà Giang", "Tà Giang", "Tà Giang", "Pú Sáy", "Nà Lạnh"},
		},
	}
}

// MainClinic is the invented main clinic of the district, from which the places
// have their patients: for a demonstration with several sites.
func MainClinic() Place {
	return Place{
		Founded: founded("TT", "Trung tâm Y tế huyện Nậm Sương"), Patients: 32, Before: 24, Gone: 2, Windows: 1, Staged: true,
		Duties: [][]duty.Duty{
			{duty.Manager, duty.Physician},
			{duty.Physician, duty.Counsellor},
			{duty.Dispenser},
			{duty.Dispenser, duty.Counsellor},
		},
		mix: []share{{thai, 45}, {mong, 25}, {kinh, 22}, {khmu, 8}}, communes: []string{"Nậm Sương", "Nậm Sương", "Bản Lúa"},
	}
}

// founded says in the name itself that the place does not exist: it stands on
// every page and every paper.
func founded(code id.Site, name string) site.Founded {
	return site.Founded{
		Site: code, Name: name + " (hư cấu)", Programme: "Chương trình minh họa (hư cấu)",
		Rules: Rules, Zone: Zone, Language: "vi", Invented: true,
	}
}

// History makes a place's history. The work is done twice: once to see how
// much the bottle in use at the start must hold for the one in use at the end
// to be a little over half full, as on an ordinary morning.
func (p Place) History(o Options) (Site, error) {
	try, err := newWorld(p, o, openingStock, func(Fact) error { return nil })
	if err != nil {
		return Site{}, err
	}
	if err := try.run(); err != nil {
		return Site{}, err
	}
	drawn := try.drawn
	start := wrap(openingStock + endingStock - try.openLeft())
	var facts []Fact
	w, err := newWorld(p, o, start, func(f Fact) error {
		facts = append(facts, f)
		return nil
	})
	if err != nil {
		return Site{}, err
	}
	w.drawn = drawn
	if err := w.run(); err != nil {
		return Site{}, err
	}
	return Site{Founded: p.Founded, At: w.foundedAt(), Staff: w.staff, Facts: facts}, nil
}

// People are those who work at a place. They depend on the seed alone, so they
// can be asked for before the site is founded.
func (p Place) People(seed uint64) []Person {
	w := &world{o: Options{Seed: seed}, place: p}
	w.begin()
	return w.staff
}

// FoundedAt is when a place is founded whose history these options ask for.
func (p Place) FoundedAt(o Options) day.Instant {
	if o.Days == 0 {
		o.Days = halfYear
	}
	return (&world{o: o, first: o.Last - day.Day(o.Days) + 1}).foundedAt()
}

// wrap brings a volume into what a bottle can hold.
func wrap(v unit.Microlitre) unit.Microlitre {
	for v > bottleSize {
		v -= bottleSize
	}
	for v < smallestStart {
		v += bottleSize
	}
	return min(v, bottleSize)
}

// Many makes a history of one large place for benchmarks and gives it to each,
// fact by fact, in the order of time; little more than one day is in memory.
// An error of each ends it. The Site that is returned has no facts.
func Many(o Options, patients, years int, each func(Fact) error) (Site, error) {
	if o.Days == 0 {
		o.Days = years * 365
	}
	p := Places()[2]
	p.Founded = founded("BIG", "Phòng khám lớn")
	p.Patients, p.Before, p.Gone = patients, patients*2/3, patients/10
	p.Windows = 1 + patients/windowPatients
	p.Staged = false
	w, err := newWorld(p, o, bottleSize, each)
	if err != nil {
		return Site{}, err
	}
	s := Site{Founded: p.Founded, At: w.foundedAt(), Staff: w.staff}
	return s, w.run()
}
