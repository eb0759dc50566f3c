package clinic

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"

	"tram/internal/access"
	"tram/internal/care/staff"
	"tram/internal/clinicdb"
	"tram/internal/id"
	"tram/internal/reason"
)

// MakeSigningKey makes the key with which a clinician signs letters. It lies on
// this PC under the person's own PIN; its public half goes to the programme,
// which names who may sign. A new key takes the place of an older one.
func (c *Clinic) MakeSigningKey(ctx context.Context, by access.Actor, form id.Form, pin string) (staff.KeyMade, error) {
	if err := c.stepUp(ctx, by, pin); err != nil {
		return staff.KeyMade{}, err
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(c.rand, seed); err != nil {
		return staff.KeyMade{}, fmt.Errorf("make a signing key: %w", err)
	}
	sealed, err := c.sealKey(by.Person, pin, seed)
	if err != nil {
		return staff.KeyMade{}, err
	}
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	f := staff.KeyMade{Person: by.Person, Key: base64.StdEncoding.EncodeToString(public)}
	return do[staff.KeyMade](ctx, c, &act{
		by: by, form: form, same: as(func(f staff.KeyMade) bool { return f.Person == by.Person }),
		decide: func(t *turn) ([]any, error) { return facts(f, t.allow(access.SendLetter, access.InCare)) },
		local:  func(tx *clinicdb.Tx) error { return tx.SetSigningKey(by.Person, sealed) },
	})
}

// signingKey opens a person's key with their PIN, which was proved before.
// TRANSFER-44: there is none on this PC, or it lies under an older PIN.
func (c *Clinic) signingKey(ctx context.Context, p id.Person, pin string) (ed25519.PrivateKey, error) {
	var sealed []byte
	err := c.db.View(ctx, func(v *clinicdb.View) (err error) {
		sealed, err = v.SigningKey(p)
		return err
	})
	if errors.Is(err, clinicdb.ErrNotFound) {
		return nil, reason.Refuse("TRANSFER-44")
	}
	if err != nil {
		return nil, fmt.Errorf("read the signing key of %s: %w", p, err)
	}
	if len(sealed) < saltLen+chacha20poly1305.NonceSizeX {
		return nil, reason.Refuse("TRANSFER-44")
	}
	aead, err := c.keyCipher(pin, sealed[:saltLen])
	if err != nil {
		return nil, err
	}
	nonce, box := sealed[saltLen:saltLen+chacha20poly1305.NonceSizeX], sealed[saltLen+chacha20poly1305.NonceSizeX:]
	seed, err := aead.Open(nil, nonce, box, []byte(p))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, reason.Refuse("TRANSFER-44")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// sealKey puts a seed under a PIN: salt, nonce, box. The PIN is short; the file
// around it is encrypted, and five wrong ones lock the person out.
func (c *Clinic) sealKey(p id.Person, pin string, seed []byte) ([]byte, error) {
	out := make([]byte, saltLen+chacha20poly1305.NonceSizeX)
	if _, err := io.ReadFull(c.rand, out); err != nil {
		return nil, fmt.Errorf("seal a signing key: %w", err)
	}
	aead, err := c.keyCipher(pin, out[:saltLen])
	if err != nil {
		return nil, err
	}
	return aead.Seal(out, out[saltLen:], seed, []byte(p)), nil
}

func (c *Clinic) keyCipher(pin string, salt []byte) (interface {
	Seal(dst, nonce, plaintext, additionalData []byte) []byte
	Open(dst, nonce, ciphertext, additionalData []byte) ([]byte, error)
}, error,
) {
	hashSlots <- struct{}{}
	defer func() { <-hashSlots }()
	return chacha20poly1305.NewX(argon2.IDKey([]byte("tram signing key\x00"+pin), salt, hashTime, c.hashKiB, 1, chacha20poly1305.KeySize))
}

// resealKey puts a person's key under a new PIN, or answers nil where there is
// none to put.
func (c *Clinic) resealKey(ctx context.Context, p id.Person, present, pin string) ([]byte, error) {
	key, err := c.signingKey(ctx, p, present)
	if reason.Rule(err) != "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return c.sealKey(p, pin, key.Seed())
}
