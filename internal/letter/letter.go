// Package letter writes site letters as bytes and reads them: what a giving
// site hands over so that another may dose a person on its days.
//
// A letter is signed by the giving site and by a clinician whom the programme
// named, and sealed to the one site it goes to: whoever finds it on the road
// learns which site it is for and nothing else. There is one encoding for each
// letter, so that a reprint is the same bytes and a changed bit is no letter.
// The package knows no journal, day or screen: whether the days are still to be
// had is care/transfer's question, asked with what was read here. Format:
// docs/spec/letter.md. Rules: docs/rules.md, LETTER-01 and on.
package letter

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/nacl/box"
	"golang.org/x/mod/sumdb/note"

	"tram/internal/care/programme"
	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// Draft is a letter before it is signed and sealed.
type Draft struct {
	Letter    transfer.Letter
	Head      [32]byte // hash of the giver's journal before the letter
	Issued    day.Day
	Clinician id.Person
}

// Signers are what a letter is made with.
type Signers struct {
	Programme string             // the programme's code, as in the directory
	Site      note.Signer        // of the giving site's journal
	Clinician ed25519.PrivateKey // of the person who issues it
}

// Receiver is who reads a letter.
type Receiver struct {
	Programme string
	Site      id.Site
	Box       [32]byte // private X25519 key of the site
}

// Read is a letter as it was read and found good, by keys known here.
type Read struct {
	Draft
	Raw    []byte // what was read, in its one form
	ByHand bool   // from the short form: no clinician's signature, no head and no note
}

// What is signed: a line that no checkpoint and no other letter begins with,
// then what stands outside of the seal, then the payload.
const (
	siteDomain      = "tram letter, site, 1\n"
	clinicianDomain = "tram letter, clinician, 1\n"
)

// magic and version stand before everything; another version is another magic.
var magic = [3]byte{'T', 'L', 1}

// Seal makes the bytes of a letter. to is the site it goes to.
func Seal(d Draft, to programme.Site, k Signers, rand io.Reader) ([]byte, error) {
	dest, err := boxKey(to.Box)
	if err != nil {
		return nil, fmt.Errorf("seal letter %s: the key of site %s: %w", d.Letter.ID, to.Site, err)
	}
	if d.Letter.To != to.Site {
		return nil, fmt.Errorf("seal letter %s: it goes to %s, not to %s", d.Letter.ID, d.Letter.To, to.Site)
	}
	d.Letter.Carried = Fit(d.Letter.Carried)
	body, err := encode(d)
	if err != nil {
		return nil, fmt.Errorf("seal letter %s: %w", d.Letter.ID, err)
	}
	out := head(k.Programme, to.Site)
	bySite, err := k.Site.Sign(signed(siteDomain, out, body))
	if err != nil || len(bySite) != ed25519.SignatureSize {
		return nil, fmt.Errorf("sign letter %s: %w", d.Letter.ID, errors.Join(err, errKey))
	}
	byClinician := ed25519.Sign(k.Clinician, signed(clinicianDomain, out, body))
	body = append(append(body, bySite...), byClinician...)
	out, err = box.SealAnonymous(out, body, dest, rand)
	if err != nil {
		return nil, fmt.Errorf("seal letter %s: %w", d.Letter.ID, err)
	}
	if len(out) > rawMax {
		return nil, fmt.Errorf("seal letter %s: %d bytes, at most %d", d.Letter.ID, len(out), rawMax)
	}
	return out, nil
}

// signed is the message that a key signs.
func signed(domain string, head, payload []byte) []byte {
	return slices.Concat([]byte(domain), head, payload)
}

// Fit is what of a person's record a letter has room for: a note that is too
// long ends in "…", line ends in it are blanks, and hidden characters go. The rest stays in the record
// where it was written.
func Fit(c transfer.Carried) transfer.Carried {
	c.Name = cut(c.Name, nameMax)
	c.Language = cut(c.Language, wordMax)
	c.Note = cut(c.Note, max(0, min(noteMax, textRoom-len(c.Name)-len(c.Code))))
	return c
}

