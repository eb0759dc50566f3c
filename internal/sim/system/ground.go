package system

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"tram/internal/access"
	"tram/internal/baton"
	"tram/internal/baton/faultstick"
	"tram/internal/care/daybook"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/programme"
	foundation "tram/internal/care/site"
	"tram/internal/care/stock"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/fact"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/keys"
	"tram/internal/rulebook"
	"tram/internal/sqlitefile/faultfs"
	"tram/internal/unit"
)

// The invented programme every history begins with.
const (
	sitesMax   = 3
	peopleEach = 4
	orderDays  = 60
	amount     = 20_000 * unit.Microgram(1)
	batonID    = "k1k1k1k1k1k1k1k1"

	managerPIN, doctorPIN, secondPIN = "205173", "917350", "486092"
)

// Ground is a founded programme: disks, sticks and keys on the evening of its
// first day. Every history begins with copies of it.
type Ground struct {
	scratch string
	start   day.Day
	zone    day.Zone
	disks   [sitesMax]*faultfs.FS
	sticks  [sitesMax]*faultstick.Stick
	keys    [sitesMax]keys.Keys
	crew    [sitesMax]crew
	hub     *faultfs.FS
	held    [sitesMax]baton.Head
	people  []person
}

// crew is who works at a site.
type crew struct{ manager, doctor, second access.Actor }

// NewGround founds the programme. scratch is a directory for SQLite's index of
// the write-ahead log; nothing else is written there.
func NewGround(ctx context.Context, scratch string) (*Ground, error) {
	g := &Ground{scratch: scratch}
	var err error
	if g.start, err = day.Of(2026, 11, 2); err != nil {
		return nil, err
	}
	if g.zone, err = day.LoadZone("Asia/Ho_Chi_Minh"); err != nil {
		return nil, err
	}
	w := &world{ground: g, ctx: ctx, dice: rand.New(rand.NewPCG(1, 1)), today: g.start}
	for n := range sitesMax {
		if err := g.found(w, n); err != nil {
			return nil, fmt.Errorf("found site %d: %w", n, err)
		}
	}
	if err := g.join(w); err != nil {
		return nil, fmt.Errorf("found the programme: %w", err)
	}
	for _, s := range w.sites {
		if err := g.firstDay(w, s); err != nil {
			return nil, fmt.Errorf("first day of %s: %w", s.code, err)
		}
		g.disks[s.n] = s.disk.Copy()
		g.sticks[s.n] = s.stick.Copy()
		g.held[s.n] = s.held
	}
	if err := w.startHub(faultfs.New(scratch)); err != nil {
		return nil, err
	}
	w.shutHub()
	g.hub = w.hub.disk.Copy()
	return g, nil
}

func (g *Ground) found(w *world, n int) error {
	code := id.Site([]string{"MC", "TG", "MN"}[n])
	seed := rand.NewChaCha8(sha256.Sum256([]byte(code)))
	k := keys.Keys{Number: 1, Data: sha256.Sum256([]byte("data " + code))}
	skey, vkey, err := note.GenerateKey(seed, strings.ToLower(string(code))+".thu/tram")
	if err != nil {
		return fmt.Errorf("make keys: %w", err)
	}
	k.Public = vkey
	if k.Journal.Signer, err = note.NewSigner(skey); err != nil {
		return fmt.Errorf("make keys: %w", err)
	}
	if k.Journal.Verifier, err = note.NewVerifier(vkey); err != nil {
		return fmt.Errorf("make keys: %w", err)
	}
	g.keys[n] = k
	s := &site{n: n, code: code, keys: k, disk: faultfs.New(g.scratch), stick: faultstick.New(), rand: seed}
	w.sites = append(w.sites, s)
	o, err := w.options(s)
	if err != nil {
		return err
	}
	limit := int64(200_000)
	manager, err := clinic.Found(w.ctx, o, clinic.Founding{
		Site: foundation.Founded{
			Site: code, Name: "Trạm thử " + string(code), Programme: "THU", Rules: "vn", Zone: "Asia/Ho_Chi_Minh", Language: "vi", Invented: true,
		},
		Manager: "Lò Thị Thử", Duties: []duty.Duty{duty.Dispenser, duty.Manager}, PIN: managerPIN,
		Numbers: []rulebook.Confirm{{Key: rulebook.DailyMax, Value: &limit, Reason: "invented"}},
	})
	if err != nil {
		return err
	}
	if s.c, err = clinic.Open(w.ctx, o); err != nil {
		return err
	}
	s.manager = access.Actor{Person: manager, Station: "1"}
	if s.doctor, err = g.enrol(w, s, "Hoàng Văn Thử", doctorPIN, duty.Physician); err != nil {
		return err
	}
	s.second, err = g.enrol(w, s, "Quàng Thị Thử", secondPIN, duty.Dispenser)
	g.crew[n] = s.crew
	return err
}

