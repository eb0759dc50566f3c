package site

import (
	"errors"
	"strings"
	"testing"

	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/ruletable"
)

func TestFound(t *testing.T) {
	ruletable.Run(t, "found.txt", func(r *ruletable.Row) string {
		f, err := DecideFound(Founded{
			Site: id.Site(strings.ReplaceAll(r.Text("code"), "_", " ")), Name: r.Words("name", 150), Programme: r.Words("programme", 150),
			Zone: r.Text("zone"), Rules: "vn", Language: "vi",
		})
		if err == nil {
			return string(f.Site)
		}
		var refused *reason.Refusal
		if !errors.As(err, &refused) {
			t.Fatalf("error = %v, want a refusal", err)
		}
		return refused.Rule
	})
}

func TestEveryRuleHasItsLines(t *testing.T) { ruletable.Covers(t) }
