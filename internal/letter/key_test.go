package letter

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/binary"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"filippo.io/edwards25519"
)

// fieldPrime is 2^255-19, groupOrder the prime order of the group.
var (
	fieldPrime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	groupOrder = new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 252), mustBig("27742317777372353535851937790883648493"))
)

func mustBig(s string) *big.Int {
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		panic(s)
	}
	return n
}

// little is a number in 32 bytes, the smallest first.
func little(n *big.Int) []byte {
	b := n.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return b
}

func number(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

// times is p n times, for a small n.
func timesPoint(n int, p *edwards25519.Point) *edwards25519.Point {
	q := edwards25519.NewIdentityPoint()
	for range n {
		q.Add(q, p)
	}
	return q
}

// torsion is a point of order eight and its multiples: all points whose order
// divides eight, found and not copied: a point that is not of the prime order,
// times that order.
func torsion(t testing.TB) []*edwards25519.Point {
	t.Helper()
	one, err := edwards25519.NewScalar().SetCanonicalBytes(little(big.NewInt(1)))
	if err != nil {
		t.Fatal(err)
	}
	minusOne := edwards25519.NewScalar().Negate(one)
	for n := int64(2); ; n++ {
		p, err := new(edwards25519.Point).SetBytes(little(big.NewInt(n)))
		if err != nil {
			continue
		}
		small := new(edwards25519.Point).ScalarMult(minusOne, p)
		small.Add(small, p)
		if timesPoint(4, small).Equal(edwards25519.NewIdentityPoint()) == 1 {
			continue
		}
		if timesPoint(8, small).Equal(edwards25519.NewIdentityPoint()) != 1 {
			t.Fatal("the order's multiple is not of order eight")
		}
		var all []*edwards25519.Point
		for k := range 8 {
			all = append(all, timesPoint(k, small))
		}
		return all
	}
}

// secret is the scalar of a private key.
func secret(t testing.TB, key ed25519.PrivateKey) *edwards25519.Scalar {
	t.Helper()
	h := sha512.Sum512(key.Seed())
	s, err := edwards25519.NewScalar().SetBytesWithClamping(h[:32])
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func challenge(t testing.TB, r, a, msg []byte) *edwards25519.Scalar {
	t.Helper()
	h := sha512.Sum512(slices.Concat(r, a, msg))
	k, err := edwards25519.NewScalar().SetUniformBytes(h[:])
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func someKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

// TestSoundKeys: every key that a key maker makes is taken.
func TestSoundKeys(t *testing.T) {
	dice := rand.NewChaCha8([32]byte{1})
	for range 200 {
		seed := make([]byte, ed25519.SeedSize)
		_, _ = dice.Read(seed) // never fails
		if pub := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey); !sound(pub) {
			t.Fatalf("a good key is refused: %x", pub)
		}
	}
}

// TestUnsoundKeys: the points of small order, points mixed with one of them, and
// every second way to write a point are no keys.
func TestUnsoundKeys(t *testing.T) {
	small := torsion(t)
	pub := someKey(1).Public().(ed25519.PublicKey)
	a, err := new(edwards25519.Point).SetBytes(pub)
	if err != nil {
		t.Fatal(err)
	}
	for k, p := range small {
		if sound(p.Bytes()) {
			t.Errorf("point %d of small order is taken: %x", k, p.Bytes())
		}
		mixed := new(edwards25519.Point).Add(a, p).Bytes()
		if got := sound(mixed); got != (k == 0) {
			t.Errorf("a key with point %d of small order added: %v", k, got)
		}
	}
	found := 0
	for y := int64(0); y < 19; y++ { // y and y plus the prime both fit in 255 bits
		for _, sign := range []byte{0, 0x80} {
			b := little(new(big.Int).Add(fieldPrime, big.NewInt(y)))
			b[31] |= sign
			if _, err := new(edwards25519.Point).SetBytes(b); err == nil {
				found++
			}
			if sound(b) {
				t.Errorf("not in its one form, and taken: %x", b)
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d points have two forms: the test tests nothing", found)
	}
	for _, y := range []*big.Int{big.NewInt(1), new(big.Int).Sub(fieldPrime, big.NewInt(1))} {
		b := little(y)
		b[31] |= 0x80 // minus nought
		if sound(b) {
			t.Errorf("minus nought is taken: %x", b)
		}
	}
	for _, b := range [][]byte{nil, pub[:31], append(slices.Clone(pub), 0), little(big.NewInt(2))} {
		if sound(b) {
			t.Errorf("%x is no point and is taken", b)
		}
	}
}

// TestSignatureHasOneForm holds what the standard library promises and this
// package rests on: no second half that is not reduced, no first half in another
// form, nothing added or left out.
func TestSignatureHasOneForm(t *testing.T) {
	key, msg := someKey(2), []byte(clinicianDomain+"x")
	pub := key.Public().(ed25519.PublicKey)
	sig := ed25519.Sign(key, msg)
	if !ed25519.Verify(pub, msg, sig) {
		t.Fatal("a good signature is false")
	}
	for m := int64(1); ; m++ {
		s := new(big.Int).Add(number(sig[32:]), new(big.Int).Mul(groupOrder, big.NewInt(m)))
		if s.BitLen() > 256 {
			break
		}
		if ed25519.Verify(pub, msg, slices.Concat(sig[:32], little(s))) {
			t.Errorf("good with the order %d times added to its second half", m)
		}
	}
	for bit := range 8 * len(sig) {
		bad := slices.Clone(sig)
		bad[bit/8] ^= 1 << (bit % 8)
		if ed25519.Verify(pub, msg, bad) {
			t.Errorf("good with bit %d changed", bit)
		}
	}
	for _, bad := range [][]byte{nil, sig[:63], append(slices.Clone(sig), 0)} {
		if ed25519.Verify(pub, msg, bad) {
			t.Errorf("good with %d bytes", len(bad))
		}
	}
}

// TestFirstHalfOfSmallOrder: a signature whose first half is a point of small
// order, or is mixed with one, is false by any key that sound takes.
func TestFirstHalfOfSmallOrder(t *testing.T) {
	key, msg := someKey(3), []byte(siteDomain+"x")
	pub, a := key.Public().(ed25519.PublicKey), secret(t, key)
	for k, p := range torsion(t) {
		first := p.Bytes()
		s := edwards25519.NewScalar().Multiply(challenge(t, first, pub, msg), a)
		// With the neutral point this is the one signature that only the key's owner
		// can make: good, if odd. With the others it is false.
		if got := ed25519.Verify(pub, msg, slices.Concat(first, s.Bytes())); got != (k == 0) {
			t.Errorf("first half is point %d of small order: %v", k, got)
		}
	}
}

// TestWhyKeysAreLookedAt: by keys that sound refuses, the standard library finds
// signatures good that nobody made for that message. If it ever looks itself,
// this test says so.
func TestWhyKeysAreLookedAt(t *testing.T) {
	neutral := edwards25519.NewIdentityPoint().Bytes()
	nothing := slices.Concat(neutral, make([]byte, 32))
	for _, msg := range []string{"a dose of 85 mg", "a dose of 250 mg"} {
		if !ed25519.Verify(neutral, []byte(msg), nothing) {
			t.Errorf("%s: the library refuses the neutral point by itself now", msg)
		}
	}
	// A mixed key: one message in eight has a signature that is good without the
	// cofactor; with it all have.
	key := someKey(4)
	a, err := new(edwards25519.Point).SetBytes(key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	mixed := new(edwards25519.Point).Add(a, torsion(t)[1]).Bytes()
	good := 0
	for n := range uint32(64) {
		msg := binary.BigEndian.AppendUint32(nil, n)
		r := secret(t, someKey(5))
		first := new(edwards25519.Point).ScalarBaseMult(r).Bytes()
		s := edwards25519.NewScalar().MultiplyAdd(challenge(t, first, mixed, msg), secret(t, key), r)
		if ed25519.Verify(mixed, msg, slices.Concat(first, s.Bytes())) {
			good++
		}
	}
	if good == 0 || good == 64 {
		t.Errorf("%d of 64 are good: the library treats mixed keys otherwise now", good)
	}
}
