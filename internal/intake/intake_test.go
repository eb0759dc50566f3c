package intake

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/unicode/norm"

	"tram/internal/day"
	"tram/internal/unit"
)

// today is the day of all tests.
var today = must(day.Of(2026, 11, 23))

func must(d day.Day, err error) day.Day {
	if err != nil {
		panic(err)
	}
	return d
}

// read reads a text that can be read without a fault.
func read(t *testing.T, s string, o Options) File {
	t.Helper()
	f, err := Read(strings.NewReader(s), o)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	if f.Total != f.Len()+len(f.Bad) {
		t.Fatalf("%d rows, but %d good and %d bad", f.Total, f.Len(), len(f.Bad))
	}
	return f
}

// problems writes what is wrong with a file's rows, one "line column code" each.
func problems(f File) string {
	var out []string
	for _, b := range f.Bad {
		for _, p := range b.Problems {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%d %s %s", p.Line, p.Column, strings.TrimPrefix(string(p.Code), "row."))))
		}
	}
	return strings.Join(out, "; ")
}

func codes(all []Problem) string {
	var out []string
	for _, p := range all {
		out = append(out, string(p.Code))
	}
	return strings.Join(out, " ")
}

func TestPatientsAsClinicsHaveThem(t *testing.T) {
	s := "\ufeffDANH SÁCH BỆNH NHÂN\r\n\r\nSTT;Mã BN;Họ và tên;Giới tính;Ngày sinh (dd/mm/yyyy);Dân tộc;Xã;Bản;SĐT;Số CCCD;Ghi chú;Cân nặng\r\n" +
		"1;TG 01;" + norm.NFD.String("Lò Thị Hặc") + ";Nữ;13/04/1985;Thái;Mường Ẳng;Bản Co;0912345678;001085012345;;52\r\n" +
		"2;TG 02;\"Giàng  A \"\"Sùng\"\"\";nam;1979;H’Mông;;;;;\"nhà xa,\nđi bộ\";\r\n" +
		"3;TG 03;Vừ\u200b A Dế;Nam;03/1990;;;;912345678;1085012345;;\r\n;;;;;;;;;;;\r\n"
	f := read(t, s, Options{Today: today})
	if f.Kind != Patients || f.Comma != ';' || f.Header != 3 || f.Dates != DMY || f.Total != 3 || len(f.Patients) != 3 || f.Encoding != UTF8 {
		t.Fatalf("got kind %s comma %q header %d dates %s total %d stops %v bad %s", f.Kind, f.Comma, f.Header, f.Dates, f.Total, f.Stops, problems(f))
	}
	a, b, c := f.Patients[0], f.Patients[1], f.Patients[2]
	want := PatientRow{
		Line: 4, Code: "TG 01", Name: "Lò Thị Hặc", NameRaw: norm.NFD.String("Lò Thị Hặc"), Sex: "f", Birth: day.Partial{Year: 1985, Month: 4, Dom: 13},
		Ethnic: "Thái", Commune: "Mường Ẳng", Village: "Bản Co", Phone: "0912345678", Identity: "001085012345",
	}
	if a != want {
		t.Errorf("first row\n got %+v\nwant %+v", a, want)
	}
	if b.Name != `Giàng A "Sùng"` || b.Birth != (day.Partial{Year: 1979}) || b.Note != "nhà xa, đi bộ" || b.Line != 5 || b.NameRaw != `Giàng  A "Sùng"` {
		t.Errorf("second row %+v", b)
	}
	if c.Name != "Vừ A Dế" || c.NameRaw != "Vừ\u200b A Dế" || c.Birth != (day.Partial{Year: 1990, Month: 3}) || c.Line != 7 {
		t.Errorf("third row %+v", c)
	}
	if got := codes(f.Doubts); got != "doubt.zero_lost doubt.zero_lost" {
		t.Errorf("doubts %s", got)
	}
	p := f.Preview(1)
	if p.Good != 3 || p.Total != 3 || len(p.First.Patients) != 1 || p.Above != 2 || len(p.Hash) != 64 || !f.Ready() {
		t.Errorf("preview %+v", p)
	}
	if len(p.LeftOut) != 2 || p.LeftOut[0].Header != "STT" || p.LeftOut[1] != (Column{Header: "Cân nặng"}) {
		t.Errorf("left out %+v", p.LeftOut)
	}
}

