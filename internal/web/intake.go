package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"

	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/intake"
	"tram/internal/unit"
	page "tram/internal/web/pages/intake"
	"tram/internal/web/pages/typed"
)

// Limits of the files that wait for their import. They hold patients' data, so
// they stay in memory, few at a time and not for long.
const (
	uploadsMax  = 3
	uploadLasts = day.Instant(60 * 60 * 1000)
	samplesMax  = 10
)

// upload is a file between its preview and its import.
type upload struct {
	by   id.Person
	at   day.Instant
	name string
	body []byte
	opts intake.Options
	add  bool // put people on the register of whom only a code is known
	done *page.Done
}

// uploads are the files that wait, by a ticket nobody can guess.
type uploads struct {
	mu  sync.Mutex
	all map[string]*upload
}

// put keeps a file; the oldest gives way.
func (u *uploads) put(ticket string, x *upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.all == nil {
		u.all = map[string]*upload{}
	}
	for len(u.all) >= uploadsMax {
		oldest := ""
		for k, y := range u.all {
			if oldest == "" || y.at < u.all[oldest].at {
				oldest = k
			}
		}
		delete(u.all, oldest)
	}
	u.all[ticket] = x
}

// get is a copy of a file of one's own that still waits.
func (u *uploads) get(ticket string, by id.Person, now day.Instant) (upload, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	x, ok := u.all[ticket]
	if !ok || x.by != by || now-x.at > uploadLasts {
		return upload{}, false
	}
	return *x, true
}

// set replaces what is kept under a ticket, as long as it is kept.
func (u *uploads) set(ticket string, x upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.all[ticket] != nil {
		u.all[ticket] = &x
	}
}

func (a *ask) importFile() error { return a.showImport(a.fresh()) }

func (a *ask) showImport(f typed.Form) error {
	pg := page.Page{Shell: a.shell("intake", a.p.T("intake.title")), Upload: f}
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		var err error
		pg.Have, err = v.CodesUsed()
		return err
	})
	if err != nil {
		return err
	}
	return a.show(status(f), page.Show(pg))
}

func (a *ask) postImport() error {
	f := a.typed("kind", "dates")
	file, head, err := a.r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		f.Wrong("file", a.p.T("intake.no_file"))
		return a.showImport(f)
	}
	if err != nil {
		return fmt.Errorf("take the file: %w", err)
	}
	body, err := io.ReadAll(io.LimitReader(file, uploadMax))
	if errClose := file.Close(); err == nil {
		err = errClose
	}
	if err != nil {
		return fmt.Errorf("read the file: %w", err)
	}
	ticket := string(a.c.NewForm())
	a.m.uploads.put(ticket, &upload{
		by: a.by.Person, at: a.c.Now(), name: head.Filename, body: body,
		opts: intake.Options{Kind: intake.Kind(a.val("kind")), Dates: intake.Layout(a.val("dates"))},
	})
	return a.v.seeOther("/import/" + ticket)
}

// upload is the file of the address; ok is false when it is gone.
func (a *ask) upload() (string, upload, bool) {
	ticket := a.r.PathValue("ticket")
	x, ok := a.m.uploads.get(ticket, a.by.Person, a.c.Now())
	return ticket, x, ok
}

// gone asks for the file again.
func (a *ask) gone() error {
	f := a.fresh()
	f.Wrong("file", a.p.T("intake.gone"))
	return a.showImport(f)
}

// read reads a file with what was declared about it.
func (a *ask) read(x upload) (intake.File, error) {
	o := x.opts
	o.Today = a.c.Today()
	if !x.add {
		known, err := a.c.KnownCodes(a.ctx())
		if err != nil {
			return intake.File{}, err
		}
		o.Known = known
	}
	f, err := intake.Read(bytes.NewReader(x.body), o)
	if err != nil {
		return f, fmt.Errorf("read the file: %w", err)
	}
	return f, nil
}

func (a *ask) previewImport() error {
	ticket, x, ok := a.upload()
	if !ok {
		return a.gone()
	}
	if x.done != nil {
		d := *x.done
		d.Shell = a.shell("intake", a.p.T("intake.done"))
		return a.show(http.StatusOK, page.Finished(d))
	}
	return a.showPreview(ticket, x, a.declared(x), a.fresh())
}

