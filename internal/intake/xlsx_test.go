package intake

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"tram/internal/day"
)

// entry is one entry of a made-up XLSX.
type entry struct{ name, body string }

// workbookOf is the entries of an XLSX with one sheet of these rows.
func workbookOf(rows string) []entry {
	return []entry{
		{"[Content_Types].xml", `<Types/>`},
		{"_rels/.rels", `<Relationships><Relationship Id="rId1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="http://x/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook xmlns:r="http://r"><workbookPr/><sheets><sheet name="Danh sách" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/sharedStrings.xml", `<sst><si><t>patient</t></si><si><t>day</t></si><si><r><t>m</t></r><r><t>g</t></r><rPh><t>em-gee</t></rPh></si><si><t>A1</t></si></sst>`},
		{"xl/worksheets/sheet1.xml", `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`},
	}
}

// head3 is the row of the shared texts patient, day, mg.
const head3 = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>`

func zipOf(t testing.TB, entries []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		p, err := w.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write([]byte(e.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readXLSX(t *testing.T, rows string, o Options) File {
	t.Helper()
	return read(t, string(zipOf(t, workbookOf(rows))), o)
}

func TestSheetCells(t *testing.T) {
	f := readXLSX(t, head3+
		`<row r="2"><c r="A2" t="s"><v>3</v></c><c r="B2"><v>46327</v></c><c r="C2"><v>8.0999999999999996</v></c><c r="XFD2" s="3"/></row>`+
		`<row r="4"><c r="A4" t="inlineStr"><is><t>A_x0032_</t></is></c><c r="B4" t="str"><f>TODAY()</f><v>2026-11-01</v></c><c r="C4" t="s"><v/></c></row>`+
		`<row r="5"><c r="A5"><v>42</v></c><c r="B5"><v>46327.28</v></c><c r="C5"><v>62.125</v></c><c r="D5" t="inlineStr"><is><t>nghỉ</t></is></c></row>`+
		`<row r="6"><c r="A6"><v>43</v></c><c r="B6" t="d"><v>2026-11-02T00:00:00</v></c><c r="C6" t="e"><v>#DIV/0!</v></c></row>`+
		`<row r="7"><c r="A7"><v>44</v></c><c r="B7"><v>46327</v></c><c r="C7" t="inlineStr"><is><t>62.125</t></is></c></row>`+
		`<row r="8"><c r="A8"><v>45</v></c><c r="B8"><v>46327</v></c><c r="C8" t="inlineStr"><is><t> 8,5 </t></is></c></row>`, Options{})
	if got, want := problems(f), "4 mg missing; 6 mg error_cell; 7 mg amount_unclear"; got != want {
		t.Errorf("got %q %v, want %q", got, f.Stops, want)
	}
	got := ""
	for _, d := range f.Doses {
		got += fmt.Sprintln(d.Line, d.Code, d.Day, d.Amount)
	}
	if want := "2 A1 2026-11-01 8.1 mg\n5 42 2026-11-01 62.125 mg\n8 45 2026-11-01 8.5 mg\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if codes(f.Doubts) != "doubt.time_ignored" {
		t.Errorf("doubts %v", f.Doubts)
	}
	if len(f.Columns) != 4 || f.Columns[3].Used || f.Sheet != "Danh sách" {
		t.Errorf("columns %+v, sheet %s", f.Columns, f.Sheet)
	}
}

func TestFormulaIsItsSavedValue(t *testing.T) {
	f := readXLSX(t, head3+`<row r="2"><c r="A2" t="s"><v>3</v></c><c r="B2"><v>46327</v></c><c r="C2"><f>40+45</f><v>85</v></c></row>`+
		`<row r="3"><c r="A3" t="s"><v>3</v></c><c r="B3"><v>46328</v></c><c r="C3"><f>40+45</f></c></row>`, Options{})
	if len(f.Doses) != 1 || f.Doses[0].Amount != 85000 || codes(f.Doubts) != "doubt.formula" || problems(f) != "3 mg missing" {
		t.Errorf("got %+v, %s, %v", f.Doses, problems(f), f.Doubts)
	}
}

func TestDaysFrom1904(t *testing.T) {
	e := workbookOf(head3 + `<row r="2"><c r="A2" t="s"><v>3</v></c><c r="B2"><v>44865</v></c><c r="C2"><v>5</v></c></row>`)
	e[3].body = strings.Replace(e[3].body, "<workbookPr/>", `<workbookPr date1904="1"/>`, 1)
	f := read(t, string(zipOf(t, e)), Options{})
	if len(f.Doses) != 1 || f.Doses[0].Day.String() != "2026-11-01" {
		t.Errorf("got %+v %v", f.Doses, f.Stops)
	}
}

// TestSwappedDays: a spreadsheet set to American dates made real dates of those
// it could read with the month first, and left the others as text.
func TestSwappedDays(t *testing.T) {
	rows := head3 + `<row r="2"><c r="A2" t="s"><v>3</v></c><c r="B2"><v>46085</v></c><c r="C2"><v>5</v></c></row>` + // 2026-03-04
		`<row r="3"><c r="A3" t="s"><v>3</v></c><c r="B3" t="inlineStr"><is><t>13/04/2026</t></is></c><c r="C3"><v>5</v></c></row>`
	if f := readXLSX(t, rows, Options{}); codes(f.Stops) != "file.dates_mixed" || f.Stops[0].Line != 2 {
		t.Errorf("got %v", f.Stops)
	}
	if f := readXLSX(t, rows, Options{Dates: DMY}); len(f.Doses) != 2 {
		t.Errorf("declared: got %+v %v", f.Doses, f.Stops)
	}
	late := strings.Replace(rows, "46085", "46096", 1) // 2026-03-15: no swapped day
	if f := readXLSX(t, late, Options{}); len(f.Doses) != 2 {
		t.Errorf("a day above 12: got %+v %v", f.Doses, f.Stops)
	}
}

func TestWhichSheet(t *testing.T) {
	f := excelize.NewFile()
	put := func(sheet, cell string, v any) {
		t.Helper()
		if err := f.SetCellValue(sheet, cell, v); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []string{"Bìa", "BN", "Ẩn"} {
		if _, err := f.NewSheet(s); err != nil {
			t.Fatal(err)
		}
	}
	put("Bìa", "A1", "Trung tâm y tế")
	for _, s := range []string{"BN", "Ẩn"} {
		put(s, "A1", "Mã BN")
		put(s, "B1", "Họ tên")
		put(s, "C1", "Năm sinh")
		put(s, "A2", "0042")
		put(s, "B2", "Đỗ "+s)
		put(s, "C2", 1985)
	}
	if err := f.SetSheetVisible("Ẩn", false); err != nil {
		t.Fatal(err)
	}
	save := func() string {
		t.Helper()
		b, err := f.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	got := read(t, save(), Options{})
	if got.Sheet != "BN" || len(got.Patients) != 1 || got.Patients[0].Birth.String() != "1985" || got.Patients[0].Code != "0042" || len(got.Sheets) != 4 {
		t.Errorf("got %+v", got)
	}
	if err := f.SetSheetVisible("Ẩn", true); err != nil {
		t.Fatal(err)
	}
	if got = read(t, save(), Options{}); codes(got.Stops) != "file.which_sheet" {
		t.Errorf("two sheets: %v", got.Stops)
	}
	if got = read(t, save(), Options{Sheet: "ẩn"}); len(got.Patients) != 1 || got.Patients[0].Name != "Đỗ Ẩn" {
		t.Errorf("named sheet: %+v %v", got.Patients, got.Stops)
	}
	if got = read(t, save(), Options{Sheet: "X"}); codes(got.Stops) != "file.no_sheet" {
		t.Errorf("no such sheet: %v", got.Stops)
	}
}

// TestAsTheLibraryReads compares with another reader on a workbook it wrote.
func TestAsTheLibraryReads(t *testing.T) {
	f := excelize.NewFile()
	format := "yyyy-mm-dd"
	iso, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range []any{"patient", "day", "mg"} {
		if err := f.SetCellValue("Sheet1", string(rune('A'+i))+"1", v); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 50 {
		line := fmt.Sprint(i + 2)
		for cell, v := range map[string]any{
			"A" + line: fmt.Sprintf("%04d", i%7), "B" + line: time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC), "C" + line: float64(i+1) * 1.1,
		} {
			if err := f.SetCellValue("Sheet1", cell, v); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.SetCellStyle("Sheet1", "B"+line, "B"+line, iso); err != nil {
			t.Fatal(err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	back, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	want, err := back.GetRows("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, b.String(), Options{})
	if len(got.Doses) != 50 {
		t.Fatalf("got %d doses %v %s", len(got.Doses), got.Stops, problems(got))
	}
	for i, d := range got.Doses {
		w := want[i+1]
		if d.Code != w[0] || d.Amount.String() != w[2]+" mg" || d.Day != must(day.Parse(w[1])) {
			t.Errorf("row %d: got %+v, want %v", d.Line, d, w)
		}
	}
}

func TestHostileWorkbooks(t *testing.T) {
	good := head3 + `<row r="2"><c r="A2" t="s"><v>3</v></c><c r="B2"><v>46327</v></c><c r="C2"><v>5</v></c></row>`
	with := func(e ...entry) []byte { return zipOf(t, append(workbookOf(good), e...)) }
	sheet := func(s string) []byte {
		e := workbookOf("")
		e[5].body = s
		return zipOf(t, e)
	}
	many := make([]entry, partsMax)
	for i := range many {
		many[i].name = fmt.Sprint("x", i)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"good":                       {with(), ""},
		"macros":                     {with(entry{"xl/vbaProject.bin", "x"}), ""},
		"a link to another workbook": {with(entry{"xl/externalLinks/externalLink1.xml", "<x"}), ""},
		"a name that leads outside":  {with(entry{"../../evil", "x"}), "file.unsafe"},
		"the same with backslashes":  {with(entry{`xl\..\..\evil`, "x"}), "file.unsafe"},
		"an absolute name":           {with(entry{"/etc/passwd", "x"}), "file.unsafe"},
		"a drive":                    {with(entry{"C:evil", "x"}), "file.unsafe"},
		"one name twice":             {with(entry{"XL/workbook.xml", "x"}), "file.unsafe"},
		"too many entries":           {with(many...), "file.unsafe"},
		"cut off":                    {with()[:400], "file.unreadable"},
		"a flipped bit":              {flip(with()), "file.unreadable"},
		"a checksum that differs":    {checksum(with()), "file.unreadable"},
		"no sheet at all":            {zipOf(t, []entry{{"word/document.xml", "<x/>"}}), "file.not_table"},
		"a part that is not there":   {zipOf(t, workbookOf(good)[:5]), "file.unreadable"},
		"broken XML":                 {sheet(`<worksheet><sheetData><row r="1"><c r="A1"`), "file.unreadable"},
		"XML that ends early":        {sheet(`<worksheet><sheetData>` + good), "file.unreadable"},
		"tags that cross":            {sheet(`<worksheet><sheetData><row></sheetData></row></worksheet>`), "file.unreadable"},
		"an entity":                  {sheet(`<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData><row r="1"><c r="A1" t="str"><v>&a;</v></c></row></sheetData></worksheet>`), "file.unreadable"},
		"nested too deep":            {sheet(strings.Repeat("<a>", 100)), "file.unreadable"},
		"a tag of 1 MB":              {sheet("<worksheet " + strings.Repeat(`a="" `, 200_000) + "/>"), "file.unreadable"},
		"a text of 1 MB":             {sheet("<worksheet>" + strings.Repeat("a", 1<<20)), "file.unreadable"},
		"a text number too high":     {zipOf(t, workbookOf(head3+`<row r="2"><c r="A2" t="s"><v>99</v></c></row>`)), "file.unreadable"},
		"rows that go back":          {zipOf(t, workbookOf(head3+`<row r="1"/>`)), "file.unreadable"},
		"a row beyond the last":      {zipOf(t, workbookOf(`<row r="2000000000"/>`)), "file.unreadable"},
		"a column twice":             {zipOf(t, workbookOf(`<row r="1"><c r="B1"><v>1</v></c><c r="B1"><v>2</v></c></row>`)), "file.unreadable"},
		"a cell in the last column":  {zipOf(t, workbookOf(`<row r="1"><c r="XFD1"><v>1</v></c></row>`)), "file.too_many_cells"},
		"a number that is none":      {zipOf(t, workbookOf(`<row r="1"><c r="A1"><v>NaN</v></c></row>`)), "file.unreadable"},
		"only a title":               {zipOf(t, workbookOf(`<row r="1"><c r="A1" t="s"><v>3</v></c></row>`)), "file.no_header"},
		"an empty sheet":             {zipOf(t, workbookOf("")), "file.empty"},
		"declared sizes too large":   {declare(with(entry{"bomb", strings.Repeat("0", 1000)}), 1000, inflateMax+1), "file.inflates"},
		"sizes too large together": {
			declare(declare(with(entry{"a", strings.Repeat("0", 1000)}, entry{"b", strings.Repeat("0", 1001)}), 1000, inflateMax/2), 1001, inflateMax/2+1), "file.inflates",
		},
		"sizes that wrap around": {
			declare(declare(with(entry{"a", strings.Repeat("0", 1000)}, entry{"b", strings.Repeat("0", 1001)}), 1000, 1<<32-2), 1001, 3), "file.inflates",
		},
		"sizes that lie":    {declare(sheet("<worksheet>"+strings.Repeat(" ", 5000)+"</worksheet>"), 5023, 60), "file.unreadable"},
		"encrypted entries": {encrypted(with()), "file.encrypted"},
	} {
		f := read(t, string(c.data), Options{})
		if got := codes(f.Stops); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if c.want == "" && (len(f.Doses) != 1 || f.Macros != (name == "macros")) {
			t.Errorf("%s: got %+v, macros %v", name, f.Doses, f.Macros)
		}
	}
}

// flip changes one bit inside the last sheet's compressed bytes.
func flip(data []byte) []byte {
	at := bytes.LastIndex(data, []byte("xl/worksheets/sheet1.xml"))
	at = bytes.LastIndex(data[:at], []byte("xl/worksheets/sheet1.xml"))
	data[at+len("xl/worksheets/sheet1.xml")+40] ^= 1
	return data
}

// checksum changes the checksum of the last entry, which is the sheet, in the
// list of the zip. All its XML is sound.
func checksum(data []byte) []byte {
	at := bytes.LastIndex(data, []byte("PK\x01\x02"))
	data[at+16] ^= 1
	return data
}

// declare puts another uncompressed size into the list of the zip for the
// entry that has the size was.
func declare(data []byte, was, is uint32) []byte {
	for at := 0; ; at++ {
		next := bytes.Index(data[at:], []byte("PK\x01\x02"))
		if next < 0 {
			panic("no entry of that size")
		}
		at += next
		if binary.LittleEndian.Uint32(data[at+24:]) == was {
			binary.LittleEndian.PutUint32(data[at+24:], is)
			return data
		}
	}
}

// encrypted sets the mark of encryption on the first entry.
func encrypted(data []byte) []byte {
	at := bytes.Index(data, []byte("PK\x01\x02"))
	data[at+8] |= 1
	return data
}

// TestBombCostsNothing: a megabyte of zip that would unpack to a gigabyte is
// refused from its list.
func TestBombCostsNothing(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range workbookOf(head3) {
		p, err := w.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write([]byte(e.body)); err != nil {
			t.Fatal(err)
		}
	}
	h := &zip.FileHeader{Name: "xl/media/image1.png", Method: zip.Store, CRC32: crc32.ChecksumIEEE(nil), UncompressedSize64: 1 << 33, CompressedSize64: 0}
	if _, err := w.CreateRaw(h); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if f := read(t, b.String(), Options{}); codes(f.Stops) != "file.inflates" {
		t.Errorf("got %v", f.Stops)
	}
}
