package house

import (
	"fmt"
	"strings"
)

// A floor is a set of rooms. "internal/care/" means every room below it.
type floor []string

func (f floor) has(room string) bool {
	for _, r := range f {
		if r == room || strings.HasSuffix(r, "/") && strings.HasPrefix(room, r) {
			return true
		}
	}
	return false
}

// The floors, from the bottom up. Rooms that do not exist yet stand here, so
// that they are born under the law.
var (
	plain    = floor{"internal/unit", "internal/day", "internal/id", "internal/reason", "internal/duty"}
	terms    = join(plain, floor{"internal/fold"})
	care     = floor{"internal/care/", "internal/access"}
	storage  = floor{"internal/sqlitefile", "internal/sqlitefile/", "internal/keys", "internal/journal", "internal/journal/"}
	lists    = floor{"internal/fact", "internal/fact/", "internal/rulebook", "internal/rulebook/"}
	records  = floor{"internal/clinicdb", "internal/clinicdb/", "internal/hubdb", "internal/hubdb/"}
	files    = floor{"internal/intake", "internal/intake/", "internal/portrait"}
	door     = floor{"internal/clinic", "internal/clinic/"}
	between  = floor{"internal/letter", "internal/sitesync", "internal/sitesync/", "internal/hub", "internal/hub/", "internal/baton", "internal/baton/"}
	pages    = floor{"internal/web/pages/", "internal/web/ui", "internal/web/ui/"}
	words    = floor{"internal/words", "internal/words/"}
	faces    = floor{"internal/web", "internal/web/", "internal/words", "internal/words/", "internal/paper", "internal/fhir", "internal/report"}
	workshop = floor{"internal/sim", "internal/sim/", "internal/house", "internal/walk", "internal/walk/", "internal/ruletable"}
	wiring   = floor{"internal/sitedir", "internal/sitedir/"}
	invented = floor{"internal/invented", "internal/invented/", "internal/demo", "internal/demo/"}
	commands = floor{"cmd/", "tools/"}
	everyone = floor{"internal/", "cmd/", "tools/"}
)

// edge forbids the rooms of from to import the rooms of to, unless the target
// is in but. Test files are free: they may stand on any floor.
type edge struct {
	from, to, but floor
	why           string
}

// law is the law of imports. The reason is printed to whoever breaks it.
var law = []edge{
	{from: terms, to: everyone, but: terms, why: "every floor uses the terms, so what a term imports is imported by everything"},
	{from: care, to: everyone, but: terms, why: "care says what is right and knows only the terms; what two rooms share goes down to a term or up to a step in clinic"},
	{from: storage, to: everyone, but: join(terms, storage), why: "storage keeps bytes and proves them; if it knew care, an old journal could become unreadable when a rule changes"},
	{from: files, to: everyone, but: join(terms, files), why: "reading files that people bring is about text, dates and pictures; who may bring them and what they mean is decided behind the door"},
	{from: lists, to: everyone, but: join(terms, care, lists), why: "the list of facts and the rulebook know care's types and nothing of storage, so that any store can keep them"},
	{from: records, to: join(door, between, faces, workshop, commands), why: "the read side and the projections serve the door and the faces; knowing them would turn the house upside down"},
	{from: door, to: join(between, faces, workshop, commands), why: "the door knows everything below it and nothing above: no page, no sentence, no command line"},
	{from: floor{"internal/letter"}, to: everyone, but: join(terms, care, storage, floor{"internal/letter"}), why: "a letter is bytes of what care says; a printer, a network and a program of somebody else's must be able to read it without a record behind it"},
	{from: words, to: everyone, but: join(terms, words), why: "words format terms; a rule's sentence is found by its id, not by importing the room that refuses"},
	{from: pages, to: join(storage, records, door, between, commands), why: "a page renders the typed struct it is given; the handler asks and translates, so every page can be shown from a sample"},
	{from: faces, to: floor{"internal/sqlitefile", "internal/sqlitefile/", "internal/keys"}, why: "a face asks the door for changes and reads through a type that cannot write; it never holds the file or a key"},
	{from: faces, to: floor{"internal/sim", "internal/sim/"}, why: "the simulator drives the house from outside"},
	{from: join(terms, care, storage, lists, records, files, door, between, faces), to: invented, why: "nothing invented ever reaches a record; only the commands may ask for invented people, and say so"},
	{from: join(terms, care, storage, lists, records, files, door, between, faces), to: wiring, why: "a site's directory holds the keys; only what starts a program opens one, and hands down what it opened"},
	{from: everyone, to: floor{"internal/sim/mutant"}, why: "planted mistakes are for tests only; nothing that ships can switch one on"},
	{from: everyone, to: floor{"cmd/"}, why: "cmd wires; nobody imports it"},
	{from: floor{"internal/", "cmd/"}, to: floor{"tools/"}, why: "tools serve those who build the program, not the program"},
	{from: join(terms, care, storage, lists, records, files, door, between, faces, floor{"cmd/"}), to: floor{"internal/house", "internal/walk", "internal/walk/", "internal/ruletable"}, why: "the workshop's tools do not ship to a clinic"},
}

// outside says which rooms may import modules of others only by name: the
// lower two floors, which a clinician's signature rests on.
var outside = []struct {
	from floor
	but  floor // module paths
	why  string
}{
	{floor{"internal/fold"}, floor{"golang.org/x/text/unicode/norm"}, "folding needs Unicode's normal forms, which nobody should write twice, and nothing else"},
	{plain, nil, "terms stand on the standard library alone; every floor uses them"},
	{care, nil, "care stands on the standard library and the terms alone, so that it can be read and signed without reading anybody else's code"},
}

// join puts floors together.
func join(all ...floor) floor {
	var j floor
	for _, f := range all {
		j = append(j, f...)
	}
	return j
}

// imports finds forbidden edges.
func imports(t *tree) []Finding {
	var found []Finding
	for _, s := range t.code {
		if s.test {
			continue
		}
		for _, spec := range s.file.Imports {
			target := strings.Trim(spec.Path.Value, `"`)
			for _, text := range t.breaks(s.dir, target) {
				found = append(found, Finding{File: s.path, Line: t.at(spec.Pos()), Text: text})
			}
		}
	}
	return found
}

// breaks answers what is wrong with room importing target.
func (t *tree) breaks(room, target string) []string {
	inner, ours := strings.CutPrefix(target, t.module+"/")
	if !ours {
		return t.breaksOutside(room, target)
	}
	if inner == room {
		return nil
	}
	var texts []string
	for _, e := range law {
		if e.from.has(room) && e.to.has(inner) && !e.but.has(inner) {
			texts = append(texts, fmt.Sprintf("%s must not import %s: %s", room, inner, e.why))
		}
	}
	return texts
}

// breaksOutside is breaks for packages of other modules.
func (t *tree) breaksOutside(room, target string) []string {
	first, _, _ := strings.Cut(target, "/")
	if !strings.Contains(first, ".") {
		return nil // the standard library
	}
	for _, o := range outside {
		if o.from.has(room) && !o.but.has(target) {
			return []string{fmt.Sprintf("%s must not import %s: %s", room, target, o.why)}
		}
	}
	return nil
}