func TestOrdersAndDoses(t *testing.T) {
	f := read(t, "Mã BN\tLiều (mg)\tTừ ngày\tĐến ngày\tGiai đoạn\nA1\t8,5\t13/11/2026\t30/11/2026\tDuy trì\nA2\t60.5 mg\t01/11/2026\t\tkhởi liều\n", Options{Today: today})
	want := []OrderRow{
		{Line: 2, Code: "A1", Amount: 8500, First: must(day.Of(2026, 11, 13)), Last: must(day.Of(2026, 11, 30)), Phase: "maintenance"},
		{Line: 3, Code: "A2", Amount: 60500, First: must(day.Of(2026, 11, 1)), Phase: "induction"},
	}
	if !slices.Equal(f.Orders, want) || f.Kind != Orders || f.Comma != '\t' {
		t.Errorf("got %+v %v %s\nwant %+v", f.Orders, f.Stops, problems(f), want)
	}
	f = read(t, "patient,day,mg,site\nR001,2025-01-06,30,B\nR001,2025-01-07,40,B\n", Options{})
	if len(f.Doses) != 2 || f.Doses[1] != (DoseRow{Line: 3, Code: "R001", Day: must(day.Of(2025, 1, 7)), Amount: 40000, Site: "B"}) {
		t.Errorf("got %+v %v", f.Doses, f.Stops)
	}
}

// TestRowProblems holds one row of every kind against the answer. The header
// is the same for all; the table says what differs.
func TestRowProblems(t *testing.T) {
	const header = "patient,day,mg,site,note\n"
	known := func(code string) bool { return code != "X9" }
	for row, want := range map[string]string{
		"A1,2026-11-01,85,B,":                             "",
		"A1,1/11/2026,\"8,5\",B,":                         "", // one-digit day, first part not above 12, but see Dates below
		"A1,2026-11-01 00:00:00,85,B,":                    "",
		"A1,29/02/2027,85,B,":                             "2 day date",
		"A1,31/04/2026,85,B,":                             "2 day date",
		"A1,2026-02-29,85,B,":                             "2 day date",
		"A1,01/11/26,85,B,":                               "2 day date",
		"A1,saa moja,85,B,":                               "2 day date",
		"A1,2026-11-01T23:45:00Z,85,B,":                   "2 day date_zone",
		"A1,2026-11-01 23:45 +07:00,85,B,":                "2 day date_zone",
		"A1,2026-11-24,85,B,":                             "2 day future",
		"A1,1959-12-31,85,B,":                             "2 day date_range",
		"A1,1970-01-01,85,B,":                             "2 day date_range", // the zero day means never
		"A1,,85,B,":                                       "2 day missing",
		",2026-11-01,85,B,":                               "2 patient missing",
		"A1,2026-11-01,,B,":                               "2 mg missing",
		"A1,2026-11-01,0,B,":                              "2 mg amount_zero",
		"A1,2026-11-01,-5,B,":                             "2 mg amount",
		"A1,2026-11-01,'-5,B,":                            "2 mg amount",
		"A1,2026-11-01,+5,B,":                             "2 mg amount",
		"A1,2026-11-01,NaN,B,":                            "2 mg amount",
		"A1,2026-11-01,1e3,B,":                            "2 mg amount",
		"A1,2026-11-01,0x10,B,":                           "2 mg amount",
		"A1,2026-11-01,1_000,B,":                          "2 mg amount",
		"A1,2026-11-01,.5,B,":                             "2 mg amount",
		"A1,2026-11-01,5.,B,":                             "2 mg amount",
		"A1,2026-11-01,05,B,":                             "2 mg amount",
		"A1,2026-11-01,٨٥,B,":                             "2 mg amount",
		"A1,2026-11-01,８５,B,":                             "2 mg amount",
		"A1,2026-11-01,8\u200b5,B,":                       "2 mg amount",
		"A1,2026-11-01,1.234,B,":                          "2 mg amount_unclear",
		"A1,2026-11-01,\"1,234\",B,":                      "2 mg amount_unclear",
		"A1,2026-11-01,123456789,B,":                      "2 mg amount_too_long",
		"A1,2026-11-01,8 ml,B,":                           "2 mg unit_differs",
		"A1,2026-11-01,85 MG,B,":                          "",
		"A1,2026-11-01,8,5,B,":                            "2  too_many_cells", // a decimal comma in a comma file, the last cell empty
		"A1,2026-11-01,85":                                "2  too_few_cells",
		"A\u200b1,2026-11-01,85,B,":                       "2 patient invisible",
		"\u202eA1,2026-11-01,85,B,":                       "2 patient invisible",
		"8.45E+10,2026-11-01,85,B,":                       "2 patient exponent",
		strings.Repeat("A", 41) + ",2026-11-01,85,B,":     "2 patient too_long",
		"A1,2026-11-01,85,B," + strings.Repeat("à", 2001): "2 note too_long",
		"A1,2026-11-01,85,B,nh\ufffdng":                   "2 note lost_character",
		"A1,2026-11-01,#REF!,B,":                          "2 mg error_cell",
		"X9,2026-11-01,85,B,":                             "2 patient unknown_patient",
		"X9,30/30/2026,x,B,":                              "2 patient unknown_patient; 2 day date; 2 mg amount",
	} {
		f := read(t, header+row+"\n", Options{Today: today, Dates: DMY, Known: known})
		got := problems(f)
		if strings.ReplaceAll(got, "  ", " ") != strings.ReplaceAll(want, "  ", " ") || len(f.Stops) > 0 {
			t.Errorf("%q: got %q %v, want %q", row, got, f.Stops, want)
		}
		if want == "" && len(f.Doses) != 1 {
			t.Errorf("%q: %d doses", row, len(f.Doses))
		}
	}
}

