package stability

import (
	"tram/internal/care/stability"
	"tram/internal/reason"
	"tram/internal/web/pages/typed"
	"tram/internal/words"
)

const today = typed.SampleDay

func sourced(source, status, rule string, nameValue ...any) reason.Warning {
	w := reason.Warn(rule, nameValue...)
	w.Source, w.Status = source, status
	return w
}

func met() []reason.Warning {
	return []reason.Warning{
		sourced("VN3140", "partly", "STAB-01", "days", 14), sourced("DBIEN", "derived", "STAB-02", "days", 30),
		sourced("PROGRAMME", "set", "STAB-03", "n", 1, "days", 30, "most", 2), sourced("PROGRAMME", "set", "STAB-05", "days", 30),
		sourced("PROGRAMME", "set", "STAB-06", "n", 0, "days", 30), sourced("PROGRAMME", "set", "STAB-04", "day", today-12),
	}
}

func against() []reason.Warning {
	return []reason.Warning{reason.Warn("STAB-04", "day", today-4), sourced("PROGRAMME", "set", "STAB-03", "n", 5, "days", 30, "most", 2)}
}

func rows() []Row {
	return []Row{
		{Patient: "p1", Name: "Vàng A Thử", Code: "TG-0042-7", Kind: stability.NotStable, Reasons: against()},
		{Patient: "p2", Name: "Lò Văn Mẫu", Code: "TG-0043-5", Kind: stability.CannotSay, Reasons: []reason.Warning{reason.Warn("STAB-14")}},
		{Patient: "p3", Name: "Quàng Thị Giả", Code: "TG-0044-2", Kind: stability.Stable},
	}
}

func counts(stable, not, cannot int) []Count {
	return []Count{{stability.Stable, stable}, {stability.NotStable, not}, {stability.CannotSay, cannot}}
}

// SampleMain is a main clinic with both its lists, and answers in every state.
func SampleMain(p *words.Printer) Page {
	c := Case{
		Patient: "p1", Name: "Vàng A Thử", Code: "TT-0042-7", Here: true, Proposal: stability.ToSatellite, Grounds: met(), Form: typed.Form{ID: "f1"},
	}
	back := c
	back.Patient, back.Name, back.Proposal, back.To, back.Form = "p2", "Lò Văn Mẫu", stability.Return, "Mường Chà", typed.Form{ID: "f2"}
	back.Others = []Said{{Site: "Mường Chà", Why: "Tuần này chưa có chỗ (mẫu)", On: today - 1}}
	again := c
	again.Patient, again.Name, again.Form = "p3", "Quàng Thị Giả", typed.Form{ID: "f3"}
	again.Own = &Said{By: "Cà Thị Nhung", Why: "Sau mùa gặt (mẫu)", On: today - 40}
	agreed := c
	agreed.Patient, agreed.Own, agreed.Letter = "p4", &Said{By: "Cà Thị Nhung", Agreed: true, On: today}, "/patient/p4/letter?why=transfer"
	later := c
	later.Patient, later.Own = "p5", &Said{By: "Cà Thị Nhung", Why: "Đang điều trị lao (mẫu)", On: today - 2}
	return Page{
		Shell: typed.SampleShell(p, "stability", "/stability", p.T("stability.title")), Role: stability.Main, Counts: counts(3, 1, 1), Can: true,
		Lists:  []List{{stability.ToSatellite, []Case{c, again}}, {stability.Return, []Case{back}}},
		Agreed: []Case{agreed}, NotNow: []Case{later}, All: rows(),
	}
}

// SampleSatellite is a satellite: someone should go back, someone may return,
// and an answer that was refused.
func SampleSatellite(p *words.Printer) Page {
	c := Case{
		Patient: "p1", Name: "Vàng A Thử", Code: "TG-0042-7", Here: true, Proposal: stability.ToMain, To: "Nậm Sương", Grounds: against(), Form: typed.Form{ID: "f1"},
	}
	c.Form.Wrong("why", p.Refusal(reason.Refuse("STAB-21")).Text)
	back := Case{
		Patient: "p2", Name: "Lò Văn Mẫu", Code: "TG-0043-5", Proposal: stability.Return, To: "Nậm Sương", Grounds: met(), Form: typed.Form{ID: "f2"},
	}
	return Page{
		Shell: typed.SampleShell(p, "stability", "/stability", p.T("stability.title")), Role: stability.Satellite, Counts: counts(1, 1, 1), Can: true,
		Lists: []List{{stability.ToMain, []Case{c}}, {stability.Return, []Case{back}}}, All: rows(),
	}
}

// SampleUnset is a site of its own whose programme has set no number, seen by
// someone who may only look.
func SampleUnset(p *words.Printer) Page {
	return Page{
		Shell: typed.SampleShell(p, "stability", "/stability", p.T("stability.title")), Counts: counts(0, 0, 3),
		Unset: []string{"stable_window_days", "stable_missed_max_days", "stable_urine_days"}, All: rows(),
	}
}

// SampleToday is the panel of a person who is stable.
func SampleToday() *Today {
	return &Today{Patient: "p1", Kind: stability.Stable, Since: today - 41, Met: met(), Own: &Said{By: "Cà Thị Nhung", Why: "Sau mùa gặt (mẫu)", On: today - 3}}
}

// SampleLost is the panel of a person who is not.
func SampleLost() *Today {
	return &Today{Patient: "p1", Kind: stability.NotStable, Against: against(), Missing: []reason.Warning{reason.Warn("STAB-10", "key", "stable_urine_days")}, Asked: true}
}
