package rules

import (
	"tram/internal/reason"
	"tram/internal/rulebook"
	"tram/internal/web/pages/typed"
	"tram/internal/words"
)

// sampleBook is a real set, with one number changed by an invented programme.
func sampleBook(id string) rulebook.Book {
	set, err := rulebook.Load(id)
	if err != nil {
		panic(err) // the sets are part of the program
	}
	value := int64(200_000)
	book, err := rulebook.Effective(set, []rulebook.Confirmed{{
		Key: rulebook.DailyMax, Value: &value, Status: rulebook.ByProgramme, Reason: "Hướng dẫn tạm thời của chương trình (bịa)", Version: 1,
	}})
	if err != nil {
		panic(err)
	}
	return book
}

// SamplePage is the rulebook of a set.
func SamplePage(p *words.Printer, id string) Page {
	b := sampleBook(id)
	return Page{
		Shell: typed.SampleShell(p, "rules", "/rules", p.T("rules.title")), Set: b.Set, Version: b.Version, Rules: b.Rules(), Missed: b.Missed(),
		Vomited: b.Vomited(), Unanswered: b.Unanswered(), Doubtful: b.Unconfirmed(), Can: true,
	}
}

// SampleEdit changes one number, refused.
func SampleEdit(p *words.Printer) EditPage {
	b := sampleBook("vn")
	r, _ := b.Rule(rulebook.DailyMax)
	pg := EditPage{Shell: typed.SampleShell(p, "rules", "/rules/"+r.Key, p.T("rules.title")), Set: b.Set, Rule: r, Form: typed.Form{ID: "f1"}}
	pg.Form.Set("value", "2.500")
	pg.Form.Wrong("value", p.T("order.amount_hint"))
	pg.Form.Refused = new(p.Refusal(reason.Refuse("RULE-04", "key", r.Key, "with", rulebook.MaintenanceMax)))
	return pg
}

// SampleSet gives a number its first value.
func SampleSet(p *words.Printer) EditPage {
	b := sampleBook("vn")
	r, _ := b.Rule(rulebook.CountTolerance)
	return EditPage{Shell: typed.SampleShell(p, "rules", "/rules/"+r.Key, p.T("rules.title")), Set: b.Set, Rule: r, Form: typed.Form{ID: "f1"}}
}

// SampleTable confirms or changes a table.
func SampleTable(p *words.Printer, key string) TablePage {
	b := sampleBook("vn")
	pg := TablePage{Shell: typed.SampleShell(p, "rules", "/rules/"+key, p.T("rules.title")), Set: b.Set, Key: key, Words: b.Set.Missed.Words, Missed: b.Missed(), Vomited: b.Vomited(), Form: typed.Form{ID: "f1"}, Lines: 5}
	if key == rulebook.VomitedKey {
		pg.Words = b.Set.Vomited.Words
	}
	return pg
}
