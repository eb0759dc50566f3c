package hubweb

import (
	"strconv"

	"github.com/a-h/templ"

	"tram/internal/access"
	"tram/internal/care/programme"
	"tram/internal/hub"
	"tram/internal/hubdb"
	"tram/internal/id"
	"tram/internal/web/pages/programmepage"
	"tram/internal/web/ui"
)

// site is the one that the address names.
func (v visit) site() (programme.Site, error) {
	s, ok := v.s.hub.Directory().Site(id.Site(v.r.PathValue("site")))
	if !ok {
		return s, errNothing
	}
	return s, nil
}

func oneSite(v visit) (templ.Component, error) {
	s, err := v.site()
	if err != nil {
		return nil, err
	}
	all, err := standings(v)
	if err != nil {
		return nil, err
	}
	g := programmepage.One{
		Shell: v.shell("overview", "hub.sites", "/sites/"+string(s.Site)), Number: s.Number, Parent: string(s.Parent), MayRun: v.may(access.RunProgramme),
		MayList: v.may(access.ListPatients), End: v.form("end"),
	}
	for _, x := range all {
		if x.Code == string(s.Site) {
			g.Site = x
		}
	}
	said, ok := v.s.hub.Heard(s.Site)
	g.Speaks = speaks(v, said, ok)
	head, root, err := v.s.hub.DB().Head(v.ctx, s.Site)
	if err != nil {
		return nil, err
	}
	if head.Stopped != "" {
		g.Resume = v.form("resume")
	}
	g.Root, g.Checkpoint, g.StoppedText = root.String(), string(head.Checkpoint), head.Stopped
	for _, f := range s.Former {
		g.Former = append(g.Former, programmepage.Former{Number: f.Number, Size: int(f.Size)})
		g.Ended = g.Ended || f.Number == s.Number
	}
	restores, err := v.s.hub.DB().Restores(v.ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range restores {
		if r.Site == s.Site {
			g.Restores = append(g.Restores, restore(v, r))
		}
	}
	for _, w := range programmepage.Whys {
		g.Why = append(g.Why, ui.Option{Value: w, Label: v.p.T("hub.end_reason." + w)})
	}
	return programmepage.ShowSite(g), nil
}

func speaks(v visit, said hub.Heard, ok bool) string {
	switch {
	case !ok:
		return v.p.T("hub.speaks.unknown")
	case said.Number == 0:
		return v.p.T("hub.speaks.bare")
	}
	version := said.Version
	if version == "" {
		version = "–"
	}
	return v.p.T("hub.speaks.said", "number", said.Number, "version", version)
}

func restore(v visit, r hubdb.Restore) programmepage.Restore {
	x := programmepage.Restore{Number: r.Number, OfNumber: r.OfNumber, OfSize: int(r.OfSize), At: r.At}
	switch {
	case r.Complete:
		x.Said = v.p.T("hub.restored.whole")
	case r.Letters:
		x.Said, x.Bad = v.p.T("hub.restored.doses"), true
	case r.AccountedAt != 0:
		x.Said = v.p.T("hub.restored.accounted")
	default:
		x.Said, x.Bad = v.p.T("hub.restored.letters"), true
	}
	return x
}

// end ends the site's present installation. Why is in the language of whoever
// ends it, as a person wrote it.
func end(v visit) (string, error) {
	s, err := v.site()
	if err != nil {
		return "end", err
	}
	size, err := strconv.ParseInt(v.val("size"), 10, 64)
	if err != nil || size < 0 {
		return "end", errAsked{"size", "hub.number_wanted"}
	}
	number, err := strconv.Atoi(v.val("number"))
	if err != nil {
		return "end", errNothing
	}
	why := ""
	for _, w := range programmepage.Whys {
		if w == v.val("reason") {
			why = v.p.T("hub.end_reason." + w)
		}
	}
	if note := v.val("note"); note != "" && why != "" {
		why += ": " + note
	}
	return "end", v.s.hub.EndInstallation(v.ctx, v.signed(), programme.InstallationEnded{Site: s.Site, Number: number, Size: size, Why: why})
}

func resume(v visit) (string, error) {
	s, err := v.site()
	if err != nil {
		return "resume", err
	}
	return "resume", v.s.hub.Resume(v.ctx, v.signed(), s.Site, v.val("why"))
}

// patients is a site's patients, by code; the hub records who looked.
func patients(v visit) (templ.Component, error) {
	s, err := v.site()
	if err != nil {
		return nil, err
	}
	all, more, err := v.s.hub.ListPatients(v.ctx, v.who.Person, s.Site)
	if err != nil {
		return nil, err
	}
	path := "/sites/" + string(s.Site) + "/patients"
	g := programmepage.List{Shell: v.shell("overview", "hub.patients", path), Code: string(s.Site), Name: s.Name, More: more}
	for _, p := range all {
		g.Patients = append(g.Patients, programmepage.Patient{Code: p.Code, Site: string(p.Site), Registered: p.Registered, Sites: int(p.Sites)})
	}
	return programmepage.ShowPatients(g), nil
}
