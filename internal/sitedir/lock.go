package sitedir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// LockName is the file by which a running program keeps others away. It is
// empty; the operating system forgets the lock with the program, however it
// ended.
const LockName = "tram.lock"

// ErrInUse says that another program runs on this directory.
var ErrInUse = errors.New("another tram runs on this directory")

// lock takes the directory for this program. Two programs that append to one
// journal would each believe that the other's entries are not there.
func lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, LockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the directory: %w", err)
	}
	held, err := tryLock(f)
	if err == nil && !held {
		err = fmt.Errorf("%w: %s", ErrInUse, dir)
	}
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, err
	}
	return f, nil
}
