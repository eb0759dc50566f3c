// Package clinictest opens a small real site for tests: a real encrypted file,
// a real journal, a clock that the test sets, and invented people.
//
// It decides nothing and hides nothing: what it sets up, it sets up through
// the door, as a clinic would. Its people exist nowhere.
package clinictest

import (
	"context"
	"crypto/sha256"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tram/internal/access"
	"tram/internal/care/daybook"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/site"
	"tram/internal/care/stock"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/rulebook"
	"tram/internal/sqlitefile"
	"tram/internal/unit"
)

// PINs of the invented staff.
const (
	NursePIN     = "205173"
	DoctorPIN    = "917350"
	AssistantPIN = "486092"
)

// Site is a site under test. Nurse dispenses and manages, Doctor prescribes,
// Assistant witnesses.
type Site struct {
	*clinic.Clinic
	T         testing.TB
	Path      string
	Key       [32]byte
	Keys      journal.Keys
	DB        *clinicdb.DB         // of the open door, to bring in what a hub would send
	Letters   clinic.Letters       // given to the door at its next opening
	Medium    clinic.Medium        // likewise
	Uptime    func() time.Duration // likewise; nil is the time that passed by Pass
	Nurse     access.Actor
	Doctor    access.Actor
	Assistant access.Actor
	Bottle    id.Bottle // open, 1000 mL of 10 mg/mL, once OpenBottle ran
	opts      []Options
	rand      *rand.ChaCha8
	now       atomic.Int64
	ran       atomic.Int64 // milliseconds that time really went on, whatever the clock was set to
	codes     int
	faults    atomic.Int64
	programme int64 // entries of the hub's journal that were heard
}

// Options change how the file is opened; nil is a file of its own.
type Options func(*sqlitefile.Options)

// New founds a site on Monday 2 November 2026 at 06:30 in Hanoi.
func New(t testing.TB, opts ...Options) *Site {
	t.Helper()
	return At(t, "TT", nil, nil, opts...)
}

// At is New for a site of a programme: its code, its letters and its medium.
func At(t testing.TB, code id.Site, letters clinic.Letters, medium clinic.Medium, opts ...Options) *Site {
	t.Helper()
	s := &Site{
		T: t, Path: filepath.Join(t.TempDir(), "tram.db"), rand: rand.NewChaCha8(sha256.Sum256([]byte(code))), Letters: letters, Medium: medium,
	}
	s.Key[0] = 7
	s.opts = opts
	skey, vkey, err := note.GenerateKey(s.rand, strings.ToLower(string(code))+".dbv/tram")
	s.must(err)
	s.Keys.Signer, err = note.NewSigner(skey)
	s.must(err)
	s.Keys.Verifier, err = note.NewVerifier(vkey)
	s.must(err)
	z, err := day.LoadZone("Asia/Ho_Chi_Minh")
	s.must(err)
	d, err := day.Of(2026, 11, 2)
	s.must(err)
	s.now.Store(int64(z.At(d, 6, 30)))
	o := s.options(opts)
	limit := int64(200_000)
	first, err := clinic.Found(context.Background(), o, clinic.Founding{
		Site:    site.Founded{Site: code, Name: "Trạm thử", Programme: "DBV", Rules: "vn", Zone: "Asia/Ho_Chi_Minh", Language: "vi", Invented: true},
		Manager: "Lò Thị Nhàn", Duties: []duty.Duty{duty.Dispenser, duty.Manager}, PIN: NursePIN,
		Numbers: []rulebook.Confirm{{Key: rulebook.DailyMax, Value: &limit, Reason: "test programme"}},
	})
	s.must(err)
	s.Clinic, err = clinic.Open(context.Background(), o)
	s.must(err)
	t.Cleanup(func() { _ = s.Close() })
	s.Nurse = access.Actor{Person: first, Duties: []duty.Duty{duty.Dispenser, duty.Manager}, Station: "window 1"}
	s.Doctor = s.enrol("Hoàng Văn Lâm", DoctorPIN, duty.Physician)
	s.Assistant = s.enrol("Quàng Thị Ín", AssistantPIN, duty.Dispenser, duty.Counsellor)
	return s
}

func (s *Site) options(opts []Options) clinic.Options {
	so := sqlitefile.Options{Key: s.Key, Readers: 4}
	for _, f := range opts {
		f(&so)
	}
	file, err := sqlitefile.Open(s.Path, so)
	s.must(err)
	db, err := clinicdb.New(file)
	s.must(err)
	return s.door(db)
}

