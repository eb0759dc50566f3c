package intake

import (
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
)

// The reader here is our own, where a library exists: the library ends a sheet
// quietly at a broken tag, a bad checksum or a wrong string number, so rows
// would be missing without a word; it inflates parts nobody needs; and it does
// not say whether a cell is a number or text, on which "1.234" depends. It
// writes our exports and is the oracle of this reader's tests.

// book is what the parts of an XLSX say about its sheets.
type book struct {
	parts   parts
	sheets  []sheet
	shared  []string // the table of shared texts
	from04  bool     // days are counted from 1904, as on an old Macintosh
	strings string   // name of the part with the shared texts
}

// sheet is one sheet of a book.
type sheet struct {
	name   string
	part   string
	hidden bool
}

// xlsxRows reads the rows of the one sheet that is meant. A panic of the
// libraries below on a hostile file is a file that cannot be read.
func (f *File) xlsxRows(data []byte, o Options) (rows []row, p *Problem) {
	defer func() {
		if recover() != nil {
			rows, p = nil, &Problem{Code: Unreadable}
		}
	}()
	all, p := openParts(data)
	if p != nil {
		return nil, p
	}
	b := &book{parts: all}
	if p := b.contents(); p != nil {
		return nil, p
	}
	for name := range all {
		f.Macros = f.Macros || path.Base(name) == "vbaproject.bin"
	}
	for _, s := range b.sheets {
		f.Sheets = append(f.Sheets, quote(s.name))
	}
	if p := b.texts(); p != nil {
		return nil, p
	}
	s, p := b.choose(o.Sheet)
	if p != nil {
		return nil, p
	}
	f.Sheet, f.from04 = quote(s.name), b.from04
	return b.rows(s, rowsMax+headerSeek)
}

// choose is the sheet of that name or, when none is named, the only one with
// a header; the only visible one when none has.
func (b *book) choose(name string) (sheet, *Problem) {
	var with, seen []sheet
	for _, s := range b.sheets {
		if name != "" && strings.EqualFold(words(s.name), words(name)) {
			return s, nil
		}
		if name != "" || s.hidden {
			continue
		}
		rows, p := b.rows(s, headerSeek)
		if p != nil {
			return sheet{}, p
		}
		if at, _ := findHeader(rows); at >= 0 {
			with = append(with, s)
		}
		if len(rows) > 0 {
			seen = append(seen, s)
		}
	}
	switch {
	case name != "":
		return sheet{}, &Problem{Code: NoSheet, Value: quote(name)}
	case len(with) == 1:
		return with[0], nil
	case len(with) > 1:
		return sheet{}, &Problem{Code: WhichSheet}
	case len(seen) > 0:
		return sheet{}, &Problem{Code: NoHeader}
	}
	return sheet{}, &Problem{Code: Empty}
}

// errDeep says that elements are nested deeper than in any spreadsheet.
var errDeep = errors.New("elements nested too deep")

// walk hands every element of a part to h. Every fault of the XML, its end
// before the root closed included, is a problem: nothing is read half. A part
// that is not there has no elements.
func (b *book) walk(part string, h handler) *Problem {
	r, p := b.parts.open(part)
	if r == nil || p != nil {
		return p
	}
	err := walkXML(r, h)
	if err == nil || errors.Is(err, errEnough) {
		// The checksum is compared at the end of the part only: without it a
		// flipped bit could be another dose.
		_, err = io.Copy(io.Discard, r)
	}
	if closed := r.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return &Problem{Code: Unreadable, Value: quote(part)}
	}
	return nil
}

// handler receives the elements of a part by their local names: the start with
// the name of the element around it, the end with the text inside.
type handler interface {
	start(e xml.StartElement, up string) error
	end(name, text string) error
}

// errEnough ends a walk early without a problem.
var errEnough = errors.New("enough was read")

func walkXML(r io.Reader, h handler) error {
	d := xml.NewDecoder(r)
	var open []string
	var sb strings.Builder
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) && len(open) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if len(open) == depthMax {
				return errDeep
			}
			up := ""
			if len(open) > 0 {
				up = open[len(open)-1]
			}
			open = append(open, t.Name.Local)
			sb.Reset()
			err = h.start(t, up)
		case xml.CharData:
			if sb.Len()+len(t) > markupMax {
				return errLong
			}
			sb.Write(t)
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != t.Name.Local {
				return errTags
			}
			open = open[:len(open)-1]
			err = h.end(t.Name.Local, sb.String())
			sb.Reset()
		}
		if err != nil {
			return err
		}
	}
}