func (g *Ground) enrol(w *world, s *site, name, pin string, d duty.Duty) (access.Actor, error) {
	f, code, err := s.c.Enrol(w.ctx, s.manager, s.c.NewForm(), name, []duty.Duty{d}, managerPIN)
	if err != nil {
		return access.Actor{}, err
	}
	return access.Actor{Person: f.Person, Station: "2"}, s.c.SetPIN(w.ctx, f.Person, "", code, pin)
}

// join tells every site of the programme and of who signs letters.
func (g *Ground) join(w *world) error {
	told := []any{programme.Founded{Programme: "THU", Name: "thử", Rules: "vn", Zone: "Asia/Ho_Chi_Minh"}}
	for _, s := range w.sites {
		box, err := s.keys.BoxPublic()
		if err != nil {
			return err
		}
		told = append(told, programme.SiteJoined{
			Site: s.code, Name: string(s.code), Language: "vi", Number: 1, Role: programme.Main, Verifier: s.keys.Public, Box: box,
		})
		f, err := s.c.MakeSigningKey(w.ctx, s.doctor, s.c.NewForm(), doctorPIN)
		if err != nil {
			return err
		}
		told = append(told, programme.ClinicianNamed{Person: f.Person, Name: "bs", Site: s.code, Key: f.Key, Until: g.start + 3650})
	}
	for seq, f := range told {
		h, err := programmeEntry(int64(seq), w.now(w.sites[0]), g.start, f)
		if err != nil {
			return err
		}
		for _, s := range w.sites {
			if _, err := s.c.Hear([]clinic.Heard{h}); err != nil {
				return err
			}
		}
	}
	for _, s := range w.sites {
		if err := s.c.SetLink(clinicdb.Link{Programme: "THU", URL: "wss://hub.invalid"}); err != nil {
			return err
		}
	}
	return nil
}

func programmeEntry(seq int64, now day.Instant, d day.Day, f any) (clinic.Heard, error) {
	kind, body, err := fact.Encode(f)
	if err == nil {
		body, err = journal.Canonical(body)
	}
	if err != nil {
		return clinic.Heard{}, err
	}
	e := journal.Entry{Site: programme.Hub, Seq: seq, HLC: journal.HLC{Ms: int64(now) + seq}, Day: d, By: "office", Kind: kind, Fact: body}
	raw, err := e.Encode()
	return clinic.Heard{Entry: e, Raw: raw}, err
}

// firstDay makes the baton, opens, receives medicine and registers people.
func (g *Ground) firstDay(w *world, s *site) error {
	_, err := baton.Make(s.batonConfig(), baton.Header{Programme: "THU", Site: s.code, Number: 1, Baton: batonID, Made: g.start.String()})
	if err != nil {
		return err
	}
	s.plugged = true
	if err := s.c.Mirror(w.ctx); err != nil {
		return err
	}
	if _, err := s.c.OpenDay(w.ctx, s.manager, s.c.NewForm(), daybook.Open{Day: g.start, Typed: g.start}, s.witness(), clinic.Say{}); err != nil {
		return err
	}
	b, err := s.c.ReceiveBottle(w.ctx, s.manager, s.c.NewForm(), stock.Receive{
		Code: clinic.Code("B", 1), Product: "Methadone", Lot: "L1", Expiry: g.start + 400, Strength: 10_000, Volume: 1000 * unit.Millilitre,
	}, s.witness())
	if err != nil {
		return err
	}
	if _, err := s.c.OpenBottle(w.ctx, s.manager, s.c.NewForm(), b.Bottle, s.witness()); err != nil {
		return err
	}
	for n := range peopleEach {
		f, err := s.c.Register(w.ctx, s.manager, s.c.NewForm(), patient.Details{
			Name: "Người Thử " + string(s.code) + string(rune('A'+n)), Birth: day.Partial{Year: 1980 + n},
		})
		if err != nil {
			return err
		}
		if err := g.order(w, s, f.Patient); err != nil {
			return err
		}
		g.people = append(g.people, person{id: f.Patient, home: s.n, at: s.n, visit: -1})
	}
	if err := w.closeDay(s, g.start); err != nil {
		return err
	}
	return s.c.Close()
}

func (g *Ground) order(w *world, s *site, p id.Patient) error {
	ask := order.Write{Patient: p, Phase: order.Induction, Amount: amount, First: g.start, Last: g.start + orderDays - 1, Reason: "invented"}
	form := s.c.NewForm()
	_, warn, err := s.c.WriteOrder(w.ctx, s.doctor, form, ask, doctorPIN)
	if err != nil || len(warn) == 0 {
		return err
	}
	for _, x := range warn {
		ask.Overrides = append(ask.Overrides, order.Override{Rule: x.Rule, Reason: "invented"})
	}
	_, _, err = s.c.WriteOrder(w.ctx, s.doctor, form, ask, doctorPIN)
	return err
}
