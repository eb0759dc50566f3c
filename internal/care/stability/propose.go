package stability

// Role is what the asking site does for a person.
type Role string

// The roles that propose. No other site does.
const (
	Main      Role = "main"
	Satellite Role = "satellite"
)

// Where is where a person is dosed on the day, seen from the asking site.
type Where struct {
	Here  bool // this site holds the day
	Known bool // at a main clinic: a satellite gave the person back; at a satellite: the person was dosed here before
}

// Proposal is what a person on the staff is asked to decide.
type Proposal string

// The proposals.
const (
	Nothing     Proposal = ""
	ToSatellite Proposal = "to_satellite" // main clinic: may go to a satellite
	Return      Proposal = "return"       // either: may go back to the satellite they came from
	ToMain      Proposal = "to_main"      // satellite: should be seen at the main clinic
)

// Propose is what follows from an answer at a site. What cannot be said
// proposes nothing: the page asks for what is missing instead.
func Propose(r Role, w Where, k Kind) Proposal {
	switch {
	case k == NotStable && r == Satellite && w.Here:
		return ToMain
	case k != Stable:
		return Nothing
	case r == Main && w.Here && w.Known, r == Satellite && !w.Here && w.Known:
		return Return
	case r == Main && w.Here:
		return ToSatellite
	}
	return Nothing
}
