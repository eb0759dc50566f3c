// Package words holds every sentence a person reads, in every language, and
// formats the amounts, days and times inside them.
//
// Catalogues are JSON files, one per noun and language: vi/window.json,
// en/window.json. Keys are dotted and say place and role
// ("window.hold.already_dosed"). A message is a string with named arguments,
// "Poured at {at}", or an object of plural forms chosen by one argument:
//
//	"window.missed": {"by": "n", "one": "{n} day missed", "other": "{n} days missed"}
//
// The forms are those of CLDR for the language: vi has other, en has one and
// other. A day or an instant takes a format after a bar: {last|weekday},
// {at|moment}. Numbers and units are kept on one line by a no-break space;
// [Plain] undoes that for comparisons in tests.
//
// A missing key is shown in double brackets; the tests of this package make
// that impossible, by comparing the languages and by reading the sources of
// the faces. The wording is person-first; avoid.json holds the words that are
// refused, with their sources.
package words

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"tram/internal/day"
)

//go:embed vi/*.json en/*.json
var files embed.FS

// langs lists the languages in the order in which they are offered. The first
// one serves a reader whose language is not here.
var langs = []string{"vi", "en"}

// Catalog holds all messages of all languages. It may be used by many
// goroutines.
type Catalog struct {
	messages map[string]map[string]message // language, key
	sorts    map[string]*collation         // by language
}

// Load reads the embedded catalogues. An error names the file and the key; it
// stops the program at start rather than showing half a page later.
func Load() (*Catalog, error) { return load(files) }

func load(fsys fs.FS) (*Catalog, error) {
	c := &Catalog{messages: map[string]map[string]message{}, sorts: map[string]*collation{}}
	for _, lang := range langs {
		c.sorts[lang] = newCollation(lang)
		c.messages[lang] = map[string]message{}
		names, err := fs.Glob(fsys, lang+"/*.json")
		if err != nil {
			return nil, fmt.Errorf("list words of %s: %w", lang, err)
		}
		for _, name := range names {
			b, err := fs.ReadFile(fsys, name)
			if err != nil {
				return nil, fmt.Errorf("read words: %w", err)
			}
			if err := c.add(lang, b); err != nil {
				return nil, fmt.Errorf("words %s: %w", path.Join(lang, path.Base(name)), err)
			}
		}
	}
	return c, nil
}

// add reads one file token by token, because the plain decoder takes the last
// of two equal keys without a word.
func (c *Catalog) add(lang string, b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.New("an object of keys and messages is needed")
	}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if _, twice := c.messages[lang][key]; twice {
			return fmt.Errorf("key %s stands twice", key)
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return fmt.Errorf("key %s: %w", key, err)
		}
		m, err := compile(raw)
		if err != nil {
			return fmt.Errorf("key %s: %w", key, err)
		}
		c.messages[lang][key] = m
	}
	_, err := dec.Token()
	return err
}

// Langs lists the languages, by their codes, in the order of offering.
func (c *Catalog) Langs() []string { return slices.Clone(langs) }

// For is the printer of a language; an unknown language gets the first one.
// It shows instants in UTC and says so until [Printer.In] names the site's
// zone.
func (c *Catalog) For(lang string) *Printer {
	if !slices.Contains(langs, lang) {
		lang = langs[0]
	}
	return &Printer{lang: lang, tag: language.Make(lang), messages: c.messages[lang], sort: c.sorts[lang]}
}

// Keys lists all keys of a language, sorted.
func (c *Catalog) Keys(lang string) []string {
	var keys []string
	for k := range c.messages[lang] {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// message is a compiled text: the pieces of "other" alone, or the pieces of
// each plural form.
type message struct {
	by    string // argument that chooses the form; "" if there is one form only
	forms map[plural.Form][]piece
}

// piece is literal text, or an argument with its format.
type piece struct {
	lit, arg, format string
}

var formNames = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

func compile(raw json.RawMessage) (message, error) {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		ps, err := split(s)
		return message{forms: map[plural.Form][]piece{plural.Other: ps}}, err
	}
	var o map[string]string
	if err := json.Unmarshal(raw, &o); err != nil {
		return message{}, errors.New("a text or an object of plural forms is needed")
	}
	m := message{by: "n", forms: map[plural.Form][]piece{}}
	for name, text := range o {
		if name == "by" {
			m.by = text
			continue
		}
		form, ok := formNames[name]
		if !ok {
			return message{}, fmt.Errorf("unknown plural form %q", name)
		}
		ps, err := split(text)
		if err != nil {
			return message{}, err
		}
		m.forms[form] = ps
	}
	if m.forms[plural.Other] == nil {
		return message{}, errors.New("the form other is missing")
	}
	return m, nil
}

// split cuts a text at its {arguments}.
func split(s string) ([]piece, error) {
	ps := []piece{}
	for s != "" {
		lit, rest, found := strings.Cut(s, "{")
		if lit != "" {
			ps = append(ps, piece{lit: lit})
		}
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		arg, format, _ := strings.Cut(name, "|")
		if !closed || arg == "" || strings.ContainsAny(arg, " {") {
			return nil, fmt.Errorf("a brace without its argument in %q", s)
		}
		ps = append(ps, piece{arg: arg, format: format})
		s = after
	}
	return ps, nil
}

// Printer speaks one language at one site.
type Printer struct {
	lang     string
	tag      language.Tag
	messages map[string]message
	zone     day.Zone
	zoned    bool
	sort     *collation
}

// In is the same printer with the site's time zone.
func (p *Printer) In(z day.Zone) *Printer {
	q := *p
	q.zone, q.zoned = z, true
	return &q
}

// Lang is the language's code.
func (p *Printer) Lang() string { return p.lang }

// Missing says that the language has no message under key.
func (p *Printer) Missing(key string) bool {
	_, ok := p.messages[key]
	return !ok
}

// T is the message under key, with arguments as names and values in pairs:
// T("window.cup", "at", instant). Values are written by their type, see
// [Printer.Value]. An argument that was not brought is shown by its name.
func (p *Printer) T(key string, args ...any) string {
	m, ok := p.messages[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	ps := m.forms[p.form(m, args)]
	if ps == nil {
		ps = m.forms[plural.Other]
	}
	if len(ps) == 1 && ps[0].arg == "" {
		return ps[0].lit
	}
	var sb strings.Builder
	for _, x := range ps {
		if x.arg == "" {
			sb.WriteString(x.lit)
			continue
		}
		v, found := lookup(args, x.arg)
		if !found {
			sb.WriteString("⟦" + x.arg + "⟧")
			continue
		}
		sb.WriteString(p.value(v, x.format))
	}
	return sb.String()
}

func lookup(args []any, name string) (any, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1], true
		}
	}
	return nil, false
}

// form is the plural form that the language's rule chooses for the message.
func (p *Printer) form(m message, args []any) plural.Form {
	if len(m.forms) < 2 {
		return plural.Other
	}
	v, _ := lookup(args, m.by)
	n, ok := v.(int)
	if !ok {
		return plural.Other
	}
	if n < 0 {
		n = -n
	}
	return plural.Cardinal.MatchPlural(p.tag, n, 0, 0, 0, 0)
}