func TestPatientProblems(t *testing.T) {
	const header = "code,name,sex,birth,phone,id number,commune\n"
	for row, want := range map[string]string{
		"P1,Hặc,f,1985,0912 345 678,001085012345,Ẳng": "", // one word is a name
		"P1,,f,1985,,,":                              "2 name missing",
		"P1,\u200b,f,1985,,,":                        "2 name name",
		"P1,--,f,1985,,,":                            "2 name name",
		"P1,<script>alert(1)</script>,,,,,":          "", // text is text
		"P1,O'Brien \U0001f600,,,,,":                 "",
		"P1," + strings.Repeat("ạ", 201) + ",,,,,":   "2 name too_long",
		"P1," + strings.Repeat("a", 10000) + ",,,,,": "2 name too_long",
		"P1,NguyÔn V¨n,,,,,":                         "2 name legacy_font",
		"P1,An,n,,,,":                                "2 sex sex",
		"P1,An,1,,,,":                                "2 sex sex",
		"P1,An,NỮ,,,,":                               "",
		"P1,An,,85,,,":                               "2 birth date",
		"P1,An,,00/00/1985,,,":                       "2 birth date",
		"P1,An,,1899,,,":                             "2 birth date_range",
		"P1,An,,2027,,,":                             "2 birth future",
		"P1,An,,24/11/2026,,,":                       "2 birth future",
		"P1,An,,23/11/2026,,,":                       "",
		"P1,An,,,không có,,":                         "2 phone phone",
		"P1,An,,,9.12E+08,,":                         "2 phone exponent",
		"P1,An,,,'+84912345678,1.09E+11,":            "2 id number exponent",
		"P1,An,,,,,M\u00adêng Ẳng":                   "2 commune legacy_font",
	} {
		f := read(t, header+row+"\n", Options{Today: today, Dates: DMY})
		if got := problems(f); got != want || len(f.Stops) > 0 {
			t.Errorf("%.80q: got %q %v, want %q", row, got, f.Stops, want)
		}
	}
	f := read(t, header+"P1,An \u202eHà,m,1985,'+84912345678,,\n", Options{})
	if p := f.Patients[0]; p.Name != "An Hà" || p.Phone != "+84912345678" {
		t.Errorf("got %+v", p)
	}
}

