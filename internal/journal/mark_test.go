package journal_test

import (
	"testing"

	"tram/internal/id"
	"tram/internal/journal"
)

// TestMark: two rows that end in the same entry have different marks when
// anything before it differs, in what was read or in its order.
func TestMark(t *testing.T) {
	type entry struct {
		site id.Site
		seq  int64
	}
	seen := map[string][]entry{}
	for _, row := range [][]entry{
		{{"MN", 554}},
		{{"TG", 150}, {"MN", 554}},
		{{"MN", 553}, {"MN", 554}},
		{{"TG", 150}, {"MN", 553}, {"MN", 554}},
		{{"MN", 553}, {"TG", 150}, {"MN", 554}},
	} {
		mark := ""
		for _, e := range row {
			mark = journal.Mark(mark, e.site, e.seq)
		}
		if other, there := seen[mark]; there {
			t.Errorf("%v and %v have one mark", row, other)
		}
		if seen[mark] = row; journal.OldMark(mark) {
			t.Errorf("%q is taken for an old mark", mark)
		}
	}
	if !journal.OldMark("MN/554") {
		t.Error("an old mark is not known")
	}
}
