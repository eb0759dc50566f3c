package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"tram/internal/access"
	"tram/internal/care/staff"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/sitesync"
	"tram/internal/unit"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// visit is one request with all that is known about it.
type visit struct {
	s     *Server
	w     http.ResponseWriter
	r     *http.Request
	route route
	seat  *seat // nil before anybody signed in here
	by    access.Actor
	name  string // of the person signed in
	p     *words.Printer
}

// langCookie holds the chosen language; it says nothing about a person.
const langCookie = "tram_lang"

// speak chooses the language: the chosen one, else the site's.
func (v *visit) speak() {
	lang := v.s.clinic.Site().Language
	if c, err := v.r.Cookie(langCookie); err == nil && slices.Contains(v.s.words.Langs(), c.Value) {
		lang = c.Value
	}
	v.p = v.s.words.For(lang).In(v.s.clinic.Zone())
}

// field is one field of the form that was sent, without blanks around it; ""
// if it did not come.
func (v *visit) field(name string) string { return strings.TrimSpace(v.r.PostForm.Get(name)) }

// fields are all values of a field that may come often.
func (v *visit) fields(name string) []string { return v.r.PostForm[name] }

// query is one parameter of the address.
func (v *visit) query(name string) string { return v.r.URL.Query().Get(name) }

// form is the id of the form that was sent; an address typed by hand has none,
// and then the act is refused as no form of ours.
func (v *visit) form() (id.Form, error) {
	f := v.field("form")
	if !id.Valid(f) {
		return "", errForm
	}
	return id.Form(f), nil
}

// patient is the patient named by the form.
func (v *visit) patient() (id.Patient, error) {
	p := v.field("patient")
	if !id.Valid(p) {
		return "", errForm
	}
	return id.Patient(p), nil
}

// newForm is the id of a form that is about to be shown.
func (v *visit) newForm() id.Form { return v.s.clinic.NewForm() }