// TestStops: what could be read two ways is asked, and the answer lets the
// same file pass.
func TestStops(t *testing.T) {
	for _, c := range []struct {
		name, file string
		want       string
		declared   Options
		good       int // rows once declared
	}{
		{"second part above 12", "patient,day,mg\nA,04/13/2026,5\nA,04/12/2026,5\n", "file.maybe_mdy", Options{Dates: MDY}, 2},
		{"one slip among clear dates", "patient,day,mg\nA,13/04/2026,5\nA,04/14/2026,5\n", "file.maybe_mdy", Options{Dates: DMY}, 1},
		{"every date could be both", "patient,day,mg\nA,03/04/2026,5\n", "file.dates_unclear", Options{Dates: DMY}, 1},
		{"equal parts say the same both ways", "patient,day,mg\nA,04/04/2026,5\n", "", Options{}, 1},
		{"another column speaks for the file", "patient,start,end,mg\nA,03/04/2026,13/04/2026,5\n", "", Options{}, 1},
		{"year first", "patient,day,mg\nA,2026/04/03,5\n", "", Options{}, 1},
		{"an amount without a unit", "patient,day,dose\nA,2026-04-03,5\n", "file.unit_unclear", Options{Unit: "mg"}, 1},
		{"mL without a strength", "patient,day,Liều (ml)\nA,2026-04-03,\"8,5\"\n", "file.no_strength", Options{Strength: 10000}, 1},
		{"no unit, mL declared, no strength", "patient,day,dose\nA,2026-04-03,5\n", "file.unit_unclear", Options{Unit: "ml", Strength: 10000}, 1},
		{"tablets are no mg", "patient,day,Liều (viên)\nA,2026-04-03,5\n", "file.kind_unclear", Options{}, 0},
		{"patients with a dose", "patient,name,mg\nA,An,5\n", "file.kind_unclear", Options{Kind: Patients}, 1},
		{"two columns mean the same", "patient,mã bn,day,mg\nA,A,2026-04-03,5\n", "file.same_column", Options{}, 0},
		{"mg and an unnamed amount", "patient,day,mg,dose\nA,2026-04-03,5,5\n", "file.same_column", Options{}, 0},
		{"no patient", "day,mg,site\n2026-04-03,5,B\n", "file.column_missing", Options{}, 0},
		{"no header", "A,2026-04-03,5\n", "file.no_header", Options{}, 0},
		{"only a header", "patient,day,mg\n", "file.empty", Options{}, 0},
		{"nothing", "\ufeff\r\n \r\n", "file.empty", Options{}, 0},
		{"a quote that does not close", "patient,day,mg\nA,2026-04-03,\"5\nB,2026-04-03,5\n", "file.bad_quotes", Options{}, 0},
		{"a quote inside", "patient,name\nA,An \"Bé\" Hà\n", "file.bad_quotes", Options{}, 0},
		{"a web page", "<html><table><tr><td>patient", "file.not_table", Options{}, 0},
		{"a PDF", "%PDF-1.7 ...", "file.not_table", Options{}, 0},
		{"a program", "MZ\x90\x00\x03", "file.not_table", Options{}, 0},
		{"an old workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...", "file.old_excel", Options{}, 0},
		{"an encrypted workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00", "file.encrypted", Options{}, 0},
		{"too many columns", "patient,name" + strings.Repeat(",x", 200) + "\n", "file.too_many_cells", Options{}, 0},
	} {
		f := read(t, c.file, Options{})
		if got := codes(f.Stops); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
			continue
		}
		if c.want != "" && (f.Len() > 0 || f.Ready()) {
			t.Errorf("%s: stopped, yet %d rows are offered", c.name, f.Len())
		}
		if c.good == 0 {
			continue
		}
		if f = read(t, c.file, c.declared); f.Len() != c.good || len(f.Stops) > 0 {
			t.Errorf("%s, declared: %d rows, %v, want %d", c.name, f.Len(), f.Stops, c.good)
		}
	}
}

