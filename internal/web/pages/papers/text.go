package papers

import (
	"strings"

	"tram/internal/day"
	"tram/internal/unit"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// signer is one line to sign on: the role's key, and the name if it is known.
type signer struct{ role, name string }

// named is the shell with the paper's name in the window title; a browser
// offers it as the file name when a paper is saved.
func named(h Head, title Title) ui.Shell {
	s := h.Shell
	s.Title = s.P.T(string(title)) + " " + h.Day.String()
	s.Site = h.Site
	return s
}

// discreet is the heading of a paper that leaves the dispensing room: it does
// not name the programme.
func discreet(h Head) Head {
	h.Programme = ""
	return h
}

// poured writes what was poured: amount and volume, or the amount alone for a
// dose that was recorded without a bottle.
func poured(p *words.Printer, g unit.Microgram, v unit.Microlitre) string {
	switch {
	case g == 0:
		return ""
	case v == 0:
		return p.Mg(g)
	}
	return p.Dose(g, v)
}

// clock writes a wall time, or nothing where nothing happened.
func clock(p *words.Printer, at day.Instant) string {
	if at == 0 {
		return ""
	}
	return p.Clock(at)
}

// born writes the year of birth alone: a register needs no more to tell two
// people of one name apart.
func born(p *words.Printer, b day.Partial) string {
	if !b.Known() {
		return ""
	}
	return p.Born(day.Partial{Year: b.Year})
}

// remarks are the sentences beside a line of the register.
func remarks(p *words.Printer, r RegisterRow) []string {
	var list []string
	if r.Extra {
		list = append(list, p.T("paper.remark.extra"))
	}
	if r.Attested {
		list = append(list, p.T("paper.remark.attested"))
	}
	if r.Vomited {
		list = append(list, p.T("paper.remark.vomited", "n", r.VomitedMin))
	}
	if r.Corrected {
		list = append(list, p.T("paper.remark.corrected"))
	}
	if r.Why != "" {
		list = append(list, r.Why)
	}
	if r.Witness != "" {
		list = append(list, p.T("paper.remark.witness", "name", r.Witness))
	}
	return list
}

// signed writes a difference with its sign, and 0 as 0.
func signed(p *words.Printer, v unit.Microlitre) string {
	if v > 0 {
		return "+" + p.MLNumber(v)
	}
	return p.MLNumber(v)
}

// difference writes what was measured less the book, in mL and in mg.
func difference(p *words.Printer, b BottleRow) string {
	d := b.Diff()
	if d == 0 {
		return "0"
	}
	size := d
	if d < 0 {
		size = -d
	}
	return p.T("paper.difference", "ml", signed(p, d), "mg", b.Strength.Floor(size))
}

// month writes the month of a day.
func month(p *words.Printer, d day.Day) string {
	year, m, _ := d.Civil()
	return p.T("paper.month", "month", day.Partial{Year: year, Month: m})
}

// place is a village and a commune as far as they are known.
func place(village, commune string) string {
	return strings.Trim(village+", "+commune, ", ")
}
