package intake

import (
	"slices"
	"strings"
	"unicode"

	"tram/internal/fold"
)

// Field is what a column means.
type Field string

// The fields.
const (
	FieldCode     Field = "code"
	FieldName     Field = "name"
	FieldFamily   Field = "family" // the name without the last word, when a file splits it
	FieldSex      Field = "sex"
	FieldBirth    Field = "birth"
	FieldEthnic   Field = "ethnic"
	FieldCommune  Field = "commune"
	FieldVillage  Field = "village"
	FieldPhone    Field = "phone"
	FieldIdentity Field = "identity"
	FieldLanguage Field = "language"
	FieldNote     Field = "note"
	FieldDay      Field = "day"
	FieldDose     Field = "dose" // an amount whose unit the header does not name
	FieldMg       Field = "mg"
	FieldML       Field = "ml"
	FieldUg       Field = "ug"
	FieldUl       Field = "ul"
	FieldFirst    Field = "start"
	FieldLast     Field = "end"
	FieldPhase    Field = "phase"
	FieldSite     Field = "site"
	FieldBottle   Field = "bottle"
	FieldNumber   Field = "row_number" // STT: counts the rows of a printed list; never imported
)

// spellings are the headers seen in clinics' files, folded, words apart by one
// blank. Vietnamese, English, Swahili. An amount counts as mg or mL only when
// the header says so.
var spellings = map[Field][]string{
	FieldCode: {
		"patient", "patient id", "patient code", "patient no", "patient number", "code", "id", "client", "client id", "client code", "ma",
		"ma bn", "ma benh nhan", "mabn", "ma so", "ma so bn", "ma so benh nhan", "benh nhan", "bn", "so benh an", "ma benh an", "so ho so",
		"ma dieu tri", "ma so dieu tri", "ma nguoi benh", "namba ya mteja", "namba ya mgonjwa",
	},
	FieldName: {
		"name", "full name", "fullname", "patient name", "ten", "ho ten", "ho va ten", "hoten", "ten bn", "ten benh nhan",
		"ho ten bn", "ho ten benh nhan", "ho va ten benh nhan", "ten nguoi benh", "ho ten nguoi benh", "given name", "first name", "jina", "jina kamili",
	},
	FieldFamily: {"ho", "ho dem", "ho va dem", "ho va ten dem", "ho ten dem", "ho lot", "ho va chu lot", "family name", "last name", "surname"},
	FieldSex:    {"sex", "gender", "gioi", "gioi tinh", "phai", "jinsia"},
	FieldBirth: {
		"birth", "born", "dob", "birthday", "birth date", "date of birth", "birthdate", "year of birth", "birth year", "yob", "ngay sinh",
		"nam sinh", "ngay thang nam sinh", "ns", "sinh ngay", "sinh nam", "tarehe ya kuzaliwa", "mwaka wa kuzaliwa",
	},
	FieldEthnic:  {"ethnic", "ethnicity", "ethnic group", "dan toc", "kabila"},
	FieldCommune: {"commune", "ward", "xa", "phuong", "xa phuong", "xa phuong thi tran", "phuong xa", "kata"},
	FieldVillage: {"village", "hamlet", "ban", "thon", "ban thon", "thon ban", "ap", "to dan pho", "kijiji", "mtaa"},
	FieldPhone: {
		"phone", "telephone", "tel", "mobile", "phone number", "sdt", "dt", "so dt", "dien thoai", "so dien thoai", "dien thoai lien he", "simu",
		"namba ya simu",
	},
	FieldIdentity: {
		"id number", "national id", "identity", "identity number", "id card", "cccd", "cmnd", "cmt", "so cccd", "so cmnd", "cccd cmnd", "cmnd cccd",
		"so cccd cmnd", "so cmnd cccd", "can cuoc", "can cuoc cong dan", "so can cuoc", "so dinh danh", "dinh danh", "nida",
	},
	FieldLanguage: {"language", "ngon ngu", "tieng", "lugha"},
	FieldNote:     {"note", "notes", "remark", "remarks", "comment", "ghi chu", "maelezo", "reason", "ly do"},
	FieldDay: {
		"day", "date", "dose date", "dose day", "date of dose", "ngay", "ngay uong", "ngay uong thuoc", "ngay cap", "ngay cap thuoc",
		"ngay dung thuoc", "ngay phat thuoc", "ngay cap phat", "tarehe", "tarehe ya dozi",
	},
	FieldDose: {
		"dose", "daily dose", "amount", "methadone", "lieu", "lieu dung", "lieu luong", "lieu methadone", "lieu hang ngay", "lieu hien tai", "lieu uong",
		"current dose", "dozi", "kipimo",
	},
	FieldMg: {
		"mg", "dose mg", "amount mg", "daily dose mg", "methadone mg", "current dose mg", "so mg", "lieu mg", "lieu dung mg", "lieu luong mg",
		"lieu methadone mg", "lieu hang ngay mg", "lieu hien tai mg", "lieu uong mg", "lieu mg ngay", "mg day", "mg ngay", "dozi mg", "kipimo mg", "dose in mg",
	},
	FieldML: {
		"ml", "dose ml", "amount ml", "volume", "volume ml", "methadone ml", "so ml", "lieu ml", "lieu dung ml", "lieu luong ml", "lieu uong ml",
		"the tich", "the tich ml", "dozi ml", "dose in ml", "ml ngay", "lieu ml ngay",
	},
	FieldUg: {"ug", "mcg", "\u03bcg", "amount ug", "dose ug", "micrograms"},
	FieldUl: {"ul", "\u03bcl", "volume ul", "microlitres"},
	FieldFirst: {
		"start", "from", "first", "first day", "start date", "start day", "valid from", "tu", "tu ngay", "ngay bat dau", "bat dau", "ngay bat dau lieu",
		"ngay y lenh", "kuanzia", "tarehe ya kuanza",
	},
	FieldLast: {
		"end", "to", "until", "last", "last day", "end date", "end day", "valid to", "valid until", "den", "den ngay", "den het ngay", "ngay ket thuc",
		"ket thuc", "het han", "ngay het han", "hadi", "tarehe ya mwisho",
	},
	FieldPhase:  {"phase", "stage", "giai doan", "giai doan dieu tri", "hatua"},
	FieldSite:   {"site", "clinic", "facility", "co so", "co so dieu tri", "diem cap phat", "noi cap", "noi uong", "tram", "kituo"},
	FieldBottle: {"bottle", "bottle no", "bottle number", "bottle code", "chai", "so chai", "ma chai", "chupa", "lot", "batch", "so lo", "lo thuoc"},
	FieldNumber: {"stt", "tt", "no", "so thu tu", "row", "row number", "na"},
}

