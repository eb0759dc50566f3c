package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"tram/internal/clinicdb"
	"tram/internal/sitesync"
	"tram/internal/web/pages/picker"
	"tram/internal/web/static"
	"tram/internal/web/ui"
)

// Where a demonstration offers its sites, and the cookie that holds the chosen
// one.
const (
	SitesPath   = "/sites"
	sitesCookie = "tram_site"
)

// Demo serves several sites under one address: a page to choose from, and then
// the chosen site, by a cookie. Each site has its own sessions and its own
// record; a form of one site sent to another finds no such patient there.
type Demo struct {
	sites []*Server
	lines []Line // of the sites, in their order; none where there is no hub
}

// Line is a site's line to the hub, which a visitor may cut and mend.
type Line struct {
	Cut, Mend func()
	IsCut     func() bool
	Status    func() sitesync.Status
}

// NewDemo is a demonstration of these sites, in this order, with their lines
// where there is a hub.
func NewDemo(sites []*Server, lines ...Line) (*Demo, error) {
	if len(sites) == 0 {
		return nil, fmt.Errorf("a demonstration needs a site")
	}
	if len(lines) != 0 && len(lines) != len(sites) {
		return nil, fmt.Errorf("%d lines for %d sites", len(lines), len(sites))
	}
	return &Demo{sites: sites, lines: lines}, nil
}

// EndStreams ends the streams of events of all sites.
func (d *Demo) EndStreams() {
	for _, s := range d.sites {
		s.EndStreams()
	}
}

// ServeHTTP answers a request.
func (d *Demo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	code, chosen := strings.CutPrefix(r.URL.Path, SitesPath+"/")
	switch {
	case strings.HasPrefix(r.URL.Path, static.Prefix):
		d.sites[0].ServeHTTP(w, r)
	case chosen && d.site(code) != nil:
		http.SetCookie(w, &http.Cookie{
			Name: sitesCookie, Value: code, Path: "/", HttpOnly: true, Secure: d.sites[0].opts.Secure, SameSite: http.SameSiteStrictMode,
		})
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, "/", http.StatusSeeOther)
	case r.URL.Path == SitesPath:
		d.pick(w, r)
	case r.URL.Path == linePath && r.Method == http.MethodPost:
		d.sites[0].headers(d.sites[0].alive(http.HandlerFunc(d.turn))).ServeHTTP(w, r)
	default:
		c, err := r.Cookie(sitesCookie)
		if err != nil || d.site(c.Value) == nil {
			if r.URL.Path == "/language" && r.Method == http.MethodPost {
				d.sites[0].ServeHTTP(w, r)
				return
			}
			http.Redirect(w, r, SitesPath, http.StatusSeeOther)
			return
		}
		d.site(c.Value).ServeHTTP(w, r)
	}
}

// linePath is where a line is cut or mended.
const linePath = SitesPath + "-line"

// turn cuts or mends the line of the site that the form names, and goes back.
func (d *Demo) turn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, bodyMax)
	code := r.PostFormValue("site")
	for i, s := range d.sites {
		if i < len(d.lines) && string(s.clinic.Site().Site) == code {
			if d.lines[i].IsCut() {
				d.lines[i].Mend()
			} else {
				d.lines[i].Cut()
			}
		}
	}
	http.Redirect(w, r, SitesPath, http.StatusSeeOther)
}

// line is what the first page shows of a site's line.
func (d *Demo) line(v *visit, i int) *picker.Line {
	if i >= len(d.lines) {
		return nil
	}
	return &picker.Line{Cut: d.lines[i].IsCut(), Says: v.syncSays(d.lines[i].Status())}
}

// site finds a site by its code.
func (d *Demo) site(code string) *Server {
	i := slices.IndexFunc(d.sites, func(s *Server) bool { return string(s.clinic.Site().Site) == code })
	if i < 0 {
		return nil
	}
	return d.sites[i]
}

// pick shows the sites.
func (d *Demo) pick(w http.ResponseWriter, r *http.Request) {
	s := d.sites[0]
	s.headers(s.alive(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{s: s, w: w, r: r}
		v.speak()
		g := picker.Page{Shell: ui.Shell{
			P: v.p, Title: v.p.T("picker.title"), Site: "Tram", Langs: s.words.Langs(), Path: SitesPath, Invented: true,
		}}
		for i, x := range d.sites {
			n, err := x.size(r.Context())
			if err != nil {
				s.fault(w, r, err)
				return
			}
			f := x.clinic.Site()
			g.Sites = append(g.Sites, picker.Site{Href: SitesPath + "/" + string(f.Site), Code: string(f.Site), Name: f.Name, Patients: n, Line: d.line(v, i)})
		}
		if err := v.show(http.StatusOK, picker.Show(g)); err != nil {
			s.fault(w, r, err)
		}
	}))).ServeHTTP(w, r)
}

// size is how many people are in treatment at the site.
func (s *Server) size(ctx context.Context) (n int, err error) {
	err = s.clinic.View(ctx, func(v *clinicdb.View) error {
		all, err := v.PatientsInCare()
		n = len(all)
		return err
	})
	return n, err
}
