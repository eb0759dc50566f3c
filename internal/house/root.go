package house

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Root answers the directory of the module that holds dir: the nearest one
// upwards with a go.mod.
func Root(dir string) (string, error) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("locate %s: %w", dir, err)
	}
	for {
		_, err := os.Stat(filepath.Join(at, "go.mod"))
		if err == nil {
			return at, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("look for go.mod in %s: %w", at, err)
		}
		up := filepath.Dir(at)
		if up == at {
			return "", fmt.Errorf("no go.mod above %s; run this inside the source tree", dir)
		}
		at = up
	}
}
