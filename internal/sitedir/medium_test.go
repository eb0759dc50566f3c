package sitedir_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"tram/internal/baton"
	"tram/internal/care/site"
	"tram/internal/clinic"
	"tram/internal/duty"
	"tram/internal/sitedir"
)

// TestFollow: what is recorded here is on the baton a moment later, and a baton
// that is pulled out is no fault.
func TestFollow(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir, stick := t.TempDir(), t.TempDir()
	_, _, err := sitedir.Create(ctx, dir, clinic.Founding{
		Site:    site.Founded{Site: "TT", Name: "Trạm thử", Programme: "DBV", Rules: "vn", Zone: "Asia/Ho_Chi_Minh", Language: "vi", Invented: true},
		Manager: "Lò Thị Nhàn", Duties: duty.All, PIN: "205173",
	}, sitedir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := sitedir.Open(ctx, dir, sitedir.Options{Baton: baton.Dir(stick)})
	if err != nil {
		t.Fatal(err)
	}
	var told []error
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Follow(ctx, func(err error) { told = append(told, err) })
	}()
	if err := s.Mirror(ctx); err != nil {
		t.Errorf("without a baton: %v", err)
	}
	if _, err := sitedir.MakeBaton(ctx, s, baton.Dir(stick), rand.Reader, nil); err != nil {
		t.Fatal(err)
	}
	p := s.People()[0].Person
	if _, err := s.SignIn(ctx, p, "205173", "", "window 1"); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		b, err := sitedir.OpenBaton(s, baton.Dir(stick), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		size := b.Head().Size
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if size == s.Head().Size {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the baton has %d entries, the journal %d", size, s.Head().Size)
		}
	}
	cancel()
	<-done
	for _, err := range told {
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
