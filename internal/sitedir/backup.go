package sitedir

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/keys"
)

// A backup is one file: a tar with the manifest, the wrapped keys and an
// encrypted copy of the database, and around it age where the programme has
// given its recipients. Nothing in it is readable without the passphrase, two
// recovery shares, or the baton's owner.
const (
	manifestName   = "manifest.json"
	backupFormat   = "tram backup 1"
	backupsName    = "backups.json"
	recipientsName = "backup-recipients.txt"
	ageHeader      = "age-encryption.org/v1\n"
)

// Limits of what is read from a backup.
const (
	manifestMax = 64 << 10
	keyFileMax  = 64 << 10
	databaseMax = 64 << 30
)

// Errors of backups.
var (
	ErrBackup   = errors.New("the backup is damaged, or is none")
	ErrIdentity = errors.New("the backup is sealed for the programme: its identity file is needed")
)

// Manifest says what a backup is. It names no person.
type Manifest struct {
	Format    string      `json:"format"`
	Site      id.Site     `json:"site"`
	Name      string      `json:"name"`
	Programme string      `json:"programme"`
	Number    int         `json:"number"` // of the installation
	Backup    int         `json:"backup"` // counted on that PC
	Made      day.Instant `json:"made"`
	Day       day.Day     `json:"day"`  // newest clinic day
	Size      int64       `json:"size"` // entries of the journal
	Root      string      `json:"root"` // over them, base64 as in a checkpoint
	Keys      string      `json:"keys_sha256"`
	Database  string      `json:"database_sha256"`
	Bytes     int64       `json:"database_bytes"`
	MAC       []byte      `json:"mac,omitempty"` // of all the rest, with a key of the site's own
}

func (m Manifest) mac(k *keys.Keys) []byte {
	m.MAC = nil
	text, err := json.Marshal(m)
	if err != nil {
		panic(fmt.Sprintf("sitedir: %v", err)) // texts and numbers always encode
	}
	key := k.BackupKey()
	h := hmac.New(sha256.New, key[:])
	h.Write(text)
	return h.Sum(nil)
}

// Backup is a backup that was written and read back.
type Backup struct {
	Manifest
	SHA256 string // of the whole file
	Sealed int    // recipients beside the site itself
}

// WriteBackup writes a backup to a new file, while the site may go on working,
// and reads it back: it is opened, and its journal's head is that of the site.
// A failure leaves no file of that name.
func WriteBackup(ctx context.Context, dir string, o Options, out string, to []age.Recipient) (Backup, error) {
	o.fill(now)
	if _, err := os.Stat(out); err == nil {
		return Backup{}, fmt.Errorf("write the backup: %s is there already; a backup is never overwritten", out)
	}
	k, err := unlock(dir, o.Passphrase)
	if err != nil {
		return Backup{}, err
	}
	tmp, err := os.MkdirTemp("", "tram-backup-*")
	if err != nil {
		return Backup{}, fmt.Errorf("room for the copy: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	m, err := copied(ctx, dir, tmp, k, o)
	if err != nil {
		return Backup{}, err
	}
	part := out + ".part"
	sum, err := pack(part, tmp, m, to)
	if err == nil {
		err = os.Rename(part, out)
	}
	if err != nil {
		_ = os.Remove(part)
		return Backup{}, fmt.Errorf("write the backup: %w", err)
	}
	b := Backup{Manifest: m, SHA256: sum, Sealed: len(to)}
	if err := b.readBack(out); err != nil {
		_ = os.Remove(out)
		return b, err
	}
	return b, nil
}

// copied makes the copy and answers its manifest. The copy is opened, which
// holds its journal against its own checkpoint.
func copied(ctx context.Context, dir, tmp string, k *keys.Keys, o Options) (Manifest, error) {
	m := Manifest{Format: backupFormat, Number: k.Number, Made: o.Clock()}
	db, err := openDB(dir, k, o)
	if err != nil {
		return m, err
	}
	err = db.File().CopyTo(filepath.Join(tmp, DatabaseName), k.Data)
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return m, fmt.Errorf("copy: %w", err)
	}
	wrapped, err := keys.Raw(dir)
	if err == nil {
		err = keys.Put(tmp, wrapped)
	}
	if err != nil {
		return m, err
	}
	if err := m.head(ctx, tmp, k, o); err != nil {
		return m, err
	}
	if m.Backup, err = nextBackup(dir); err != nil {
		return m, err
	}
	m.Keys = hex.EncodeToString(sum256(wrapped))
	if m.Database, m.Bytes, err = fileSum(filepath.Join(tmp, DatabaseName)); err != nil {
		return m, err
	}
	m.MAC = m.mac(k)
	return m, nil
}

// head reads what a copied directory holds. The file is closed again, so that
// all of it lies in the one file.
func (m *Manifest) head(ctx context.Context, dir string, k *keys.Keys, o Options) error {
	db, err := openDB(dir, k, o)
	if err != nil {
		return err
	}
	err = db.View(ctx, func(v *clinicdb.View) error {
		site, err := v.Site()
		if errors.Is(err, clinicdb.ErrNotFound) {
			return ErrNoSite
		}
		if err != nil {
			return fmt.Errorf("read the site: %w", err)
		}
		log, err := journal.Open(v.Conn(), site.Site, k.Journal)
		if err != nil {
			return err
		}
		h := log.Head()
		m.Site, m.Name, m.Programme = site.Site, site.Name, site.Programme
		m.Day, m.Size, m.Root = h.NewestDay, h.Size, h.Hash.String()
		return nil
	})
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	return err
}

// nextBackup counts backups on this PC.
func nextBackup(dir string) (int, error) {
	var n struct {
		Last int `json:"last"`
	}
	path := filepath.Join(dir, backupsName)
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &n)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("number of the backup: %w", err)
	}
	n.Last++
	if b, err = json.Marshal(n); err != nil {
		return 0, fmt.Errorf("number of the backup: %w", err)
	}
	return n.Last, keys.WriteWhole(path, append(b, '\n'))
}