func TestDeclaredLayoutIsUsed(t *testing.T) {
	for layout, want := range map[Layout]string{DMY: "2026-04-03", MDY: "2026-03-04"} {
		f := read(t, "patient,day,mg\nA,03/04/2026,5\n", Options{Dates: layout})
		if len(f.Doses) != 1 || f.Doses[0].Day.String() != want {
			t.Errorf("%s: got %+v, want %s", layout, f.Doses, want)
		}
	}
	if f := read(t, "patient,day,mg\nA,03/04/2026,5\n", Options{Dates: YMD}); problems(f) != "2 day date" {
		t.Errorf("ymd: got %q", problems(f))
	}
}

func TestEncodings(t *testing.T) {
	header := "patient,name\n"
	f := read(t, header+"A,Nguy\xeen\n", Options{})
	want := Problem{Line: 2, Column: "7", Code: NotUTF8, Value: "0xEE"}
	if len(f.Stops) != 1 || f.Stops[0] != want {
		t.Errorf("got %+v, want %+v", f.Stops, want)
	}
	// "Hằng" in Windows-1258: ă is E3, the grave mark CC stands after it.
	f = read(t, header+"A,\xd0\xe0o H\xe3\xccng\n", Options{Encoding: Windows1258})
	if len(f.Patients) != 1 || f.Patients[0].Name != "Đào Hằng" || f.Encoding != Windows1258 {
		t.Errorf("windows-1258: got %+v %v", f.Patients, f.Stops)
	}
	if f = read(t, header+"A,\xd2x\n", Options{Encoding: Windows1258}); len(f.Stops)+len(f.Patients) != 1 {
		t.Errorf("windows-1258: got %+v %v", f.Patients, f.Stops)
	}
	if f = read(t, header+"A,An\n", Options{Encoding: "tcvn3"}); codes(f.Stops) != "file.not_utf8" {
		t.Errorf("tcvn3: got %v", f.Stops)
	}
	for _, order := range []string{"\xff\xfe", "\xfe\xff"} {
		s := order
		for _, r := range "patient\tname\r\nA\tĐào\r\n" {
			low, high := string([]byte{byte(r)}), string([]byte{byte(r >> 8)})
			if order == "\xff\xfe" {
				s += low + high
			} else {
				s += high + low
			}
		}
		f = read(t, s, Options{})
		if len(f.Patients) != 1 || f.Patients[0].Name != "Đào" || f.Encoding != UTF16 {
			t.Errorf("utf-16: got %+v %v", f.Patients, f.Stops)
		}
		if f = read(t, s+"x", Options{}); codes(f.Stops) != "file.unreadable" {
			t.Errorf("utf-16 broken off: got %v", f.Stops)
		}
	}
}

func TestLineEndsAndSeparators(t *testing.T) {
	for name, s := range map[string]string{
		"unix": "patient,name\nA,An\nB,Ba\n", "windows": "patient,name\r\nA,An\r\nB,Ba\r\n", "old mac": "patient,name\rA,An\rB,Ba\r",
		"no last end": "patient,name\nA,An\nB,Ba", "sep line": "sep=;\r\npatient;name\r\nA;An\r\nB;Ba\r\n", "tabs": "patient\tname\nA\tAn\nB\tBa\n",
		"semicolons with commas inside": "patient;name;note\nA;An;x,y,z\nB;Ba;1,5\n", "bars": "patient|name\nA|An\nB|Ba\n",
	} {
		f := read(t, s, Options{})
		if len(f.Patients) != 2 || f.Patients[1].Name != "Ba" || f.Patients[1].Code != "B" {
			t.Errorf("%s: got %+v %v %s", name, f.Patients, f.Stops, problems(f))
		}
	}
	if f := read(t, "sep=;\npatient;name\nA;\n", Options{}); problems(f) != "3 name missing" {
		t.Errorf("line after sep: %s", problems(f))
	}
}

