package walk

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
)

// axe is axe-core, which knows the accessibility rules better than we do. It
// is evaluated, not loaded: our content policy would, rightly, refuse it.
//
//go:embed testdata/vendor/axe.min.js
var axe string

// Violation is one broken accessibility rule and where it is broken.
type Violation struct {
	ID     string   `json:"id"`     // axe's name of the rule
	Impact string   `json:"impact"` // minor, moderate, serious, critical
	Help   string   `json:"help"`   // what to do
	Places []string `json:"places"` // selectors
}

// String answers the violation on one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s: %s", v.ID, v.Impact, v.Help, strings.Join(v.Places, " | "))
}

// Axe answers the WCAG A and AA rules and the good practices that the page breaks now.
func (p *Page) Axe() []Violation {
	p.t.Helper()
	ctx, enough := context.WithTimeout(p.ctx, 2*patience)
	defer enough()
	there, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!!window.axe`))
	if err == nil && !there {
		err = chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](axe))
	}
	if err != nil {
		p.fail("bring axe-core", err)
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]Violation](`axe.run(document, {resultTypes: ["violations"]}).then(r =>
		r.violations.map(v => ({id: v.id, impact: v.impact || "", help: v.help, places: v.nodes.map(n => n.target.join(" "))})))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		p.fail("run axe-core", err)
	}
	return found
}

// Accessible fails the test for every accessibility rule that the page breaks.
func (p *Page) Accessible() {
	p.t.Helper()
	for _, v := range p.Axe() {
		p.t.Errorf("not accessible at %s: %s", p.At(), v)
	}
}