func sum256(b []byte) []byte {
	s := sha256.Sum256(b)
	return s[:]
}

func fileSum(path string) (string, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, fmt.Errorf("read the copy: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return "", 0, fmt.Errorf("read the copy: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}

// pack writes the file, flushes it, and answers its SHA-256.
func pack(path, dir string, m Manifest, to []age.Recipient) (string, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	err = packInto(io.MultiWriter(f, sum), dir, m, to)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return hex.EncodeToString(sum.Sum(nil)), err
}

func packInto(w io.Writer, dir string, m Manifest, to []age.Recipient) error {
	var sealed io.WriteCloser
	if len(to) > 0 {
		var err error
		if sealed, err = age.Encrypt(w, to...); err != nil {
			return fmt.Errorf("seal for the programme: %w", err)
		}
		w = sealed
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	tw := tar.NewWriter(w)
	if err := member(tw, manifestName, bytes.NewReader(text), int64(len(text))); err != nil {
		return err
	}
	for _, name := range []string{keys.FileName, DatabaseName} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		info, err := f.Stat()
		if err == nil {
			err = member(tw, name, f, info.Size())
		}
		_ = f.Close() // only read from
		if err != nil {
			return err
		}
	}
	if err := tw.Close(); err != nil {
		return err
	}
	if sealed != nil {
		return sealed.Close()
	}
	return nil
}

func member(tw *tar.Writer, name string, r io.Reader, size int64) error {
	if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err := io.Copy(tw, r)
	return err
}

// readBack reads the written file again. Sealed for others it cannot be
// opened here, and its sum is compared; otherwise its members are, too.
func (b Backup) readBack(path string) error {
	sum, _, err := fileSum(path)
	if err != nil {
		return err
	}
	if sum != b.SHA256 {
		return fmt.Errorf("%w: what was read back is not what was written", ErrBackup)
	}
	if b.Sealed > 0 {
		return nil
	}
	m, err := unpack(path, nil, func(string) (io.WriteCloser, error) { return nothing{}, nil })
	if err == nil && m.Database != b.Database {
		err = fmt.Errorf("%w: what was read back is not what was written", ErrBackup)
	}
	return err
}

type nothing struct{}

func (nothing) Write(p []byte) (int, error) { return len(p), nil }
func (nothing) Close() error                { return nil }

// unpack reads a backup; put gives the place of each member. The members are
// those of the manifest, byte for byte; whether the manifest is the site's own
// is asked of its MAC, once the keys are open.
func unpack(path string, ids []age.Identity, put func(name string) (io.WriteCloser, error)) (Manifest, error) {
	var m Manifest
	f, err := os.Open(path)
	if err != nil {
		return m, fmt.Errorf("open the backup: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	r, err := unsealed(bufio.NewReaderSize(f, 1<<20), ids)
	if err != nil {
		return m, err
	}
	tr := tar.NewReader(r)
	text := &bytes.Buffer{}
	if _, err := take(tr, manifestName, manifestMax, text); err != nil {
		return m, err
	}
	if err := json.Unmarshal(text.Bytes(), &m); err != nil || m.Format != backupFormat {
		return m, fmt.Errorf("%w: format %q", ErrBackup, m.Format)
	}
	for _, want := range []struct {
		name, sum string
		most      int64
	}{{keys.FileName, m.Keys, keyFileMax}, {DatabaseName, m.Database, databaseMax}} {
		w, err := put(want.name)
		if err != nil {
			return m, err
		}
		sum, err := take(tr, want.name, want.most, w)
		if cerr := w.Close(); err == nil {
			err = cerr
		}
		if err == nil && hex.EncodeToString(sum.Sum(nil)) != want.sum {
			err = fmt.Errorf("%w: %s was changed", ErrBackup, want.name)
		}
		if err != nil {
			return m, err
		}
	}
	return m, nil
}

func unsealed(r *bufio.Reader, ids []age.Identity) (io.Reader, error) {
	if head, err := r.Peek(len(ageHeader)); err != nil || string(head) != ageHeader {
		return r, nil // too short for either: the tar reader says so
	}
	if len(ids) == 0 {
		return nil, ErrIdentity
	}
	open, err := age.Decrypt(r, ids...)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrIdentity, err)
	}
	return open, nil
}

func take(tr *tar.Reader, name string, most int64, w io.Writer) (hash.Hash, error) {
	h, err := tr.Next()
	if err != nil || h.Name != name || h.Size > most {
		return nil, fmt.Errorf("%w: %s is not where it should be", ErrBackup, name)
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, sum), tr)
	if err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("%w: it ends within %s", ErrBackup, name)
		}
		return nil, err
	}
	if n != h.Size {
		return nil, fmt.Errorf("%w: it ends within %s", ErrBackup, name)
	}
	return sum, nil
}