// errTags says that tags do not match.
var errTags = errors.New("tags do not match")

// attr is the value of an attribute by its local name. Relations have "Id"
// and sheets "r:id"; both programs' prefixes and none occur.
func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// contents reads which sheets there are and in which parts they stand.
func (b *book) contents() *Problem {
	root := &relations{}
	if p := b.walk("_rels/.rels", root); p != nil {
		return p
	}
	main := "xl/workbook.xml"
	for _, r := range root.all {
		if strings.HasSuffix(r.kind, "/officeDocument") {
			main = strings.TrimPrefix(r.target, "/")
		}
	}
	dir := path.Dir(main)
	rels := &relations{}
	if p := b.walk(path.Join(dir, "_rels", path.Base(main)+".rels"), rels); p != nil {
		return p
	}
	w := &workbook{}
	if p := b.walk(main, w); p != nil {
		return p
	}
	for _, r := range rels.all {
		target := strings.TrimPrefix(r.target, "/")
		if !strings.HasPrefix(r.target, "/") {
			target = path.Join(dir, r.target)
		}
		if strings.HasSuffix(r.kind, "/sharedStrings") {
			b.strings = target
		}
		for i := range w.sheets {
			// Charts and dialogs are sheets to the user and no tables.
			if w.ids[i] == r.id && strings.HasSuffix(r.kind, "/worksheet") && !r.outside {
				w.sheets[i].part = target
			}
		}
	}
	for _, s := range w.sheets {
		if s.part != "" {
			b.sheets = append(b.sheets, s)
		}
	}
	b.from04 = w.from04
	if len(b.sheets) == 0 {
		return &Problem{Code: NotTable}
	}
	return nil
}

// relations collects what a .rels part says.
type relations struct{ all []relation }

type relation struct {
	id, kind, target string
	outside          bool // in another file; never followed
}

func (r *relations) start(e xml.StartElement, _ string) error {
	if e.Name.Local == "Relationship" {
		r.all = append(r.all, relation{attr(e, "Id"), attr(e, "Type"), attr(e, "Target"), attr(e, "TargetMode") == "External"})
	}
	return nil
}

func (*relations) end(string, string) error { return nil }

// workbook collects the list of sheets.
type workbook struct {
	sheets []sheet
	ids    []string
	from04 bool
}

func (w *workbook) start(e xml.StartElement, up string) error {
	switch {
	case e.Name.Local == "workbookPr":
		w.from04 = attr(e, "date1904") == "1" || attr(e, "date1904") == "true"
	case e.Name.Local == "sheet" && up == "sheets":
		if len(w.sheets) == sheetsMax {
			return errLong
		}
		state := attr(e, "state")
		w.sheets = append(w.sheets, sheet{name: attr(e, "name"), hidden: state == "hidden" || state == "veryHidden"})
		w.ids = append(w.ids, attr(e, "id"))
	}
	return nil
}

func (*workbook) end(string, string) error { return nil }

// texts reads the table of shared texts.
func (b *book) texts() *Problem {
	if b.strings == "" {
		return nil
	}
	t := &sharedTexts{}
	if p := b.walk(b.strings, t); p != nil {
		return p
	}
	b.shared = t.all
	return nil
}

type sharedTexts struct {
	all   []string
	one   strings.Builder
	sound bool // inside a reading aid of a Chinese or Japanese word, which is no part of the text
}

func (t *sharedTexts) start(e xml.StartElement, _ string) error {
	switch e.Name.Local {
	case "si":
		t.one.Reset()
	case "rPh":
		t.sound = true
	}
	return nil
}

func (t *sharedTexts) end(name, s string) error {
	switch {
	case name == "t" && !t.sound && t.one.Len()+len(s) <= markupMax:
		t.one.WriteString(s)
	case name == "t" && !t.sound:
		return errLong
	case name == "rPh":
		t.sound = false
	case name == "si":
		if len(t.all) == cellsMax {
			return errLong
		}
		t.all = append(t.all, unescape(t.one.String()))
	}
	return nil
}

// unescape reads _x000D_, in which spreadsheets write characters that XML does
// not hold.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var sb strings.Builder
	for i := 0; i < len(s); i++ {
		if i+7 <= len(s) && s[i] == '_' && s[i+1] == 'x' && s[i+6] == '_' {
			if n, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil {
				sb.WriteRune(rune(n))
				i += 6
				continue
			}
		}
		sb.WriteByte(s[i])
	}
	return sb.String()
}
