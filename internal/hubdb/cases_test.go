package hubdb_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"tram/internal/care/programme"
	"tram/internal/care/transfer"
	"tram/internal/duty"
	"tram/internal/hubdb"
	"tram/internal/hubdb/hubdbtest"
	"tram/internal/id"
	"tram/internal/sqlitefile"
)

// kinds are the open incidents' kinds, with their sites.
func (h hub) kinds() map[string]id.Site {
	h.t.Helper()
	out := map[string]id.Site{}
	for _, i := range must[[]hubdb.Incident](h.t)(h.db.OpenIncidents(h.t.Context())) {
		out[i.Kind] = i.Site
	}
	return out
}

// TestHands: the hub knows who works at a site, with which key, and who left.
func TestHands(t *testing.T) {
	engines(t, func(t *testing.T, open func() *hubdb.DB) {
		h := hub{t, open()}
		tg := hubdbtest.New("TG")
		d := hubdbtest.Start
		tg.Add(d, "staff.enrolled", `{"person":"p1","name":"Lò Thị Mai","duties":["dispenser"]}`)
		tg.Add(d, "staff.enrolled", `{"person":"p2","name":"Cà Văn Út","duties":["physician"]}`)
		tg.Add(d, "staff.key_made", `{"person":"p1","key":"AAAA"}`)
		tg.Add(d, "staff.duties_set", `{"person":"p1","duties":["physician","dispenser"]}`)
		tg.Add(d, "staff.left", `{"person":"p2","reason":"moved"}`)
		h.take(tg, tg.Segment(0, 2))
		h.take(tg, tg.Segment(2, 5))
		got := must[[]hubdb.Hand](t)(h.db.Hands(t.Context()))
		if len(got) != 2 || got[0].LeftAt == 0 || got[0].Key != "" || got[1].Name != "Lò Thị Mai" || got[1].Key != "AAAA" || got[1].KeyAt == 0 || got[1].LeftAt != 0 {
			t.Fatalf("%+v", got)
		}
		h.want(got[1].Duties, []duty.Duty{duty.Physician, duty.Dispenser})
	})
}

// TestCases: what people must answer for is a case, whichever site's facts
// come first; an answer that is heard before its case answers it all the same.
func TestCases(t *testing.T) {
	engines(t, func(t *testing.T, open func() *hubdb.DB) {
		h := hub{t, open()}
		tg, ns, hq := hubdbtest.New("TG"), hubdbtest.New("NS"), hubdbtest.New(programme.Hub)
		d := hubdbtest.Start
		p := tg.Register(d, "Vàng A Dơ", "0123")
		tg.Add(d, "transfer.rejected", `{"what":"TRANSFER-12","digest":"sha256:ab"}`)
		tg.Add(d, "dose.attested", fmt.Sprintf(`{"dose":"z1","patient":%q,"day":%q,"amount_ug":1000,"why":"storm","physician":"p9"}`, p, d))
		tg.Add(d, "dose.attested", fmt.Sprintf(`{"dose":"z2","patient":%q,"day":%q,"amount_ug":1000,"why":"storm","physician":"p9"}`, p, d+1))
		h.take(tg, tg.Segment(0, 4))
		found := must[[]hubdb.Incident](t)(h.db.OpenIncidents(t.Context()))
		h.want(h.kinds(), map[string]id.Site{"letter.rejected": "TG", "dose.attested": "TG"})
		h.want(len(found), 3) // one for each day on people's word
		if doses := must[[]hubdb.Dose](t)(h.db.DosesOf(t.Context(), p)); len(doses) != 2 || doses[0].Outcome != "swallowed" || doses[0].Taken != 1000 {
			t.Fatalf("doses on people's word: %+v", doses)
		}

		accepted := func(letter string, number int) {
			ns.Add(d+2, "transfer.accepted", fmt.Sprintf(`{"letter":%q,"patient":%q,"from":"TG","number":%d,"first":%q,"last":%q}`, letter, p, number, d+2, d+9))
		}
		accepted("l1", 1)
		accepted("l2", 2) // of the new installation, whose giving is on its way
		h.take(ns, ns.Segment(0, 2))
		if _, doubled := h.kinds()["right.doubled"]; doubled {
			t.Fatal("a giving that is on its way is no case")
		}
		tg.Add(d+2, "installation.restored", transfer.InstallationRestored{Number: 2, OfNumber: 1, OfSize: 4, Fence: d + 2})
		if b := h.take(tg, tg.Segment(4, 5)); !b.Restores {
			t.Fatal("a restore came by unseen")
		}
		h.want(h.kinds()["letters.missing"], id.Site("TG"))
		h.want(h.kinds()["right.doubled"], id.Site("TG"))
		accepted("l3", 1) // heard after the restore
		h.take(ns, ns.Segment(2, 3))
		h.want(len(must[[]hubdb.Incident](t)(h.db.OpenIncidents(t.Context()))), 6)

		tg.Add(d+3, "installation.adjudicated", transfer.InstallationAdjudicated{
			Number: 2, Day: d + 3, Sources: []string{"neighbours"}, Note: "telephoned",
			Found: []transfer.Found{{Letter: "l4", Patient: p, Other: "NS", First: d + 2, Last: d + 9}},
		})
		h.take(tg, tg.Segment(5, 6))
		accepted("l4", 1) // accounted for before it was heard of
		h.take(ns, ns.Segment(3, 4))
		h.want(len(must[[]hubdb.Incident](t)(h.db.OpenIncidents(t.Context()))), 6)
		r := must[[]hubdb.Restore](t)(h.db.Restores(t.Context()))
		if len(r) != 1 || r[0].Number != 2 || r[0].OfSize != 4 || r[0].Letters || r[0].AccountedAt == 0 || r[0].By == "" {
			t.Fatalf("%+v", r)
		}

		hq.Add(d, "programme.incident_answered", programme.IncidentAnswered{Incident: found[0].ID, Answer: "telephoned", Kind: found[0].Kind, Site: "TG", Day: d})
		h.take(hq, hq.Segment(0, 1))
		h.want(len(must[[]hubdb.Incident](t)(h.db.OpenIncidents(t.Context()))), 5)
		a := must[[]hubdb.Answer](t)(h.db.Answers(t.Context(), 10))
		if len(a) != 1 || a[0].Words != "telephoned" || a[0].Kind != found[0].Kind || a[0].By == "" || a[0].At == 0 {
			t.Fatalf("%+v", a)
		}
	})
}