// CheckBackup is the drill: it brings the backup back in a scratch directory,
// opens it with open, verifies its journal and every table against a rebuild,
// and compares with what the backup says of itself. It changes nothing.
func CheckBackup(ctx context.Context, path string, ids []age.Identity, o Options, progress func(step string, done int64)) (Manifest, Verification, error) {
	o.fill(now)
	tmp, err := os.MkdirTemp("", "tram-drill-*")
	if err != nil {
		return Manifest{}, Verification{}, fmt.Errorf("room for the drill: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	m, err := unpackInto(path, ids, tmp)
	if err != nil {
		return m, Verification{}, err
	}
	k, err := keys.Open(tmp, o.Passphrase)
	if err != nil {
		return m, Verification{}, err
	}
	if err := m.vouched(k); err != nil {
		return m, Verification{}, err
	}
	v, err := Verify(ctx, tmp, o, progress)
	if err == nil && (v.Entries != m.Size || v.Hash.String() != m.Root) {
		err = fmt.Errorf("%w: %d entries, its manifest says %d", ErrBackup, v.Entries, m.Size)
	}
	return m, v, err
}

func (m Manifest) vouched(k *keys.Keys) error {
	if !hmac.Equal(m.mac(k), m.MAC) {
		return fmt.Errorf("%w: its manifest was not written by this site", ErrBackup)
	}
	return nil
}

// unpackInto unpacks into a directory and flushes what it wrote.
func unpackInto(path string, ids []age.Identity, dir string) (Manifest, error) {
	return unpack(path, ids, func(name string) (io.WriteCloser, error) {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, fmt.Errorf("unpack the backup: %w", err)
		}
		return flushed{f}, nil
	})
}

type flushed struct{ *os.File }

// Close flushes, then closes.
func (f flushed) Close() error {
	err := f.Sync()
	if cerr := f.File.Close(); err == nil {
		err = cerr
	}
	return err
}

// Recipients are those of the programme to whom a site's backups are sealed:
// the lines of backup-recipients.txt in its directory, in age's form, and what
// is given besides.
func Recipients(dir string, more []string) ([]age.Recipient, error) {
	text, err := os.ReadFile(filepath.Join(dir, recipientsName))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read %s: %w", recipientsName, err)
	}
	lines := strings.Join(append(strings.Split(string(text), "\n"), more...), "\n")
	for _, l := range strings.Split(lines, "\n") {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
			to, err := age.ParseRecipients(strings.NewReader(lines))
			if err != nil {
				return nil, fmt.Errorf("recipients of backups: %w", err)
			}
			return to, nil
		}
	}
	return nil, nil
}
