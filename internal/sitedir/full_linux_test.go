package sitedir_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"tram/internal/sitedir"
)

// TestDiskFullDuringRestore restores onto real disks of growing size. On each
// that is too small nothing of the restore is left, and the same backup and
// baton restore elsewhere afterwards.
func TestDiskFullDuringRestore(t *testing.T) {
	p := newPlace(t)
	stick := p.makeBaton(t)
	from := p.backup(t)
	p.work(t, 30)
	p.mirror(t, stick)
	want, _ := whole(t, p.dir, p.o)
	full, done := 0, false
	for kb := 16; !done && kb < 32<<10; kb += max(16, kb/4) {
		disk := t.TempDir()
		if err := unix.Mount("tmpfs", disk, "tmpfs", 0, fmt.Sprintf("size=%dk", kb)); err != nil {
			t.Skipf("a disk of its own cannot be had here (%v): restore on a full disk was NOT tested", err)
		}
		t.Cleanup(func() { _ = unix.Unmount(disk, 0) })
		dir := filepath.Join(disk, "site")
		medium := stick.Copy()
		_, err := sitedir.Restore{Dir: dir, From: from, Baton: medium, Unlock: withPass("")}.Run(t.Context(), p.o)
		if err == nil {
			done = true
			if entries, _ := whole(t, dir, p.o); entries != want {
				t.Errorf("%d kB: %d entries, want %d", kb, entries, want)
			}
			continue
		}
		full++
		_, gone := os.Stat(dir)
		_, told := sitedir.Open(t.Context(), dir, p.o)
		if !errors.Is(gone, os.ErrNotExist) && !errors.Is(told, sitedir.ErrRestoring) {
			t.Fatalf("%d kB (%v): half a restore is left and opens with: %v", kb, err, told)
		}
		if _, r, err := restore(t, from, medium); err != nil || r.OfSize != want {
			t.Fatalf("%d kB: elsewhere afterwards: %+v, %v", kb, r, err)
		}
	}
	if !done || full < 5 {
		t.Errorf("%d disks were too small, the last was large enough: %v", full, done)
	}
}