func TestRowsAgainstEachOther(t *testing.T) {
	for _, c := range []struct{ name, file, bad, doubts string }{
		{"same patient again", "code,name\nA1,An\na 1,An\n", "3 code repeat", ""},
		{"other data under one code", "code,name\nA1,An\nA1,Ba\nA1,An\n", "2 code conflict; 3 code conflict; 4 code repeat", ""},
		{"one identity number twice", "code,name,cccd\nA1,An,001085012345\nA2,Ba,001085012345\n", "", "doubt.same_identity"},
		{"one name and birth twice", "code,name,birth\nA1,Đỗ An,1985\nA2,do an,1985\n", "", "doubt.same_person"},
		{"two doses of a day", "patient,day,mg\nA,2026-11-01,50\nB,2026-11-01,50\nA,2026-11-01,35\n", "2 day same_day; 4 day same_day", ""},
		{"three doses of a day", "patient,day,mg\nA,2026-11-01,5\nA,2026-11-01,5\nA,2026-11-01,5\n", "2 day same_day; 3 day same_day; 4 day same_day", ""},
		{"a bad row questions the good one", "patient,day,mg\nA,2026-11-01,50\nA,2026-11-01,x\n", "2 day same_day; 3 mg amount; 3 day same_day", ""},
		{"two orders from a day", "patient,mg,start,end\nA,50,2026-11-01,\nA,60,2026-11-01,\n", "2 start same_start; 3 start same_start", ""},
		{"orders that overlap", "patient,mg,start,end\nA,50,2026-11-01,2026-11-10\nA,60,2026-11-10,\n", "", "doubt.overlap"},
		{"orders one after the other", "patient,mg,start,end\nA,50,2026-11-01,2026-11-09\nA,60,2026-11-10,\n", "", ""},
		{"end before start", "patient,mg,start,end\nA,50,2026-11-02,2026-11-01\n", "2 end end_before_start", ""},
		{"unknown phase", "patient,mg,start,phase\nA,50,2026-11-02,vui\n", "2 phase phase", ""},
		{"time of day", "patient,day,mg\nA,2026-11-01 06:45,50\n", "", "doubt.time_ignored"},
		{"mg and mL agree", "patient,day,mg,ml\nA,2026-11-01,85,\"8,5\"\n", "", ""},
		{"mg and mL differ", "patient,day,mg,ml\nA,2026-11-01,85,85\n", "2 ml mg_ml_differ", ""},
	} {
		f := read(t, c.file, Options{Strength: 10000})
		if problems(f) != c.bad || codes(f.Doubts) != c.doubts || len(f.Stops) > 0 {
			t.Errorf("%s: got bad %q, doubts %q, stops %v; want %q, %q", c.name, problems(f), codes(f.Doubts), f.Stops, c.bad, c.doubts)
		}
	}
}

func TestVolumeGivesTheAmount(t *testing.T) {
	f := read(t, "patient,day,ml\nA,2026-11-01,\"8,5\"\nB,2026-11-01,\"0,005\"\n", Options{Strength: 10500})
	if problems(f) != "3 ml inexact" || len(f.Doses) != 1 || f.Doses[0].Amount != 89250 || f.Doses[0].Volume != 8500 {
		t.Errorf("got %+v, %s", f.Doses, problems(f))
	}
	f = read(t, "patient,day,mg,ml\nA,2026-11-01,85,9\nB,2026-11-01,,9\n", Options{})
	if problems(f) != "3 ml no_strength" && problems(f) != "3 ml file.no_strength" {
		t.Errorf("without a strength: %s", problems(f))
	}
	if len(f.Doses) != 1 || f.Doses[0].Amount != 85*unit.Milligram || f.Doses[0].Volume != 9*unit.Millilitre {
		t.Errorf("got %+v", f.Doses)
	}
}

