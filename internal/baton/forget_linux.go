package baton

import (
	"os"

	"golang.org/x/sys/unix"
)

// forget drops what the system holds of the file in memory. It is advice: where
// it is not taken, the next opening after the stick was plugged in reads the
// medium itself.
func forget(f *os.File) { _ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED) }
