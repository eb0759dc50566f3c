// Package ruletable reads the rule tables of the care rooms: text that a
// physician can read and sign, and that the tests run line by line.
//
// A table is a file testdata/*.txt. After a # stands what to notice; the first
// line without one names the columns; every further line is a case, and its
// last column, want, is the answer. The column about names the rule that a
// line stands beside. Reading is strict: a column the table does not have, a
// column nobody reads, a short line and a table without lines fail the test.
//
// It serves tests only and ships to no clinic.
package ruletable

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tram/internal/unit"
)

// Columns that every table has.
const (
	aboutColumn = "about"
	wantColumn  = "want"
)

// table is a parsed file.
type table struct {
	columns []string
	rows    []row
}

type row struct {
	line   int
	fields []string
}

// Row is one case of a table.
type Row struct {
	t       *testing.T
	columns []string
	fields  []string
	used    map[string]bool
}

func parse(text string) (table, error) {
	var tab table
	for i, line := range strings.Split(text, "\n") {
		body, _, _ := strings.Cut(line, "#")
		fields := strings.Fields(body)
		switch {
		case len(fields) == 0:
		case tab.columns == nil:
			tab.columns = fields
		case len(fields) != len(tab.columns):
			return tab, fmt.Errorf("line %d has %d columns, want %d", i+1, len(fields), len(tab.columns))
		default:
			tab.rows = append(tab.rows, row{i + 1, fields})
		}
	}
	n := len(tab.columns)
	if n == 0 || tab.columns[n-1] != wantColumn || !slices.Contains(tab.columns, aboutColumn) {
		return tab, fmt.Errorf("columns %q: about is needed, and want as the last", tab.columns)
	}
	if len(tab.rows) == 0 {
		return tab, fmt.Errorf("no line below the columns")
	}
	return tab, nil
}

func load(t *testing.T, file string) table {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	tab, err := parse(string(b))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return tab
}

// Run gives each line of testdata/file to answer, and compares what it returns
// with the line's want. A column that answer never reads fails the test.
func Run(t *testing.T, file string, answer func(r *Row) string) {
	t.Helper()
	tab := load(t, file)
	used := map[string]bool{aboutColumn: true, wantColumn: true}
	for _, one := range tab.rows {
		t.Run(fmt.Sprintf("%s:%d", file, one.line), func(t *testing.T) {
			want := one.fields[len(one.fields)-1]
			if got := answer(&Row{t, tab.columns, one.fields, used}); got != want {
				t.Errorf("got %s, want %s\n%s", got, want, strings.Join(one.fields, "  "))
			}
		})
	}
	for _, c := range tab.columns {
		if !used[c] {
			t.Errorf("%s: nobody reads column %s", file, c)
		}
	}
}

// Text is the cell of a column; a dash is nothing, "".
func (r *Row) Text(column string) string {
	r.t.Helper()
	i := slices.Index(r.columns, column)
	if i < 0 {
		r.t.Fatalf("no column %s", column)
	}
	r.used[column] = true
	if r.fields[i] == "-" {
		return ""
	}
	return r.fields[i]
}

// Int is a cell that holds a whole number; a dash is 0.
func (r *Row) Int(column string) int { r.t.Helper(); return r.Number(r.Text(column)) }

// Number reads a whole number; "" is 0.
func (r *Row) Number(s string) int {
	r.t.Helper()
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		r.t.Fatalf("%q is no number", s)
	}
	return n
}

// Mg is a cell that holds an amount in mg; a dash is 0.
func (r *Row) Mg(column string) unit.Microgram { r.t.Helper(); return r.Amount(r.Text(column)) }

// Amount reads an amount in mg; "" is 0. A negative amount, which no screen
// lets through, is written with a leading minus.
func (r *Row) Amount(s string) unit.Microgram { r.t.Helper(); return unit.Microgram(r.thousandths(s)) }

// ML is a cell that holds a volume in mL; a dash is 0.
func (r *Row) ML(column string) unit.Microlitre { r.t.Helper(); return r.Volume(r.Text(column)) }

