package system

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/hubdb"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
	"tram/internal/sqlitefile/faultfs"
)

// hub is the programme's hub: its real tables, on a disk like the sites'.
type hub struct {
	db     *hubdb.DB
	disk   *faultfs.FS
	backup *faultfs.FS
	signed [sitesMax]signed // what it said was on its disk
	ever   [sitesMax]int64  // the most that was ever signed for
	ghosts []parcel         // journals of PCs that were replaced
}

type signed struct {
	size int64
	root tlog.Hash
}

// parcel is a segment on its way to the hub.
type parcel struct {
	s       *site
	segment journal.Segment
	want    hubdb.State // what must become of one that is not honest
	kind    fault       // why it is not
}

var (
	hubKey    = [32]byte{31: 7}
	hubSecret = []byte("the programme's key for looking for people who are here twice")
)

// startHub opens the hub over a disk, and believes what its tables say.
func (w *world) startHub(disk *faultfs.FS) error {
	w.hub.disk, w.hub.backup = disk, disk.Copy()
	return w.openHub()
}

func (w *world) openHub() (err error) {
	h := &w.hub
	h.db, err = hubdb.OpenSQLite("hub.db", sqlitefile.Options{Key: hubKey, Readers: 1, Base: h.disk, CacheKB: 1024})
	return err
}

func (w *world) shutHub() {
	if w.hub.db != nil {
		_ = w.hub.db.Close() // its disk may have no power
		w.hub.db = nil
	}
}

// hubWeather is a hub that was restored from an older copy. What the sites have
// they send again; what they heard they know again.
func (w *world) hubWeather() {
	h := &w.hub
	if w.strikes(hubBack) {
		w.shutHub()
		h.disk = h.backup.Copy()
		if err := w.openHub(); err != nil {
			w.violate("P5", w.sites[0], fmt.Sprintf("the hub does not open from its copy: %v", err))
			return
		}
		lost := false
		for n, s := range w.sites {
			head, root, err := h.db.Head(w.ctx, s.code)
			if err != nil {
				w.violate("P5", s, fmt.Sprintf("the restored hub cannot be read: %v", err))
			}
			lost = lost || head.Size < h.signed[n].size
			h.signed[n] = signed{head.Size, root}
		}
		if lost {
			w.took(hubBack)
		}
	}
	if w.chance(150) {
		h.backup = h.disk.Copy()
	}
}

// ingest gives the hub what honest sites sent; what it could not take it is
// given once more.
func (w *world) ingest(parcels []parcel) {
	if len(parcels) == 0 {
		return
	}
	err := w.takeIn(parcels, true)
	if err != nil {
		err = w.takeIn(parcels, false)
	}
	if err != nil {
		w.violate("P5", parcels[0].s, fmt.Sprintf("the hub takes nothing: %v", err))
	}
}

// takeIn is one transaction of the hub, perhaps with a fault under it.
func (w *world) takeIn(parcels []parcel, weather bool) error {
	disk := w.hub.disk
	var image *faultfs.FS
	fails := false
	switch {
	case weather && w.strikes(hubCut):
		at, seed := disk.Ops()+1+w.dice.IntN(8), w.dice.Uint64()
		disk.AfterEach(func(op int) {
			if op == at {
				image = disk.Crash(seed)
				disk.Kill()
			}
		})
	case weather && w.strikes(hubFails):
		fails = true
		disk.FailAt(1+w.dice.IntN(5), w.chance(500))
	}
	b, err := w.offer(parcels)
	disk.AfterEach(nil)
	if err == nil {
		w.sign(parcels, b)
	}
	if fails {
		if disk.Failed() {
			w.took(hubFails)
		}
		disk.FailAt(1<<40, false)
	}
	if image != nil {
		w.took(hubCut)
		w.shutHub()
		w.hub.disk = image
		w.restartHub()
	} else if err != nil {
		w.shutHub()
		w.restartHub()
	}
	return err
}

func (w *world) offer(parcels []parcel) (hubdb.Batch, error) {
	var pieces []hubdb.Piece
	for _, p := range parcels {
		pieces = append(pieces, hubdb.Piece{Segment: p.segment, Verifier: p.s.keys.Journal.Verifier})
	}
	take := func(pieces []hubdb.Piece) (hubdb.Batch, error) {
		return w.hub.db.Ingest(w.ctx, pieces, hubSecret, w.ground.zone.At(w.today, 20, 0))
	}
	if w.parts.Ingest != nil {
		return w.parts.Ingest(pieces, take)
	}
	return take(pieces)
}

// sign is what the hub said became of honest segments.
func (w *world) sign(parcels []parcel, b hubdb.Batch) {
	for i, o := range b.Outcomes {
		n := parcels[i].s.n
		if o.State != hubdb.Stored && o.State != hubdb.Known {
			w.violate("P12", parcels[i].s, fmt.Sprintf("an honest segment from %d is %s at the hub: %s", parcels[i].segment.From, o.State, o.Why))
			continue
		}
		w.hub.signed[n] = signed{o.Head.Size, o.Root}
		w.hub.ever[n] = max(w.hub.ever[n], o.Head.Size)
	}
	w.report.Ingested += int64(b.Entries)
}

