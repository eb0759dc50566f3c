package clinic

import (
	"fmt"
	"io"
	"strings"

	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
)

// OneTimeCode makes a code with which a person sets a new PIN, and what to keep
// of it. It is for a restore in which no secret of this PC came back: whoever
// unlocked the keys hands it to a manager. It goes no other way than
// [Clinic.ResetPIN]'s codes and lasts as long.
func OneTimeCode(rand io.Reader, now day.Instant) (code string, keep clinicdb.Secrets, err error) {
	b := make([]byte, 5+saltLen)
	if _, err := io.ReadFull(rand, b); err != nil {
		return "", keep, fmt.Errorf("one-time code: %w", err)
	}
	code = strings.ToUpper(id.Encode(b[:5]))
	return code, clinicdb.Secrets{Code: hashSecret(code, b[5:], hashMemory), CodeUntil: now + day.Instant(codeValid)}, nil
}