func (s *Site) door(db *clinicdb.DB) clinic.Options {
	s.DB = db
	uptime := s.Uptime
	if uptime == nil {
		uptime = func() time.Duration { return time.Duration(s.ran.Load()) * time.Millisecond }
	}
	return clinic.Options{
		DB: db, Keys: s.Keys, Rand: s.rand, Clock: func() day.Instant { return day.Instant(s.now.Load()) }, Uptime: uptime,
		Fault: func(error) { s.faults.Add(1) }, HashKiB: 64, Letters: s.Letters, Medium: s.Medium,
		Unseal: func(_, sealed string) ([]byte, error) { return []byte(sealed), nil },
	}
}

// Reopen closes the site and opens its file again, as after a restart. Options
// take the place of those of New.
func (s *Site) Reopen(opts ...Options) error {
	_ = s.Close()
	if len(opts) == 0 {
		opts = s.opts
	}
	so := sqlitefile.Options{Key: s.Key, Readers: 4}
	for _, f := range opts {
		f(&so)
	}
	file, err := sqlitefile.Open(s.Path, so)
	if err != nil {
		return err
	}
	db, err := clinicdb.New(file)
	if err != nil {
		return err
	}
	s.Clinic, err = clinic.Open(context.Background(), s.door(db))
	return err
}

// Faults is how many faults the door reported.
func (s *Site) Faults() int64 { return s.faults.Load() }

func (s *Site) enrol(name, pin string, duties ...duty.Duty) access.Actor {
	f, code, err := s.Enrol(context.Background(), s.Nurse, s.NewForm(), name, duties, NursePIN)
	s.must(err)
	s.must(s.SetPIN(context.Background(), f.Person, "", code, pin))
	return access.Actor{Person: f.Person, Duties: duties, Station: "window 2"}
}

// Pass lets milliseconds pass.
func (s *Site) Pass(ms int64) {
	s.now.Add(ms)
	s.ran.Add(ms)
}

// SetClock sets the clock, as a person does: no time passes.
func (s *Site) SetClock(i day.Instant) { s.now.Store(int64(i)) }

// NextMorning moves the clock to 06:30 on the next day.
func (s *Site) NextMorning() { s.SetClock(s.Zone().At(s.Today()+1, 6, 30)) }

// Witness is the assistant with the PIN, as second person.
func (s *Site) Witness() clinic.Witness {
	return clinic.Witness{Person: s.Assistant.Person, PIN: AssistantPIN}
}

// OpenDay opens today.
func (s *Site) OpenDay() {
	s.T.Helper()
	today := s.Today()
	_, err := s.Clinic.OpenDay(context.Background(), s.Nurse, s.NewForm(), daybook.Open{Day: today, Typed: today}, s.Witness(), clinic.Say{OnlyPC: true})
	s.must(err)
}

// OpenBottle receives and opens a bottle of 1000 mL at 10 mg/mL.
func (s *Site) OpenBottle() id.Bottle {
	s.T.Helper()
	s.codes++
	f, err := s.ReceiveBottle(context.Background(), s.Nurse, s.NewForm(), stock.Receive{
		Code: clinic.Code("B", s.codes), Product: "Methadone", Lot: "L1", Expiry: s.Today() + 365, Strength: 10_000, Volume: 1000 * unit.Millilitre,
	}, s.Witness())
	s.must(err)
	_, err = s.Clinic.OpenBottle(context.Background(), s.Nurse, s.NewForm(), f.Bottle, s.Witness())
	s.must(err)
	s.Bottle = f.Bottle
	return f.Bottle
}

// Patient registers an invented person with a signed induction order of the
// amount from today for a day.
func (s *Site) Patient(name string, amount unit.Microgram) id.Patient {
	s.T.Helper()
	f, err := s.Register(context.Background(), s.Nurse, s.NewForm(), patient.Details{Name: name, Birth: day.Partial{Year: 1985}})
	s.must(err)
	s.Order(f.Patient, order.Induction, amount, s.Today(), s.Today())
	return f.Patient
}

// Order writes and signs an order, with a reason for every warning.
func (s *Site) Order(p id.Patient, phase order.Phase, amount unit.Microgram, first, last day.Day) id.Order {
	s.T.Helper()
	w := order.Write{Patient: p, Phase: phase, Amount: amount, First: first, Last: last, Reason: "test"}
	form := s.NewForm()
	_, warn, err := s.WriteOrder(context.Background(), s.Doctor, form, w, DoctorPIN)
	s.must(err)
	for _, x := range warn {
		w.Overrides = append(w.Overrides, order.Override{Rule: x.Rule, Reason: "test"})
	}
	f, warn, err := s.WriteOrder(context.Background(), s.Doctor, form, w, DoctorPIN)
	s.must(err)
	if len(warn) > 0 {
		s.T.Fatalf("warnings stay: %v", warn)
	}
	return f.Order
}

func (s *Site) must(err error) {
	s.T.Helper()
	if err != nil {
		s.T.Fatal(err)
	}
}
