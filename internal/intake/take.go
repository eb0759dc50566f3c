package intake

import (
	"math"
	"strings"

	"tram/internal/day"
	"tram/internal/fold"
)

// take understands the header and every row below it.
func (f *File) take(rows []row, o Options) {
	at, _ := findHeader(rows)
	if at < 0 {
		f.stop(Problem{Code: NoHeader})
		return
	}
	head := rows[at]
	f.width = len(head.cells)
	head.cells = f.span(rows[at:])
	rows = rows[at+1:]
	f.Header = head.line
	cols := f.head(head, o)
	if len(rows) > rowsMax {
		f.stop(Problem{Line: rows[rowsMax].line, Code: TooManyRows})
	}
	if len(rows) == 0 {
		f.stop(Problem{Code: Empty})
	}
	if len(f.Stops) > 0 {
		return
	}
	if f.layout(rows, cols, o.Dates); len(f.Stops) > 0 {
		return
	}
	f.Total = len(rows)
	g := &gathering{bad: map[int][]Problem{}}
	for i := range rows {
		f.takeRow(g, rows[i], cols, o)
	}
	f.settle(g, rows, len(head.cells))
}

// span is the header's cells: up to the last one with a name, or in a sheet up
// to the widest row, because what stands beside the table there, under no
// name, is to be seen as a column that is not imported.
func (f *File) span(rows []row) []cell {
	cells := rows[0].cells
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1].text) == "" {
		cells = cells[:len(cells)-1]
	}
	if f.Format == "csv" {
		return cells
	}
	for _, r := range rows {
		for len(cells) < len(r.cells) {
			cells = append(cells, cell{})
		}
	}
	return cells
}

// gathering is what was read so far, with every row that has a problem.
type gathering struct {
	rows   Rows
	doubts []Problem
	bad    map[int][]Problem // by line
}

// takeRow reads one row by the kind of the table.
func (f *File) takeRow(g *gathering, rw row, cols columns, o Options) {
	r := &reading{file: f, cols: cols, row: rw, opt: o}
	r.shape()
	switch f.Kind {
	case Patients:
		g.rows.Patients = append(g.rows.Patients, r.patient())
	case Orders:
		g.rows.Orders = append(g.rows.Orders, r.order())
	case Doses:
		g.rows.Doses = append(g.rows.Doses, r.dose())
	}
	if len(r.problems) > 0 {
		g.bad[rw.line] = append(g.bad[rw.line], r.problems...)
	}
	g.doubts = append(g.doubts, r.doubts...)
}

// shape compares the row's length with the header's. In a CSV a cell too few,
// or too many and be it empty, means that others may be in the wrong column:
// "8,5" without quotes in a file with commas becomes two cells.
func (r *reading) shape() {
	if r.file.Format != "csv" {
		return
	}
	n := len(r.cols.header)
	for i := n; i < len(r.row.cells); i++ {
		if strings.TrimSpace(r.row.cells[i].text) != "" {
			r.problems = append(r.problems, Problem{Line: r.row.line, Code: TooMany, Value: quote(r.row.cells[i].text)})
			return
		}
	}
	switch {
	case len(r.row.cells) > r.file.width:
		r.problems = append(r.problems, Problem{Line: r.row.line, Code: TooMany})
	case len(r.row.cells) < n:
		r.problems = append(r.problems, Problem{Line: r.row.line, Code: TooFew})
	}
}

func (r *reading) patient() PatientRow {
	p := PatientRow{Line: r.row.line, Code: r.code(FieldCode, true)}
	p.Name, p.NameRaw = r.name()
	p.Sex = r.sex()
	p.Birth = r.birth()
	p.Ethnic, p.Commune, p.Village = r.place(FieldEthnic), r.place(FieldCommune), r.place(FieldVillage)
	p.Phone, p.Identity = r.phone(), r.identity()
	p.Language, p.Note = r.text(FieldLanguage, codeMax), r.text(FieldNote, noteMax)
	return p
}

func (r *reading) order() OrderRow {
	o := OrderRow{Line: r.row.line, Code: r.known()}
	o.Amount, o.Volume = r.amount()
	o.First = r.day(FieldFirst, r.cols.has(FieldFirst), false)
	o.Last = r.day(FieldLast, false, false)
	o.Phase, o.Note = r.phase(), r.text(FieldNote, noteMax)
	if o.First != 0 && o.Last != 0 && o.Last < o.First {
		r.bad(FieldLast, EndFirst)
	}
	return o
}

func (r *reading) dose() DoseRow {
	d := DoseRow{Line: r.row.line, Code: r.known()}
	d.Day = r.day(FieldDay, true, true)
	d.Amount, d.Volume = r.amount()
	d.Site, d.Bottle = r.code(FieldSite, false), r.code(FieldBottle, false)
	d.Note = r.text(FieldNote, noteMax)
	return d
}

// known is the code of a patient who has to be on the register already.
func (r *reading) known() string {
	code := r.code(FieldCode, true)
	if code != "" && r.opt.Known != nil && !r.opt.Known(Key(code)) {
		r.bad(FieldCode, NotKnown)
	}
	return code
}

