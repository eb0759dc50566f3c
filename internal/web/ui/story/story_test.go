package story

import (
	"strings"
	"testing"
)

func TestProblemsFindsEachFault(t *testing.T) {
	if got := Problems(`<html lang="vi"><p>x<br><svg><path d=""/></svg></p><form method="post" action="/a"><input type="hidden" name="form" value="abc"><label for="n">N</label><input id="n" name="n"><button>Go</button></form></html>`, "vi"); len(got) != 0 {
		t.Errorf("a sound page has problems: %q", got)
	}
	for text, want := range map[string]string{
		`<p>⟦a.b⟧</p>`:                       "⟦a.b⟧",
		`<p><b>x</p></b>`:                    "</p> ends <b>",
		`<div>`:                              "never closed",
		`</p>`:                               "ends nothing",
		`<input name="n">`:                   "no label",
		`<i id="a"></i><i id="a"></i>`:       "stands twice",
		`<p style="x">`:                      "content security",
		`<button onclick="x">a</button>`:     "content security",
		`<script>x</script>`:                 "script inside",
		`<img src="/x">`:                     "no alt",
		`<button></button>`:                  "no words",
		`<form method="post"></form>`:        "without a form id",
		`<form></form>`:                      "no method",
		`<a href="https://x.org">x</a>`:      "outside",
		`<label for="gone">x</label>`:        "not there",
		`<html lang="en"></html>`:            "language",
		`<a href="javascript:alert">x</a>`:   "outside",
		`<input aria-describedby="gone"><p>`: "not there",
	} {
		if got := strings.Join(Problems(text, "vi"), "\n"); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
