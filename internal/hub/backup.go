package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"

	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/hubdb"
	"tram/internal/keys"
	"tram/internal/sqlitefile"
)

// Files by which a directory remembers what a command must know of it.
const (
	placeName    = "hub.json"      // where the tables are, written when a hub is opened
	restoredName = "restored.json" // a backup was brought back, and no hub has opened it yet
)

// IsHere says whether a directory is a hub's.
func IsHere(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, OfficeName))
	return err == nil
}

// place is what placeName holds.
type place struct {
	Tables Tables `json:"tables"`
}

// remember notes where the tables of this hub are: a backup of the directory
// must not claim what lies elsewhere.
func (o *Options) remember() error {
	p := place{InFile}
	if o.Postgres != "" {
		p.Tables = InPostgres
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return keys.WriteWhole(filepath.Join(o.Dir, placeName), append(text, '\n'))
}

// placeOf is where a hub's tables are.
func placeOf(dir string) (Tables, error) {
	var p place
	text, err := os.ReadFile(filepath.Join(dir, placeName))
	if errors.Is(err, os.ErrNotExist) { // never opened since there is such a file
		if _, err := os.Stat(filepath.Join(dir, DatabaseName)); err == nil {
			return InFile, nil
		}
		return Nowhere, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		return "", fmt.Errorf("where the hub's tables are: %w", err)
	}
	return p.Tables, nil
}

// Backup is a hub's backup that was written and read back.
type Backup struct {
	Manifest
	SHA256 string // of the whole file
	Sealed int    // recipients beside the hub itself
}

// WriteBackup writes a hub's backup to a new file, while the hub may go on
// working, and reads it back. It holds what lies in the directory and must
// survive: keys, certificate, the hub's own journal with its people's secrets,
// and the tables where they are in a file. What the transport has not passed on
// is left out: no receipt was signed for it, so the sites have it.
func WriteBackup(ctx context.Context, o Options, out string, to []age.Recipient) (Backup, error) {
	o.fill()
	if _, err := os.Stat(out); err == nil {
		return Backup{}, fmt.Errorf("write the backup: %s is there already; a backup is never overwritten", out)
	}
	k, err := keys.Open(o.Dir, o.Passphrase)
	if errors.Is(err, keys.ErrNone) {
		return Backup{}, fmt.Errorf("%w: %s", ErrNoHub, o.Dir)
	}
	if err != nil {
		return Backup{}, err
	}
	tmp, err := os.MkdirTemp("", "tram-hub-backup-*")
	if err != nil {
		return Backup{}, fmt.Errorf("room for the copy: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	m, err := copied(ctx, o, tmp, k)
	if err != nil {
		return Backup{}, err
	}
	part := out + ".part"
	b := Backup{Manifest: m, Sealed: len(to)}
	b.SHA256, err = pack(part, tmp, m, to)
	if err == nil {
		err = b.readBack(part)
	}
	if err == nil {
		err = os.Rename(part, out)
	}
	if err != nil {
		_ = os.Remove(part)
		return b, fmt.Errorf("write the backup: %w", err)
	}
	return b, nil
}

// readBack reads the written file again. Sealed for others it cannot be opened
// here, and its sum is compared; otherwise its files are, too.
func (b Backup) readBack(path string) error {
	x, err := sumOf(filepath.Dir(path), filepath.Base(path))
	if err == nil && x.SHA256 != b.SHA256 {
		err = fmt.Errorf("%w: what was read back is not what was written", ErrBackup)
	}
	if err == nil && b.Sealed == 0 {
		_, err = unpack(path, nil, "")
	}
	return err
}

// copied makes the copy and answers its manifest. The tables are copied first:
// the book is then the same or further, and gives them what they lack.
func copied(ctx context.Context, o Options, tmp string, k *keys.Keys) (Manifest, error) {
	m := Manifest{Format: backupFormat, Made: o.Clock()}
	var err error
	if m.Tables, err = placeOf(o.Dir); err != nil {
		return m, err
	}
	files := []string{keys.FileName}
	if m.Tables == InFile {
		if err := copyFile(o.Dir, tmp, DatabaseName, k); err != nil {
			return m, err
		}
		files = append(files, DatabaseName)
	}
	if err := copyFile(o.Dir, tmp, OfficeName, k); err != nil {
		return m, err
	}
	files = append(files, OfficeName)
	wrapped, err := keys.Raw(o.Dir)
	if err == nil {
		err = keys.Put(tmp, wrapped)
	}
	if err != nil {
		return m, err
	}
	cert, err := copyCertificate(o, tmp, k)
	if err != nil {
		return m, err
	}
	if err := m.look(ctx, tmp, k); err != nil {
		return m, err
	}
	for _, name := range append(files, cert...) {
		x, err := sumOf(tmp, name)
		if err != nil {
			return m, err
		}
		m.Files = append(m.Files, x)
	}
	m.MAC = m.mac(k)
	return m, nil
}

func copyFile(dir, tmp, name string, k *keys.Keys) error {
	f, err := sqlitefile.Open(filepath.Join(dir, name), sqlitefile.Options{Key: k.Data})
	if err != nil {
		return fmt.Errorf("copy %s: %w", name, err)
	}
	err = f.CopyTo(filepath.Join(tmp, name), k.Data)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("copy %s: %w", name, err)
	}
	return nil
}

// copyCertificate copies the certificate with its key sealed: by that key the
// sites know the hub. A hub that never ran has none yet.
func copyCertificate(o Options, tmp string, k *keys.Keys) ([]string, error) {
	plain, err := os.ReadFile(filepath.Join(o.Dir, certKeyName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	if err == nil {
		_, err = io.ReadFull(o.Rand, nonce)
	}
	if err != nil {
		return nil, fmt.Errorf("copy the certificate: %w", err)
	}
	sealed, err := sealTLS(k, plain, nonce)
	if err == nil {
		err = os.WriteFile(filepath.Join(tmp, sealedName), sealed, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("copy the certificate: %w", err)
	}
	cert, err := os.ReadFile(filepath.Join(o.Dir, certName))
	if errors.Is(err, os.ErrNotExist) {
		return []string{sealedName}, nil // made again from the key
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(tmp, certName), cert, 0o600)
	}
	return []string{sealedName, certName}, err
}

// look opens the copy, which holds each journal against its own signatures,
// and notes what it holds.
func (m *Manifest) look(ctx context.Context, dir string, k *keys.Keys) error {
	o, err := openOffice(filepath.Join(dir, OfficeName), k)
	if err != nil {
		return err
	}
	h, p := o.log.Head(), o.directory().Programme
	m.Size, m.Root, m.Programme, m.Name = h.Size, h.Hash.String(), p.Programme, p.Name
	if err := o.close(); err != nil {
		return err
	}
	m.Sites, m.Entries = 0, 0
	if m.Tables != InFile {
		return nil
	}
	db, err := hubdb.OpenSQLite(filepath.Join(dir, DatabaseName), sqlitefile.Options{Key: k.Data})
	if err != nil {
		return err
	}
	heads, err := db.Heads(ctx)
	for _, h := range heads {
		if h.Site != programme.Hub {
			m.Sites, m.Entries = m.Sites+1, m.Entries+h.Size
		}
	}
	return errors.Join(err, db.Close())
}

func sumOf(dir, name string) (packed, error) {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return packed{}, fmt.Errorf("read the copy: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return packed{}, fmt.Errorf("read the copy: %w", err)
	}
	return packed{name, hex.EncodeToString(h.Sum(nil)), n}, nil
}

// CheckBackup is the drill: it brings a hub's backup back in a scratch
// directory, opens it, and reads every journal against its signed tree.
func CheckBackup(ctx context.Context, path string, ids []age.Identity, unlock func(dir string) (*keys.Keys, error)) (Manifest, error) {
	tmp, err := os.MkdirTemp("", "tram-hub-drill-*")
	if err != nil {
		return Manifest{}, fmt.Errorf("room for the drill: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	m, k, err := bring(ctx, path, ids, tmp, unlock)
	if err != nil || m.Tables != InFile {
		return m, err
	}
	db, err := hubdb.OpenSQLite(filepath.Join(tmp, DatabaseName), sqlitefile.Options{Key: k.Data})
	if err != nil {
		return m, err
	}
	return m, errors.Join(db.Verify(ctx), db.Close())
}

// bring unpacks a backup into an empty directory and holds it against what it
// says of itself.
func bring(ctx context.Context, path string, ids []age.Identity, dir string, unlock func(dir string) (*keys.Keys, error)) (Manifest, *keys.Keys, error) {
	m, err := unpack(path, ids, dir)
	if err != nil {
		return m, nil, err
	}
	k, err := unlock(dir)
	if err != nil {
		return m, nil, err
	}
	if string(m.mac(k)) != string(m.MAC) {
		return m, nil, fmt.Errorf("%w: what it says of itself is not this hub's word", ErrBackup)
	}
	found := m
	if err := found.look(ctx, dir, k); err != nil {
		return m, nil, err
	}
	if found.Size != m.Size || found.Root != m.Root || found.Entries != m.Entries {
		return m, nil, fmt.Errorf("%w: it holds %d and %d entries, and says %d and %d", ErrBackup, found.Size, found.Entries, m.Size, m.Entries)
	}
	sealed, err := os.ReadFile(filepath.Join(dir, sealedName))
	if errors.Is(err, os.ErrNotExist) {
		return m, k, nil
	}
	var plain []byte
	if err == nil {
		plain, err = openTLS(k, sealed)
	}
	if err == nil {
		err = errors.Join(os.WriteFile(filepath.Join(dir, certKeyName), plain, 0o600), os.Remove(filepath.Join(dir, sealedName)))
	}
	return m, k, err
}

// Restore brings a hub's backup back into a directory that is empty or absent.
// The first hub that opens it goes on with numbers that no site has heard, see
// resumeNumbers.
func Restore(ctx context.Context, path string, ids []age.Identity, dir string, unlock func(dir string) (*keys.Keys, error)) (Manifest, error) {
	if there, err := os.ReadDir(dir); err == nil && len(there) > 0 {
		return Manifest{}, fmt.Errorf("restore the hub: %s is not empty; a hub is never overwritten", dir)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return Manifest{}, fmt.Errorf("restore the hub: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Clean(dir)), 0o700); err != nil {
		return Manifest{}, fmt.Errorf("restore the hub: %w", err)
	}
	part, err := os.MkdirTemp(filepath.Dir(filepath.Clean(dir)), ".tram-hub-*")
	if err != nil {
		return Manifest{}, fmt.Errorf("restore the hub: %w", err)
	}
	defer func() { _ = os.RemoveAll(part) }() // nothing, once it has its name
	m, _, err := bring(ctx, path, ids, part, unlock)
	if err != nil {
		return m, err
	}
	text, err := json.Marshal(restored{Made: m.Made, Size: m.Size})
	if err == nil {
		err = keys.WriteWhole(filepath.Join(part, restoredName), append(text, '\n'))
	}
	if err == nil {
		err = os.Remove(dir)
		if errors.Is(err, os.ErrNotExist) {
			err = nil
		}
	}
	if err == nil {
		err = os.Rename(part, dir)
	}
	if err != nil {
		return m, fmt.Errorf("restore the hub: %w", err)
	}
	return m, nil
}

// restored is what restoredName holds.
type restored struct {
	Made day.Instant `json:"made"`
	Size int64       `json:"size"`
}