// fieldOf maps each spelling to its field. A spelling listed for two fields
// is a mistake in the table above, found by a test.
var fieldOf = func() map[string]Field {
	m := map[string]Field{}
	for f, all := range spellings {
		for _, s := range all {
			m[s] = f
		}
	}
	return m
}()

// amounts are the fields in which a word in brackets can be a unit.
var amounts = []Field{FieldDose, FieldMg, FieldML, FieldUg, FieldUl}

// recognise tells what a header means: "Liều (mg)", "LIEU_MG" and "liều mg"
// alike. What stands in brackets may be left out, "Ngày sinh (ngày/tháng/năm)",
// but never for an amount: "Liều (viên)" counts tablets.
func recognise(header string) Field {
	if f, ok := fieldOf[words(header)]; ok {
		return f
	}
	before, rest, found := strings.Cut(header, "(")
	_, after, _ := strings.Cut(rest, ")")
	f := fieldOf[words(before+" "+after)]
	if !found || slices.Contains(amounts, f) {
		return ""
	}
	return f
}

// words folds a header and makes everything that is no letter or digit one
// blank.
func words(s string) string {
	if len(s) > 4*textMax {
		return ""
	}
	return strings.Join(strings.FieldsFunc(fold.Fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// findHeader is the index of the header among the first rows: the first one
// in which most columns are recognised, at least two. -1 when there is none.
func findHeader(rows []row) (int, int) {
	at, best := -1, 1
	for i, r := range rows[:min(len(rows), headerSeek)] {
		seen := map[Field]bool{}
		for _, c := range r.cells {
			if f := recognise(c.text); f != "" && f != FieldNumber && c.kind == text {
				seen[f] = true
			}
		}
		if len(seen) > best {
			at, best = i, len(seen)
		}
	}
	if at < 0 {
		return -1, 0
	}
	return at, best
}

// uses are the fields of each kind, the needed ones first.
var uses = map[Kind][]Field{
	Patients: {
		FieldCode, FieldName, FieldFamily, FieldSex, FieldBirth, FieldEthnic, FieldCommune, FieldVillage, FieldPhone, FieldIdentity, FieldLanguage, FieldNote,
	},
	Orders: {FieldCode, FieldDose, FieldMg, FieldML, FieldUg, FieldUl, FieldFirst, FieldLast, FieldPhase, FieldNote},
	Doses:  {FieldCode, FieldDay, FieldDose, FieldMg, FieldML, FieldUg, FieldUl, FieldSite, FieldBottle, FieldNote},
}

// kindOf tells what a table holds from its fields; "" when that is not plain.
func kindOf(has func(Field) bool) Kind {
	amount := slices.ContainsFunc(amounts, has)
	switch {
	case amount && (has(FieldFirst) || has(FieldLast)) && !has(FieldDay):
		return Orders
	case amount && has(FieldDay) && !has(FieldFirst) && !has(FieldLast):
		return Doses
	case !amount && has(FieldName):
		return Patients
	}
	return ""
}

// columns is where each field stands, -1 when it is nowhere.
type columns struct {
	at     map[Field]int
	header []string
}

func (c columns) of(f Field) int {
	if i, ok := c.at[f]; ok {
		return i
	}
	return -1
}

func (c columns) has(f Field) bool { return c.of(f) >= 0 }

// name is the header of a field as written, or the field itself.
func (c columns) name(f Field) string {
	if i := c.of(f); i >= 0 {
		return c.header[i]
	}
	return string(f)
}

// head understands the header row: what each column is, what kind of table
// this is, and what must be asked before rows can be read.
func (f *File) head(h row, o Options) columns {
	cols := columns{at: map[Field]int{}}
	for i, c := range h.cells {
		header := quote(c.text)
		field := recognise(c.text)
		cols.header = append(cols.header, header)
		f.Columns = append(f.Columns, Column{Header: header, Field: field})
		if field == "" || field == FieldNumber {
			continue
		}
		if cols.has(field) {
			f.stop(Problem{Line: h.line, Column: header, Code: SameColumn, Value: cols.name(field)})
			continue
		}
		cols.at[field] = i
	}
	f.Kind = o.Kind
	if f.Kind == "" {
		f.Kind = kindOf(cols.has)
	}
	if f.Kind == "" {
		f.stop(Problem{Line: h.line, Code: KindUnclear})
		return cols
	}
	for i := range f.Columns {
		f.Columns[i].Used = slices.Contains(uses[f.Kind], f.Columns[i].Field)
	}
	for field := range cols.at {
		if !slices.Contains(uses[f.Kind], field) {
			delete(cols.at, field)
		}
	}
	f.needs(h.line, cols, o)
	return cols
}

// needs stops a file that lacks a column or a declaration its kind needs.
func (f *File) needs(line int, cols columns, o Options) {
	lacks := func(field Field) {
		if !cols.has(field) {
			f.stop(Problem{Line: line, Column: string(field), Code: ColumnMissing})
		}
	}
	lacks(FieldCode)
	switch f.Kind {
	case Patients:
		lacks(FieldName)
		return
	case Doses:
		lacks(FieldDay)
	}
	mg, ml := cols.has(FieldMg) || cols.has(FieldUg), cols.has(FieldML) || cols.has(FieldUl)
	switch {
	case cols.has(FieldDose) && (mg || ml):
		f.stop(Problem{Line: line, Column: cols.name(FieldDose), Code: SameColumn})
	case cols.has(FieldDose) && o.Unit != "mg" && o.Unit != "ml":
		f.stop(Problem{Line: line, Column: cols.name(FieldDose), Code: UnitUnclear})
	case cols.has(FieldDose) && o.Unit == "mg":
		cols.at[FieldMg] = cols.at[FieldDose]
	case cols.has(FieldDose):
		cols.at[FieldML] = cols.at[FieldDose]
		ml = true
	case !mg && !ml:
		f.stop(Problem{Line: line, Column: string(FieldMg), Code: ColumnMissing})
	case cols.has(FieldMg) && cols.has(FieldUg):
		f.stop(Problem{Line: line, Column: cols.name(FieldUg), Code: SameColumn, Value: cols.name(FieldMg)})
	case cols.has(FieldML) && cols.has(FieldUl):
		f.stop(Problem{Line: line, Column: cols.name(FieldUl), Code: SameColumn, Value: cols.name(FieldML)})
	}
	if ml && !mg && o.Strength <= 0 {
		f.stop(Problem{Line: line, Column: cols.name(FieldML), Code: NoStrength})
	}
}
