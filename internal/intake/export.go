package intake

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"tram/internal/day"
	"tram/internal/unit"
)

// Style is how a CSV is written.
type Style struct {
	Comma rune // between cells; 0 for a comma. A spreadsheet set to Vietnamese opens ';'
	Mark  bool // a byte order mark first, by which Excel knows UTF-8
}

// WriteCSV writes rows so that [Read] gives the same rows, and so that no
// spreadsheet takes a text for a formula. Dates are YYYY-MM-DD, decimals have a
// point.
func WriteCSV(w io.Writer, r Rows, s Style) error {
	if s.Mark {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return fmt.Errorf("write csv: %w", err)
		}
	}
	cw := csv.NewWriter(w)
	if s.Comma != 0 {
		cw.Comma = s.Comma
	}
	cw.UseCRLF = true
	if err := cw.Write(headerOf(r)); err != nil {
		return fmt.Errorf("write csv header: %w", err)
	}
	rec := []string{}
	for cells := range lined(r) {
		rec = rec[:0]
		for _, c := range cells {
			rec = append(rec, c.csv())
		}
		if err := cw.Write(rec); err != nil {
			return fmt.Errorf("write csv: %w", err)
		}
	}
	cw.Flush()
	if err := cw.Error(); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}

// SafeText is a text as it may stand in a CSV: one that begins as a formula
// does gets a ' before it.
func SafeText(s string) string { return guard(s) }

// nowhere is a folder that cannot exist. The library moves a sheet above 16 MB
// into a file of its temporary folder, unencrypted; when it cannot, it keeps
// the sheet in memory. Patients' records do not go to the disk in the clear.
const nowhere = "\x00"

// WriteXLSX writes rows as a sheet with typed cells: codes and phone numbers
// are text and keep their zeros, amounts are numbers, days are dates.
func WriteXLSX(w io.Writer, r Rows) error {
	f := excelize.NewFile(excelize.Options{TmpDir: nowhere})
	err := writeSheet(f, r)
	if err == nil {
		err = f.Write(w)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write xlsx: %w", err)
	}
	return nil
}

func writeSheet(f *excelize.File, r Rows) error {
	if err := f.SetSheetName("Sheet1", string(r.Kind)); err != nil {
		return err
	}
	format := "yyyy-mm-dd"
	date, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return err
	}
	sw, err := f.NewStreamWriter(string(r.Kind))
	if err != nil {
		return err
	}
	header := headerOf(r)
	if err := sw.SetColWidth(1, len(header), 16); err != nil {
		return err
	}
	line := 1
	cells := make([]any, len(header))
	for i, h := range header {
		cells[i] = h
	}
	if err := sw.SetRow("A1", cells); err != nil {
		return err
	}
	for values := range lined(r) {
		line++
		for i, v := range values {
			cells[i] = v.xlsx(date)
		}
		if err := sw.SetRow("A"+strconv.Itoa(line), cells); err != nil {
			return err
		}
	}
	return sw.Flush()
}

// value is one value on its way out: a text, a day or an amount.
type value struct {
	text        string
	day         day.Day
	thousandths int64 // of the unit in the header
	whole       bool  // the header names the thousandth part itself
	zero        bool  // nothing of it is an amount, and written
}

func (v value) csv() string {
	switch {
	case v.text != "":
		return guard(v.text)
	case v.day != day.Never:
		return v.day.String()
	case v.thousandths != 0 && v.whole:
		return strconv.FormatInt(v.thousandths, 10)
	case v.thousandths != 0 || v.zero:
		return unit.Decimal(v.thousandths, ".")
	}
	return ""
}

func (v value) xlsx(date int) any {
	switch {
	case v.text != "":
		return v.text
	case v.day != day.Never:
		return excelize.Cell{StyleID: date, Value: time.Unix(int64(v.day)*86400, 0).UTC()}
	case v.thousandths != 0 && v.whole:
		return v.thousandths
	case v.thousandths != 0 || v.zero:
		// Ten digits at most, three of them decimals: a float64 holds fifteen.
		return float64(v.thousandths) / 1000
	}
	return nil
}

// fine says whether an amount cannot be written in the larger unit without
// looking like thousands: 62.125. The column is then in the thousandth part.
func fine(n int64) bool { return n >= 1000 && n%10 != 0 }

// unitOf is the header of a column of amounts.
func unitOf(all []int64, large, small string) string {
	if slices.ContainsFunc(all, fine) {
		return small
	}
	return large
}

// amountsOf are all the amounts and all the volumes of the rows.
func amountsOf(r Rows) (g, v []int64) {
	for _, o := range r.Orders {
		g, v = append(g, int64(o.Amount)), append(v, int64(o.Volume))
	}
	for _, d := range r.Doses {
		g, v = append(g, int64(d.Amount)), append(v, int64(d.Volume))
	}
	for _, b := range r.Bottles {
		g, v = append(g, int64(b.Strength)), append(v, int64(b.Size), int64(b.Left))
	}
	return g, v
}

func headerOf(r Rows) []string {
	g, v := amountsOf(r)
	mg, ml := unitOf(g, "mg", "ug"), unitOf(v, "ml", "ul")
	switch r.Kind {
	case Orders:
		return []string{"patient", mg, ml, "start", "end", "phase", "note"}
	case Doses:
		return []string{"patient", "day", mg, ml, "site", "bottle", "note"}
	case Stock:
		return []string{"bottle", "product", "lot", "expiry", mg + "/ml", "size " + ml, "left " + ml, "opened", "state"}
	}
	return []string{"patient", "name", "sex", "birth", "ethnic", "commune", "village", "phone", "id number", "language", "note"}
}

// lined goes through the rows as lines of values under headerOf.
func lined(r Rows) func(func([]value) bool) {
	g, v := amountsOf(r)
	ug, ul := slices.ContainsFunc(g, fine), slices.ContainsFunc(v, fine)
	return func(yield func([]value) bool) {
		for _, p := range r.Patients {
			if !yield(texts(p.Code, p.Name, p.Sex, p.Birth.String(), p.Ethnic, p.Commune, p.Village, p.Phone, p.Identity, p.Language, p.Note)) {
				return
			}
		}
		for _, o := range r.Orders {
			if !yield([]value{
				{text: o.Code},
				{thousandths: int64(o.Amount), whole: ug},
				{thousandths: int64(o.Volume), whole: ul},
				{day: o.First},
				{day: o.Last},
				{text: o.Phase},
				{text: o.Note},
			}) {
				return
			}
		}
		for _, d := range r.Doses {
			if !yield([]value{
				{text: d.Code},
				{day: d.Day},
				{thousandths: int64(d.Amount), whole: ug},
				{thousandths: int64(d.Volume), whole: ul},
				{text: d.Site},
				{text: d.Bottle},
				{text: d.Note},
			}) {
				return
			}
		}
		for _, b := range r.Bottles {
			if !yield(append(texts(b.Code, b.Product, b.Lot), []value{
				{day: b.Expiry},
				{thousandths: int64(b.Strength), whole: ug},
				{thousandths: int64(b.Size), whole: ul},
				{thousandths: int64(b.Left), whole: ul, zero: true},
				{day: b.Opened},
				{text: b.State},
			}...)) {
				return
			}
		}
	}
}

func texts(all ...string) []value {
	out := make([]value, len(all))
	for i, s := range all {
		out[i].text = s
	}
	return out
}