// Volume reads a volume in mL; "" is 0.
func (r *Row) Volume(s string) unit.Microlitre {
	r.t.Helper()
	return unit.Microlitre(r.thousandths(s))
}

func (r *Row) thousandths(s string) int64 {
	r.t.Helper()
	if s == "" {
		return 0
	}
	whole, negative := strings.CutPrefix(s, "-")
	n, err := unit.ParseMg(whole)
	if err != nil {
		r.t.Fatalf("amount %q: %v", s, err)
	}
	if negative {
		n = -n
	}
	return int64(n)
}

// Yes is a cell that holds yes or no.
func (r *Row) Yes(column string) bool {
	r.t.Helper()
	switch s := r.Text(column); s {
	case "yes":
		return true
	case "no":
		return false
	default:
		r.t.Fatalf("%s is %q, want yes or no", column, s)
		return false
	}
}

// Each reads a cell of differences, "held,strength:5": every word calls the
// function of its name with what stands behind the colon. An unknown word
// fails the test.
func (r *Row) Each(column string, words map[string]func(value string)) {
	r.t.Helper()
	text := r.Text(column)
	if text == "" {
		return
	}
	for _, one := range strings.Split(text, ",") {
		name, value, _ := strings.Cut(one, ":")
		do, ok := words[name]
		if !ok {
			r.t.Fatalf("column %s does not know %q", column, name)
		}
		do(value)
	}
}

// Words is a cell that stands for a text: "-" none, "blank" only blanks,
// "full" exactly most runes, "long" one more, and anything else itself.
func (r *Row) Words(column string, most int) string {
	r.t.Helper()
	switch s := r.Text(column); s {
	case "blank":
		return " \t"
	case "full":
		return strings.Repeat("ệ", most)
	case "long":
		return strings.Repeat("ệ", most+1)
	default:
		return s
	}
}

var ruleID = regexp.MustCompile(`"([A-Z]+-[0-9]{2})"`)

// Covers wants of the room's tables that each rule its code names stands in
// them twice at least: as the answer of a line just outside, and as the rule
// that a line just inside is about. And the other way round: a rule in the
// tables that the code does not know is a mistake. others are files of testdata
// that are no rule tables.
func Covers(t *testing.T, others ...string) {
	t.Helper()
	inCode := map[string]bool{}
	for _, name := range glob(t, "*.go") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ruleID.FindAllStringSubmatch(string(b), -1) {
			inCode[m[1]] = true
		}
	}
	if len(inCode) == 0 {
		t.Fatal("the code of this room names no rule")
	}
	var tabs []table
	for _, name := range glob(t, "testdata/*.txt") {
		if base := filepath.Base(name); !slices.Contains(others, base) {
			tabs = append(tabs, load(t, base))
		}
	}
	for _, problem := range gaps(inCode, tabs) {
		t.Error(problem)
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// gaps lists what Covers misses.
func gaps(inCode map[string]bool, tabs []table) []string {
	var out []string
	no, yes := map[string]bool{}, map[string]bool{}
	for _, tab := range tabs {
		about := slices.Index(tab.columns, aboutColumn)
		for _, one := range tab.rows {
			rule, want := one.fields[about], one.fields[len(one.fields)-1]
			said := ruleID.FindAllStringSubmatch(`"`+strings.ReplaceAll(want, ",", `","`)+`"`, -1)
			names := map[string]bool{}
			for _, m := range said {
				no[m[1]], names[m[1]] = true, true
				if !inCode[m[1]] {
					out = append(out, fmt.Sprintf("line %d wants %s, which the code does not name", one.line, m[1]))
				}
			}
			if rule != "-" && !inCode[rule] {
				out = append(out, fmt.Sprintf("line %d is about %s, which the code does not name", one.line, rule))
			}
			yes[rule] = yes[rule] || !names[rule]
		}
	}
	for rule := range inCode {
		if !no[rule] {
			out = append(out, rule+" is the answer of no line")
		}
		if !yes[rule] {
			out = append(out, "no line about "+rule+" stands just inside")
		}
	}
	slices.Sort(out)
	return out
}
