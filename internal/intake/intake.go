// Package intake reads the tables a clinic already has: its patients, current
// orders and past doses, as CSV or XLSX, and says of every row whether it can
// be taken over and, if not, why.
//
// It writes nothing, reads no clock and knows no register; whoever calls says
// what today is and which patients are known. It promises that nothing is
// dropped silently: every row with anything in it is among the good rows or
// among the bad ones, every column is named with what it was taken for, and
// nothing is guessed that could be read two ways: the layout of dates, the
// unit of amounts, the encoding, the sheet. Those are asked ([File.Stops]) and
// declared ([Options]). Formulas are not calculated, macros not opened, and
// the size of everything is bounded (limits.go).
//
// The same package writes such tables, so that what was exported can be
// imported and is the same ([WriteCSV], [WriteXLSX]).
package intake

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
)

// Kind is what the rows of a table are.
type Kind string

// The kinds of tables.
const (
	Patients Kind = "patients"
	Orders   Kind = "orders"
	Doses    Kind = "doses"
	Stock    Kind = "stock" // written only: bottles come in with a witness, not from a file
)

// Layout is the order of day, month and year in written dates. Dates that
// begin with the year are read in every layout but are the only ones in YMD.
type Layout string

// The layouts.
const (
	DMY Layout = "dmy"
	MDY Layout = "mdy"
	YMD Layout = "ymd"
)

// Encoding is how the characters of a CSV are written as bytes.
type Encoding string

// The encodings. UTF-16 is told by its byte order mark; Windows-1258 is never
// told, only declared.
const (
	UTF8        Encoding = "utf-8"
	UTF16       Encoding = "utf-16"
	Windows1258 Encoding = "windows-1258"
)

// Options is what the person who brings the file declares, and what the
// caller knows. The zero Options declares nothing.
type Options struct {
	Kind     Kind                   // "" to tell it from the columns
	Dates    Layout                 // "" to accept only what cannot be misread
	Encoding Encoding               // "" for UTF-8, or UTF-16 with its mark
	Sheet    string                 // name of the sheet; "" when only one has a header
	Unit     string                 // "mg" or "ml", for an amounts column that names no unit
	Strength unit.Strength          // of the liquid, when amounts are in mL; 0 when not declared
	Today    day.Day                // no dose and no birth is after it; Never to skip that check
	Known    func(code string) bool // whether a patient is on the register, by [Key]; nil to skip that check
}

// PatientRow is one patient. Empty text means that the file does not say.
type PatientRow struct {
	Line     int
	Code     string // as the clinic writes it, invisible characters refused
	Name     string // NFC, hidden characters removed
	NameRaw  string // as typed, when that differs from Name
	Sex      string // m, f, o or ""
	Birth    day.Partial
	Ethnic   string
	Commune  string
	Village  string
	Phone    string
	Identity string // number of an identity paper
	Language string
	Note     string
}

// OrderRow is one order as the file has it; it is nobody's signature.
type OrderRow struct {
	Line   int
	Code   string // the patient's
	Amount unit.Microgram
	Volume unit.Microlitre // 0 when the file gives none
	First  day.Day         // Never when the file has no such column
	Last   day.Day         // Never when the file does not say
	Phase  string          // induction, adjustment, maintenance, taper or ""
	Note   string
}

// DoseRow is one dose of one day.
type DoseRow struct {
	Line   int
	Code   string // the patient's
	Day    day.Day
	Amount unit.Microgram
	Volume unit.Microlitre // 0 when the file gives none
	Site   string
	Bottle string
	Note   string
}

// BottleRow is one bottle as the book has it.
type BottleRow struct {
	Code     string
	Product  string
	Lot      string
	Expiry   day.Day
	Strength unit.Strength
	Size     unit.Microlitre
	Left     unit.Microlitre
	Opened   day.Day // Never while sealed
	State    string
}

