package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strings"

	"tram/internal/day"
	"tram/internal/id"
)

// ErrCode says that a text is no code to join by: a character is wrong or
// missing.
var ErrCode = errors.New("this is not a code to join by; one character may be wrong")

// Code is what people carry from the hub to a site, once: where the hub is, by
// which key it is known, and a secret that is good for one site and one hour.
type Code struct {
	Host   string   // address and port
	Pin    [16]byte // beginning of the hash of the hub's TLS key
	Secret [10]byte
}

const (
	codeVersion = 1
	codeSum     = 3 // bytes of the check at the end
	hostMax     = 120
)

// letters is Crockford's alphabet, in which no two characters look alike.
var letters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// String is the code in groups of five, to be read aloud or typed.
func (c Code) String() string {
	b := append([]byte{codeVersion}, c.Pin[:]...)
	b = append(append(b, c.Secret[:]...), c.Host...)
	sum := sha256.Sum256(b)
	text := letters.EncodeToString(append(b, sum[:codeSum]...))
	var groups []string
	for ; len(text) > 5; text = text[5:] {
		groups = append(groups, text[:5])
	}
	return strings.Join(append(groups, text), "-")
}

// ParseCode reads a code as it was typed: blanks, dashes, case and the letters
// that Crockford's alphabet leaves out do not matter.
func ParseCode(text string) (Code, error) {
	text = strings.NewReplacer(" ", "", "-", "", "–", "", "\n", "", "\t", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(text))
	b, err := letters.DecodeString(text)
	var c Code
	least := 1 + len(c.Pin) + len(c.Secret) + codeSum
	if err != nil || len(b) <= least || len(b) > least+hostMax || b[0] != codeVersion {
		return Code{}, ErrCode
	}
	body, check := b[:len(b)-codeSum], b[len(b)-codeSum:]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:codeSum], check) {
		return Code{}, ErrCode
	}
	body = body[1:]
	copy(c.Pin[:], body)
	copy(c.Secret[:], body[len(c.Pin):])
	c.Host = string(body[len(c.Pin)+len(c.Secret):])
	return c, nil
}

// Application is what a site says of itself when it asks to join.
type Application struct {
	Secret    []byte  `json:"secret"` // of the code
	Programme string  `json:"programme"`
	Site      id.Site `json:"site"`
	Name      string  `json:"name"`
	Language  string  `json:"language"`
	Number    int     `json:"number"`
	Verifier  string  `json:"verifier"`
	Box       string  `json:"box"`
	NKey      string  `json:"nkey"`
}

// Words are what people at both ends compare on the telephone: eight
// characters that come from the site's key.
func (a Application) Words() string {
	return WordsOf(a.Verifier + "\n" + a.NKey + "\n" + a.Box)
}

// WordsOf is a key, of a site or of a person who signs letters, as people
// compare it on the telephone.
func WordsOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	text := letters.EncodeToString(sum[:5])
	return text[:4] + " " + text[4:]
}

// Reply is the hub's answer to an application.
type Reply struct {
	State     string            `json:"state"`          // waiting, approved or refused
	Rule      string            `json:"rule,omitempty"` // of a refusal
	Args      map[string]string `json:"args,omitempty"`
	Why       string            `json:"why,omitempty"`       // in the words of the person who refused
	Programme string            `json:"programme,omitempty"` // approved:
	Verifier  string            `json:"verifier,omitempty"`
	Cosigner  string            `json:"cosigner,omitempty"`
	Path      string            `json:"path,omitempty"` // where to connect
	Now       day.Instant       `json:"now,omitempty"`
}

// The states of an application.
const (
	Waiting  = "waiting"
	Approved = "approved"
	Turned   = "refused"
)

// JoinPath is where a site asks to join.
const JoinPath = "/join"
