package intake

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// commas are the separators tried, in the order in which a tie is settled.
var commas = []rune{',', ';', '\t', '|'}

// csvRows decodes a CSV and reads its rows with the separator its header was
// written with.
func (f *File) csvRows(data []byte, o Options) ([]row, *Problem) {
	s, enc, p := decode(data, o.Encoding)
	if p != nil {
		return nil, p
	}
	f.Encoding = enc
	if line := overlong(s); line > 0 {
		return nil, &Problem{Line: line, Code: TooManyCells}
	}
	skipped := 0
	f.Comma, s, skipped = separator(s)
	rows, p := records(s, f.Comma, rowsMax+headerSeek)
	if p != nil && p.Line > 0 {
		p.Line += skipped
	}
	for i := range rows {
		rows[i].line += skipped
	}
	return rows, p
}

// overlong is the number of the first line longer than any line here, or 0.
func overlong(s string) int {
	n := 0
	for line := range strings.Lines(s) {
		if n++; len(line) > lineMax {
			return n
		}
	}
	return 0
}

// separator tells what stands between the cells: what the line "sep=;" of a
// spreadsheet says, or else the one with which most column names are
// recognised. It answers the text without that line, and how many lines it
// took away.
func separator(s string) (rune, string, int) {
	first, rest, _ := strings.Cut(s, "\n")
	first = strings.TrimSuffix(first, "\r")
	if len(first) == 5 && strings.EqualFold(first[:4], "sep=") {
		return rune(first[4]), rest, 1
	}
	best, most, widest := commas[0], 0, 0
	for _, c := range commas {
		rows, _ := records(s, c, headerSeek)
		i, known := findHeader(rows)
		width := 0
		if i >= 0 {
			width = len(rows[i].cells)
		}
		if known > most || (known == most && width > widest) {
			best, most, widest = c, known, width
		}
	}
	return best, s, 0
}

// records reads at most limit rows with something in them. Rows read before a
// problem are answered with it.
func records(s string, comma rune, limit int) ([]row, *Problem) {
	r := csv.NewReader(strings.NewReader(s))
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	if comma == '"' || comma == '\r' || comma == '\n' || comma > 0x7e || comma == 0 {
		return nil, &Problem{Line: 1, Code: Unreadable}
	}
	r.Comma = comma
	var rows []row
	cells := 0
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return rows, &Problem{Line: bad.Line, Code: BadQuotes}
		}
		if err != nil {
			return rows, &Problem{Code: Unreadable}
		}
		width := filled(rec)
		if width == 0 {
			continue
		}
		line, _ := r.FieldPos(0)
		cells += len(rec)
		switch {
		case width > columnsMax || cells > cellsMax:
			return rows, &Problem{Line: line, Code: TooManyCells}
		case len(rows) == limit && limit > headerSeek:
			return rows, &Problem{Line: line, Code: TooManyRows}
		case len(rows) == limit:
			return rows, nil
		}
		rows = append(rows, csvRow(line, rec))
	}
}

// filled is the number of cells up to the last one with something in it.
func filled(rec []string) int {
	for i := len(rec) - 1; i >= 0; i-- {
		if strings.TrimSpace(rec[i]) != "" {
			return i + 1
		}
	}
	return 0
}

// csvRow copies a record. The strings are cut from one string the reader made
// for the line, so a row costs its own text and no more.
func csvRow(line int, rec []string) row {
	r := row{line: line, cells: make([]cell, min(len(rec), columnsMax))}
	for i := range r.cells {
		r.cells[i].text = unguard(rec[i])
	}
	return r
}

// guarded are the first characters by which a spreadsheet takes a text for a
// formula, and the sign that keeps it from doing so.
const guarded = "=+-@\t\r'"

// guard puts ' before a text that a spreadsheet would take for a formula, and
// before a ' so that unguard gives the same text back.
func guard(s string) string {
	if s != "" && strings.IndexByte(guarded, s[0]) >= 0 {
		return "'" + s
	}
	return s
}

// unguard takes guard's ' away.
func unguard(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.IndexByte(guarded, s[1]) >= 0 {
		return s[1:]
	}
	return s
}
