// Package walk lets a test walk through the pages in a real browser, as a
// person with a keyboard, a scanner or a finger does.
//
// It knows nothing of Tram's pages: a test brings addresses, selectors and
// words. It counts what the person does, so that "three actions for a dose" is
// a figure and not an impression; it keeps everything the browser complains of,
// so that a page that violates its own content policy fails; it weighs what a
// page costs over the wire; and it asks axe-core what a person with a screen
// reader would meet. Nothing outside this machine can be reached from a walk.
//
// Every method that can fail ends the test with the page's address and text in
// the message. Nothing sleeps: it waits for a condition, with a bound. Without
// a browser a walk is skipped loudly; TRAM_REQUIRE_BROWSER=1 turns that into a
// failure, and TRAM_CHROMIUM names another browser. WALK_SHOTS=dir keeps the
// pictures.
package walk

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tram/internal/walk/chromium"
)

// patience bounds every wait. A page takes milliseconds; a shared machine that
// compiles beside it may take seconds, and a hang must still end.
const patience = 20 * time.Second

// Size is a screen.
type Size struct {
	Name          string // part of the picture's file name
	Width, Height int64  // CSS pixels
	Touch         bool   // a finger instead of a mouse; a phone's layout rules
}

// The screens that pages are made for: the clinic's old PC and a phone.
var (
	Desk  = Size{Name: "desk", Width: 1366, Height: 768}
	Phone = Size{Name: "phone", Width: 390, Height: 844, Touch: true}
)

// Browser is one running browser. Each page opened in it has its own cookies,
// as a second PC has.
type Browser struct {
	t   testing.TB
	ctx context.Context
}

// Start starts a browser that ends with the test, or skips the test when there
// is none.
func Start(t testing.TB) *Browser {
	t.Helper()
	return start(t)
}

// StartWithCamera is Start with a camera that shows a film (see Film) over and
// over, and a person who lets the page use it.
func StartWithCamera(t testing.TB, film string) *Browser {
	t.Helper()
	return start(t,
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-video-capture", film),
	)
}

// StartWithoutCamera is Start with a person who does not let the page use the
// camera.
func StartWithoutCamera(t testing.TB) *Browser {
	t.Helper()
	return start(t, chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("deny-permission-prompts", true))
}

func start(t testing.TB, more ...chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	path, ok := chromium.Find()
	if !ok && chromium.Required() {
		t.Fatalf("no browser, and %s=1 requires one; install chromium or set %s", chromium.EnvRequire, chromium.EnvPath)
	}
	if !ok {
		t.Skipf("SKIPPED WITHOUT A BROWSER: this walk was not made; install chromium or set %s", chromium.EnvPath)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(flags(path), more...)...)
	t.Cleanup(stop)
	ctx, quit := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits until the browser is gone, so that its folder can be
		quit()
	})
	// The browser lives as long as the context that starts it, so a bound on
	// the start would end it; the allocator has its own.
	err := chromedp.Do(ctx)
	if err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return &Browser{t: t, ctx: ctx}
}

// flags starts a browser with a new profile that talks to nobody but the test.
func flags(path string) []chromedp.ExecAllocatorOption {
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	options = append(options,
		chromedp.ExecPath(path),
		chromedp.DisableGPU,
		chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"),
		chromedp.Flag("lang", "en"),
	)
	if os.Geteuid() == 0 {
		// A browser refuses its sandbox to root; the build machine is root, and
		// the pages are our own.
		options = append(options, chromedp.NoSandbox)
	}
	return options
}

// Open opens an empty page of a size, with its own cookies and cache.
func (b *Browser) Open(size Size) *Page {
	b.t.Helper()
	ctx, closePage := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	b.t.Cleanup(closePage)
	p := &Page{t: b.t, ctx: ctx, size: size}
	err := chromedp.Listen(ctx, p.seen.hear)
	if err != nil {
		b.t.Fatalf("open a page: %v", err)
	}
	var options []chromedp.EmulateViewportOption
	if size.Touch {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	p.do("set the screen", chromedp.EmulateViewport(size.Width, size.Height, options...))
	return p
}
