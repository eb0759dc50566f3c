package words

import (
	"strings"

	"tram/internal/reason"
)

// Said is a refusal or a warning in the reader's language: what it is, what to
// do now, and where it comes from.
type Said struct {
	Rule   string // id in docs/rules.md
	Text   string // the reason in plain words
	Do     string // what can be done now; "" where nothing is needed
	Stop   bool   // the act is stopped; false: take care
	Source string // the source's short name; "" for a rule of the product itself
	Status string // verified, unverified, derived, partly, set; "" without a source
}

// Reason says a warning. Its words stand under "rule.<ID>", and what to do now
// under "rule.<ID>.do".
func (p *Printer) Reason(w reason.Warning) Said {
	s := p.said(w.Rule, w.Args)
	s.Stop, s.Source, s.Status = w.Stop, p.Source(w.Source), w.Status
	return s
}

// Source names where a number comes from: a document by its short name, and
// what is no document, such as memory, in words under "source.<its name>".
func (p *Printer) Source(name string) string {
	if key := "source." + name; name != "" && !p.Missing(key) {
		return p.T(key)
	}
	return name
}

// Refusal says a refusal.
func (p *Printer) Refusal(r *reason.Refusal) Said {
	s := p.said(r.Rule, r.Args)
	s.Stop = true
	return s
}

// said finds the words of a rule.
func (p *Printer) said(rule string, args []reason.Arg) Said {
	var nv []any
	for _, a := range args {
		v := a.Value
		if code, ok := v.(string); ok {
			v = p.code(a.Name, code)
		}
		nv = append(nv, a.Name, v)
	}
	s := Said{Rule: rule, Text: p.T("rule."+rule, nv...)}
	if key := "rule." + rule + ".do"; !p.Missing(key) {
		s.Do = p.T(key, nv...)
	}
	return s
}

// units end the keys of the rulebook's numbers; their names stand without.
var units = []string{"_ug", "_ul", "_days", "_hours", "_minutes", "_percent", "_permille"}

// code finds words for a text argument that is a code of ours: a hold's reason
// under "value.<name>.<code>", a number of the rulebook under
// "rulebook.<its name>". Other text is shown as it is.
func (p *Printer) code(name, code string) string {
	if key := "value." + name + "." + code; !p.Missing(key) {
		return p.T(key)
	}
	number := code
	for _, u := range units {
		number = strings.TrimSuffix(number, u)
	}
	if key := "rulebook." + number; !p.Missing(key) {
		return p.T(key)
	}
	return code
}
