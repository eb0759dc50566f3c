package house

import (
	"encoding/json"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
)

// rulesPage is where every rule has its row.
const rulesPage = "docs/rules.md"

var (
	ruleLiteral = regexp.MustCompile(`^"((?:` + ruleFamilies + `)-\d\d)"$`)
	anyRule     = regexp.MustCompile(`\b[A-Z]{2,}-\d\d\b`)
	rowRule     = regexp.MustCompile(`(?m)^\|\s*` + "`?" + `([A-Z]{2,}-\d\d)` + "`?" + `\s*\|`)
)

// used is a rule id in code and the first place where it stands.
type used struct {
	id, file string
	line     int
}

// usedRules answers the rule ids in the code that ships: whatever looks like
// one of our families, and whatever is given to reason.Refuse or reason.Warn.
func usedRules(t *tree) []used {
	var all []used
	seen := map[string]bool{}
	add := func(s *source, lit *ast.BasicLit, id string) {
		if !seen[id] {
			seen[id] = true
			all = append(all, used{id, s.path, t.at(lit.Pos())})
		}
	}
	for _, s := range t.shipped() {
		if workshop.has(s.dir) || commands.has(s.dir) && strings.HasPrefix(s.dir, "tools/") {
			continue
		}
		literals(s, func(lit *ast.BasicLit) {
			m := ruleLiteral.FindStringSubmatch(lit.Value)
			if m != nil {
				add(s, lit, m[1])
			}
		})
		ast.Inspect(s.file, func(n ast.Node) bool {
			lit := refusedWith(n)
			if lit != nil {
				add(s, lit, strings.Trim(lit.Value, `"`))
			}
			return true
		})
	}
	slices.SortFunc(all, func(a, b used) int { return strings.Compare(a.id, b.id) })
	return all
}

// refusedWith answers the constant first argument of reason.Refuse or
// reason.Warn, or nil.
func refusedWith(n ast.Node) *ast.BasicLit {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return nil
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Refuse" && sel.Sel.Name != "Warn" {
		return nil
	}
	base, ok := sel.X.(*ast.Ident)
	if !ok || base.Name != "reason" {
		return nil
	}
	lit, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return nil
	}
	return lit
}

// ruleRows finds rules in code that docs/rules.md does not explain, and rules
// that it explains twice.
func ruleRows(t *tree) []Finding {
	rows := map[string]int{}
	for _, m := range rowRule.FindAllSubmatch(t.texts[rulesPage], -1) {
		rows[string(m[1])]++
	}
	var found []Finding
	for _, u := range usedRules(t) {
		if rows[u.id] == 0 {
			found = append(found, Finding{File: u.file, Line: u.line, Text: u.id + " has no row in " + rulesPage})
		}
	}
	for id, n := range rows {
		if n > 1 {
			found = append(found, Finding{File: rulesPage, Text: id + " has more than one row"})
		}
	}
	return found
}

// ruleTests finds rules that no test and no test data mentions.
func ruleTests(t *tree) []Finding {
	tested := map[string]bool{}
	for _, p := range t.paths {
		if strings.HasSuffix(p, "_test.go") || inTestdata(p) {
			for _, id := range anyRule.FindAll(t.texts[p], -1) {
				tested[string(id)] = true
			}
		}
	}
	var found []Finding
	for _, u := range usedRules(t) {
		if !tested[u.id] {
			found = append(found, Finding{File: u.file, Line: u.line, Text: u.id + " is in no test: show it just inside and just outside"})
		}
	}
	return found
}

// ruleWords finds rules that cannot be said in some language.
func ruleWords(t *tree) []Finding {
	rules := usedRules(t)
	if len(rules) == 0 {
		return nil
	}
	var found []Finding
	for _, lang := range languages {
		keys, _ := catalogue(t, lang) // a broken file is told by "words"
		for _, u := range rules {
			if keys["rule."+u.id] == "" {
				found = append(found, Finding{File: u.file, Line: u.line, Text: "no words for rule." + u.id + " in internal/words/" + lang + "/"})
			}
		}
	}
	return found
}

// wholeWords finds keys that one language has and another lacks.
func wholeWords(t *tree) []Finding {
	all := map[string]string{} // key → a file that has it
	perLang := map[string]map[string]string{}
	var found []Finding
	for _, lang := range languages {
		keys, wrong := catalogue(t, lang)
		found = append(found, wrong...)
		perLang[lang] = keys
		for key, file := range keys {
			all[key] = file
		}
	}
	for key, file := range all {
		for _, lang := range languages {
			if perLang[lang][key] == "" {
				found = append(found, Finding{File: file, Text: key + " is missing in internal/words/" + lang + "/"})
			}
		}
	}
	return found
}

// catalogue answers the keys of one language, over all its files, and the
// files that hold them.
func catalogue(t *tree, lang string) (map[string]string, []Finding) {
	keys := map[string]string{}
	var wrong []Finding
	for _, p := range t.paths {
		if path.Dir(p) != "internal/words/"+lang || path.Ext(p) != ".json" {
			continue
		}
		var entries map[string]json.RawMessage
		err := json.Unmarshal(t.texts[p], &entries)
		if err != nil {
			wrong = append(wrong, Finding{File: p, Text: "is not a JSON object: " + err.Error()})
			continue
		}
		for key, text := range entries {
			if string(text) == `""` || string(text) == "null" {
				wrong = append(wrong, Finding{File: p, Text: key + " has no words"})
				continue
			}
			keys[key] = p
		}
	}
	return keys, wrong
}
