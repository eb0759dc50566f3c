package journal

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/day"
)

// algCosignature is the number of a cosignature in a key's text form
// (c2sp.org/tlog-cosignature): an Ed25519 signature with the time of signing.
const algCosignature = 4

const (
	stampLen  = 8
	headerFmt = "cosignature/v1\ntime %d\n"
)

// Cosigner signs receipts: the head of another's journal that is kept here.
type Cosigner struct {
	name string
	hash uint32
	key  ed25519.PrivateKey
}

// NewCosigner makes a cosigner from a secret seed. Its Verifier text is public.
func NewCosigner(name string, seed [32]byte) Cosigner {
	key := ed25519.NewKeyFromSeed(seed[:])
	return Cosigner{name, cosignerHash(name, key.Public().(ed25519.PublicKey)), key}
}

func cosignerHash(name string, pub ed25519.PublicKey) uint32 {
	h := sha256.Sum256(append([]byte(name+"\n"), append([]byte{algCosignature}, pub...)...))
	return binary.BigEndian.Uint32(h[:])
}

// Verifier is the public key in note form.
func (c Cosigner) Verifier() string {
	pub := append([]byte{algCosignature}, c.key.Public().(ed25519.PublicKey)...)
	return fmt.Sprintf("%s+%08x+%s", c.name, c.hash, base64.StdEncoding.EncodeToString(pub))
}

// timed signs at one time; it is the note package's signer for one receipt.
type timed struct {
	Cosigner
	at int64 // seconds
}

// Name is the cosigner's name.
func (t timed) Name() string { return t.name }

// KeyHash is the first four bytes of the key's hash.
func (t timed) KeyHash() uint32 { return t.hash }

// Sign signs a checkpoint's text together with the time.
func (t timed) Sign(text []byte) ([]byte, error) {
	sig := binary.BigEndian.AppendUint64(nil, uint64(t.at))
	return append(sig, ed25519.Sign(t.key, append(fmt.Appendf(nil, headerFmt, t.at), text...))...), nil
}

// Cosign signs that the first size entries of a journal with this root are
// kept here. signed is the journal's own checkpoint of that size, whose
// signature is kept beside ours; nil where it has none of just this size.
func (c Cosigner) Cosign(origin string, size int64, root tlog.Hash, signed []byte, v note.Verifier, now day.Instant) ([]byte, error) {
	n := &note.Note{Text: string(log.Checkpoint{Origin: origin, Size: uint64(size), Hash: root[:]}.Marshal())}
	if signed != nil {
		own, err := openNote(signed, note.VerifierList(v))
		if err != nil || own.Text != n.Text {
			return nil, fmt.Errorf("cosign %s at %d: the checkpoint is another one", origin, size)
		}
		n = own
	}
	text, err := note.Sign(n, timed{c, int64(now) / 1000})
	if err != nil {
		return nil, fmt.Errorf("cosign %s at %d: %w", origin, size, err)
	}
	return text, nil
}

// cosignVerifier checks cosignatures.
type cosignVerifier struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

// Name is the cosigner's name.
func (v cosignVerifier) Name() string { return v.name }

// KeyHash is the first four bytes of the key's hash.
func (v cosignVerifier) KeyHash() uint32 { return v.hash }

// Verify checks the time and the signature.
func (v cosignVerifier) Verify(text, sig []byte) bool {
	if len(sig) != stampLen+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	return ed25519.Verify(v.key, append(fmt.Appendf(nil, headerFmt, at), text...), sig[stampLen:])
}

// NewCosignVerifier reads the text that Cosigner.Verifier wrote.
func NewCosignVerifier(vkey string) (note.Verifier, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	hash, key64, _ := strings.Cut(rest, "+")
	key, err := base64.StdEncoding.DecodeString(key64)
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != algCosignature || name == "" {
		return nil, fmt.Errorf("the receipts' key is none")
	}
	v := cosignVerifier{name, cosignerHash(name, key[1:]), key[1:]}
	if hash != fmt.Sprintf("%08x", v.hash) {
		return nil, fmt.Errorf("the receipts' key is not the one of its name")
	}
	return v, nil
}

// ReadCosigned reads a receipt and checks that the cosigner signed it and that
// it speaks of the journal of that origin; at is when it was signed.
func ReadCosigned(receipt []byte, origin string, cosigner note.Verifier) (cp Checkpoint, at day.Instant, err error) {
	if len(receipt) > receiptMax {
		return cp, 0, fmt.Errorf("receipt: %d bytes, at most %d", len(receipt), receiptMax)
	}
	n, err := openNote(receipt, note.VerifierList(cosigner))
	if err != nil {
		return cp, 0, fmt.Errorf("receipt: %w", err)
	}
	var body log.Checkpoint
	rest, err := body.Unmarshal([]byte(n.Text))
	if err != nil || body.Origin != origin || len(rest) != 0 || len(body.Hash) != tlog.HashSize || body.Size > WholeMax {
		return cp, 0, fmt.Errorf("receipt: of another journal, or of another form: %w", ErrBroken)
	}
	sig, err := base64.StdEncoding.DecodeString(n.Sigs[0].Base64)
	if err != nil || len(sig) < 4+stampLen {
		return cp, 0, fmt.Errorf("receipt: without its time: %w", ErrBroken)
	}
	at = day.Instant(binary.BigEndian.Uint64(sig[4:])) * 1000
	return Checkpoint{Size: int64(body.Size), Hash: tlog.Hash(body.Hash), Note: receipt}, at, nil
}
