package intake

import (
	"bytes"
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tram/internal/day"
	"tram/internal/fold"
	"tram/internal/unit"
)

// words of a value that are hard on a table.
var hard = []string{
	"=HYPERLINK(\"x\")", "+84912345678", "-1", "@x", "'", "''", "'=x", "\"", ",", ";", "a,b", "Đỗ", "<b>", "1,5", "0042", "E", "x|y", "NULL", "sep=;", "_x0041_",
}

// textGen draws texts in the form in which they are kept.
func textGen(limit int) *rapid.Generator[string] {
	any := rapid.OneOf(rapid.SampledFrom(hard), rapid.StringMatching(`[A-Za-zàéĐơư'",;=+@ -]{0,20}`))
	return rapid.Custom(func(t *rapid.T) string {
		s := fold.Clean(any.Draw(t, "text"))
		if r := []rune(s); len(r) > limit {
			s = fold.Clean(string(r[:limit]))
		}
		return s
	})
}

func drawDay(t *rapid.T) day.Day { return day.Day(rapid.IntRange(12000, 20000).Draw(t, "day")) }

// rowsGen draws rows such as Read gives them: each patient once, each day of a
// patient once.
func rowsGen(kind Kind) *rapid.Generator[Rows] {
	return rapid.Custom(func(t *rapid.T) Rows {
		r := Rows{Kind: kind}
		note, name := textGen(noteMax), textGen(textMax)
		for i := range rapid.IntRange(1, 8).Draw(t, "rows") {
			code := rapid.SampledFrom([]string{"TG-", "00", "+", "=", "bn "}).Draw(t, "code") + string(rune('1'+i))
			amount := unit.Microgram(rapid.Int64Range(1, 9_999_999).Draw(t, "amount"))
			if rapid.Bool().Draw(t, "whole") {
				amount = amount/1000*1000 + 1000
			}
			volume := unit.Microlitre(rapid.Int64Range(0, 200_000).Draw(t, "volume"))
			switch kind {
			case Patients:
				p := PatientRow{
					Code: code, Name: fold.Clean(name.Draw(t, "name") + " X"), Sex: rapid.SampledFrom([]string{"", "m", "f", "o"}).Draw(t, "sex"),
					Ethnic: name.Draw(t, "ethnic"), Commune: name.Draw(t, "commune"), Village: name.Draw(t, "village"),
					Phone: rapid.SampledFrom([]string{"", "+84912345678", "0912 345 678"}).Draw(t, "phone"), Identity: name.Draw(t, "identity"), Note: note.Draw(t, "note"),
				}
				if y := rapid.IntRange(1930, 2005).Draw(t, "year"); y%3 > 0 {
					p.Birth = day.Partial{Year: y}
					if y%3 == 2 {
						p.Birth.Month, p.Birth.Dom = y%12+1, y%29*(y%2)
					}
				}
				r.Patients = append(r.Patients, p)
			case Orders:
				o := OrderRow{Code: code, Amount: amount, Volume: volume, First: drawDay(t), Phase: rapid.SampledFrom([]string{"", "taper"}).Draw(t, "phase"), Note: note.Draw(t, "note")}
				if rapid.Bool().Draw(t, "ends") {
					o.Last = o.First + 30
				}
				r.Orders = append(r.Orders, o)
			case Doses:
				r.Doses = append(r.Doses, DoseRow{Code: code, Day: drawDay(t), Amount: amount, Volume: volume, Site: "B", Bottle: "0" + code, Note: note.Draw(t, "note")})
			}
		}
		return r
	})
}

// plain takes away what is of the file and not of the row.
func plain(r Rows) Rows {
	for i := range r.Patients {
		r.Patients[i].Line, r.Patients[i].NameRaw = 0, ""
	}
	for i := range r.Orders {
		r.Orders[i].Line = 0
	}
	for i := range r.Doses {
		r.Doses[i].Line = 0
	}
	return r
}

// TestExportedIsImportedTheSame: whatever is written, in either format, is read
// back as it was.
func TestExportedIsImportedTheSame(t *testing.T) {
	for _, kind := range []Kind{Patients, Orders, Doses} {
		rapid.Check(t, func(t *rapid.T) {
			rows := rowsGen(kind).Draw(t, "rows")
			style := Style{Comma: rapid.SampledFrom([]rune{0, ';', '\t'}).Draw(t, "comma"), Mark: rapid.Bool().Draw(t, "mark")}
			var c, x bytes.Buffer
			if err := WriteCSV(&c, rows, style); err != nil {
				t.Fatal(err)
			}
			if err := WriteXLSX(&x, rows); err != nil {
				t.Fatal(err)
			}
			for name, b := range map[string][]byte{"csv": c.Bytes(), "xlsx": x.Bytes()} {
				f, err := Read(bytes.NewReader(b), Options{})
				if err != nil || len(f.Stops) > 0 || len(f.Bad) > 0 {
					t.Fatalf("%s: %v %v %s\n%s", name, err, f.Stops, problems(f), c.String())
				}
				if diff := cmp.Diff(rows, plain(f.Rows)); diff != "" {
					t.Fatalf("%s: %s", name, diff)
				}
			}
		})
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b bytes.Buffer
		if err := WriteCSV(&b, rowsGen(Patients).Draw(t, "rows"), Style{}); err != nil {
			t.Fatal(err)
		}
		all, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range all {
			for _, cell := range rec {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
					t.Fatalf("cell %q", cell)
				}
			}
		}
	})
	for in, want := range map[string]string{"=1": "'=1", "+84": "'+84", "\tx": "'\tx", "x=1": "x=1", "": "", "'a": "''a"} {
		if got := SafeText(in); got != want || unguard(got) != in {
			t.Errorf("SafeText(%q) = %q, want %q; back %q", in, got, want, unguard(got))
		}
	}
}

// peek looks into the temporary folder while a workbook is being written.
type peek struct {
	dir   string
	found []string
	err   error
}

func (p *peek) Write(b []byte) (int, error) {
	all, err := os.ReadDir(p.dir)
	if err != nil {
		p.err = err
	}
	for _, e := range all {
		p.found = append(p.found, e.Name())
	}
	return len(b), nil
}

// TestNothingGoesToDiskInTheClear exports a sheet above the size from which the
// library would move it into a temporary file.
func TestNothingGoesToDiskInTheClear(t *testing.T) {
	p := &peek{dir: t.TempDir()}
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, p.dir)
	}
	r := Rows{Kind: Doses}
	for range 20_000 {
		r.Doses = append(r.Doses, DoseRow{Code: "A", Day: today, Amount: 5000, Note: strings.Repeat("x", 1000)})
	}
	if err := WriteXLSX(p, r); err != nil {
		t.Fatal(err)
	}
	if p.err != nil || len(p.found) > 0 {
		t.Fatalf("in the temporary folder: %v %v", p.found, p.err)
	}
}
