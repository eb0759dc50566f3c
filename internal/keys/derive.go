package keys

import (
	"crypto/hmac"
	"crypto/sha256"
)

// Labels of secrets that are derived from the database key, so that a file
// made before they were thought of has them too.
const (
	nkeyLabel     = "tram sync key 1"
	cosignerLabel = "tram receipt key 1"
)

// SyncSeed is the secret with which a site signs in for sync.
func (k *Keys) SyncSeed() [32]byte { return k.derive(nkeyLabel) }

// ReceiptSeed is the secret with which a hub signs receipts.
func (k *Keys) ReceiptSeed() [32]byte { return k.derive(cosignerLabel) }

func (k *Keys) derive(label string) [32]byte {
	mac := hmac.New(sha256.New, k.Data[:])
	mac.Write([]byte(label)) // a hash takes every write
	return [32]byte(mac.Sum(nil))
}
