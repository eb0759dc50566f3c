package journal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/day"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
)

const start = day.Instant(1795400000000)

func open(t testing.TB) (*sqlitefile.File, journal.Keys) {
	t.Helper()
	f, err := sqlitefile.Open(filepath.Join(t.TempDir(), "j.db"), sqlitefile.Options{Key: [32]byte{9}, Readers: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := f.Write(func(c *sqlitefile.Conn) error { return c.Script(journal.Schema) }); err != nil {
		t.Fatal(err)
	}
	skey, vkey, err := note.GenerateKey(rand.NewChaCha8([32]byte{3}), "tt.dbv/tram")
	if err != nil {
		t.Fatal(err)
	}
	var k journal.Keys
	if k.Signer, err = note.NewSigner(skey); err != nil {
		t.Fatal(err)
	}
	if k.Verifier, err = note.NewVerifier(vkey); err != nil {
		t.Fatal(err)
	}
	return f, k
}

// fill appends n entries in groups and returns the log.
func fill(t testing.TB, f *sqlitefile.File, k journal.Keys, n, group int) *journal.Log {
	t.Helper()
	var l *journal.Log
	err := f.Write(func(c *sqlitefile.Conn) (err error) {
		l, err = journal.Open(c, "TT", k)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d, _ := day.Parse("2026-11-02")
	for i := 0; i < n; i += group {
		err := f.Write(func(c *sqlitefile.Conn) error {
			for j := i; j < min(i+group, n); j++ {
				_, err := l.Append(c, journal.Entry{
					Day: d + day.Day(j/500), By: "p1", Kind: "dose.swallowed", Fact: json.RawMessage(fmt.Sprintf(`{"patient":"a%d","dose":"d%d"}`, j%60, j)),
				}, start+day.Instant(j*1000))
				if err != nil {
					return err
				}
			}
			return l.Seal(c, d+day.Day(i/500))
		})
		if err != nil {
			t.Fatal(err)
		}
		l.Commit()
	}
	return l
}

func verify(f *sqlitefile.File, k journal.Keys) (r journal.Report, err error) {
	err = f.Write(func(c *sqlitefile.Conn) error {
		r, err = journal.Verify(c, "TT", k.Verifier, nil)
		return err
	})
	return r, err
}

func TestAppendAndVerify(t *testing.T) {
	f, k := open(t)
	l := fill(t, f, k, 1300, 7)
	r, err := verify(f, k)
	if err != nil || r.Entries != 1300 || r.Checkpoints != 3 || r.Hash != l.Head().Hash {
		t.Fatalf("report %+v, %v", r, err)
	}
	// The public tool's own arithmetic agrees with ours, over all entries.
	var stored []tlog.Hash
	var raws [][]byte
	err = f.Write(func(c *sqlitefile.Conn) error {
		return journal.Entries(c, "TT", 0, 0, func(e journal.Entry, raw []byte) error {
			raws = append(raws, raw)
			hs, err := tlog.StoredHashes(e.Seq, raw, tlog.HashReaderFunc(func(idx []int64) ([]tlog.Hash, error) {
				var out []tlog.Hash
				for _, i := range idx {
					out = append(out, stored[i])
				}
				return out, nil
			}))
			stored = append(stored, hs...)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	root, err := tlog.TreeHash(1300, tlog.HashReaderFunc(func(idx []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range idx {
			out = append(out, stored[i])
		}
		return out, nil
	}))
	if err != nil || root != l.Head().Hash {
		t.Fatalf("tlog's root %v, ours %v, %v", root, l.Head().Hash, err)
	}
	err = f.Write(func(c *sqlitefile.Conn) error {
		for _, seq := range []int64{0, 15, 16, 17, 255, 256, 1000, 1299} {
			p, err := journal.Prove(c, "TT", 1300, seq)
			if err != nil {
				return err
			}
			if err := tlog.CheckRecord(p, 1300, root, seq, tlog.RecordHash(raws[seq])); err != nil {
				t.Errorf("entry %d: %v", seq, err)
			}
		}
		p, err := journal.ProveGrowth(c, "TT", 1300, 777)
		if err != nil {
			return err
		}
		old, err := tlog.TreeHash(777, tlog.HashReaderFunc(func(idx []int64) ([]tlog.Hash, error) {
			var out []tlog.Hash
			for _, i := range idx {
				out = append(out, stored[i])
			}
			return out, nil
		}))
		if err != nil {
			return err
		}
		return tlog.CheckTree(p, 1300, root, 777, old)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTamper: whoever has the key and edits the file behind the program's back
// is found, whatever they do short of signing with the site's key.
func TestTamper(t *testing.T) {
	drop := `DROP TRIGGER journal_no_update; DROP TRIGGER journal_no_delete; DROP TRIGGER hashes_no_update; DROP TRIGGER hashes_no_delete;
		DROP TRIGGER checkpoints_grow; DROP TRIGGER checkpoints_no_delete;`
	for name, sql := range map[string]string{
		"one letter changed":  `UPDATE journal SET entry = CAST(replace(CAST(entry AS TEXT), '"d40"', '"d41"') AS BLOB) WHERE seq = 40`,
		"removed":             `DELETE FROM journal WHERE seq = 40`,
		"tail cut":            `DELETE FROM journal WHERE seq >= 90`,
		"two swapped":         `UPDATE journal SET seq = seq + 1000 WHERE seq IN (40, 41); UPDATE journal SET seq = CASE seq WHEN 1040 THEN 41 ELSE 40 END WHERE seq >= 1000`,
		"a stored hash":       `UPDATE journal_hashes SET hash = zeroblob(32) WHERE idx = (SELECT MIN(idx) FROM journal_hashes)`,
		"stored hash removed": `DELETE FROM journal_hashes WHERE idx = (SELECT MIN(idx) FROM journal_hashes)`,
		"checkpoint changed":  `UPDATE journal_checkpoints SET note = CAST(replace(CAST(note AS TEXT), '100', '101') AS BLOB)`,
		"checkpoint removed":  `DELETE FROM journal_checkpoints`,
		"inserted at the end": `INSERT INTO journal (site, seq, entry) VALUES ('TT', 100, CAST('{"by":"p1","day":"2026-11-23","fact":{},"hlc":"9795392000000.0","kind":"dose.swallowed","seq":100,"site":"TT","v":1}' AS BLOB))`,
		"entry of another":    `UPDATE journal SET entry = CAST(replace(CAST(entry AS TEXT), char(2) || 'p1', char(2) || 'p2') AS BLOB) WHERE seq = 99`,
		"packed otherwise":    `UPDATE journal SET entry = CAST(CAST(x'01' AS TEXT) || ' ' || substr(CAST(entry AS TEXT), 2) AS BLOB) WHERE seq = 99`,
	} {
		t.Run(name, func(t *testing.T) {
			f, k := open(t)
			fill(t, f, k, 100, 10)
			if err := f.Write(func(c *sqlitefile.Conn) error { return c.Script(drop + sql) }); err != nil {
				t.Fatal(err)
			}
			if _, err := verify(f, k); !errors.Is(err, journal.ErrBroken) {
				t.Fatalf("got %v, want ErrBroken", err)
			}
		})
	}
}

func TestTablesRefuseChange(t *testing.T) {
	f, k := open(t)
	fill(t, f, k, 20, 20)
	for _, sql := range []string{
		`UPDATE journal SET entry = x'00'`, `DELETE FROM journal`, `DELETE FROM journal_hashes`, `UPDATE journal_hashes SET idx = idx + 1`,
		`DELETE FROM journal_checkpoints`, `UPDATE journal_checkpoints SET size = 1`,
	} {
		if err := f.Write(func(c *sqlitefile.Conn) error { return c.Exec(sql) }); err == nil {
			t.Errorf("%s went through", sql)
		}
	}
	if _, err := verify(f, k); err != nil {
		t.Fatal(err)
	}
}

func TestOpenKnowsACutTail(t *testing.T) {
	f, k := open(t)
	fill(t, f, k, 50, 10)
	err := f.Write(func(c *sqlitefile.Conn) error {
		return c.Script(`DROP TRIGGER journal_no_delete; DELETE FROM journal WHERE seq >= 45`)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = f.Write(func(c *sqlitefile.Conn) error {
		_, err := journal.Open(c, "TT", k)
		return err
	})
	if !errors.Is(err, journal.ErrBroken) {
		t.Fatalf("got %v, want ErrBroken", err)
	}
}

// TestClockAhead: the order of entries goes on whatever the clock does, and
// each entry tells the clock's own time.
func TestClockAhead(t *testing.T) {
	f, k := open(t)
	l := fill(t, f, k, 1, 1)
	year := day.Instant(365 * 86_400_000)
	var got []journal.Entry
	for _, now := range []day.Instant{start + year, start + 5000, start + 5000} {
		err := f.Write(func(c *sqlitefile.Conn) error {
			e, err := l.Append(c, journal.Entry{Day: 20000, By: "p1", Kind: "access.seen", Fact: json.RawMessage(`{}`)}, now)
			got = append(got, e)
			if err != nil {
				return err
			}
			return l.Seal(c, 20000)
		})
		if err != nil {
			t.Fatal(err)
		}
		l.Commit()
		if e := got[len(got)-1]; e.When() != now {
			t.Errorf("entry says %d, the clock said %d", e.When(), now)
		}
	}
	if got[1].HLC.Compare(got[0].HLC) <= 0 || got[2].HLC.Compare(got[1].HLC) <= 0 {
		t.Errorf("clocks %v %v %v do not grow", got[0].HLC, got[1].HLC, got[2].HLC)
	}
	if _, err := verify(f, k); err != nil {
		t.Fatal(err)
	}
}

func TestGoldenEntry(t *testing.T) {
	d, _ := day.Parse("2026-11-23")
	e := journal.Entry{
		Site: "TG", Seq: 41, HLC: journal.HLC{Ms: 1795392600123, Count: 2}, At: 1795392600000, Day: d, By: "zw0aqkff", Under: "deleg1", Kind: "dose.swallowed",
		Form: "9k3m", Rules: 3, Fact: json.RawMessage(`{"patient":"b7","dose":"d1","note":"Đỗ \"x\"\n"}`),
	}
	b, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"at":1795392600000,"by":"zw0aqkff","day":"2026-11-23","fact":{"dose":"d1","note":"Đỗ \"x\"\n","patient":"b7"},"form":"9k3m",` +
		`"hlc":"1795392600123.2","kind":"dose.swallowed","rules":3,"seq":41,"site":"TG","under":"deleg1","v":1}`
	if string(b) != want {
		t.Fatalf("got  %s\nwant %s", b, want)
	}
	back, err := journal.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := back.Encode()
	if !bytes.Equal(again, b) {
		t.Fatalf("came back as %s", again)
	}
	for _, bad := range []string{
		strings.Replace(want, `"seq":41`, `"seq": 41`, 1), strings.Replace(want, `"by"`, `"By"`, 1), strings.Replace(want, `"v":1`, `"v":2`, 1),
		strings.Replace(want, `"form":"9k3m",`, `"form":"",`, 1), want + " ", want[:len(want)-1], strings.Replace(want, `"seq":41`, `"seq":41,"seq":42`, 1),
		strings.Replace(want, `"rules":3`, `"rules":3.0`, 1), strings.Replace(want, `"under":"deleg1"`, `"under":"deleg1","x":1`, 1),
	} {
		if _, err := journal.Decode([]byte(bad)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestLargeEntryIsRefused(t *testing.T) {
	f, k := open(t)
	l := fill(t, f, k, 1, 1)
	err := f.Write(func(c *sqlitefile.Conn) error {
		_, err := l.Append(c, journal.Entry{Day: 20000, By: "p1", Kind: "patient.noted", Fact: json.RawMessage(`{"text":"` + strings.Repeat("x", 17000) + `"}`)}, start)
		return err
	})
	if !errors.Is(err, journal.ErrEntry) {
		t.Fatalf("got %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"by":"p","day":"2026-11-23","fact":{},"hlc":"1.0","kind":"a.b","seq":0,"site":"TG","v":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := journal.Decode(b)
		if err != nil {
			return
		}
		again, err := e.Encode()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%s was taken and is written as %s, %v", b, again, err)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	f, k := open(b)
	const n = 50_000
	fill(b, f, k, n, 1000)
	b.ResetTimer()
	for b.Loop() {
		if _, err := verify(f, k); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
