package baton

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// kindOf knows the system's errors of sticks.
func kindOf(err error) error {
	switch {
	case errors.Is(err, windows.ERROR_DISK_FULL), errors.Is(err, windows.ERROR_HANDLE_DISK_FULL), errors.Is(err, windows.ERROR_FILE_TOO_LARGE):
		return ErrFull
	case errors.Is(err, windows.ERROR_WRITE_PROTECT):
		return ErrReadOnly
	case errors.Is(err, windows.ERROR_NOT_READY), errors.Is(err, windows.ERROR_DEV_NOT_EXIST), errors.Is(err, windows.ERROR_NO_SUCH_DEVICE),
		errors.Is(err, windows.ERROR_IO_DEVICE), errors.Is(err, windows.ERROR_CRC), errors.Is(err, windows.ERROR_DEVICE_NOT_CONNECTED),
		errors.Is(err, windows.ERROR_UNRECOGNIZED_VOLUME):
		return ErrGone
	}
	return nil
}

// syncDir has nothing to do: a folder cannot be flushed here, and FlushFileBuffers
// of the file writes its name as well.
func syncDir(string) error { return nil }

// sector is a multiple of every medium's sector; reading past the system's
// memory goes by whole ones, into memory that begins at one.
const sector = 4096

// readBack reads past the system's memory. Where a driver does not let it, what
// the system holds is compared, and the next opening after the stick was
// plugged in reads the medium itself.
func readBack(path string, at int64, n int) ([]byte, error) {
	if b, err := readMedium(path, at, n); err == nil {
		return b, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read from
	return readAgain(f, at, n)
}

func readMedium(path string, at int64, n int) ([]byte, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	const share = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	h, err := windows.CreateFile(name, windows.GENERIC_READ, share, nil, windows.OPEN_EXISTING, windows.FILE_FLAG_NO_BUFFERING, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(h), path)
	defer func() { _ = f.Close() }() // only read from
	from := at / sector * sector
	size := (at + int64(n) - from + sector - 1) / sector * sector
	room := make([]byte, size+sector)
	skip := sector - int(uintptr(unsafe.Pointer(&room[0]))%sector)
	b, err := readInto(f, room[skip:skip+int(size)], from)
	if err != nil || int64(len(b)) < at-from+int64(n) {
		return nil, fmt.Errorf("read the medium: %d bytes: %w", len(b), errors.Join(err, errShort))
	}
	return b[at-from : at-from+int64(n)], nil
}

var errShort = errors.New("not all of it was there")

func readInto(f *os.File, b []byte, at int64) ([]byte, error) {
	n, err := f.ReadAt(b, at)
	if n > 0 {
		return b[:n], nil // the file's end is no error here
	}
	return nil, err
}
