package patient

import (
	"strconv"

	"tram/internal/unit"
	"tram/internal/web/pages/papers"
	"tram/internal/words"
)

// Sizes of the strip, in its own units.
const (
	stripHeight = 150 // of the bars
	stripTop    = 14
	stripLeft   = 62 // room for the amounts
	stripBottom = 30 // room for the dates
	stripRight  = 14 // so that the newest day's date is whole
	stripWidth  = 900
)

// bar is one day drawn.
type bar struct {
	Day              Day
	X, W, Y, H, Base int
	OrderY           int // height of the ordered dose; 0 if none
	Label            string
	Title            string
}

// strip is the picture of the days: geometry only, in whole units.
type strip struct {
	Bars          []bar
	Marks         []axis
	Width, Height int
	Base          int
}

// axis is one line of the scale.
type axis struct {
	Y    int
	Text string
}

// stripOf lays the days out. The scale ends at a round amount above the
// highest dose, so that two people's strips can be compared by their numbers
// and not by their heights.
func stripOf(p *words.Printer, days []Day) strip {
	s := strip{Width: stripWidth, Height: stripTop + stripHeight + stripBottom, Base: stripTop + stripHeight}
	if len(days) == 0 {
		return s
	}
	top, step := scale(days)
	y := func(g unit.Microgram) int { return s.Base - int(int64(g)*stripHeight/int64(top)) }
	for g := unit.Microgram(0); g <= top; g += step {
		s.Marks = append(s.Marks, axis{y(g), p.Mg(g)})
	}
	room := stripWidth - stripLeft - stripRight
	for i, d := range days {
		x := stripLeft + i*room/len(days)
		next := stripLeft + (i+1)*room/len(days)
		gap := max(1, (next-x)/5)
		b := bar{Day: d, X: x + gap, W: max(2, next-x-gap), Base: s.Base, Title: title(p, d)}
		b.Y = y(d.Taken)
		b.H = s.Base - b.Y
		if d.Ordered > 0 {
			b.OrderY = y(d.Ordered)
		}
		if d.Day.Weekday() == 1 {
			_, m, dom := d.Day.Civil()
			b.Label = strconv.Itoa(dom) + "/" + strconv.Itoa(m)
		}
		s.Bars = append(s.Bars, b)
	}
	return s
}

// scale is the top of the scale and the distance of its lines.
func scale(days []Day) (top, step unit.Microgram) {
	most := 10 * unit.Milligram
	for _, d := range days {
		most = max(most, d.Taken, d.Ordered)
	}
	step = 10 * unit.Milligram
	for _, s := range []unit.Microgram{10, 20, 50, 100, 200, 500} {
		if step = s * unit.Milligram; most <= 5*step {
			break
		}
	}
	return (most + step - 1) / step * step, step
}

// title says a day in words, for pointing at it and for those who hear the
// page.
func title(p *words.Printer, d Day) string {
	switch {
	case d.Mark == "":
		return p.T("patient.strip.nothing", "day", d.Day)
	case d.Taken > 0:
		return p.T("patient.strip.day", "day", d.Day, "mark", p.T("paper.mark."+string(d.Mark)), "amount", d.Taken)
	}
	return p.T("patient.strip.none", "day", d.Day, "mark", p.T("paper.mark."+string(d.Mark)))
}

// shape is the class of a day's bar; a day without a dose also has a sign of
// its own, so that colour is never the only one.
func (b bar) shape() string {
	switch b.Day.Mark {
	case papers.Missed, papers.NoOrder, papers.NotGiven:
		return "missed"
	case papers.Held:
		return "held"
	case papers.Part, papers.Unclear, papers.Question:
		return "part"
	case papers.Swallowed, papers.Recorded, papers.Waiting:
	}
	return "taken"
}

// empty says whether the day had no dose although one was expected.
func (b bar) empty() bool {
	return b.Day.Taken == 0 && b.Day.Mark != "" && b.Day.Mark != papers.Waiting
}

// sign is the mark below a bar.
func (b bar) sign() string {
	switch {
	case b.Day.Mark == papers.Held:
		return "‖"
	case b.empty():
		return "×"
	case b.Day.Vomited:
		return "v"
	}
	return ""
}

func (b bar) middle() string { return strconv.Itoa(b.X + b.W/2) }