// declared is the form with what was said about the file.
func (a *ask) declared(x upload) typed.Form {
	f := a.fresh()
	for name, value := range map[string]string{
		"kind": string(x.opts.Kind), "dates": string(x.opts.Dates), "encoding": string(x.opts.Encoding), "sheet": x.opts.Sheet, "unit": x.opts.Unit,
	} {
		f.Set(name, value)
	}
	if x.opts.Strength > 0 {
		f.Set("strength", a.p.MgNumber(unit.Microgram(x.opts.Strength)))
	}
	f.Lists = map[string][]string{}
	if x.add {
		f.Lists["unknown"] = []string{"yes"}
	}
	return f
}

func (a *ask) showPreview(ticket string, x upload, again, confirm typed.Form) error {
	file, err := a.read(x)
	if err == nil {
		err = a.proving(&confirm)
	}
	if err != nil {
		return err
	}
	pg := page.Page{
		Shell: a.shell("intake", a.p.T("intake.title")), Again: again, Confirm: confirm, Ticket: ticket, Name: x.name, File: &file, Good: samples(file),
	}
	for _, b := range file.Bad {
		if slices.ContainsFunc(b.Problems, func(p intake.Problem) bool { return p.Code == intake.NotKnown }) {
			pg.Unknown++
		}
	}
	return a.show(status(again, confirm), page.Show(pg))
}

// samples are the first good rows.
func samples(f intake.File) []page.Sample {
	var list []page.Sample
	for _, r := range f.Patients {
		list = append(list, page.Sample{Line: r.Line, Code: r.Code, Name: r.Name, Birth: r.Birth})
	}
	for _, r := range f.Orders {
		list = append(list, page.Sample{Line: r.Line, Code: r.Code, Day: r.First, Last: r.Last, Amount: r.Amount, Volume: r.Volume})
	}
	for _, r := range f.Doses {
		list = append(list, page.Sample{Line: r.Line, Code: r.Code, Day: r.Day, Amount: r.Amount, Volume: r.Volume})
	}
	return list[:min(samplesMax, len(list))]
}

// postPreview keeps what was said about the file and shows the preview again.
func (a *ask) postPreview() error {
	ticket, x, ok := a.upload()
	if !ok {
		return a.gone()
	}
	f := a.typed("kind", "dates", "encoding", "sheet", "unit", "strength")
	x.add = slices.Contains(a.keep(&f, "unknown"), "yes")
	x.opts = intake.Options{
		Kind: intake.Kind(a.val("kind")), Dates: intake.Layout(a.val("dates")), Encoding: intake.Encoding(a.val("encoding")),
		Sheet: a.val("sheet"), Unit: a.val("unit"),
	}
	if a.val("strength") != "" {
		x.opts.Strength = unit.Strength(a.mg(&f, "strength"))
	}
	if f.Bad() {
		return a.showPreview(ticket, x, f, a.fresh())
	}
	a.m.uploads.set(ticket, x)
	return a.v.seeOther("/import/" + ticket)
}

func (a *ask) postConfirmImport() error {
	ticket, x, ok := a.upload()
	if !ok {
		return a.gone()
	}
	if x.done != nil {
		return a.v.seeOther("/import/" + ticket)
	}
	file, err := a.read(x)
	if err != nil {
		return err
	}
	f := a.typed()
	without := slices.Contains(a.keep(&f, "without"), "yes")
	res, err := a.c.Import(a.ctx(), a.by, f.ID, clinic.Import{Files: []intake.File{file}, GoodOnly: without, RegisterUnknown: x.add, PIN: a.val("pin")})
	if err != nil {
		if !a.refused(&f, err, "pin") {
			return err
		}
		return a.showPreview(ticket, x, a.declared(x), f)
	}
	x.done = &page.Done{Kind: file.Kind, Name: x.name, New: res.Patients, Known: res.Known, Left: res.Left, Hash: file.Hash}
	x.done.Rows = map[intake.Kind]int{intake.Patients: res.Patients, intake.Orders: res.Orders, intake.Doses: res.Doses}[file.Kind]
	x.body = nil // the rows are on record; the file is kept no longer
	a.m.uploads.set(ticket, x)
	return a.v.seeOther("/import/" + ticket)
}