// cut is one line of at most so many bytes.
func cut(s string, most int) string {
	const more = "…"
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case hidden(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	if len(s) <= most {
		return s
	}
	if most < len(more) {
		return ""
	}
	n := most - len(more)
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + more
}

// head is what stands outside of the seal: which programme, as a digest, and
// which site.
func head(prog string, to id.Site) []byte {
	sum := sha256.Sum256([]byte(prog))
	out := append([]byte{}, magic[:]...)
	out = append(out, sum[:4]...)
	out = append(out, byte(len(to)))
	return append(out, to...)
}

// Open reads the bytes of a letter: LETTER-01 they are none, LETTER-02 a letter
// of another programme, LETTER-03 of a newer program, TRANSFER-13 for another
// site, LETTER-04 damaged or not made for this site's key, LETTER-05 from a site
// that the directory does not have, LETTER-06 by a clinician whom the programme
// had not named on that day, TRANSFER-12 a signature is false, LETTER-12 from an
// installation that was replaced, nobody here knows when, LETTER-07 it was
// written after today: one of the two sites has a wrong date. Whether the days
// are still to be had, and a second scan, are care/transfer's questions.
func Open(raw []byte, me Receiver, dir programme.Directory, today day.Day) (Read, error) {
	none := Read{}
	sealed, err := outside(raw, me)
	if err != nil {
		return none, err
	}
	private, err := private(me.Box)
	if err != nil {
		return none, err
	}
	public := [32]byte(private.PublicKey().Bytes())
	body, ok := box.OpenAnonymous(nil, sealed, &public, &me.Box)
	if !ok || len(body) <= 2*ed25519.SignatureSize {
		return none, reason.Refuse("LETTER-04")
	}
	cut := len(body) - 2*ed25519.SignatureSize
	payload, bySite, byClinician := body[:cut], body[cut:cut+ed25519.SignatureSize], body[cut+ed25519.SignatureSize:]
	d, err := decode(payload)
	if err != nil {
		return none, reason.Refuse("LETTER-04")
	}
	if d.Letter.To != me.Site {
		return none, reason.Refuse("TRANSFER-13", "site", string(d.Letter.To))
	}
	if err := checkSignatures(d, raw[:len(raw)-len(sealed)], payload, bySite, byClinician, dir); err != nil {
		return none, err
	}
	if err := timely(d, dir, today); err != nil {
		return none, err
	}
	return Read{Draft: d, Raw: raw}, nil
}

// timely looks at when a letter was written, and on which installation. One of an
// installation that has a successor is good up to a certain entry; while nobody
// here knows which, that is not known, and not a no. A number that is newer than
// any known here is the newest.
func timely(d Draft, dir programme.Directory, today day.Day) error {
	from, ok := dir.Site(d.Letter.From)
	if _, known := from.Ended(d.Letter.Number); ok && !known && d.Letter.Number < from.Number {
		return reason.Refuse("LETTER-12", "site", string(from.Site))
	}
	if d.Issued > today {
		return reason.Refuse("LETTER-07", "day", d.Issued, "today", today)
	}
	return nil
}

func checkSignatures(d Draft, head, payload, bySite, byClinician []byte, dir programme.Directory) error {
	from, ok := dir.Site(d.Letter.From)
	if !ok {
		return reason.Refuse("LETTER-05", "site", string(d.Letter.From))
	}
	siteKey, err := siteVerifier(from.Verifier)
	if err != nil {
		return fmt.Errorf("the directory's key of site %s: %w", from.Site, err)
	}
	if !siteKey.Verify(signed(siteDomain, head, payload), bySite) {
		return reason.Refuse("TRANSFER-12")
	}
	who, ok := dir.Clinician(d.Clinician)
	if !ok || !who.Signs(d.Issued) {
		return reason.Refuse("LETTER-06")
	}
	key, err := clinicianKey(who.Key)
	if err != nil {
		return fmt.Errorf("the directory's key of clinician %s: %w", d.Clinician, err)
	}
	if !ed25519.Verify(key, signed(clinicianDomain, head, payload), byClinician) {
		return reason.Refuse("TRANSFER-12")
	}
	return nil
}

// outside reads what stands before the seal and answers the seal.
func outside(raw []byte, me Receiver) ([]byte, error) {
	switch {
	case len(raw) < len(magic)+5 || raw[0] != magic[0] || raw[1] != magic[1]:
		return nil, reason.Refuse("LETTER-01")
	case raw[2] != magic[2]:
		return nil, reason.Refuse("LETTER-03")
	case len(raw) > rawMax:
		return nil, reason.Refuse("LETTER-01")
	}
	n := int(raw[7])
	if n == 0 || n > siteMax || len(raw) < 8+n {
		return nil, reason.Refuse("LETTER-01")
	}
	sum := sha256.Sum256([]byte(me.Programme))
	if [4]byte(raw[3:7]) != [4]byte(sum[:4]) {
		return nil, reason.Refuse("LETTER-02")
	}
	to := string(raw[8 : 8+n])
	if !siteCode(to) {
		return nil, reason.Refuse("LETTER-01")
	}
	if id.Site(to) != me.Site {
		return nil, reason.Refuse("TRANSFER-13", "site", to)
	}
	return raw[8+n:], nil
}
