package journal_test

import (
	"path/filepath"
	"testing"

	"tram/internal/journal"
	"tram/internal/journal/journaltest"
	"tram/internal/sqlitefile/faultfs"
)

func TestContract(t *testing.T) {
	journaltest.Run(t, func(t *testing.T) journaltest.Store {
		f, err := journaltest.OpenFile(filepath.Join(t.TempDir(), "j.db"), nil)
		if err != nil {
			t.Fatal(err)
		}
		return f
	})
}

// group is what one transaction of the crash tests appends: enough that a
// stored hash becomes full within it.
func group(n int) []journal.Entry {
	out := make([]journal.Entry, 0, 6)
	for i := range 6 {
		out = append(out, journaltest.Made(6*n+i))
	}
	return out
}

// kept opens a disk, verifies the journal on it and answers how many groups it
// holds.
func kept(t *testing.T, fs *faultfs.FS) (int64, *journaltest.File) {
	t.Helper()
	f, err := journaltest.OpenFile("j.db", fs)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	r, err := f.Verify()
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	if r.Entries%6 != 0 || r.Entries != f.Head().Size || (r.Entries > 0 && r.Hash != f.Head().Hash) {
		t.Fatalf("%d entries, head %+v: a group is there in part, or the head is another", r.Entries, f.Head())
	}
	return r.Entries / 6, f
}

// TestCrashTable lets each write and sync of an append fail twice: not stored,
// and stored but reported as failed. After each, the journal is opened again,
// with the disk as it is and as a power cut leaves it: it verifies, holds every
// group that was acknowledged, and takes the next.
func TestCrashTable(t *testing.T) {
	t.Parallel()
	rows, noticed := 0, 0
	for n := 1; ; n++ {
		reached := false
		for _, stored := range []bool{false, true} {
			fs := faultfs.New(t.TempDir())
			f, err := journaltest.OpenFile("j.db", fs)
			if err != nil {
				t.Fatal(err)
			}
			acked := int64(0)
			for ; acked < 3; acked++ {
				if err := f.Append(group(int(acked)), journaltest.Day, journaltest.Now); err != nil {
					t.Fatal(err)
				}
			}
			before := fs.Ops()
			fs.FailAt(n, stored)
			err = f.Append(group(3), journaltest.Day, journaltest.Now)
			if fs.Ops()-before < n {
				if err != nil {
					t.Fatalf("write %d never came, and the append failed: %v", n, err)
				}
				closeBoth(t, f)
				continue
			}
			reached = true
			rows++
			if err == nil {
				acked++
			} else {
				noticed++
				if f.Head().Size != 6*acked {
					t.Errorf("write %d, stored %v: the head moved to %d with a failed append", n, stored, f.Head().Size)
				}
			}
			cut := fs.Crash(uint64(n))
			closeBoth(t, f)
			for name, disk := range map[string]*faultfs.FS{"opened again": fs, "after a power cut": cut} {
				got, g := kept(t, disk)
				if got != acked && got != acked+1 {
					t.Errorf("write %d, stored %v, %s: %d groups, %d were acknowledged", n, stored, name, got, acked)
				}
				if err := g.Append(group(int(got)), journaltest.Day, journaltest.Now); err != nil {
					t.Errorf("write %d, stored %v, %s: next append: %v", n, stored, name, err)
				}
				after, h := kept(t, disk.Crash(uint64(n)))
				if after != got+1 {
					t.Errorf("write %d, stored %v, %s, next append and a power cut: %d groups, want %d", n, stored, name, after, got+1)
				}
				closeBoth(t, g, h)
			}
		}
		if !reached {
			break
		}
	}
	t.Logf("%d rows, %d of them noticed by the append", rows, noticed)
	if rows < 6 || noticed < rows/2 { // a commit is a run of frames, a sync and the rest of the last frame
		t.Errorf("%d rows, %d noticed: the table is too short", rows, noticed)
	}
}

func closeBoth(t *testing.T, files ...*journaltest.File) {
	t.Helper()
	for _, f := range files {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestPowerCutAtEveryWrite cuts the power after every write of a session of
// appends; each disk found verifies and holds what was acknowledged.
func TestPowerCutAtEveryWrite(t *testing.T) {
	t.Parallel()
	fs := faultfs.New(t.TempDir())
	f, err := journaltest.OpenFile("j.db", fs)
	if err != nil {
		t.Fatal(err)
	}
	acked, cuts := int64(0), 0
	fs.AfterEach(func(op int) {
		for luck := range uint64(3) { // which of the unsynced sectors reached the disk
			cuts++
			got, g := kept(t, fs.Crash(uint64(op)*3+luck))
			if got != acked && got != acked+1 {
				t.Fatalf("cut after operation %d: %d groups, %d were acknowledged", op, got, acked)
			}
			closeBoth(t, g)
		}
	})
	for ; acked < 16; acked++ {
		if err := f.Append(group(int(acked)), journaltest.Day, journaltest.Now); err != nil {
			t.Fatal(err)
		}
		if acked%8 == 7 {
			if err := f.DB.Checkpoint(); err != nil {
				t.Fatal(err)
			}
		}
	}
	fs.AfterEach(nil)
	closeBoth(t, f)
	t.Logf("%d power cuts", cuts)
	if cuts < 150 {
		t.Errorf("only %d power cuts", cuts)
	}
}