// restartHub opens what a crash left: everything signed for is there. P5.
func (w *world) restartHub() {
	w.report.HubRestarts++
	if err := w.openHub(); err != nil {
		w.violate("P5", w.sites[0], fmt.Sprintf("the hub does not open after a crash: %v", err))
		return
	}
	for n, s := range w.sites {
		head, root, err := w.hub.db.Head(w.ctx, s.code)
		want := w.hub.signed[n]
		if err != nil || head.Size < want.size || want.size > 0 && head.Size == want.size && root != want.root {
			w.violate("P5", s, fmt.Sprintf("the hub signed for %d entries and has %d, or other ones (%v)", want.size, head.Size, err))
		}
	}
}

// ingestBad gives the hub segments that are none of an honest site's: they
// change nothing but the incident list. P13.
func (w *world) ingestBad(parcels []parcel) {
	for _, p := range parcels {
		w.took(p.kind)
		b, err := w.offer([]parcel{p})
		if err != nil {
			w.violate("P13", p.s, fmt.Sprintf("the hub stumbles over %s: %v", kinds[p.kind].name, err))
			return
		}
		o, want := b.Outcomes[0], w.hub.signed[p.s.n]
		if o.State != p.want || o.Head.Size != want.size || want.size > 0 && o.Root != want.root {
			w.violate("P13", p.s, fmt.Sprintf("%s, from %d, is %s and the hub goes to %d (%s); it had %d", kinds[p.kind].name, p.segment.From, o.State, o.Head.Size, o.Why, want.size))
		}
		if o.State == hubdb.Stopped {
			w.reached(hubRefused)
		}
		if o.Head.Stopped == "" {
			continue
		}
		if err := w.hub.db.Resume(w.ctx, p.s.code); err != nil { // people have looked
			w.violate("P13", p.s, fmt.Sprintf("a journal cannot go on: %v", err))
		}
	}
}

// altered is a segment of which one bit was turned on the way.
func (w *world) altered(p parcel) parcel {
	seg := p.segment
	seg.Entries = slices.Clone(seg.Entries)
	i := w.dice.IntN(len(seg.Entries) + 1)
	at := &seg.Checkpoint
	if i < len(seg.Entries) {
		at = &seg.Entries[i]
	}
	bad := bytes.Clone(*at)
	bad[w.dice.IntN(len(bad))] ^= 1 << w.dice.IntN(8)
	*at = bad
	return parcel{s: p.s, segment: seg, want: hubdb.Stopped, kind: sentAltered}
}

// haunt keeps what a PC that was replaced has written, to send it later.
func (w *world) haunt(s, old *site) {
	if w.hub.ever[s.n] > w.hub.signed[s.n].size {
		return // the hub forgot, and the old PC may know what it had
	}
	seg, err := old.c.Outgoing(w.ctx, w.hub.signed[s.n].size, 500, 1<<20)
	if err != nil {
		w.violate("P6", s, fmt.Sprintf("the old PC's journal cannot be sent: %v", err))
		return
	}
	if len(seg.Entries) > 0 {
		w.hub.ghosts = append(w.hub.ghosts, parcel{s: s, segment: seg, want: hubdb.Stopped, kind: oldJournal})
	}
}

// haunting are the journals of replaced PCs that another one of the hub's
// stands against by now: each must be seen to be another history.
func (w *world) haunting() []parcel {
	var now, later []parcel
	for _, g := range w.hub.ghosts {
		held, err := w.hub.db.Entries(w.ctx, g.s.code, g.segment.From, len(g.segment.Entries))
		if err != nil {
			w.violate("P5", g.s, fmt.Sprintf("the hub cannot be read: %v", err))
			continue
		}
		if slices.EqualFunc(held, g.segment.Entries[:len(held)], bytes.Equal) {
			later = append(later, g)
		} else {
			now = append(now, g)
		}
	}
	w.hub.ghosts = later
	return now
}

// hubKnows ends a history: the hub has every journal to its last entry, and
// has noticed each day on which a person was dosed at two sites, and no other.
func (w *world) hubKnows() {
	for n, s := range w.sites {
		if s.c == nil {
			continue
		}
		if head := s.c.Head(); w.hub.signed[n] != (signed{head.Size, head.Hash}) {
			w.violate("P5", s, fmt.Sprintf("%d entries, the hub has %d, or other ones", head.Size, w.hub.signed[n].size))
		}
	}
	want, err := w.doubles()
	incidents, ierr := w.hub.db.OpenIncidents(w.ctx)
	if err = errors.Join(err, ierr); err != nil {
		w.violate("P12", w.sites[0], fmt.Sprintf("the hub cannot be read: %v", err))
		return
	}
	got := map[string]bool{}
	for _, i := range incidents {
		if i.Kind == "dose.doubled" {
			got[fmt.Sprint(i.Patient, " ", i.Day)] = true
		}
	}
	for k := range want {
		if got[k] {
			w.reached(doubleNoticed)
		} else {
			w.violate("P12", w.sites[0], "doses at two sites on one day, which the hub did not notice: "+k)
		}
	}
	for k := range got {
		if !want[k] {
			w.violate("P12", w.sites[0], "the hub saw doses at two sites that nobody gave: "+k)
		}
	}
}

// doubles are the days on which a person was dosed at two sites.
func (w *world) doubles() (map[string]bool, error) {
	out := map[string]bool{}
	for _, p := range w.people {
		doses, err := w.hub.db.DosesOf(w.ctx, p.id)
		if err != nil {
			return nil, err
		}
		first := map[string]string{}
		for _, d := range doses {
			k := fmt.Sprint(p.id, " ", d.Day)
			if d.Outcome == "not_given" {
				continue
			}
			if at, there := first[k]; there && at != string(d.Site) {
				out[k] = true
			}
			first[k] = string(d.Site)
		}
	}
	return out, nil
}
