package house

// The limits of size. They come from what reads well on one screen and in one
// sitting; each may be passed with a line that starts "// long:" and says why.
const (
	functionMax = 70  // lines from func to its closing brace
	fileMax     = 800 // lines
	excuseMin   = 12  // letters of a reason that is one
	plateMin    = 4   // lines of a door plate; shorter ones promise nothing
)

// excuse starts the line that says why something is longer than the limit.
const excuse = "// long:"

// bannedNames are rooms in which anything can be put, so everything is.
var bannedNames = map[string]bool{
	"util": true, "utils": true, "helper": true, "helpers": true, "common": true, "shared": true, "misc": true,
	"model": true, "models": true, "service": true, "services": true, "manager": true, "managers": true,
	"constants": true, "types": true, "interfaces": true, "base": true, "lib": true,
}

// unread are folders that hold nothing of ours to judge, by name; the second
// list is by path, and its first entry holds false trees that break every rule.
var (
	unreadNames = map[string]bool{".git": true, "node_modules": true, "dist": true, "demo-data": true}
	unreadPaths = map[string]bool{"internal/house/testdata": true}
)

// textMax bounds what is read as text: the largest file of ours is a fraction
// of it, and a stray recording or database must not slow the check down.
const textMax = 2 << 20

// ruleFamilies are the first halves of rule ids. A new family is added here
// and gets its section in docs/rules.md.
const ruleFamilies = "DOSE|ORDER|STOCK|DAY|PATIENT|STAFF|ACCESS|IMPORT|RULE|SITE|FORM|PROG|TRANSFER|INST|STAB|GLASS"

// languages every word must exist in.
var languages = []string{"vi", "en"}

// decisionHeads are the headings that every decision record has.
var decisionHeads = []string{"Context", "Decision", "Status", "Consequences"}