// seeOther sends the browser to a page after an act, so that a reload repeats
// nothing.
func (v *visit) seeOther(path string) error {
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// flash keeps a line about what happened for the next page.
func (v *visit) flash(kind, text string) { v.seat.say(ui.Notice{Kind: kind, Text: text}) }

// back is the page to return to: only an address of our own.
func (v *visit) back() string {
	b := v.field("back")
	if !strings.HasPrefix(b, "/") || strings.HasPrefix(b, "//") || strings.ContainsAny(b, "\\\r\n\t") || len(b) > 300 {
		return "/"
	}
	return b
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// packers compress pages: the window of a large site is a few hundred
// kilobytes of text, and links are slow.
var packers = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

// packFrom is the size from which compressing is worth the time.
const packFrom = 2048

// show renders a page into a buffer and sends it whole.
func (v *visit) show(status int, c templ.Component) error {
	buf, _ := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer buffers.Put(buf)
	if err := c.Render(v.r.Context(), buf); err != nil {
		return fmt.Errorf("render %s: %w", v.route.pattern, err)
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.p.Lang())
	h.Add("Vary", "Accept-Encoding, Cookie")
	if buf.Len() < packFrom || !strings.Contains(v.r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Length", strconv.Itoa(buf.Len()))
		v.w.WriteHeader(status)
		_, _ = v.w.Write(buf.Bytes()) // the browser went away: nothing to do for it
		return nil
	}
	h.Set("Content-Encoding", "gzip")
	v.w.WriteHeader(status)
	z, _ := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(v.w)
	_, _ = z.Write(buf.Bytes()) // as above
	_ = z.Close()
	return nil
}

// shell is what stands around a page. here is the key of its entry in the
// rail.
func (v *visit) shell(title, here string) ui.Shell {
	c := v.s.clinic
	sh := ui.Shell{
		P: v.p, Title: title, Here: here, Site: c.Site().Name, Now: c.Now(), Day: c.Today(), Langs: v.s.words.Langs(), Path: v.s.pageOf(v.r.URL.Path),
		Invented: c.Site().Invented, Sites: v.s.opts.Sites,
	}
	if v.r.Method == http.MethodGet {
		sh.Path = v.r.URL.RequestURI()
	}
	if c.Broken() != nil {
		sh.Broken = []string{v.p.T("broken.journal", "number", "B-"+strconv.FormatInt(int64(c.Head().Size), 10))}
	}
	if v.by.Person == "" {
		return sh
	}
	if v.s.opts.Sync != nil {
		if st := v.s.opts.Sync.Status(); st.Joined {
			sh.Sync, sh.SyncBad = v.syncSays(st), !st.Synced && (st.Trouble != sitesync.None || st.Days(c.Now()) != 0)
		}
	}
	sh.Person, sh.Station = v.name, v.place(v.by.Station)
	sh.Nav = v.nav()
	sh.Idle = int(v.s.idle(v.r.URL.Path, v.seat.open()).Seconds())
	if !v.asksItself() {
		sh.Flash = v.seat.said() // a person reads the page
	}
	sh.Live = true
	return sh
}

// place is the name of a station in the reader's language.
func (v *visit) place(st id.Station) string {
	n, ok := strings.CutPrefix(string(st), "window ")
	number, err := strconv.Atoi(n)
	if !ok || err != nil {
		return string(st)
	}
	return v.p.T("signin.station_n", "n", number)
}

// nav lists what the person may open.
func (v *visit) nav() []ui.Nav {
	var out []ui.Nav
	many := v.manyfold()
	for _, e := range []struct {
		key, href, icon string
		action          access.Action
	}{
		{"window", "/window", "droplet", access.SeeWindow},
		{"patients", "/patients", "users", access.SeeRecord},
		{"orders", "/orders", "pen-line", access.WriteOrder},
		{"day", "/day", "calendar", access.OpenDay},
		{"stock", "/stock", "droplets", access.SeeStock},
		{"papers", "/papers", "printer", access.SeeRegisters},
		{"letters", "/letters", "scan-line", access.TakeLetter},
		{"stability", "/stability", "home", access.SeeRecord},
		{"intake", "/import", "upload", access.ImportFiles},
		{"rules", "/rules", "book-open", access.SeeRules},
		{"staff", "/staff", "settings", access.ManageStaff},
		{"journal", "/journal", "shield-check", access.SeeJournal},
		{"glass", "/glass", "eye", access.BreakGlass},
	} {
		if !many && (e.key == "letters" || e.key == "stability") || e.key == "glass" && !many && v.can(access.SeeRecord) {
			continue // nothing is at another site, and all that is here is open to the person
		}
		if access.Allow(v.by, e.action, access.InCare) != nil {
			continue
		}
		n := ui.Nav{Key: e.key, Href: e.href, Icon: e.icon, Label: v.p.T("nav." + e.key)}
		if e.key == "stability" {
			n.Count = v.stabilityWaits()
		}
		out = append(out, n)
	}
	return out
}

// can says whether the person signed in may do something.
func (v *visit) can(a access.Action) bool { return access.Allow(v.by, a, access.InCare) == nil }

// view reads the records.
func (v *visit) view(fn func(*clinicdb.View) error) error { return v.s.clinic.View(v.r.Context(), fn) }

// person is the name of a member of staff.
func (v *visit) person(p id.Person) string {
	m, ok := v.s.clinic.Member(p)
	if !ok {
		return string(p)
	}
	return m.Name
}

// duties are a person's duties in words.
func (v *visit) duties(m staff.Member) string {
	var list []string
	for _, d := range m.Duties {
		list = append(list, v.p.T("duty."+string(d)))
	}
	return strings.Join(list, ", ")
}

// witness reads the second person of an act and proves their PIN.
func (v *visit) witness() (clinic.Witness, error) {
	w := clinic.Witness{Person: id.Person(v.field("second")), PIN: v.field("second_pin")}
	if w.Person == "" {
		return w, nil
	}
	if w.Person == v.by.Person {
		return w, reason.Refuse("DOSE-16")
	}
	return w, v.s.clinic.CheckWitness(v.r.Context(), w)
}

// second is the part of a form that asks for the second person, with who was
// chosen before.
func (v *visit) second() ui.Second {
	out := ui.Second{Chosen: v.field("second")}
	members, err := v.members()
	if err != nil {
		return out // the act itself will meet the fault and say so
	}
	for _, m := range members {
		may := access.Allow(access.Actor{Person: m.Person, Duties: m.Duties}, access.WitnessActs, access.NoPatient) == nil
		if !m.Left && may && m.Person != v.by.Person {
			out.People = append(out.People, ui.Option{Value: string(m.Person), Label: m.Name})
		}
	}
	out.Alone = len(out.People) == 0
	return out
}

// members are the staff, sorted by name.
func (v *visit) members() ([]staff.Member, error) {
	var all []staff.Member
	err := v.view(func(db *clinicdb.View) error {
		var err error
		all, err = db.Staff()
		return err
	})
	slices.SortStableFunc(all, func(a, b staff.Member) int { return v.p.Compare(a.Name, b.Name) })
	return all, err
}

// refusal is the rule's answer inside an error, in words; nil when the error
// is none.
func (v *visit) refusal(err error) *words.Said {
	no, ok := asRefusal(err)
	if !ok {
		return nil
	}
	said := v.p.Refusal(no)
	return &said
}

// wrongAmount is what is wrong with a typed amount, in words; "" if nothing
// is.
func (v *visit) wrongAmount(err error) string {
	switch problem := parseProblem(err); problem {
	case "":
		return ""
	case unit.Empty, unit.NotNumber, unit.Unclear, unit.TooLong, unit.NotAllowed:
		return v.p.T("amount." + string(problem))
	default:
		return v.p.T("amount.not_number")
	}
}

// today is the date the PC believes.
func (v *visit) today() day.Day { return v.s.clinic.Today() }
