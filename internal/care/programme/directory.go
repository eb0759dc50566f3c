package programme

import (
	"maps"
	"slices"
	"strings"

	"tram/internal/day"
	"tram/internal/id"
)

// Directory is what the programme's facts say now.
type Directory struct {
	Programme  Founded
	sites      map[id.Site]Site
	clinicians map[id.Person]Clinician
	digestKeys map[id.Site]DigestKey
}

// Site is a site as the programme knows it.
type Site struct {
	SiteJoined
	Former []Former // installations that ended, oldest first
}

// Former is an installation that ended.
type Former struct {
	Number int
	Size   int64  // entries of its life that are good
	Hash   string // of the tree over them; "" if not known
}

// Clinician is a person who may sign letters, as of some day.
type Clinician struct {
	ClinicianNamed
	From day.Day // day from which it ended; Never while it holds
}

// Fold is the directory after the facts, in their order. Facts of other kinds
// are passed over, so that a whole journal can be given.
func Fold(facts ...any) Directory {
	var d Directory
	for _, f := range facts {
		d.Apply(f)
	}
	return d
}

// Apply takes one more fact in. Applying a fact twice changes nothing.
func (d *Directory) Apply(f any) {
	switch f := f.(type) {
	case Founded:
		d.Programme = f
	case SiteJoined:
		f.Number = max(f.Number, d.sites[f.Site].Number) // a number never falls
		d.put(Site{SiteJoined: f, Former: d.sites[f.Site].Former})
	case SiteChanged:
		if s, ok := d.sites[f.Site]; ok {
			s.change(f)
			d.put(s)
		}
	case InstallationEnded:
		if s, ok := d.sites[f.Site]; ok {
			s.Former = ended(s.Former, f)
			d.put(s)
		}
	case DigestKey:
		d.digestKeys = maps.Clone(d.digestKeys)
		if d.digestKeys == nil {
			d.digestKeys = map[id.Site]DigestKey{}
		}
		d.digestKeys[f.Site] = f
	case ClinicianNamed:
		d.name(Clinician{ClinicianNamed: f})
	case ClinicianEnded:
		if c, ok := d.clinicians[f.Person]; ok && (c.From == day.Never || f.From < c.From) {
			c.From = f.From
			d.name(c)
		}
	}
}

func (d *Directory) put(s Site) {
	d.sites = maps.Clone(d.sites)
	if d.sites == nil {
		d.sites = map[id.Site]Site{}
	}
	d.sites[s.Site] = s
}

func (d *Directory) name(c Clinician) {
	d.clinicians = maps.Clone(d.clinicians)
	if d.clinicians == nil {
		d.clinicians = map[id.Person]Clinician{}
	}
	d.clinicians[c.Person] = c
}

func (s *Site) change(f SiteChanged) {
	set := func(to *string, v string) {
		if v != "" {
			*to = v
		}
	}
	set(&s.Name, f.Name)
	set(&s.Language, f.Language)
	set(&s.Verifier, f.Verifier)
	set(&s.Box, f.Box)
	set(&s.NKey, f.NKey)
	set((*string)(&s.Role), string(f.Role))
	set((*string)(&s.Parent), string(f.Parent))
	s.Number = max(s.Number, f.Number)
}

// ended adds an installation to those that ended. Told twice, the shorter life
// counts: what is refused once stays refused.
func ended(former []Former, f InstallationEnded) []Former {
	former = slices.Clone(former)
	for i, x := range former {
		if x.Number == f.Number {
			if f.Size < x.Size {
				former[i] = Former{f.Number, f.Size, f.Hash}
			}
			return former
		}
	}
	former = append(former, Former{f.Number, f.Size, f.Hash})
	slices.SortFunc(former, func(a, b Former) int { return a.Number - b.Number })
	return former
}

// Site is one site; ok is false for one that never joined.
func (d Directory) Site(s id.Site) (site Site, ok bool) {
	site, ok = d.sites[s]
	return site, ok
}

// Sites are all that joined, by their code.
func (d Directory) Sites() []Site {
	return slices.SortedFunc(maps.Values(d.sites), func(a, b Site) int { return strings.Compare(string(a.Site), string(b.Site)) })
}

// DigestKey is the key of digests that a site was given; ok is false for none.
func (d Directory) DigestKey(s id.Site) (k DigestKey, ok bool) {
	k, ok = d.digestKeys[s]
	return k, ok
}

// Clinician is one person who was ever named; ok is false for anyone else.
func (d Directory) Clinician(p id.Person) (c Clinician, ok bool) {
	c, ok = d.clinicians[p]
	return c, ok
}

// Clinicians are all who were ever named, by their id.
func (d Directory) Clinicians() []Clinician {
	return slices.SortedFunc(maps.Values(d.clinicians), func(a, b Clinician) int { return strings.Compare(string(a.Person), string(b.Person)) })
}

// Ended answers how far the life of an installation is good; ok is false
// while it has not ended.
func (s Site) Ended(number int) (f Former, ok bool) {
	for _, f := range s.Former {
		if f.Number == number {
			return f, true
		}
	}
	return Former{}, false
}

// Good says whether entry seq of installation number of the site is to be
// believed: the present installation, or an earlier one up to where it ended.
func (s Site) Good(number int, seq int64) bool {
	if f, ok := s.Ended(number); ok {
		return seq < f.Size
	}
	return number == s.Number && number > 0
}

// Signs says whether a clinician's signature of a day is good.
func (c Clinician) Signs(on day.Day) bool {
	return c.Key != "" && on <= c.Until && (c.From == day.Never || on < c.From)
}
