package hubweb

import (
	"github.com/a-h/templ"

	"tram/internal/access"
	"tram/internal/care/programme"
	"tram/internal/hubdb"
	"tram/internal/id"
	"tram/internal/web/pages/programmepage"
)

// answersShown is how many answers the page looks back on.
const answersShown = 100

// caseWords are the kinds of cases that have sentences.
var caseWords = map[string]string{
	"dose.doubled": "hub.case.dose.doubled", "dose.attested": "hub.case.dose.attested", "right.doubled": "hub.case.right.doubled",
	"letters.missing": "hub.case.letters.missing", "letter.rejected": "hub.case.letter.rejected", "installation.fenced": "hub.case.installation.fenced",
	"installation.ended": "hub.case.installation.ended", "journal.fork": "hub.case.journal.fork", "journal.forgot": "hub.case.journal.forgot",
	"hub.restored": "hub.case.hub.restored", "journal.forged": "hub.case.journal.forged", "journal.unreadable": "hub.case.journal.unreadable",
}

func wordsOf(kind string) string {
	if key, ok := caseWords[kind]; ok {
		return key
	}
	return "hub.case.other"
}

// cases is what people must answer for, and what they have answered.
func cases(v visit) (templ.Component, error) {
	g := programmepage.Cases{Shell: v.shell("cases", "hub.cases", "/cases"), MayAnswer: v.may(access.AnswerCase)}
	db, codes := v.s.hub.DB(), v.may(access.ListPatients)
	open, err := db.OpenIncidents(v.ctx)
	if err != nil {
		return nil, err
	}
	restores, err := db.Restores(v.ctx)
	if err != nil {
		return nil, err
	}
	for _, i := range open {
		key := wordsOf(i.Kind)
		c := programmepage.Case{
			ID: i.ID, Site: string(i.Site), What: v.p.T(key), Do: v.p.T(key + ".do"), Day: i.Day, At: i.At, Detail: i.Detail, Form: v.form("answer-" + i.ID),
		}
		_, c.Joined = v.s.hub.Directory().Site(i.Site)
		if codes {
			c.Code = i.Code
		}
		if i.Kind == "letters.missing" {
			c.State = accounted(v, restores, i.Site)
		}
		g.Open = append(g.Open, c)
	}
	pairs, err := db.OpenPairs(v.ctx)
	if err != nil {
		return nil, err
	}
	for _, x := range pairs {
		one := programmepage.Pair{
			One: string(x.One), Two: string(x.Two), OneSite: string(x.OneSite), TwoSite: string(x.TwoSite), Certain: x.Why == "identity",
			Form: v.form("pair-" + string(x.One) + "/" + string(x.Two)),
		}
		if codes {
			one.OneCode, one.TwoCode = x.OneCode, x.TwoCode
		}
		g.Pairs = append(g.Pairs, one)
	}
	if g.Answered, err = answers(v); err != nil {
		return nil, err
	}
	return programmepage.ShowCases(g), nil
}

// accounted says whether a restored site has accounted for its letters.
func accounted(v visit, all []hubdb.Restore, s id.Site) string {
	text := ""
	for _, r := range all {
		if r.Site != s || r.Letters {
			continue
		}
		text = v.p.T("hub.case.not_accounted")
		if r.AccountedAt != 0 {
			text = v.p.T("hub.case.accounted", "at", r.AccountedAt)
		}
	}
	return text
}

func answers(v visit) ([]programmepage.Answer, error) {
	all, err := v.s.hub.DB().Answers(v.ctx, answersShown)
	if err != nil {
		return nil, err
	}
	var out []programmepage.Answer
	for _, a := range all {
		x := programmepage.Answer{Site: string(a.Site), Words: a.Words, By: v.s.hub.Called(a.By), Day: a.Day, At: a.At}
		switch {
		case a.Kind == "pair" && a.Same:
			x.What = v.p.T("hub.case.pair_same")
		case a.Kind == "pair":
			x.What = v.p.T("hub.case.pair_two")
		default:
			x.What = v.p.T(wordsOf(a.Kind))
		}
		out = append(out, x)
	}
	return out, nil
}

func answer(v visit) (string, error) {
	incident := v.val("incident")
	return "answer-" + incident, v.s.hub.AnswerIncident(v.ctx, v.who.Person, programme.IncidentAnswered{Incident: incident, Answer: v.val("answer")})
}

func pair(v visit) (string, error) {
	one, two := v.val("one"), v.val("two")
	a := programme.PairAnswered{One: id.Patient(one), Two: id.Patient(two), Why: v.val("why")}
	if keep := v.val("keep"); keep != programmepage.TwoPeople {
		a.Same, a.Keep = true, id.Patient(keep)
	}
	return "pair-" + one + "/" + two, v.s.hub.AnswerPair(v.ctx, v.who.Person, a)
}
