package hub_test

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"tram/internal/access"
	"tram/internal/care/programme"
	"tram/internal/care/staff"
	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/hub"
	"tram/internal/hubdb"
	"tram/internal/hubdb/hubdbtest"
)

const managersPassword = "sương mù trên đèo cao"

// manager is the first person, with the password of newFleet.
func (f *fleet) manager() hub.Signed {
	return hub.Signed{Person: f.hub.People()[0].Person, Password: managersPassword}
}

// TestPeople: a manager adds a person, who sets a password by a code that is
// good once; duties and the leaving take effect at once, and the last manager
// stays.
func TestPeople(t *testing.T) {
	now := day.InstantOf(time.Now())
	f := newFleet(t, func(o *hub.Options) { o.Clock = func() day.Instant { return now } })
	boss := f.manager()
	_, _, err := f.hub.AddPerson(t.Context(), hub.Signed{Person: boss.Person, Password: "wrong"}, "Cà Văn Út", []duty.Duty{duty.Physician})
	if !errors.Is(err, hub.ErrPassword) || len(f.hub.People()) != 1 {
		t.Fatalf("added with a wrong password: %v", err)
	}
	if _, _, err := f.hub.AddPerson(t.Context(), boss, "lo thi nhan", []duty.Duty{duty.Physician}); refused(t, err) != "STAFF-03" {
		t.Fatal("two people of one name")
	}
	m, code, err := f.hub.AddPerson(t.Context(), boss, "Cà Văn Út", []duty.Duty{duty.Physician})
	if err != nil || len(code) != 8 {
		t.Fatal(code, err)
	}
	if _, err := f.hub.SignIn(t.Context(), m.Person, code); !errors.Is(err, hub.ErrPassword) {
		t.Fatalf("a code is no password: %v", err)
	}
	const password = "chín con trâu"
	if err := f.hub.SetFirstPassword(t.Context(), m.Person, code, "short"); refused(t, err) != "STAFF-08" {
		t.Fatal("a short password spent the code or was taken")
	}
	if err := f.hub.SetFirstPassword(t.Context(), m.Person, strings.ToLower(code), "chín con tra\u0302u"); err != nil {
		t.Fatal(err)
	}
	if err := f.hub.SetFirstPassword(t.Context(), m.Person, code, password); refused(t, err) != "STAFF-16" {
		t.Fatal("a code was good twice")
	}
	if _, err := f.hub.SignIn(t.Context(), m.Person, password); err != nil { // the same letters, as another keyboard types them
		t.Fatal(err)
	}
	if code, err = f.hub.NewFirstCode(t.Context(), boss, m.Person); err != nil {
		t.Fatal(err)
	}
	now += day.Instant((25 * time.Hour).Milliseconds())
	if err := f.hub.SetFirstPassword(t.Context(), m.Person, code, password); refused(t, err) != "STAFF-16" {
		t.Fatal("a code was good the day after")
	}
	them := hub.Signed{Person: m.Person, Password: password}
	if err := f.hub.EndPerson(t.Context(), boss, boss.Person, ""); refused(t, err) != "STAFF-04" {
		t.Fatal("the last manager was taken away")
	}
	if err := f.hub.EndPerson(t.Context(), them, boss.Person, ""); refused(t, err) != "ACCESS-02" {
		t.Fatal("a physician takes people away")
	}
	if _, _, err := f.hub.AddPerson(t.Context(), them, "Ai Đó", []duty.Duty{duty.Manager}); refused(t, err) != "ACCESS-02" {
		t.Fatal("a physician adds people")
	}
	if err := f.hub.SetDuties(t.Context(), boss, m.Person, []duty.Duty{duty.Manager}, "deputy"); err != nil || f.hub.May(m.Person, access.RunProgramme) != nil {
		t.Fatal(err)
	}
	if err := f.hub.EndPerson(t.Context(), boss, m.Person, "moved"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.hub.SignIn(t.Context(), m.Person, password); !errors.Is(err, hub.ErrPassword) || f.hub.May(m.Person, access.SeeProgramme) == nil {
		t.Fatalf("somebody who left may: %v", err)
	}
	if f.hub.Called(m.Person) != "Cà Văn Út" {
		t.Error("a name is forgotten with its bearer")
	}
	f.close()
	f.open()
	if len(f.hub.People()) != 1 {
		t.Fatal("the journal tells another staff")
	}
}

// TestTriesBeforeAnAct: five wrong passwords before an act are five wrong
// passwords.
func TestTriesBeforeAnAct(t *testing.T) {
	f := newFleet(t, nil)
	boss := f.manager()
	for range 5 {
		if err := f.hub.ChangePassword(t.Context(), hub.Signed{Person: boss.Person, Password: "wrong"}, "một câu khác cũng thật dài"); !errors.Is(err, hub.ErrPassword) {
			t.Fatal(err)
		}
	}
	if _, err := f.hub.SignIn(t.Context(), boss.Person, boss.Password); !errors.Is(err, hub.ErrPassword) {
		t.Fatal("five tries before an act are not five tries")
	}
}

// TestClinicians: whoever made a key at a site is named with that key, and
// everyone knows; who made none, or left, is not.
func TestClinicians(t *testing.T) {
	f := newFleet(t, nil)
	tg, ns := f.site("TG", programme.Main, ""), f.site("NS", programme.Satellite, "TG")
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	boss, p := f.manager(), tg.by.Person
	name := func(by hub.Signed, until day.Day) error { return f.hub.NameClinician(t.Context(), by, "TG", p, until) }
	if err := name(boss, f.hub.Today()+30); refused(t, err) != "PROG-17" {
		t.Fatal("named without a key")
	}
	tg.seed(staff.KeyMade{Person: p, Key: key})
	tg.synced()
	if err := name(boss, f.hub.Today()+4000); refused(t, err) != "PROG-09" {
		t.Fatal("named for ever")
	}
	if err := name(hub.Signed{Person: boss.Person, Password: "x"}, f.hub.Today()+30); !errors.Is(err, hub.ErrPassword) {
		t.Fatal(err)
	}
	if err := name(boss, f.hub.Today()+30); err != nil {
		t.Fatal(err)
	}
	until(t, "the other site knows who signs", func() bool {
		d, err := ns.c.Directory(t.Context())
		c, ok := d.Clinician(p)
		return err == nil && ok && c.Key == key && c.Site == "TG" && c.Signs(f.hub.Today())
	})
	if err := f.hub.EndClinician(t.Context(), boss, programme.ClinicianEnded{Person: p, From: f.hub.Today(), Why: "moved"}); err != nil {
		t.Fatal(err)
	}
	until(t, "and who does no more", func() bool {
		d, err := ns.c.Directory(t.Context())
		c, _ := d.Clinician(p)
		return err == nil && !c.Signs(f.hub.Today())
	})
	tg.seed(staff.Left{Person: p})
	tg.synced()
	if err := name(boss, f.hub.Today()+30); refused(t, err) != "PROG-17" {
		t.Fatal("named after leaving")
	}
}

// TestStolenPC: an installation that people end is not heard any more, its
// letters past that entry are good nowhere, and a person lets the journal go on.
func TestStolenPC(t *testing.T) {
	f := newFleet(t, nil)
	tg, ns := f.site("TG", programme.Main, ""), f.site("NS", programme.Satellite, "TG")
	tg.synced()
	boss, size := f.manager(), tg.c.Head().Size
	end := programme.InstallationEnded{Site: "TG", Number: 1, Size: size, Why: "stolen"}
	if err := f.hub.EndInstallation(t.Context(), boss, programme.InstallationEnded{Site: "TG", Number: 1, Size: size}); refused(t, err) != "PROG-16" {
		t.Fatal("ended without a reason")
	}
	if err := f.hub.EndInstallation(t.Context(), hub.Signed{Person: boss.Person}, end); !errors.Is(err, hub.ErrPassword) {
		t.Fatal(err)
	}
	if err := f.hub.EndInstallation(t.Context(), boss, end); err != nil {
		t.Fatal(err)
	}
	until(t, "the other site refuses what it writes now", func() bool {
		d, err := ns.c.Directory(t.Context())
		s, _ := d.Site("TG")
		return err == nil && s.Good(1, size-1) && !s.Good(1, size)
	})
	tg.register("Kẻ trộm")
	tg.sync.Hurry()
	until(t, "it is told", func() bool { return tg.sync.Status().Trouble != "" })
	if head, _, err := f.hub.DB().Head(t.Context(), "TG"); err != nil || head.Size != size || !strings.HasPrefix(head.Stopped, "ended: ") {
		t.Fatalf("%+v, %v", head, err)
	}
	found, err := f.hub.DB().OpenIncidents(t.Context())
	if err != nil || len(found) != 1 || found[0].Kind != "installation.ended" {
		t.Fatalf("%+v, %v", found, err)
	}
	if err := f.hub.Resume(t.Context(), boss, "NS", "why"); refused(t, err) != "PROG-18" {
		t.Fatal("a journal that is not stopped was let go on")
	}
	tg.seed(transfer.InstallationRestored{Number: 2, OfNumber: 1, OfSize: size, OfHash: "ab", Letters: true, Complete: true})
	if err := f.hub.Resume(t.Context(), boss, "TG", "the new PC, number 2, telephoned"); err != nil {
		t.Fatal(err)
	}
	tg.stop()
	tg.start()
	tg.synced()
	tg.same()
	until(t, "the programme knows the new PC", func() bool {
		s, _ := f.hub.Directory().Site("TG")
		return s.Number == 2
	})
	answers, err := f.hub.DB().Answers(t.Context(), 9)
	if err != nil || len(answers) != 1 || answers[0].Kind != "installation.ended" || answers[0].By != boss.Person {
		t.Fatalf("%+v, %v", answers, err)
	}
	if err := f.hub.AnswerIncident(t.Context(), boss.Person, programme.IncidentAnswered{Incident: "nothing", Answer: "x"}); refused(t, err) != "PROG-15" {
		t.Fatal("an answer to nothing")
	}
}

// TestListPatients: the list is for those with the duty, and each look leaves
// a trace in the hub's journal.
func TestListPatients(t *testing.T) {
	f := newFleet(t, nil)
	tg := f.site("TG", programme.Main, "")
	tg.register("Giàng A Dế")
	tg.synced()
	boss := f.manager()
	m, _, err := f.hub.AddPerson(t.Context(), boss, "Cà Văn Út", []duty.Duty{duty.Inspector})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.hub.ListPatients(t.Context(), m.Person, "TG"); refused(t, err) != "ACCESS-02" {
		t.Fatal("an inspector sees a patient")
	}
	before, _, err := f.hub.DB().Head(t.Context(), programme.Hub)
	if err != nil {
		t.Fatal(err)
	}
	all, more, err := f.hub.ListPatients(t.Context(), boss.Person, "TG")
	if err != nil || more || len(all) != 1 || all[0].Code == "" {
		t.Fatalf("%+v %v", all, err)
	}
	after, err := f.hub.DB().Entries(t.Context(), programme.Hub, before.Size, 9)
	if err != nil || len(after) != 1 || !strings.Contains(string(after[0]), `"access.seen"`) {
		t.Fatalf("%q %v", after, err)
	}
}

// TestMetrics: a page in Prometheus' form for whoever may ask, with no name on
// it.
func TestMetrics(t *testing.T) {
	f := newFleet(t, nil)
	tg := f.site("TG", programme.Main, "")
	tg.register("Giàng A Dế")
	tg.synced()
	ask := func(token, from string, header ...string) (int, string) {
		r := httptest.NewRequest(http.MethodGet, hub.MetricsPath, nil)
		r.RemoteAddr = from
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		f.hub.Metrics(token).ServeHTTP(w, r)
		body, err := io.ReadAll(w.Result().Body)
		if err != nil {
			t.Fatal(err)
		}
		return w.Code, string(body)
	}
	for _, c := range []struct {
		token, from string
		header      []string
		want        int
	}{
		{"", "127.0.0.1:99", nil, 200},
		{"", "[::1]:99", nil, 200},
		{"", "192.0.2.1:99", nil, 401},
		{"", "127.0.0.1:99", []string{"X-Forwarded-For", "192.0.2.1"}, 401},
		{"secret", "192.0.2.1:99", []string{"Authorization", "Bearer secret"}, 200},
		{"secret", "192.0.2.1:99", []string{"Authorization", "Bearer secre"}, 401},
		{"secret", "127.0.0.1:99", nil, 401},
		{"secret", "127.0.0.1:99", []string{"Authorization", "secret"}, 401},
	} {
		if got, _ := ask(c.token, c.from, c.header...); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
	if _, err := f.hub.DB().Ingest(t.Context(), []hubdb.Piece{{Segment: hubdbtest.New("TG").Segment(0, 0), Verifier: hubdbtest.New("TG").Keys.Verifier}}, []byte("s"), f.hub.Now()); err != nil {
		t.Fatal(err)
	}
	_, text := ask("", "127.0.0.1:99")
	line := regexp.MustCompile(`^(# (HELP|TYPE) tram_hub_[a-z_]+ .+|tram_hub_[a-z_]+(\{site="[A-Z]+"\})? -?[0-9]+(\.[0-9]{3})?)$`)
	for l := range strings.Lines(text) {
		if !line.MatchString(strings.TrimSuffix(l, "\n")) {
			t.Errorf("not Prometheus' form: %q", l)
		}
	}
	for _, want := range []string{
		"\ntram_hub_connections 1\n", "\ntram_hub_database_up 1\n", `tram_hub_site_backlog_entries{site="TG"} 0`, `tram_hub_site_stopped{site="TG"} 0`,
		`tram_hub_site_last_heard_seconds{site="TG"} `, `tram_hub_site_clock_ahead_seconds{site="TG"} `, "tram_hub_cases_open ", "tram_hub_queue_messages ",
	} {
		if !strings.Contains("\n"+text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "tram_hub_entries_total 0\n") || strings.Contains(text, "HUB") {
		t.Errorf("entries of nobody, or the hub as a site:\n%s", text)
	}
}
