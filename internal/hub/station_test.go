package hub_test

import (
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/id"
	"tram/internal/journal"
)

type clinicEntry = journal.Entry

// seed records a fact as an imported history does: these tests are about what
// becomes of facts, not about who may record them.
func (s *station) seed(v any) {
	s.t.Helper()
	err := s.c.SeedInvented(s.t.Context(), []clinic.Seed{{At: s.c.Now(), By: s.by.Person, Fact: v}}, func(int, int) {})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *station) notes(p id.Patient) int {
	n := 0
	err := s.c.View(s.t.Context(), func(v *clinicdb.View) error {
		notes, err := v.Notes(p, 1000)
		n = len(notes)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// dial connects with the site's key and no program around it.
func (s *station) dial() *nats.Conn {
	s.t.Helper()
	seed := s.c.Keys.SyncSeed()
	k, err := nkeys.FromRawSeed(nkeys.PrefixByteUser, seed[:])
	if err != nil {
		s.t.Fatal(err)
	}
	nc, err := nats.Connect("", nats.InProcessServer(s.line), nats.Nkey(s.nkey(), k.Sign), nats.CustomInboxPrefix("_REPLY_"+string(s.c.Site().Site)))
	if err != nil {
		s.t.Fatal(err)
	}
	return nc
}
