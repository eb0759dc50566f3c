package journal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/journal"
	"tram/internal/journal/journaltest"
	"tram/internal/sqlitefile"
)

func filled(t testing.TB, n int) *journaltest.File {
	t.Helper()
	f, err := journaltest.OpenFile(filepath.Join(t.TempDir(), "j.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	journaltest.Fill(t, f, 0, n, 97)
	return f
}

// exported is a reader of a public log's files, made from the format's
// description and the public tool, without our code.
type exported map[string][]byte

func (x exported) Height() int { return 8 }

func (x exported) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range want {
		name := strings.Replace(t.Path(), "tile/8/", "tile/", 1)
		b, ok := x[name]
		if !ok {
			return nil, fmt.Errorf("no file %s", name)
		}
		out = append(out, b)
	}
	return out, nil
}

func (x exported) SaveTiles([]tlog.Tile, [][]byte) {}

func TestExportIsAPublicLog(t *testing.T) {
	const n = 700
	f := filled(t, n)
	k, err := journaltest.Keys()
	if err != nil {
		t.Fatal(err)
	}
	x := exported{}
	err = f.Read(func(c *sqlitefile.Conn) error {
		return journal.Export(c, journaltest.Site, k.Verifier, func(name string, data []byte) error {
			x[name] = bytes.Clone(data)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2", "tile/entries/001", "tile/entries/002.p/188", "checkpoints/" + (journaltest.Day + 6).String(),
	} {
		if len(x[name]) == 0 {
			t.Errorf("there is no file %s", name)
		}
	}
	cp, err := journal.ReadCheckpoint(x["checkpoint"], k.Verifier)
	if err != nil || cp.Size != n {
		t.Fatalf("checkpoint of %d, %v", cp.Size, err)
	}
	reader := tlog.TileHashReader(tlog.Tree{N: n, Hash: cp.Hash}, x) // checks every tile against the root
	seq := int64(0)
	for _, name := range []string{"tile/entries/000", "tile/entries/001", "tile/entries/002.p/188"} {
		for b := x[name]; len(b) > 0; seq++ {
			size := int(binary.BigEndian.Uint16(b))
			raw := b[2 : 2+size]
			b = b[2+size:]
			hs, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, seq)})
			if err != nil || hs[0] != tlog.RecordHash(raw) {
				t.Fatalf("entry %d: %v", seq, err)
			}
		}
	}
	if seq != n {
		t.Errorf("%d entries in the bundles, want %d", seq, n)
	}
}

func TestReceipt(t *testing.T) {
	f := filled(t, 300)
	k, err := journaltest.Keys()
	if err != nil {
		t.Fatal(err)
	}
	for _, seq := range []int64{0, 15, 16, 255, 256, 299} {
		var text []byte
		err := f.Read(func(c *sqlitefile.Conn) (err error) {
			text, err = journal.Receipt(c, journaltest.Site, k.Verifier, seq)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		e, cp, err := journal.ReadReceipt(text, k.Verifier)
		if err != nil || e.Seq != seq || cp.Size != 300 {
			t.Errorf("entry %d: got %d of %d, %v", seq, e.Seq, cp.Size, err)
		}
		lines := strings.Split(string(text), "\n")
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
		if err != nil {
			t.Fatal(err)
		}
		other := strings.Replace(string(raw), `"by":"zw0aqkff"`, `"by":"zw0aqkfg"`, 1)
		forged := strings.Replace(string(text), lines[1], "extra "+base64.StdEncoding.EncodeToString([]byte(other)), 1)
		if _, _, err := journal.ReadReceipt([]byte(forged), k.Verifier); !errors.Is(err, journal.ErrBroken) {
			t.Errorf("entry %d by another person: %v, want ErrBroken", seq, err)
		}
		for i := range lines[:len(lines)-1] {
			cut := strings.Join(append(append([]string{}, lines[:i]...), lines[i+1:]...), "\n")
			if _, _, err := journal.ReadReceipt([]byte(cut), k.Verifier); err == nil && i != len(lines)-1 {
				t.Errorf("entry %d: the receipt without line %d (%q) was taken", seq, i, lines[i])
			}
		}
	}
	err = f.Read(func(c *sqlitefile.Conn) error {
		_, err := journal.Receipt(c, journaltest.Site, k.Verifier, 300)
		return err
	})
	if !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("receipt for an entry that is not there: %v", err)
	}
}

func FuzzReadReceipt(f *testing.F) {
	k, err := journaltest.Keys()
	if err != nil {
		f.Fatal(err)
	}
	s := filled(f, 3)
	err = s.Read(func(c *sqlitefile.Conn) error {
		text, err := journal.Receipt(c, journaltest.Site, k.Verifier, 1)
		f.Add(text)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		e, cp, err := journal.ReadReceipt(text, k.Verifier)
		if err == nil && (e.Seq >= cp.Size || e.Site != journaltest.Site) {
			t.Fatalf("took entry %d of %s in a checkpoint of %d", e.Seq, e.Site, cp.Size)
		}
	})
}