func TestBounds(t *testing.T) {
	if f := read(t, strings.Repeat("a", fileMax+1), Options{}); codes(f.Stops) != "file.too_big" {
		t.Errorf("too big: %v", f.Stops)
	}
	f := read(t, "code,name\n"+strings.Repeat("A,a\n", rowsMax+1), Options{})
	if codes(f.Stops) != "file.too_many_rows" || f.Stops[0].Line != rowsMax+2 || f.Len() != 0 {
		t.Errorf("too many rows: %v", f.Stops)
	}
	f = read(t, "code,name\n"+strings.Repeat(",", fileMax-100)+"x\n", Options{})
	if codes(f.Stops) != "file.too_many_cells" {
		t.Errorf("too many cells: %v", f.Stops)
	}
}

func TestBadRowShowsWhatWasTyped(t *testing.T) {
	long := strings.Repeat("x", 100)
	f := read(t, "code,name,note\n,An\u202e,"+long+"\n", Options{})
	if len(f.Bad) != 1 {
		t.Fatalf("got %+v", f.Bad)
	}
	want := []string{"", "An", strings.Repeat("x", quoteMax-1) + "…"}
	if !slices.Equal(f.Bad[0].Cells, want) {
		t.Errorf("got %q, want %q", f.Bad[0].Cells, want)
	}
}

func TestFaultIsNoProblemOfTheFile(t *testing.T) {
	broken := errors.New("disk gone")
	_, err := Read(iotest.ErrReader(broken), Options{})
	if !errors.Is(err, broken) {
		t.Fatalf("got %v, want %v", err, broken)
	}
}

func TestSpellingsAreFoldedAndSingle(t *testing.T) {
	seen := map[string]Field{}
	for f, all := range spellings {
		for _, s := range all {
			if words(s) != s {
				t.Errorf("%q of %s is not folded: %q", s, f, words(s))
			}
			if other, ok := seen[s]; ok {
				t.Errorf("%q is both %s and %s", s, f, other)
			}
			seen[s] = f
		}
	}
	for header, want := range map[string]Field{
		"Mã bệnh nhân": FieldCode, "MA_BN": FieldCode, "Họ và tên": FieldName, "ho ten": FieldName, "NĂM SINH": FieldBirth, "Giới": FieldSex,
		"SĐT": FieldPhone, "Số CMND/CCCD": FieldIdentity, "Dân tộc:": FieldEthnic, "Liều (mg)": FieldMg, "LIỀU (ml)": FieldML, "Liều dùng": FieldDose,
		"Liều (viên)": "", "Từ ngày": FieldFirst, "Đến ngày": FieldLast, "Ngày uống thuốc": FieldDay, "Ngày sinh (ngày/tháng/năm)": FieldBirth,
		"Amount_ug": FieldUg, "µg": FieldUg, "STT": FieldNumber, "": "", "Cân nặng (kg)": "", "Số chai": FieldBottle, "Xã/Phường": FieldCommune,
	} {
		if got := recognise(header); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}

func TestFamilyAndGivenName(t *testing.T) {
	f := read(t, "mã,họ đệm,tên\nA,Lò Thị,Hặc\nB,,Sùng\n", Options{})
	if len(f.Patients) != 2 || f.Patients[0].Name != "Lò Thị Hặc" || f.Patients[1].Name != "Sùng" || f.Patients[0].NameRaw != "" {
		t.Errorf("got %+v %v %s", f.Patients, f.Stops, problems(f))
	}
}

// TestCodesListIsWhole keeps Codes complete: it is what holds the words of
// every language to be there.
func TestCodesListIsWhole(t *testing.T) {
	seen := map[Code]bool{}
	for _, c := range Codes {
		if seen[c] || !strings.Contains(string(c), ".") {
			t.Errorf("%q stands twice or has no place", c)
		}
		seen[c] = true
	}
	for _, c := range amountCodes {
		if !seen[c] {
			t.Errorf("%q is not listed", c)
		}
	}
}
