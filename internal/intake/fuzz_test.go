package intake

import (
	"bytes"
	"testing"
)

// FuzzRead: whatever the bytes, reading ends without a fault, every row is
// good or bad and never both, and a stopped file offers nothing.
func FuzzRead(f *testing.F) {
	f.Add([]byte("patient,day,mg,site\nR001,2025-01-06,30,B\n"), "")
	f.Add([]byte("\ufeffMã BN;Họ tên;Năm sinh\r\n'=1;\"A \"\"B\"\"\";1985\r\n"), "dmy")
	f.Add([]byte("mã\tliều\ttừ ngày\nA\t8,5\t03/04/2026\n"), "mdy")
	f.Add([]byte("\xff\xfea\x00,\x00"), "")
	f.Add([]byte("sep=\"\n\"\n"), "ymd")
	f.Fuzz(func(t *testing.T, data []byte, layout string) {
		check(t, data, Options{Dates: Layout(layout), Unit: "mg", Strength: 10000, Today: today})
	})
}

// FuzzSheet: the same for what stands in the XML of a sheet and of the table
// of texts, inside a sound zip.
func FuzzSheet(f *testing.F) {
	f.Add(head3+`<row r="2"><c r="A2" t="s"><v>3</v></c><c r="B2"><v>46327</v></c><c r="C2"><f>1</f><v>8.5</v></c></row>`, "<sst><si><t>mg</t></si></sst>")
	f.Add(`<row><c t="inlineStr"><is><t>_x0041_</t></is></c></row>`, "<sst/>")
	f.Fuzz(func(t *testing.T, rows, shared string) {
		e := workbookOf(rows)
		e[4].body = shared
		check(t, zipOf(t, e), Options{Unit: "mg", Dates: DMY, Today: today})
	})
}

// FuzzWorkbook: the same for the bytes of the zip itself.
func FuzzWorkbook(f *testing.F) {
	f.Add(zipOf(f, workbookOf(head3)))
	f.Fuzz(func(t *testing.T, data []byte) { check(t, data, Options{}) })
}

func check(t *testing.T, data []byte, o Options) {
	t.Helper()
	f, err := Read(bytes.NewReader(data), o)
	if err != nil {
		t.Fatalf("a fault: %v", err)
	}
	if f.Total != f.Len()+len(f.Bad) || (len(f.Stops) > 0 && f.Len() > 0) {
		t.Fatalf("%d rows, %d good, %d bad, stops %v", f.Total, f.Len(), len(f.Bad), f.Stops)
	}
	for _, b := range f.Bad {
		if len(b.Problems) == 0 {
			t.Fatalf("line %d is bad for no reason", b.Line)
		}
	}
}