// TestAnswersOutliveTables: tables that are filled anew, answers first, ask no
// question a second time: a case's name comes from what it is about.
func TestAnswersOutliveTables(t *testing.T) {
	names := map[string]bool{}
	for range 2 {
		engines(t, func(t *testing.T, open func() *hubdb.DB) {
			h := hub{t, open()}
			tg, hq := hubdbtest.New("TG"), hubdbtest.New(programme.Hub)
			tg.Add(hubdbtest.Start, "transfer.rejected", `{"what":"TRANSFER-12","digest":"sha256:ab"}`)
			for name := range names {
				hq.Add(1, "programme.incident_answered", programme.IncidentAnswered{Incident: name, Answer: "the old letter"})
				h.take(hq, hq.Segment(0, 1))
				h.take(tg, tg.Segment(0, 1))
				h.want(len(must[[]hubdb.Incident](t)(h.db.OpenIncidents(t.Context()))), 0)
				return
			}
			h.take(tg, tg.Segment(0, 1))
			names[must[[]hubdb.Incident](t)(h.db.OpenIncidents(t.Context()))[0].ID] = true
		})
	}
}

// TestPatientsOf: a list is by code, says when it is not the whole, and holds
// those the site has to do with.
func TestPatientsOf(t *testing.T) {
	engines(t, func(t *testing.T, open func() *hubdb.DB) {
		h := hub{t, open()}
		tg := hubdbtest.New("TG")
		tg.Fill(3, 1)
		h.take(tg, tg.Segment(0, len(tg.Entries)))
		got, more, err := h.db.PatientsOf(t.Context(), "TG", 2)
		if err != nil || !more || len(got) != 2 || got[0].Code >= got[1].Code || got[0].Sites != 1 {
			t.Fatalf("%+v %v %v", got, more, err)
		}
		if got, more, err = h.db.PatientsOf(t.Context(), "TG", 3); err != nil || more || len(got) != 3 {
			t.Fatalf("%+v %v %v", got, more, err)
		}
	})
}

// TestFilled: tables that are younger than the entries are made of them when
// the database is opened, and once.
func TestFilled(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "h.db"), sqlitefile.Options{Key: [32]byte{1}}
	open := func() hub {
		db, err := hubdb.OpenSQLite(path, key)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return hub{t, db}
	}
	h, tg, hq := open(), hubdbtest.New("TG"), hubdbtest.New(programme.Hub)
	tg.Add(1, "staff.enrolled", `{"person":"p1","name":"Lò Thị Mai","duties":["dispenser"]}`)
	tg.Add(1, "installation.restored", transfer.InstallationRestored{Number: 2, OfNumber: 1, OfSize: 1})
	hq.Add(1, "programme.incident_answered", programme.IncidentAnswered{Incident: "i1", Answer: "telephoned"})
	h.take(tg, tg.Segment(0, 2))
	h.take(hq, hq.Segment(0, 1))
	if err := h.db.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := sqlitefile.Open(path, key)
	if err != nil {
		t.Fatal(err)
	}
	err = f.Write(func(c *sqlitefile.Conn) error {
		return c.Script(`DELETE FROM hands; DELETE FROM restores; DELETE FROM answers; DELETE FROM incidents; DELETE FROM filled;`)
	})
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		h = open()
		h.want(len(must[[]hubdb.Hand](t)(h.db.Hands(t.Context()))), 1)
		h.want(len(must[[]hubdb.Restore](t)(h.db.Restores(t.Context()))), 1)
		h.want(len(must[[]hubdb.Answer](t)(h.db.Answers(t.Context(), 9))), 1)
		h.want(h.kinds(), map[string]id.Site{"letters.missing": "TG"})
		if err := h.db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
