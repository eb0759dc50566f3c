package letter

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"strconv"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/nacl/box"

	"tram/internal/care/programme"
	"tram/internal/id"
)

// ErrNotOurs says that a letter was not sealed by this site with Chance: by
// another one, by an older program, or to a key that the other site no longer
// has. The letter may be good; its giver cannot read it again.
var ErrNotOurs = errors.New("not a letter that this site can read again")

// Gave names a giving in this site's own journal.
type Gave struct {
	Letter id.Letter
	To     id.Site
	Number int   // of the installation that gave
	Seq    int64 // place of the giving in its journal
}

const chanceLabel = "tram letter, chance, 1"

// Chance is the chance with which a site seals one of its letters: made from its
// own secret, so that it can read the letter again and print its short form with
// a reprint. To everybody else it is chance like any other. It is good for one
// letter: an id, a number and a place stand for one content for ever.
func Chance(me Receiver, g Gave) io.Reader { return bytes.NewReader(chance(me, g)) }

func chance(me Receiver, g Gave) []byte {
	use := chanceLabel + "\n" + string(g.Letter) + "\n" + strconv.Itoa(g.Number) + "\n" + strconv.FormatInt(g.Seq, 10)
	return pairKey(me.Box[:], use, me.Programme, me.Site, g.To)
}

// Reopen reads a letter that this site gave and sealed with Chance, from its own
// record; ErrNotOurs where it cannot. Signatures are not looked at: it is for
// printing the short form beside the same bytes, and accepts nothing.
func Reopen(raw []byte, me Receiver, to programme.Site, g Gave) (Draft, error) {
	sealed, err := outside(raw, Receiver{Programme: me.Programme, Site: g.To})
	if err != nil || to.Site != g.To || len(sealed) < box.AnonymousOverhead {
		return Draft{}, fmt.Errorf("letter %s: %w", g.Letter, ErrNotOurs)
	}
	dest, err := boxKey(to.Box)
	if err != nil {
		return Draft{}, fmt.Errorf("letter %s: the key of site %s: %w", g.Letter, to.Site, err)
	}
	once := [32]byte(chance(me, g))
	k, err := ecdh.X25519().NewPrivateKey(once[:])
	if err != nil {
		return Draft{}, fmt.Errorf("letter %s: %w", g.Letter, err)
	}
	public := k.PublicKey().Bytes()
	if !bytes.Equal(public, sealed[:len(public)]) {
		return Draft{}, fmt.Errorf("letter %s: %w", g.Letter, ErrNotOurs)
	}
	nonce, err := sealNonce(public, dest[:])
	if err != nil {
		return Draft{}, fmt.Errorf("letter %s: %w", g.Letter, err)
	}
	body, ok := box.Open(nil, sealed[len(public):], nonce, dest, &once)
	if !ok || len(body) <= 2*ed25519.SignatureSize {
		return Draft{}, fmt.Errorf("letter %s: %w", g.Letter, ErrNotOurs)
	}
	d, err := decode(body[:len(body)-2*ed25519.SignatureSize])
	if err != nil || d.Letter.ID != g.Letter || d.Letter.From != me.Site || d.Letter.To != g.To {
		return Draft{}, fmt.Errorf("letter %s: %w", g.Letter, ErrNotOurs)
	}
	return d, nil
}

// sealNonce is the nonce of an anonymous box: a hash of its two public keys, so
// that whoever made the one can open it like any other box between the two.
func sealNonce(once, dest []byte) (*[24]byte, error) {
	h, err := blake2b.New(24, nil)
	if err != nil {
		return nil, fmt.Errorf("nonce: %w", err)
	}
	h.Write(once) // a hash takes every write
	h.Write(dest)
	return (*[24]byte)(h.Sum(nil)), nil
}
