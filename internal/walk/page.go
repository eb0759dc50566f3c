package walk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Actions counts what a person did.
type Actions struct {
	Keys  int // single keys pressed: Enter, a letter that means a command
	Taps  int // taps and clicks
	Scans int // a card or a bottle held under the scanner
	Typed int // characters typed into a field
}

// Total is the number of things done, a typed text counting by its letters.
func (a Actions) Total() int { return a.Keys + a.Taps + a.Scans + a.Typed }

// Page is one tab of one person.
type Page struct {
	t    testing.TB
	ctx  context.Context
	size Size
	did  Actions
	late time.Duration // between two keys of the last scan, at most
	seen watch
}

// Did answers what the person did since the page was opened or Reset.
func (p *Page) Did() Actions { return p.did }

// Reset begins a new count.
func (p *Page) Reset() { p.did = Actions{} }

// do runs an action that returns nothing, with patience.
func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, enough := context.WithTimeout(p.ctx, patience)
	defer enough()
	err := chromedp.Do(ctx, steps...)
	if err != nil {
		p.fail(what, err)
	}
}

// fail ends the test with what the person would see.
func (p *Page) fail(what string, err error) {
	p.t.Helper()
	ctx, enough := context.WithTimeout(p.ctx, patience/4)
	defer enough()
	where, _ := chromedp.Run(ctx, chromedp.Location())
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`))
	p.Shot("failed")
	p.t.Fatalf("%s: %v\nat %s\nthe page says:\n%.1500s\nthe browser says: %s", what, err, where, text, strings.Join(p.seen.told(), "; "))
}

// goTries bounds how often Go goes to one address.
const goTries = 5

// aborted is how the browser tells that it gave one navigation up for another.
const aborted = "net::ERR_ABORTED"

// Go goes to an address and waits until it is loaded. A page that is just
// leaving by itself (a form's answer, the browser's back) and Go are in each
// other's way: the browser gives one of the two up, and tells Go so whichever
// it was. Go then lets the other arrive and goes again, as a person does.
func (p *Page) Go(url string) {
	p.t.Helper()
	ctx, enough := context.WithTimeout(p.ctx, patience)
	defer enough()
	for try := 1; ; try++ {
		err := chromedp.Do(ctx, chromedp.Navigate(url))
		if err == nil {
			return
		}
		var load *chromedp.LoadError
		if try == goTries || !errors.As(err, &load) || load.ErrorText != aborted {
			p.fail(fmt.Sprintf("go to %s (try %d)", url, try), err)
		}
		err = until(ctx, `document.readyState === "complete"`)
		if err != nil {
			p.fail("let a page arrive that came before "+url, err)
		}
	}
}

// Back presses the browser's back button and waits until the page before is
// shown; there must be one. Forward and Reload are alike.
func (p *Page) Back() {
	p.t.Helper()
	p.leave("history.back()")
}

// Forward presses the browser's forward button.
func (p *Page) Forward() {
	p.t.Helper()
	p.leave("history.forward()")
}

// Reload presses the browser's button that loads the page again.
func (p *Page) Reload() {
	p.t.Helper()
	p.leave("location.reload()")
}

// leave does what makes the browser leave the page, and waits until another is
// shown. The page that is left carries a mark, and is complete until the very
// moment it goes, so only a page without the mark has come. A page that the
// browser kept whole and shows again takes its mark off.
func (p *Page) leave(how string) {
	p.t.Helper()
	p.did.Taps++
	Ask[bool](p, `(() => {
		window.walkLeaves = true;
		addEventListener("pageshow", () => { window.walkLeaves = false }, {once: true});
		setTimeout(() => `+how+`, 0); // after the answer, which would be lost with the page
		return true;
	})()`)
	p.Until("leave by "+how, `!window.walkLeaves && document.readyState === "complete"`)
}

// Type types a text where the caret is; every character counts.
func (p *Page) Type(text string) {
	p.t.Helper()
	p.did.Typed += len([]rune(text))
	p.do(fmt.Sprintf("type %d characters", len([]rune(text))), chromedp.KeyEvent(text))
}

// Press presses one key: a letter, or one of the constants of chromedp/kb.
func (p *Page) Press(key string) {
	p.t.Helper()
	p.did.Keys++
	p.do(fmt.Sprintf("press %q", key), chromedp.KeyEvent(key))
}

// PressCtrl presses keys one after the other with Ctrl held down, as a scanner
// does that was given a hostile code.
func (p *Page) PressCtrl(keys string) {
	p.t.Helper()
	p.did.Keys += len([]rune(keys))
	p.do(fmt.Sprintf("press Ctrl with each of %q", keys), chromedp.KeyEvent(keys, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
}

// Choose chooses a file in a field for files.
func (p *Page) Choose(selector, file string) {
	p.t.Helper()
	p.did.Taps++
	p.do("choose a file in "+selector, chromedp.SetUploadFiles(chromedp.CSS(selector), []string{file}))
}

// Scan does what a scanner that types does: the code at once, then Enter,
// wherever the caret happens to be. For the person it is one action.
func (p *Page) Scan(code string) {
	p.t.Helper()
	p.did.Scans++
	p.late = 0
	var last time.Time // the key before went down no earlier
	for _, r := range code + "\r" {
		for _, k := range kb.Encode(r) {
			began := time.Now()
			p.do("scan a code", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
				_, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *k)
				return err
			}))
			if k.Type == kb.KeyChar || k.Type == kb.KeyUp {
				continue
			}
			if !last.IsZero() {
				p.late = max(p.late, time.Since(last))
			}
			last = began
		}
	}
}

// ScanLate is the longest that a key of the last scan may have come after the
// one before it. A scanner needs a few milliseconds; a machine with other work
// may need much more here, and then the page has seen no scanner but a hand.
func (p *Page) ScanLate() time.Duration { return p.late }

// Tap taps the first visible element of a CSS selector: with a finger on a
// touch screen, with the mouse elsewhere.
func (p *Page) Tap(selector string) {
	p.t.Helper()
	p.Wait(selector)
	p.did.Taps++
	if p.size.Touch {
		p.do("tap "+selector, chromedp.Tap(chromedp.CSS(selector), chromedp.NodeVisible))
		return
	}
	p.do("click "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Fill taps a field and types into it, replacing what was there.
func (p *Page) Fill(selector, text string) {
	p.t.Helper()
	p.Tap(selector)
	p.do("empty "+selector, chromedp.Evaluate[chromedp.Void](`document.activeElement.select && document.activeElement.select()`))
	p.Type(text)
}

// Wait waits until an element of the selector can be seen.
func (p *Page) Wait(selector string) {
	p.t.Helper()
	p.Until("see "+selector, `[...document.querySelectorAll(`+quote(selector)+`)].some(e => e.checkVisibility())`)
}

// WaitGone waits until no element of the selector can be seen.
func (p *Page) WaitGone(selector string) {
	p.t.Helper()
	p.Until("see "+selector+" go", `![...document.querySelectorAll(`+quote(selector)+`)].some(e => e.checkVisibility())`)
}

// WaitText waits until a visible element of the selector holds the words, as
// written or as the style shows them (in capitals).
func (p *Page) WaitText(selector, words string) {
	p.t.Helper()
	p.Until(fmt.Sprintf("read %q in %s", words, selector),
		`[...document.querySelectorAll(`+quote(selector)+`)].some(e => e.checkVisibility() && (e.innerText + "\n" + e.textContent).includes(`+quote(words)+`))`)
}

// WaitAt waits until the address ends with a path.
func (p *Page) WaitAt(path string) {
	p.t.Helper()
	p.Until("be at "+path, `(location.pathname + location.search).endsWith(`+quote(path)+`) && document.readyState === "complete"`)
}

// Until waits until a condition in the page's own language holds. A page that
// is just being replaced answers nothing and is asked again.
func (p *Page) Until(what, condition string) {
	p.t.Helper()
	ctx, enough := context.WithTimeout(p.ctx, patience)
	defer enough()
	err := until(ctx, condition)
	if err != nil {
		p.fail("wait to "+what, err)
	}
}

// until is Until as long as the context lives.
func until(ctx context.Context, condition string) error {
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!!(`+condition+`)`))
		if err == nil && ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not within %s (last answer: %v)", patience, err)
		case <-tick.C:
		}
	}
}

