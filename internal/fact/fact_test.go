package fact_test

import (
	"bufio"
	"errors"
	"flag"
	"os"
	"reflect"
	"sort"
	"strings"
	"testing"

	"tram/internal/access"
	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/programme"
	"tram/internal/care/site"
	"tram/internal/care/stability"
	"tram/internal/care/staff"
	"tram/internal/care/stock"
	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/fact"
	"tram/internal/id"
	"tram/internal/rulebook"
)

var update = flag.Bool("update", false, "add the bytes of new kinds and new forms to testdata/golden.txt; old lines stay")

func on(s string) day.Day {
	d, err := day.Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

// samples holds one full fact of each kind; the people are invented.
// long: one line for each kind of fact, nothing else.
func samples() []any {
	d := on("2026-11-23")
	value := int64(120000)
	return []any{
		site.Founded{Site: "TG", Name: "Trạm y tế Tỏa Sáng", Programme: "DBV", Rules: "vn", Zone: "Asia/Ho_Chi_Minh", Language: "vi", Invented: true},
		staff.Enrolled{Person: "p1", Name: "Lò Thị Mai", Duties: []duty.Duty{duty.Dispenser, duty.Manager}},
		staff.DutiesSet{Person: "p1", Duties: []duty.Duty{duty.Physician}, Reason: "returned from training"},
		staff.SecretSet{Person: "p1", What: "pin"},
		staff.KeyMade{Person: "p1", Key: "AAAA"},
		staff.Left{Person: "p1", Reason: "moved"},
		staff.SignedIn{Person: "p1", Station: "window 1"},
		staff.LockedOut{Person: "p1", Tries: 5},
		rulebook.Confirmed{Key: rulebook.DailyMax, Value: &value, Status: "set", Reason: "programme meeting", Version: 1},
		patient.Registered{Patient: "a1", Code: "TG-0001-K", Day: d, Details: patient.Details{
			Name: "Vàng A Dơ", Sex: patient.Male, Birth: day.Partial{Year: 1985}, Ethnic: "Mông", Commune: "Nà Sáng", Village: "Huổi Lớ",
			Phone: "0900 000 001", Identity: "000000000001", Language: "hmn", Note: "hard of hearing", Former: "R001",
		}, Source: "sha256:ab line 2"},
		patient.Changed{Patient: "a1", Details: patient.Details{Name: "Vàng A Dơ"}, Reason: "spelling"},
		patient.CardGiven{Patient: "a1", Card: "T-ABCD-1"},
		patient.Photographed{Patient: "a1", Hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Bytes: 18044, Agreed: true},
		patient.PhotoWithdrawn{Patient: "a1", Hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
		patient.Left{Patient: "a1", Day: d, Why: patient.Moved, Note: "to the lowlands"},
		patient.Returned{Patient: "a1", Day: d},
		patient.Noted{Patient: "a1", Day: d, Text: "sleeps well"},
		patient.UrineTested{Patient: "a1", Day: d, Found: []string{"morphine"}, Method: "observed"},
		stability.Answered{Patient: "a1", Day: d, Proposal: stability.ToMain, Why: "false alarm", Grounds: []stability.Ground{{Rule: "STAB-04", Day: d - 3}}},
		stability.Answered{Patient: "a1", Day: d, Proposal: stability.ToSatellite, Agreed: true},
		patient.LikenessAnswered{Patient: "a1", Other: "a2", Code: "NS-0007-B", Site: "NS", Why: patient.ByIdentity, Answer: patient.Unsure, Note: "no card with them"},
		patient.DoubleAnswered{Patient: "a1", Other: "a2", Day: d, Verdict: 41, Answer: patient.OnePerson, Dosed: patient.NotDosed, Note: "spoke with the nurse at NS"},
		order.Written{
			Order: "o1", Patient: "a1", Phase: order.Maintenance, Amount: 85000, First: d, Last: d + 29, Reason: "renewal", Replaces: nil,
			Overrides: []order.Override{{Rule: "ORDER-21", Reason: "seen today"}}, Imported: true,
		},
		order.Written{Order: "o3", Patient: "a1", Phase: order.Maintenance, Amount: 85000, First: d, Last: d + 29, Replaces: []id.Order{"o1"}, KnewEnded: []id.Order{"o1", "o0"}},
		order.Signed{Order: "o1", Patient: "a1"},
		order.Stopped{Order: "o1", Patient: "a1", From: d + 1, Reason: "pregnancy"},
		order.Stopped{Order: "o2", Patient: "a1", From: d, Reason: "seen today", Knew: []id.Order{"o3"}, For: "o3"},
		daybook.Opened{Day: d, Confirmed: "p2", Typed: true},
		daybook.Closed{Day: d, Expected: 64, Dosed: 60, Missed: 3, Held: 1, Witness: "p2"},
		stock.Received{Bottle: "b1", Code: "M-0001-3", Product: "Methadone 10 mg/mL", Lot: "L1", Expiry: d + 400, Strength: 10000, Volume: 1000000, Note: "seal whole", Witness: "p2"},
		stock.Opened{Bottle: "b1", Day: d, Witness: "p2"},
		stock.Spilled{Bottle: "b1", Day: d, Volume: 2500, Why: "cup tipped", Witness: "p2"},
		stock.Counted{Bottle: "b1", Day: d, Book: 500000, Measured: 499000, Why: "drops at the neck", Witness: "p2"},
		stock.Finished{Bottle: "b1", Day: d, Witness: "p2"},
		dose.Poured{Dose: "d1", Patient: "a1", Day: d, Order: "o1", Amount: 85000, Volume: 8500, Draws: []dose.Draw{{Bottle: "b1", Volume: 8500}}, Station: "window 1", Replaces: "d0"},
		dose.Swallowed{Dose: "d1", Patient: "a1"},
		dose.PartTaken{Dose: "d1", Patient: "a1", Taken: 40000, Rest: 4500, Why: "coughed", Witness: "p2"},
		dose.NotGiven{Dose: "d1", Patient: "a1", Why: dose.WrongPerson, Note: "brother came", Wasted: true, Witness: "p2", Again: true},
		dose.Answered{Dose: "d1", Patient: "a1", Outcome: dose.Unknown, Note: "the power went", Witness: "p2"},
		dose.Vomited{Dose: "d1", Patient: "a1", Minutes: 12, Seen: true, Note: "clear fluid"},
		dose.ReplacementAllowed{Dose: "d1", Patient: "a1", Amount: 42500, Reason: "seen by staff"},
		dose.Held{Patient: "a1", Day: d, Why: dose.Intoxicated, Signs: "slurred speech", Called: "physician", Plan: "look again", LookAt: 1795400000000},
		dose.Released{Patient: "a1", Day: d, Note: "awake, speech clear"},
		dose.Missed{Patient: "a1", Day: d, Cause: dose.Absent},
		dose.Corrected{Dose: "d1", Patient: "a1", Outcome: dose.PartOnly, Taken: 40000, Reason: "wrong button", Witness: "p2"},
		dose.GapAnswered{Patient: "a1", After: d - 5, Action: dose.Reduce, Order: "o2", Reason: "tolerance", Rule: "reduce VN3140", Day: d},
		dose.Recorded{Dose: "d9", Patient: "a1", Day: d - 100, Amount: 60000, Source: "sha256:ab line 9"},
		dose.Attested{Dose: "d3", Patient: "a1", Day: d, Amount: 85000, Volume: 8500, Draws: []dose.Draw{{Bottle: "b1", Volume: 8500}}, Why: "storm", Rule: "TRANSFER-21", Card: true, Physician: "p1", Witness: "p2"},
		transfer.Given{Letter: "l1", Patient: "a1", To: "TG", First: d, Last: d + 6, Why: transfer.Visit, Number: 1, Bytes: []byte("letter")},
		transfer.Released{Letter: "l1", Patient: "a1", Medium: "baton:k1"},
		transfer.Accepted{Letter: "l1", Patient: "a1", From: "MC", Number: 1, First: d, Last: d + 6, Why: transfer.Visit, Bytes: []byte("letter"), ByHand: true, Carried: transfer.Carried{
			LastDay: d - 1, LastAmount: 85000, LastAt: 1, Missed: 1, TakeHome: 1, Amount: 85000, Order: "o1", OrderLast: d + 20, Code: "MC-0001-K",
			Name: "Vàng A Dơ", Birth: day.Partial{Year: 1985}, Sex: "male", Language: "hmn", Note: "hard of hearing",
		}},
		transfer.Rejected{What: "LETTER-06", Digest: "sha256:ab"},
		transfer.InstallationOpened{Day: d, Baton: "k1", Hub: true, Unwitnessed: 1},
		transfer.InstallationRestored{Number: 2, OfNumber: 1, OfSize: 100, OfHash: "ab", Fence: d, Medium: "baton:k1", Witness: "p2", Letters: true, Complete: true},
		transfer.InstallationAdjudicated{Number: 2, Day: d, Found: []transfer.Found{{Letter: "l1", Patient: "a1", Other: "TG", In: true, First: d, Last: d + 6}}, Sources: []string{"neighbours"}, Witness: "p2", Note: "by telephone"},
		transfer.InstallationFenced{Seen: 3},
		access.Seen{Patient: "a1", Part: "record", Why: "call from family"},
		access.Seen{Patient: "a1", Part: "record", Glass: "g1"},
		access.Printed{Paper: "register", About: "2026-11-23"},
		access.GlassBroken{Glass: "g1", Patient: "a1", Person: "p1", Name: "Lò Thị Mai", From: 1795400000000, Until: 1795403600000, Reason: "hospital calls: unconscious"},
		access.GlassReviewed{Glass: "g1", Patient: "a1", Name: "Lò Thị Mai", Found: access.Needed, Note: "spoke with the hospital", Alone: true},
		programme.Founded{Programme: "DBV", Name: "Chương trình thử", Rules: "vn", Zone: "Asia/Ho_Chi_Minh", Verifier: "hub.dbv/tram+00000000+AQ", Cosigner: "hub.dbv/receipts+00000000+BA"},
		programme.SiteJoined{Site: "TG", Name: "Trạm y tế Tỏa Sáng", Language: "vi", Number: 1, Verifier: "tg.dbv/tram+00000000+AQ", Box: "AAECAw==", NKey: "UABC", Role: programme.Satellite, Parent: "MC"},
		programme.SiteChanged{Site: "TG", Name: "Tỏa Sáng", Language: "en", Number: 2, Verifier: "tg.dbv/tram+00000001+AQ", Box: "AAECBA==", NKey: "UABD", Role: programme.Unit, Parent: "MD"},
		programme.InstallationEnded{Site: "TG", Number: 1, Size: 500, Hash: "AAECAw==", Why: "restored"},
		programme.ClinicianNamed{Person: "p1", Name: "Lò Thị Mai", Site: "TG", Key: "AAECAw==", Until: d + 300},
		programme.ClinicianEnded{Person: "p1", From: d, Why: "moved"},
		programme.PairAnswered{One: "a1", Two: "a2", Same: true, Why: "same identity card", Keep: "a2", OneCode: "TG-0001-K", TwoCode: "NS-0007-B", OneSite: "TG", TwoSite: "NS"},
		programme.DigestKey{Site: "TG", Generation: 1, CostKiB: 16384, Box: "AAECAw==", Sealed: "BAUGBw=="},
		programme.Digests{Generation: 1, Site: "NS", Lines: []string{"a2 NS-0007-B 9f86d081", "a3 NS-0008-D"}},
		programme.HubRestored{Made: 1795391100000, Size: 20, Skipped: 4096},
		programme.IncidentAnswered{Incident: "i1", Answer: "telephoned", Kind: "journal.fork", Site: "TG", Day: d, Resume: true},
	}
}

// TestGoldenBytes holds every form a kind was ever written in. A line that no
// longer decodes, or a sample whose bytes are in no line, fails: old journals
// must be readable for ever, and a changed form must be seen in review.
func TestGoldenBytes(t *testing.T) {
	lines := readGolden(t)
	seen := map[string]bool{}
	for _, l := range lines {
		kind, body, _ := strings.Cut(l, "\t")
		v, err := fact.Decode(kind, []byte(body))
		if err != nil {
			t.Errorf("%s: %v", l, err)
			continue
		}
		if reflect.ValueOf(v).IsZero() {
			t.Errorf("%s decodes to nothing", l)
		}
		seen[l] = true
	}
	var added []string
	covered := map[string]bool{}
	for _, v := range samples() {
		kind, body, err := fact.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		covered[kind] = true
		if l := kind + "\t" + string(body); !seen[l] {
			added = append(added, l)
		}
		back, err := fact.Decode(kind, body)
		if err != nil {
			t.Fatal(err)
		}
		if _, again, _ := fact.Encode(back); string(again) != string(body) {
			t.Errorf("%s came back as %s", body, again)
		}
	}
	for _, k := range fact.Kinds {
		if !covered[k.Name] {
			t.Errorf("kind %s has no sample", k.Name)
		}
	}
	if len(added) == 0 {
		return
	}
	if !*update {
		t.Fatalf("not in testdata/golden.txt (run with -update, and read the diff):\n%s", strings.Join(added, "\n"))
	}
	lines = append(lines, added...)
	sort.Strings(lines)
	if err := os.WriteFile("testdata/golden.txt", []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readGolden(t *testing.T) []string {
	f, err := os.Open("testdata/golden.txt")
	if errors.Is(err, os.ErrNotExist) && *update {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var lines []string
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		lines = append(lines, s.Text())
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestUnknownKindIsSaidToBeUnknown(t *testing.T) {
	if _, err := fact.Decode("dose.levitated", []byte(`{}`)); !errors.Is(err, fact.ErrUnknown) {
		t.Fatalf("got %v, want ErrUnknown", err)
	}
}

func TestFieldsOfANewerProgramAreLeftAlone(t *testing.T) {
	v, err := fact.Decode("dose.swallowed", []byte(`{"dose":"d1","patient":"a1","mood":"good"}`))
	if err != nil || v != (dose.Swallowed{Dose: "d1", Patient: "a1"}) {
		t.Fatalf("got %v, %v", v, err)
	}
}
