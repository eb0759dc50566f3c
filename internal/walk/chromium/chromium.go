// Package chromium finds the browser that the walks and the gate use.
//
// It only looks; it installs nothing and downloads nothing. It is a room of
// its own so that the gate can ask without compiling the browser protocol.
package chromium

import (
	"os"
	"os/exec"
)

// EnvPath names a browser that is not on the path.
const EnvPath = "TRAM_CHROMIUM"

// EnvRequire, when "1", turns a missing browser from a loud skip into a failure.
const EnvRequire = "TRAM_REQUIRE_BROWSER"

// names are tried in this order. Debian's own build comes first because the
// gate installs it; the rest is what developers' machines have.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"}

// Find answers the path of a browser, or false when there is none.
func Find() (string, bool) {
	named := os.Getenv(EnvPath)
	if named != "" {
		path, err := exec.LookPath(named)
		return path, err == nil
	}
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err == nil {
			return path, true
		}
	}
	return "", false
}

// Required says whether a missing browser must fail the test.
func Required() bool { return os.Getenv(EnvRequire) == "1" }
