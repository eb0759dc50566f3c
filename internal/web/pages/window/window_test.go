package window

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	for _, s := range Samples() {
		t.Run(s.Name, func(t *testing.T) {
			story.Check(t, s.Name, func(p *words.Printer) templ.Component { return Show(s.Page(p)) })
		})
	}
}

func render(t *testing.T, name string) string {
	t.Helper()
	cat, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Samples() {
		if s.Name == name {
			var buf bytes.Buffer
			if err := Show(s.Page(cat.For("vi"))).Render(context.Background(), &buf); err != nil {
				t.Fatal(err)
			}
			return words.Plain(buf.String())
		}
	}
	t.Fatalf("no sample %s", name)
	return ""
}

// TestNothingIsConfirmedByHabit holds what keeps a double press from becoming
// a swallowed dose: both buttons come late, only one of them is on a page, the
// focus is on neither, and no answer is chosen beforehand.
func TestNothingIsConfirmedByHabit(t *testing.T) {
	ready, cup := render(t, "window-ready"), render(t, "window-cup")
	for name, page := range map[string]string{"ready": ready, "cup": cup} {
		if n := strings.Count(page, `class="button button-primary late"`); n != 1 {
			t.Errorf("%s: %d late primary buttons, want 1", name, n)
		}
		if strings.Contains(page, "<button autofocus") || !strings.Contains(page, `id="pane-name" tabindex="-1" autofocus`) {
			t.Errorf("%s: the focus is not on the name", name)
		}
	}
	if strings.Contains(ready, "/window/swallowed") || strings.Contains(cup, "/window/pour") {
		t.Error("pour and swallowed stand on one page")
	}
	if strings.Contains(render(t, "window-do-not-given"), "checked") && !strings.Contains(render(t, "window-do-not-given"), "declined") {
		t.Error("an answer is chosen beforehand")
	}
	if strings.Contains(render(t, "window-do-answer"), `value="swallowed" checked`) {
		t.Error("swallowed is chosen beforehand")
	}
}

// TestDoseInBothUnits wants mg and mL wherever the dose is acted on.
func TestDoseInBothUnits(t *testing.T) {
	for name, want := range map[string]string{
		"window-ready": "Rót 85 mg = 8,5 mL", "window-cup": `aria-label="85 mg = 8,5 mL"`, "window-done": "85 mg = 8,5 mL đã uống hết lúc",
	} {
		if !strings.Contains(render(t, name), want) {
			t.Errorf("%s: no %q", name, want)
		}
	}
}

// TestStoppedOffersNoPour wants no way to pour where a rule stops the dose.
func TestStoppedOffersNoPour(t *testing.T) {
	for _, name := range []string{"window-gap", "window-held", "window-no-order", "window-ask", "window-done"} {
		if strings.Contains(render(t, name), `id="pour"`) {
			t.Errorf("%s offers to pour", name)
		}
	}
}
