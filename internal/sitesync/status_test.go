package sitesync

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/nats-io/nats.go"

	"tram/internal/day"
	"tram/internal/journal"
	"tram/internal/sitesync/wire"
)

// TestTroubleOf: what a person can do decides the word, whatever is wrapped
// around it; what nobody foresaw is a fault, and never "no line".
func TestTroubleOf(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Trouble
	}{
		{&net.OpError{Op: "dial", Err: errors.New("connection refused")}, Unreachable},
		{io.EOF, Unreachable},
		{io.ErrClosedPipe, Unreachable},
		{nats.ErrTimeout, Unreachable},
		{nats.ErrNoResponders, Unreachable},
		{context.DeadlineExceeded, Unreachable},
		{fmt.Errorf("%w: a portal", errNoLine), Unreachable},
		{fmt.Errorf("%w: %w", errNoLine, nats.ErrAuthorization), Refused},
		{nats.ErrPermissionViolation, Refused},
		{fmt.Errorf("%w: %w", errNoLine, x509.UnknownAuthorityError{}), Certificate},
		{x509.CertificateInvalidError{Reason: x509.Expired}, Certificate},
		{x509.HostnameError{Certificate: &x509.Certificate{}}, Certificate},
		{fmt.Errorf("%w: %w", errNoLine, errStranger), Stranger},
		{errFork, Fork},
		{errForgot, Forgot},
		{errStopped, Stopped},
		{errLying, Lying},
		{wire.ErrForm, Lying},
		{&journal.Broken{Site: "TG"}, Lying},
		{errors.New("disk I/O error"), Fault},
	} {
		if got := troubleOf(fmt.Errorf("around: %w", c.err)); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}

// TestDays: whole days since the last contact; a clock that was set back makes
// none, and no contact ever is no number of days.
func TestDays(t *testing.T) {
	const now = day.Instant(1_795_400_000_000)
	for _, c := range []struct {
		contact day.Instant
		want    int
	}{{0, -1}, {now, 0}, {now - 86_399_999, 0}, {now - 86_400_000, 1}, {now - 3*86_400_000, 3}, {now + 86_400_000, 0}} {
		if got := (Status{Contact: c.contact}).Days(now); got != c.want {
			t.Errorf("contact %d: %d days, want %d", c.contact, got, c.want)
		}
	}
}