// Ask evaluates an expression in the page and answers its value.
func Ask[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, enough := context.WithTimeout(p.ctx, patience)
	defer enough()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.fail("ask "+expression, err)
	}
	return value
}

// Text answers the visible text of the first element of the selector.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	p.Wait(selector)
	return Ask[string](p, `document.querySelector(`+quote(selector)+`).innerText`)
}

// Value answers what stands in a field.
func (p *Page) Value(selector string) string {
	p.t.Helper()
	return Ask[string](p, `(document.querySelector(`+quote(selector)+`) || {value: ""}).value`)
}

// Count answers how many elements of the selector can be seen.
func (p *Page) Count(selector string) int {
	p.t.Helper()
	return Ask[int](p, `[...document.querySelectorAll(`+quote(selector)+`)].filter(e => e.checkVisibility()).length`)
}

// At answers the path and query of the address.
func (p *Page) At() string {
	p.t.Helper()
	return Ask[string](p, `location.pathname + location.search`)
}

// Slow makes everything the page asks for from now on come over a slow link:
// kbit is thousands of bits a second each way, latency what each request waits.
func (p *Page) Slow(kbit int, latency time.Duration) {
	p.t.Helper()
	p.do("slow the link", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		rate := float64(kbit) * 1000 / 8
		_, err := cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{
				Latency: float64(latency.Milliseconds()), DownloadThroughput: rate, UploadThroughput: rate,
			}},
		})
		return err
	}))
}

// FirstPaint answers when the page that is shown first showed anything of use,
// counted from when it was asked for.
func (p *Page) FirstPaint() time.Duration {
	p.t.Helper()
	p.Until("have painted", `performance.getEntriesByName("first-contentful-paint").length > 0`)
	return time.Duration(Ask[float64](p, `performance.getEntriesByName("first-contentful-paint")[0].startTime`) * float64(time.Millisecond))
}

// Sideways answers by how many pixels the page is wider than the screen; a
// page that scrolls sideways on a phone hides what matters.
func (p *Page) Sideways() int {
	p.t.Helper()
	return Ask[int](p, `Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)`)
}

// Shot keeps a picture of the screen as name-size.png when WALK_SHOTS names a
// folder. It never fails a test: a picture is for people.
func (p *Page) Shot(name string) { p.shoot(name, chromedp.CaptureScreenshot()) }

// ShotWhole is Shot of the whole page, as far as it scrolls.
func (p *Page) ShotWhole(name string) { p.shoot(name, chromedp.FullScreenshot(100)) }

func (p *Page) shoot(name string, shot chromedp.Action[[]byte]) {
	p.t.Helper()
	dir := os.Getenv("WALK_SHOTS")
	if dir == "" {
		return
	}
	ctx, enough := context.WithTimeout(p.ctx, patience/2)
	defer enough()
	picture, err := chromedp.Run(ctx, shot)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+"-"+p.size.Name+".png"), picture, 0o644)
	}
	if err != nil {
		p.t.Logf("no picture of %s: %v", name, err)
	}
}

// quote answers a text as a constant of the page's language.
func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic("a string cannot be quoted: " + err.Error())
	}
	return string(b)
}
