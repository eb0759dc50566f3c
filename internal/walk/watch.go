package walk

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	browserlog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// watch keeps what the browser says while a person walks. The browser tells it
// in its own reading loop, before it answers the next command; so what a page
// caused is here by the time the test asks.
type watch struct {
	mu         sync.Mutex
	complaints []string
	bytes      int64
	hosts      []string // host of every request, in order
}

// hear takes one event. It must be quick and must not ask the browser anything.
func (w *watch) hear(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *browserlog.EventEntryAdded:
		if e.Entry.Level == browserlog.EntryLevelError || e.Entry.Level == browserlog.EntryLevelWarning {
			w.complaints = append(w.complaints, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			w.complaints = append(w.complaints, fmt.Sprintf("console.%s: %s", e.Type, words(e.Args)))
		}
	case *runtime.EventExceptionThrown:
		w.complaints = append(w.complaints, "exception: "+e.ExceptionDetails.Text+" "+words([]*runtime.RemoteObject{e.ExceptionDetails.Exception}))
	case *network.EventRequestWillBeSent:
		at, err := url.Parse(e.Request.URL)
		if err == nil && (at.Scheme == "http" || at.Scheme == "https") {
			w.hosts = append(w.hosts, at.Hostname())
		}
	case *network.EventLoadingFinished:
		w.bytes += int64(e.EncodedDataLength)
	}
}

// words is what a console call was given, as text.
func words(args []*runtime.RemoteObject) string {
	var all []string
	for _, a := range args {
		switch {
		case a == nil:
		case a.Description != "":
			all = append(all, a.Description)
		default:
			all = append(all, strings.Trim(string(a.Value), `"`))
		}
	}
	return strings.Join(all, " ")
}

// told answers the complaints so far.
func (w *watch) told() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.complaints)
}

// Complaints answers everything the browser complained of since the page was
// opened: script errors, warnings, violated content policy, what did not load.
func (p *Page) Complaints() []string {
	p.t.Helper()
	Ask[int](p, `1`) // one round trip: all that went before it has been heard
	return p.seen.told()
}

// Quiet fails the test when the browser complained of anything, except where
// the complaint contains one of the given texts.
func (p *Page) Quiet(except ...string) {
	p.t.Helper()
	for _, c := range p.Complaints() {
		if !slices.ContainsFunc(except, func(text string) bool { return strings.Contains(c, text) }) {
			p.t.Errorf("the browser complains: %s", c)
		}
	}
}

// Cost is what loading a page takes from the network.
type Cost struct {
	Bytes    int64    // received, headers and compression included
	Requests int      // sent
	Foreign  []string // hosts other than the page's own
}

// Weigh loads an address with an empty cache and answers what came over the
// wire until the page and everything it names was loaded.
func (p *Page) Weigh(address string) Cost {
	p.t.Helper()
	p.do("empty the cache", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.ClearBrowserCache, cdp.Empty{})
		return err
	}))
	p.seen.mu.Lock()
	p.seen.bytes, p.seen.hosts = 0, nil
	p.seen.mu.Unlock()
	p.Go(address)
	p.Until("have everything loaded", `document.readyState === "complete"`)
	own := Ask[string](p, `location.hostname`)
	p.seen.mu.Lock()
	defer p.seen.mu.Unlock()
	cost := Cost{Bytes: p.seen.bytes, Requests: len(p.seen.hosts)}
	for _, host := range p.seen.hosts {
		if host != own && !slices.Contains(cost.Foreign, host) {
			cost.Foreign = append(cost.Foreign, host)
		}
	}
	return cost
}
