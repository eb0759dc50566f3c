package sitesync

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/care/site"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
)

// OwnCopy is what the hub has of a site's own journal beyond a place in it, and
// the receipt that proves it: the root over Size entries.
type OwnCopy struct {
	Entries [][]byte
	Size    int64
	Hash    tlog.Hash
	Receipt []byte
	At      day.Instant // when the hub signed it
}

// Lost is a site that is being restored and has no door yet: what its backup
// says of it.
type Lost struct {
	Site   id.Site
	Origin string // name of its journal's key
	Link   clinicdb.Link
	From   int64 // entries that it has
}

// Own asks the hub for the journal of a site that is being restored; o needs no
// Door. Whoever takes the entries over must find the receipt's root over them: a
// hub that is not the one of the backup is refused here, one that alters an
// entry only there.
func Own(ctx context.Context, o Options, l Lost) (OwnCopy, error) {
	o.Door = doorless{lost: l}
	s, err := New(o)
	if err != nil {
		return OwnCopy{}, err
	}
	entries, receipt, _, err := s.OwnAtHub(ctx, l.From)
	if err != nil || len(receipt) == 0 {
		return OwnCopy{}, err // without a receipt the hub has nothing of this site
	}
	cosigner, err := journal.NewCosignVerifier(l.Link.Cosigner)
	if err != nil {
		return OwnCopy{}, err
	}
	cp, at, err := journal.ReadCosigned(receipt, l.Origin, cosigner)
	if err != nil {
		return OwnCopy{}, fmt.Errorf("%w: %w", errStranger, err)
	}
	out := OwnCopy{Size: cp.Size, Hash: cp.Hash, Receipt: receipt, At: at}
	if more := cp.Size - l.From; more > int64(len(entries)) {
		return OwnCopy{}, fmt.Errorf("%w: the hub signed for %d entries and sent them to %d", errLying, cp.Size, l.From+int64(len(entries)))
	} else if more > 0 {
		out.Entries = entries[:more]
	}
	return out, nil
}

// doorless answers the few questions that asking for the own journal comes
// with. It has nothing to send and nothing to be told.
type doorless struct {
	Door
	lost Lost
}

func (d doorless) Site() site.Founded { return site.Founded{Site: d.lost.Site} }

func (d doorless) Origin() string { return d.lost.Origin }

func (d doorless) Link(context.Context) (clinicdb.Link, bool, error) { return d.lost.Link, true, nil }
