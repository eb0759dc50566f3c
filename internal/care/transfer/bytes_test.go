package transfer

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"tram/internal/day"
)

// TestFactBytes holds the names under which the fields of the facts stand in
// journals; programs of other people and older ones read them. Fields are only
// ever added, and absent where the page says so.
func TestFactBytes(t *testing.T) {
	d, err := day.Parse("2026-11-23")
	if err != nil {
		t.Fatal(err)
	}
	carried := Carried{
		LastDay: d - 1, LastAmount: 85000, LastAt: 1795400000000, Missed: 1, TakeHome: 2, Amount: 85000, Order: "o1", OrderLast: d + 20,
		Code: "TG-0001-K", Name: "Vàng A Dơ", Birth: day.Partial{Year: 1985}, Sex: "male", Language: "hmn", Note: "hard of hearing",
	}
	facts := []any{
		Given{Letter: "l1", Patient: "a1", To: "NS", First: d, Last: d + 2, Why: Visit, Number: 1, Bytes: []byte("ok")},
		Given{Letter: "l1", Patient: "a1", To: "NS", First: d, Why: ForGood, Number: 1, Bytes: []byte("ok")},
		Released{Letter: "l1", Patient: "a1", Medium: "baton:k1"},
		Accepted{Letter: "l1", Patient: "a1", From: "TG", Number: 1, First: d, Last: d + 2, Why: Visit, Bytes: []byte("ok"), ByHand: true, Carried: carried},
		Accepted{Letter: "l1", Patient: "a1", From: "TG", Number: 1, First: d, Why: ForGood, Bytes: []byte("ok"), Carried: Carried{Amount: 85000, Order: "o1"}},
		Rejected{What: "TRANSFER-12", Digest: "ab"},
		InstallationOpened{Day: d, Baton: "k1", Hub: true},
		InstallationOpened{Day: d, Unwitnessed: 2},
		InstallationRestored{Number: 3, OfNumber: 2, OfSize: 60, OfHash: "cd", Fence: d, Medium: "baton:k1,hub", Witness: "p2", Letters: true, Complete: true},
		InstallationAdjudicated{Number: 3, Day: d, Found: []Found{{Letter: "l1", Patient: "a1", Other: "NS", In: true, First: d, Last: d + 2}}, Sources: []string{"counterfoils"}, Witness: "p2", Note: "all called"},
		InstallationFenced{Seen: 4},
	}
	var got strings.Builder
	for _, f := range facts {
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		got.Write(append(b, '\n'))
	}
	const file = "testdata/facts.jsonl"
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("facts are written as\n%s\nnot as in %s:\n%s", got.String(), file, want)
	}
}