// settle compares the rows with each other, and parts the good from the bad.
func (f *File) settle(g *gathering, rows []row, width int) {
	sound := func(line int) bool { return len(g.bad[line]) == 0 }
	c := &comparing{kind: f.Kind, bad: g.bad}
	switch f.Kind {
	case Patients:
		c.patients(g.rows.Patients)
	case Orders:
		c.orders(g.rows.Orders)
	case Doses:
		c.doses(g.rows.Doses)
	}
	for _, p := range g.rows.Patients {
		if sound(p.Line) {
			f.Patients = append(f.Patients, p)
		}
	}
	for _, o := range g.rows.Orders {
		if sound(o.Line) {
			f.Orders = append(f.Orders, o)
		}
	}
	for _, d := range g.rows.Doses {
		if sound(d.Line) {
			f.Doses = append(f.Doses, d)
		}
	}
	for _, r := range rows {
		if !sound(r.line) {
			f.Bad = append(f.Bad, BadRow{Line: r.line, Cells: typed(r, width), Problems: g.bad[r.line]})
		}
	}
	for _, p := range append(g.doubts, c.doubts...) {
		if sound(p.Line) {
			f.Doubts = append(f.Doubts, p)
		}
	}
}

// typed is a row as it stands in the file, shortened.
func typed(r row, width int) []string {
	out := make([]string, max(width, len(r.cells)))
	for i, c := range r.cells {
		out[i] = quote(c.text)
	}
	return out
}

// comparing finds the rows of a file that speak against each other. Rows that
// are bad for themselves are compared as well: a bad second dose of a day is
// still a question about the first.
type comparing struct {
	kind   Kind
	bad    map[int][]Problem
	doubts []Problem
}

// pair notes that line cannot be taken because of other.
func (c *comparing) pair(code Code, column Field, value string, line, other int) {
	c.bad[line] = append(c.bad[line], Problem{Line: line, Column: string(column), Code: code, Value: quote(value), Other: other})
}

func (c *comparing) doubt(code Code, column Field, value string, line, other int) {
	c.doubts = append(c.doubts, Problem{Line: line, Column: string(column), Code: code, Value: quote(value), Other: other})
}

// patients: one code is one person. The same row again is reported once and
// the first stands; other data under one code make every such row bad, since
// nobody here knows which is right.
func (c *comparing) patients(all []PatientRow) {
	first, marked := map[string]int{}, map[string]bool{}
	identity, person := map[string]int{}, map[string]int{}
	for i, p := range all {
		key := Key(p.Code)
		at, again := first[key]
		switch {
		case key == "":
			continue
		case !again:
			first[key] = i
		case samePatient(all[at], p):
			c.pair(Repeat, FieldCode, p.Code, p.Line, all[at].Line)
			continue
		default:
			c.pair(Conflict, FieldCode, p.Code, p.Line, all[at].Line)
			if !marked[key] {
				c.pair(Conflict, FieldCode, p.Code, all[at].Line, p.Line)
				marked[key] = true
			}
			continue
		}
		c.alike(identity, p.Identity, SameIdentity, FieldIdentity, p)
		if p.Birth.Known() {
			c.alike(person, fold.Fold(p.Name)+"|"+p.Birth.String(), SamePerson, FieldName, p)
		}
	}
}

// alike asks about a patient who shares a mark with an earlier one.
func (c *comparing) alike(seen map[string]int, mark string, code Code, f Field, p PatientRow) {
	if mark == "" {
		return
	}
	if line, ok := seen[mark]; ok {
		c.doubt(code, f, p.Code, p.Line, line)
		return
	}
	seen[mark] = p.Line
}

// samePatient says whether two rows say the same, wherever they stand.
func samePatient(a, b PatientRow) bool {
	a.Line, a.Code, a.NameRaw = b.Line, b.Code, b.NameRaw
	return a == b
}

// orders: two orders of a patient from one day contradict each other, as far
// as the file can tell; orders whose days overlap are asked about.
func (c *comparing) orders(all []OrderRow) {
	type start struct {
		key   string
		first int
	}
	seen, marked := map[start]int{}, map[start]bool{}
	byPatient := map[string][]OrderRow{}
	for _, o := range all {
		key := Key(o.Code)
		if key == "" {
			continue
		}
		s := start{key, int(o.First)}
		if line, ok := seen[s]; ok {
			c.pair(SameStart, FieldFirst, o.Code, o.Line, line)
			if !marked[s] {
				c.pair(SameStart, FieldFirst, o.Code, line, o.Line)
				marked[s] = true
			}
			continue
		}
		seen[s] = o.Line
		// The last few are enough to find a neighbour, and keep a hostile file
		// of one patient's orders from being compared all with all.
		recent := byPatient[key]
		for _, other := range recent[max(0, len(recent)-overlapSeek):] {
			if o.First != 0 && other.First != 0 && runs(o) >= other.First && runs(other) >= o.First {
				c.doubt(Overlap, FieldFirst, o.Code, o.Line, other.Line)
				break
			}
		}
		byPatient[key] = append(recent, o)
	}
}

// runs is the last day of an order; one without an end runs on.
func runs(o OrderRow) day.Day {
	if o.Last == day.Never {
		return math.MaxInt32
	}
	return o.Last
}

// doses: a patient has one dose on a day. A second one may be a dose in two
// parts, a correction or a slip; both rows are reported.
func (c *comparing) doses(all []DoseRow) {
	type when struct {
		key string
		day int
	}
	seen, marked := map[when]int{}, map[when]bool{}
	for _, d := range all {
		w := when{Key(d.Code), int(d.Day)}
		if w.key == "" || w.day == 0 {
			continue
		}
		line, ok := seen[w]
		if !ok {
			seen[w] = d.Line
			continue
		}
		c.pair(SameDay, FieldDay, d.Day.String(), d.Line, line)
		if !marked[w] {
			c.pair(SameDay, FieldDay, d.Day.String(), line, d.Line)
			marked[w] = true
		}
	}
}
