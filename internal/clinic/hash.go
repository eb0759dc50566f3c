package clinic

import (
	"fmt"
	"io"

	"tram/internal/care/staff"
)

// HashSecret is a secret as it may be kept, at the cost that this door uses;
// for other doors than a clinic's.
func HashSecret(secret string, rand io.Reader, memoryKiB uint32) (string, error) {
	salt := make([]byte, saltLen)
	if _, err := io.ReadFull(rand, salt); err != nil {
		return "", fmt.Errorf("hash a secret: %w", err)
	}
	if memoryKiB == 0 {
		memoryKiB = hashMemory
	}
	return hashSecret(onePassword(secret), salt, memoryKiB), nil
}

// SecretOK says whether a secret is the one that was hashed.
func SecretOK(hash, secret string) bool { return secretOK(hash, onePassword(secret)) }

// CheckPassword refuses a password that is too short or that people try first,
// for whoever has these duties.
func CheckPassword(password string, of staff.Member, site string) error {
	return staff.CheckPassword(onePassword(password), of, site, commonPasswords)
}
