//go:build !linux

package main

import (
	"errors"
	"runtime"
	"time"
)

// forget cannot be asked for here: what is read next may come from memory.
func forget(string) error { return nil }

// memoryOf is measured on Linux only.
func memoryOf(int) (now, peak int64, err error) {
	return 0, 0, errors.New("the memory of another process is not read on " + runtime.GOOS)
}

// processorTime is measured on Linux only.
func processorTime() (time.Duration, bool) { return 0, false }
