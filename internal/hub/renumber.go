package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tram/internal/care/programme"
	"tram/internal/day"
)

// A hub that came back from a backup has forgotten entries of its own journal
// that sites have heard, and cannot know how many. An entry under a number that
// a site has heard before would be a second history, and that site would refuse
// the hub for ever. So it passes over more numbers than a hub writes: some at
// once, and some for each hour since the backup, so that a second restore from
// one backup does not meet what was written after the first.
const (
	skipAtOnce  = 4096
	skipHourly  = 16
	skipAtMost  = 200_000
	hourMillis  = 3_600_000
	restoreCase = "hub.restored"
)

// skipped is how many numbers are passed over.
func skipped(made, now day.Instant) int64 {
	hours := max(0, int64(now-made)/hourMillis)
	return min(skipAtOnce+skipHourly*hours, skipAtMost)
}

// resumeNumbers ends a restore: once the tables have given back what they know
// of the hub's journal, it goes on with numbers that no site has heard, and
// people are told what to say again.
func (h *Hub) resumeNumbers(ctx context.Context, taken error) error {
	path := filepath.Join(h.o.Dir, restoredName)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var r restored
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err == nil {
		err = taken // what the tables know must be here before a number is given to anything else
	}
	if err != nil {
		return fmt.Errorf("the hub's restore cannot be ended: %w", err)
	}
	now := h.o.Clock()
	n := skipped(r.Made, now)
	facts := []any{programme.HubRestored{Made: r.Made, Size: r.Size, Skipped: n}}
	for range n {
		facts = append(facts, programme.HubRestored{})
	}
	if err := h.office.record(terminal, now, facts...); err != nil {
		return err
	}
	if err := h.takeOwn(ctx); err != nil {
		return err
	}
	detail := fmt.Sprintf("backup of %s, %d entries of the hub's own journal", r.Made.Time().UTC().Format("2006-01-02 15:04 UTC"), r.Size)
	if err := h.db.Note(ctx, restoreCase, programme.Hub, detail, now); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("the hub's restore cannot be ended: %w", err)
	}
	return nil
}
