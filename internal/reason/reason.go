// Package reason is how a rule says no, or says take care: a rule id and the
// arguments of its sentence.
//
// It holds no sentences. The words live in package words under the rule's id
// in every language ("rule.DOSE-02"), the meaning and the source in
// docs/rules.md. A refusal is a rule's answer, not a fault: it is shown to the
// person and is not logged as an error.
package reason

import (
	"errors"
	"fmt"
	"strings"
)

// Arg is one named argument of a sentence. Value is one of: string, int,
// day.Day, day.Instant, unit.Microgram, unit.Microlitre; the faces format it
// in the reader's language.
type Arg struct {
	Name  string
	Value any
}

// Refusal is a rule's no. It is an error so that it can travel as one.
type Refusal struct {
	Rule string // id in docs/rules.md
	Args []Arg
}

// Refuse makes a refusal: Refuse("DOSE-02", "at", instant).
func Refuse(rule string, nameValue ...any) *Refusal {
	return &Refusal{Rule: rule, Args: pairs(nameValue)}
}

// Error is the rule and its arguments, for logs and tests; it holds no name.
func (r *Refusal) Error() string { return "refused by " + show(r.Rule, r.Args) }

// Warning is a rule's "take care": it can be overridden by the person named
// by the rule, with a recorded reason.
type Warning struct {
	Rule   string // id in docs/rules.md
	Stop   bool   // true: the act is stopped until someone entitled answers
	Args   []Arg
	Source string // id of the source in the rulebook; "" for a rule of the product itself
	Status string // "verified", "unverified", "derived", "partly" or "set" (by the programme)
}

// Warn makes a warning.
func Warn(rule string, nameValue ...any) Warning {
	return Warning{Rule: rule, Args: pairs(nameValue)}
}

// String is the rule and its arguments, for tests.
func (w Warning) String() string { return show(w.Rule, w.Args) }

// Rule is the id of the rule that refused, or "" when err is no refusal.
func Rule(err error) string {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Rule
	}
	return ""
}

func pairs(nv []any) []Arg {
	if len(nv)%2 != 0 {
		panic("reason: names and values must come in pairs")
	}
	var args []Arg
	for i := 0; i < len(nv); i += 2 {
		args = append(args, Arg{nv[i].(string), nv[i+1]})
	}
	return args
}

func show(rule string, args []Arg) string {
	var sb strings.Builder
	sb.WriteString(rule)
	for _, a := range args {
		fmt.Fprintf(&sb, " %s=%v", a.Name, a.Value)
	}
	return sb.String()
}
