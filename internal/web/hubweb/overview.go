package hubweb

import (
	"github.com/a-h/templ"

	"tram/internal/care/programme"
	"tram/internal/hubdb"
	"tram/internal/id"
	"tram/internal/web/pages/programmepage"
	"tram/internal/web/ui"
)

// ask is the sign-in page.
func ask(v visit, chosen, wrong string) templ.Component {
	g := programmepage.SignIn{Shell: v.shell("hub.sign_in"), Chosen: chosen, Error: wrong}
	g.Shell.Person = ""
	for _, m := range v.s.hub.People() {
		g.People = append(g.People, ui.Option{Value: string(m.Person), Label: m.Name})
	}
	return programmepage.Ask(g)
}

// overview is the first page. A database that is away is said on it: what the
// hub knows without it is shown all the same.
func overview(v visit) (templ.Component, error) {
	g := programmepage.Page{Shell: v.shell("hub.title"), MayAnswer: v.may()}
	if err := requests(v, &g); err != nil {
		return nil, err
	}
	err := tables(v, &g)
	if err == nil {
		err = v.s.hub.Fault()
	}
	if err != nil {
		v.s.log.Warn("the hub's tables", "err", err)
		g.Shell.Broken = append(g.Shell.Broken, v.p.T("hub.away", "detail", err.Error()))
	}
	return programmepage.Show(g), nil
}

func requests(v visit, g *programmepage.Page) error {
	all, err := v.s.hub.Requests(v.ctx)
	if err != nil {
		return err
	}
	var parents []ui.Option
	for _, s := range v.s.hub.Directory().Sites() {
		if s.Role == programme.Main {
			parents = append(parents, ui.Option{Value: string(s.Site), Label: string(s.Site) + " · " + s.Name})
		}
	}
	for _, r := range all {
		x := programmepage.Request{ID: r.ID, Code: string(r.From.Site), Name: r.From.Name, At: r.At, Words: r.From.Words(), Parents: parents}
		if r.Rule != nil {
			x.Refused = v.p.Refusal(r.Rule)
		}
		g.Requests = append(g.Requests, x)
	}
	return nil
}

func tables(v visit, g *programmepage.Page) error {
	db := v.s.hub.DB()
	heads, err := db.Heads(v.ctx)
	if err != nil {
		return err
	}
	counts, err := db.Counts(v.ctx)
	if err != nil {
		return err
	}
	sites(v, g, heads, counts)
	letters, err := db.OpenLetters(v.ctx)
	if err != nil {
		return err
	}
	for _, l := range letters {
		g.Letters = append(g.Letters, programmepage.Letter{Letter: string(l.Letter), From: string(l.From), To: string(l.To), First: l.First, Last: l.Last, At: l.GivenAt})
	}
	pairs, err := db.OpenPairs(v.ctx)
	if err != nil {
		return err
	}
	for _, x := range pairs {
		g.Pairs = append(g.Pairs, programmepage.Pair{One: string(x.One), Two: string(x.Two), OneCode: x.OneCode, TwoCode: x.TwoCode, Certain: x.Why == "identity"})
	}
	incidents, err := db.OpenIncidents(v.ctx)
	if err != nil {
		return err
	}
	for _, i := range incidents {
		what, ok := incidentWords[i.Kind]
		if !ok {
			what = "hub.incident.other"
		}
		g.Incidents = append(g.Incidents, programmepage.Incident{ID: i.ID, Site: string(i.Site), What: v.p.T(what), Day: i.Day, At: i.At, Detail: i.Detail})
	}
	return nil
}

// incidentWords are the sentences for kinds of incidents.
var incidentWords = map[string]string{
	"dose.doubled": "hub.incident.dose.doubled", "journal.fork": "hub.incident.journal.fork", "journal.forgot": "hub.incident.journal.forgot",
	"journal.forged": "hub.incident.journal.forged", "journal.unreadable": "hub.incident.journal.unreadable",
}

// sites are those that joined, with what is known of their journals.
func sites(v visit, g *programmepage.Page, heads []hubdb.Head, counts []hubdb.Count) {
	byHead, byCount := map[id.Site]hubdb.Head{}, map[id.Site]hubdb.Count{}
	for _, h := range heads {
		byHead[h.Site] = h
	}
	for _, c := range counts {
		byCount[c.Site] = c
	}
	for _, s := range v.s.hub.Directory().Sites() {
		h := byHead[s.Site]
		g.Sites = append(g.Sites, programmepage.Site{
			Code: string(s.Site), Name: s.Name, Role: v.p.T("hub.role." + string(s.Role)), Contact: h.ContactAt, Entries: int(h.Size), Backlog: int(h.Backlog()),
			NewestDay: h.NewestDay, Patients: int(byCount[s.Site].Related), Stopped: h.Stopped,
		})
	}
}
