package intake

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// rows reads at most limit rows with something in them.
func (b *book) rows(s sheet, limit int) ([]row, *Problem) {
	t := &table{book: b, limit: limit}
	if b.parts[strings.ToLower(s.part)] == nil {
		return nil, &Problem{Code: Unreadable, Value: quote(s.part)}
	}
	p := b.walk(s.part, t)
	if t.problem != nil {
		p = t.problem
	}
	return t.rows, p
}

// table collects the rows of a sheet.
type table struct {
	book    *book
	rows    []row
	limit   int
	cells   int
	line    int // number of the row being read
	now     []cell
	column  int    // index of the cell being read
	kind    string // attribute t of the cell being read
	cell    cell
	value   string
	inline  strings.Builder
	sound   bool
	problem *Problem
}

// fail ends the walk with a problem.
func (t *table) fail(code Code) error {
	t.problem = &Problem{Line: t.line, Code: code}
	return errEnough
}

func (t *table) start(e xml.StartElement, up string) error {
	switch e.Name.Local {
	case "row":
		return t.startRow(attr(e, "r"))
	case "c":
		if up == "row" {
			return t.startCell(attr(e, "r"), attr(e, "t"))
		}
	case "f":
		t.cell.form = true
	case "rPh":
		t.sound = true
	}
	return nil
}

// startRow takes the row's number; rows must go up, as every program writes
// them, or two rows could claim one number.
func (t *table) startRow(r string) error {
	n := t.line + 1
	if r != "" {
		var err error
		if n, err = strconv.Atoi(r); err != nil || n <= t.line {
			return t.fail(Unreadable)
		}
	}
	if n > sheetRowLast {
		return t.fail(Unreadable)
	}
	t.line, t.column, t.now = n, -1, nil
	return nil
}

func (t *table) startCell(r, kind string) error {
	at := t.column + 1
	if r != "" {
		var ok bool
		if at, ok = columnOf(r); !ok || at <= t.column {
			return t.fail(Unreadable)
		}
	}
	t.column, t.kind, t.cell, t.value, t.sound = at, kind, cell{}, "", false
	t.inline.Reset()
	return nil
}

// columnOf is the index of the column in a cell's name: "AB7" is 27.
func columnOf(ref string) (int, bool) {
	n, letters := 0, 0
	for _, c := range ref {
		if c < 'A' || c > 'Z' || letters == 3 {
			break
		}
		n, letters = n*26+int(c-'A')+1, letters+1
	}
	return n - 1, letters > 0
}

func (t *table) end(name, text string) error {
	switch name {
	case "v":
		t.value = text
	case "t":
		if !t.sound && t.inline.Len()+len(text) <= markupMax {
			t.inline.WriteString(text)
		}
	case "rPh":
		t.sound = false
	case "c":
		return t.endCell()
	case "row":
		return t.endRow()
	case "sheetData":
		// What follows are widths, pictures and print settings. A sheet that
		// breaks off before this is damaged.
		return errEnough
	}
	return nil
}

// endCell understands the cell by its type and puts it into the row.
func (t *table) endCell() error {
	c := t.cell
	switch t.kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(t.value))
		if t.value != "" && (err != nil || i < 0 || i >= len(t.book.shared)) {
			return t.fail(Unreadable)
		}
		if t.value != "" {
			c.text = t.book.shared[i]
		}
	case "inlineStr":
		c.text = unescape(t.inline.String())
	case "str", "d":
		c.text = unescape(t.value)
	case "b":
		c.text, c.kind = strings.TrimSpace(t.value), boolean
	case "e":
		c.text, c.kind = t.value, wrong
	default:
		if !t.number(&c) {
			return t.fail(Unreadable)
		}
	}
	if strings.TrimSpace(c.text) == "" {
		// A cell that only has a border or a colour; a sheet can have them in
		// all its columns.
		return nil
	}
	if t.column >= columnsMax {
		return t.fail(TooManyCells)
	}
	for len(t.now) <= t.column {
		t.now = append(t.now, cell{})
	}
	t.now[t.column] = c
	return nil
}

// number reads a number as the spreadsheet shows it. It stores 8.1 as
// 8.0999999999999996 and shows fifteen digits, so fifteen digits are what the
// person who typed it saw.
func (t *table) number(c *cell) bool {
	s := strings.TrimSpace(t.value)
	if s == "" {
		return true
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || x != x || x > 1e300 || x < -1e300 {
		return false
	}
	c.kind, c.text = number, s
	if len(s) <= 15 && strings.Trim(s, "0123456789") == "" {
		return true
	}
	if x, err = strconv.ParseFloat(strconv.FormatFloat(x, 'g', 15, 64), 64); err != nil {
		return false
	}
	c.text = strconv.FormatFloat(x, 'f', -1, 64)
	return true
}

func (t *table) endRow() error {
	if len(t.now) == 0 {
		return nil
	}
	t.cells += len(t.now)
	switch {
	case t.cells > cellsMax:
		return t.fail(TooManyCells)
	case len(t.rows) == t.limit && t.limit > headerSeek:
		return t.fail(TooManyRows)
	case len(t.rows) == t.limit:
		return errEnough
	}
	t.rows = append(t.rows, row{line: t.line, cells: t.now})
	t.now = nil
	return nil
}
