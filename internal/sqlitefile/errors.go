package sqlitefile

import (
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"
)

// Faults that callers tell apart with errors.Is.
var (
	// ErrKey says that the key is not this file's, or that it is no such file
	// (or that its very first page is damaged: the two look alike).
	ErrKey = errors.New("wrong key, or not a database of this programme")
	// ErrFull says that the disk is full. What was rolled back is gone; after
	// room is made, writing goes on.
	ErrFull = errors.New("disk full")
	// ErrCorrupt says that bytes read are not the bytes written.
	ErrCorrupt = errors.New("database damaged")
	// ErrBusy says that another process holds the file.
	ErrBusy = errors.New("database in use by another program")
	// ErrCommit says that the commit itself failed; see Write.
	ErrCommit = errors.New("commit failed")
	// ErrStopped says that an error of the disk has ended all writing until
	// the file is closed and opened again.
	ErrStopped = errors.New("writing stopped")

	errClosed = errors.New("database is closed")
)

// mark puts our own name on an error of SQLite. The statement's text and its
// values are never part of the message.
func mark(err error) error {
	var code sqlite3.ErrorCode
	if err == nil || !errors.As(err, &code) {
		return err
	}
	var kind error
	switch code {
	case sqlite3.NOTADB:
		kind = ErrKey
	case sqlite3.FULL:
		kind = ErrFull
	case sqlite3.CORRUPT:
		kind = ErrCorrupt
	case sqlite3.BUSY, sqlite3.LOCKED:
		kind = ErrBusy
	case sqlite3.IOERR:
		return markIO(err)
	default:
		return err
	}
	return fmt.Errorf("%w: %w", kind, err)
}

func markIO(err error) error {
	switch {
	case errors.Is(err, sqlite3.IOERR_BADKEY):
		return fmt.Errorf("%w: %w", ErrKey, err)
	case errors.Is(err, sqlite3.IOERR_DATA), errors.Is(err, sqlite3.IOERR_CORRUPTFS):
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return err
}

// stops says whether err means that nothing more should be written: an I/O
// error of any kind, or damage. A full disk does not, because SQLite takes the
// transaction back without needing more room.
func stops(err error) bool {
	return errors.Is(err, sqlite3.IOERR) || errors.Is(err, ErrCorrupt) || errors.Is(err, sqlite3.NOTADB)
}

// isFault says whether err came from SQLite, as against a caller's own error.
func isFault(err error) bool {
	var code sqlite3.ErrorCode
	return errors.As(err, &code) && code != sqlite3.INTERRUPT
}