// Rows is the content of one table; only the slice of its Kind is filled.
type Rows struct {
	Kind     Kind
	Patients []PatientRow
	Orders   []OrderRow
	Doses    []DoseRow
	Bottles  []BottleRow
}

// Len is the number of rows.
func (r Rows) Len() int { return len(r.Patients) + len(r.Orders) + len(r.Doses) + len(r.Bottles) }

// BadRow is a row that is not imported, with all that is wrong with it.
type BadRow struct {
	Line     int
	Cells    []string // as typed, shortened, in the order of the columns
	Problems []Problem
}

// Column is one column of the file and what it was taken for.
type Column struct {
	Header string // as written
	Field  Field  // "" when not recognised
	Used   bool   // false: nothing of this column is imported
}

// File is what a file holds. When Stops is not empty nothing may be imported.
type File struct {
	Rows              // the good rows
	Hash     string   // SHA-256 of the bytes, in hexadecimal
	Format   string   // "csv" or "xlsx"
	Encoding Encoding // of a CSV
	Comma    rune     // between the cells of a CSV
	Sheet    string   // of an XLSX
	Sheets   []string // all sheets of an XLSX
	Macros   bool     // an XLSX that brought macros; they were not opened
	Dates    Layout   // of the written dates, found or declared; "" when there are none
	Header   int      // line of the header; what stands above it was not read
	Columns  []Column
	Total    int // rows with anything in them below the header: good and bad
	Bad      []BadRow
	Doubts   []Problem
	Stops    []Problem
	from04   bool // an XLSX that counts its days from 1904
	width    int  // cells of the header row, empty ones at its end included
}

// Key is the form of a code in which two codes are compared.
func Key(code string) string { return id.Normal(code) }

// Read reads a file and checks every row. Its error is a fault of reading; a
// file that cannot be understood is no fault: [File.Stops] says why.
func Read(r io.Reader, o Options) (File, error) {
	data, err := io.ReadAll(io.LimitReader(r, fileMax+1))
	if err != nil {
		return File{}, fmt.Errorf("read table: %w", err)
	}
	f := File{}
	if len(data) > fileMax {
		f.stop(Problem{Code: TooBig})
		return f, nil
	}
	sum := sha256.Sum256(data)
	f.Hash = hex.EncodeToString(sum[:])
	rows, ok := f.table(data, o)
	if !ok {
		return f, nil
	}
	f.take(rows, o)
	return f, nil
}

func (f *File) stop(p Problem) { f.Stops = append(f.Stops, p) }

// table finds out by its bytes what the file is, and reads its rows.
func (f *File) table(data []byte, o Options) ([]row, bool) {
	var rows []row
	var p *Problem
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		f.Format = "xlsx"
		rows, p = f.xlsxRows(data, o)
	case bytes.HasPrefix(data, []byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}):
		p = &Problem{Code: OldExcel}
		// An encrypted XLSX is an old container with this stream in it.
		if bytes.Contains(data, []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")) {
			p.Code = Encrypted
		}
	case notText(data):
		p = &Problem{Code: NotTable}
	default:
		f.Format = "csv"
		rows, p = f.csvRows(data, o)
	}
	if p == nil && len(rows) == 0 {
		p = &Problem{Code: Empty}
	}
	if p != nil {
		f.stop(*p)
		return nil, false
	}
	return rows, true
}

// row is one row as read, before anything is understood.
type row struct {
	line  int
	cells []cell
}

// cell is one cell as read.
type cell struct {
	text string
	kind cellKind
	form bool // a formula stands behind it
}

// cellKind tells a spreadsheet's typed cells from plain text: 1.234 is clear
// as a number and unclear as text.
type cellKind uint8

const (
	text    cellKind = iota
	number           // decimal point, no thousands, no exponent
	wrong            // #REF! and the like
	boolean          // TRUE or FALSE
)

// at is the cell of a column, empty beyond the end of the row.
func (r row) at(i int) cell {
	if i < 0 || i >= len(r.cells) {
		return cell{}
	}
	return r.cells[i]
}
