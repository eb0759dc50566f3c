package window

import (
	"strconv"

	"tram/internal/care/dose"
	"tram/internal/unit"
	"tram/internal/words"
)

// emptyIcon is the picture for an empty list.
func emptyIcon(t Tab) string {
	switch t {
	case Waiting:
		return "circle-check"
	case Held:
		return "hand"
	case ToCome, Came:
	}
	return "users"
}

// shown is the amount that the screen showed, as the form sends it back.
func shown(g unit.Microgram) string { return strconv.FormatInt(int64(g), 10) }

// pourLabel is the words on the primary button: what will be poured.
func pourLabel(p *words.Printer, v Pane) string {
	key := "window.pour"
	if v.Pour.Replaces != "" {
		key = "window.pour_replacement"
	}
	return p.T(key, "dose", p.Dose(v.Pour.Amount, v.Pour.Volume))
}

// givenLine says what became of a dose, in one line.
func givenLine(p *words.Printer, g Given) string {
	line := ""
	switch g.Outcome {
	case dose.Taken:
		line = p.T("window.line.swallowed", "dose", p.Dose(g.Amount, g.Volume), "at", g.Ended)
	case dose.PartOnly:
		line = p.T("window.line.part_taken", "taken", g.Taken, "dose", p.Dose(g.Amount, g.Volume), "at", g.Ended)
	case dose.NotTaken:
		line = p.T("window.line.not_given", "dose", p.Dose(g.Amount, g.Volume), "at", g.Ended)
	case dose.Unknown:
		line = p.T("window.line.unknown", "dose", p.Dose(g.Amount, g.Volume), "at", g.At)
	case dose.PouredOnly:
		line = p.T("window.line.poured", "dose", p.Dose(g.Amount, g.Volume), "at", g.At)
	}
	if g.Replaces {
		line += " " + p.T("window.line.replacement")
	}
	if g.Vomited >= 0 {
		line += " " + p.T("window.line.vomited", "n", g.Vomited)
	}
	if g.Corrected {
		line += " " + p.T("window.line.corrected")
	}
	return line
}
