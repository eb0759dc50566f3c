package web

import (
	"fmt"
	"net/url"
	"testing"

	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
	"tram/internal/day"
	"tram/internal/reason"
)

// TestFoundLetters reads the letters that people found, one a line, as they
// type them.
func TestFoundLetters(t *testing.T) {
	first, last := day.Day(20782), day.Day(20787) // 25 and 30 November 2026
	for text, want := range map[string][]clinic.FoundLetter{
		"":                               nil,
		" \r\n\n":                        nil,
		"TG-0042-7 NS 25/11/2026":        {{Line: 1, Code: "TG-0042-7", To: "NS", First: first}},
		"\ntg-0042-7\tns 25.11.2026\r\n": {{Line: 2, Code: "tg-0042-7", To: "NS", First: first}},
		"A NS 2026-11-25 30/11/2026\nB MC 25/11/2026": {
			{Line: 1, Code: "A", To: "NS", First: first, Last: last}, {Line: 2, Code: "B", To: "MC", First: first},
		},
	} {
		got, no := foundLetters(text)
		if no != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: %v, %v; want %v", text, got, no, want)
		}
	}
	for text, line := range map[string]int{
		"TG-0042-7 NS mai":                    1,
		"TG-0042-7 NS":                        1,
		"A NS 25/11/2026\nB NS 31/11/2026":    2,
		"A NS 30/11/2026 25/11/2026":          1,
		"A NS 25/11/2026 30/11/2026 for good": 1,
	} {
		_, no := foundLetters(text)
		if no == nil || no.Rule != "INST-19" || fmt.Sprint(no.Args) != fmt.Sprint(reason.Refuse("INST-19", "line", line).Args) {
			t.Errorf("%q: %v, want INST-19 of line %d", text, no, line)
		}
	}
}

// TestNothingToAccountFor: the form sent where no letter is missing, or where
// somebody else was first, changes nothing and says so.
func TestNothingToAccountFor(t *testing.T) {
	h, _ := morning(t)
	b := h.nurse()
	b.get("/day/open")
	b.lacks("/day/letters")
	b.post("/day/letters", url.Values{
		"form": {string(h.NewForm())}, "sources": {"neighbours"}, "whole": {"yes"}, "second": {string(h.Assistant.Person)}, "second_pin": {clinictest.AssistantPIN},
	})
	b.shows("Ở đây không có gì cần kiểm lại.")
}
