package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"golang.org/x/crypto/argon2"
)

// DigestUse is what a digest key is sealed for.
const DigestUse = "tram digest key 1"

const (
	// digestLen is short on purpose: among twenty thousand numbers a stranger's
	// is taken for one of them once in two hundred thousand questions, and whoever
	// tries all numbers that can be finds strangers beside the people looked for.
	// Decision 0015 has the sums.
	digestLen = 4

	// DigestKiB is the memory that one digest takes. A registration makes one or
	// two; whoever tries all numbers makes thousands of millions.
	DigestKiB = 16 << 10

	digestKiBMax = 64 << 10 // what another program may ask of an old PC
)

// DigestSecret is the programme's key of digests of a generation. It is derived
// at the hub, so that a hub restored from a backup has the same.
func (k *Keys) DigestSecret(generation int) [32]byte {
	mac := hmac.New(sha256.New, k.Data[:])
	_, _ = fmt.Fprintf(mac, "tram identity digests 1\n%d", generation) // a hash never fails
	return [32]byte(mac.Sum(nil))
}

// Digest is the short keyed digest under which an identity number, in its one
// form, is looked for at sites that must not know the number. It is slow on
// purpose.
func Digest(secret [32]byte, costKiB int, number string) string {
	cost := uint32(min(max(costKiB, 8), digestKiBMax))
	sum := argon2.IDKey([]byte("tram identity digest 1\n"+number), secret[:], 1, cost, 1, digestLen)
	return hex.EncodeToString(sum)
}
