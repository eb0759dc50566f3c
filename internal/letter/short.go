package letter

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"strings"

	"tram/internal/care/programme"
	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// The short form is for hands: a letter in about ten lines of three groups of
// five characters, where no scanner, camera or network helps. A code by the
// secret that the two sites share stands for the signatures, and hides what the
// letter says; a clinician's signature is not in it. It leaves out the hash of
// the giver's journal and the note.
const (
	shortVersion = 1  // the first character after the sites
	tagLen       = 7  // bytes of the code: 56 bits
	lineData     = 14 // characters of a line, and one to check them
	groupLen     = 5
	shortMin     = 4 * lineData // characters below which a text is not tried as a short form
	shortMax     = 600
)

// crockford is base 32 without I, L, O and U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var (
	shortSexes     = []string{"", "f", "m"}
	shortLanguages = []string{"", "vi", "en"}
)

// quarter is the step in which the hour of the last dose is told. It is told too
// late rather than too early, so that nobody is dosed too soon.
const (
	quarter   = 15 * 60 * 1000
	wholeDay  = 24 * 60 * 60 * 1000
	firstBits = 16
	whyBits   = 3
)

// Short is the short form of a letter that is given here, as lines to print.
// The same letter has the same short form every time. It shows who it goes to
// and from, and nothing else. As with the letter, no character of it may be seen
// before the giving is on a second medium.
func Short(d Draft, to programme.Site, me Receiver) (string, error) {
	l := d.Letter
	if l.From != me.Site || l.To != to.Site {
		return "", fmt.Errorf("short form of letter %s: from %s to %s, asked at %s for %s", l.ID, l.From, l.To, me.Site, to.Site)
	}
	d.Letter.Carried = Fit(l.Carried)
	plain, err := pack(d)
	if err != nil {
		return "", fmt.Errorf("short form of letter %s: %w", l.ID, err)
	}
	secret, err := common(me, to)
	if err != nil {
		return "", fmt.Errorf("short form of letter %s: %w", l.ID, err)
	}
	tag := sum(pairKey(secret, shortMAC, me.Programme, l.From, l.To), plain)[:tagLen]
	sealed := append(tag, mask(secret, me.Programme, l.From, l.To, tag, plain)...)
	return lines(l.From, l.To, sealed), nil
}

// lines sets the sealed bytes in lines, the sites first.
func lines(from, to id.Site, sealed []byte) string {
	body := string(crockford[shortVersion]) + strings.ToUpper(id.Encode(sealed))
	var sb strings.Builder
	sb.WriteString(id.CheckCode(string(from) + "-" + string(to)))
	for n := 0; len(body) > 0; n++ {
		cut := min(lineData, len(body))
		sb.WriteByte('\n')
		writeGroups(&sb, body[:cut]+string(crockford[check(body[:cut], n)]))
		body = body[cut:]
	}
	return sb.String()
}

func writeGroups(sb *strings.Builder, line string) {
	for len(line) > groupLen {
		sb.WriteString(line[:groupLen])
		sb.WriteByte(' ')
		line = line[groupLen:]
	}
	sb.WriteString(line)
}

// mask hides and shows: the stream is made from the code, which is made from
// what is hidden, so that one letter has one short form and two letters never
// share a stream.
func mask(secret []byte, prog string, from, to id.Site, tag, text []byte) []byte {
	key := pairKey(secret, shortCipher, prog, from, to)
	stream, err := hkdf.Expand(sha256.New, key, shortStream+string(tag), len(text))
	if err != nil {
		panic(fmt.Sprintf("letter: %v", err)) // shortMax characters are never too many
	}
	out := make([]byte, len(text))
	for i := range text {
		out[i] = text[i] ^ stream[i]
	}
	return out
}

// IsShort says whether a text is to be tried as a short form: letters, digits
// and what people put between groups, and enough of them.
func IsShort(text string) bool {
	n := 0
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			n++
		case !separator(r):
			return false
		}
	}
	return n >= shortMin
}

func separator(r rune) bool { return strings.ContainsRune(" -–—_.\t\r\n", r) }

// OpenShort reads a short form: LETTER-01 it is none, LETTER-08 which line is
// mistyped (the line with the sites is the first), LETTER-03 it is of a newer
// program, TRANSFER-13 it is for another site, LETTER-05 from a site that the
// directory does not have, LETTER-09 the code does not fit, LETTER-12 and
// LETTER-07 as in Open. The caller counts LETTER-09 and stops at a few.
func OpenShort(text string, me Receiver, dir programme.Directory, today day.Day) (Read, error) {
	none := Read{}
	from, to, sealed, err := typedLines(text)
	if err != nil {
		return none, err
	}
	if to != me.Site {
		return none, reason.Refuse("TRANSFER-13", "site", string(to))
	}
	giver, ok := dir.Site(from)
	if !ok {
		return none, reason.Refuse("LETTER-05", "site", string(from))
	}
	secret, err := common(me, giver)
	if err != nil {
		return none, err
	}
	tag := sealed[:tagLen]
	plain := mask(secret, me.Programme, from, to, tag, sealed[tagLen:])
	want := sum(pairKey(secret, shortMAC, me.Programme, from, to), plain)[:tagLen]
	if !hmac.Equal(tag, want) {
		return none, reason.Refuse("LETTER-09", "site", string(from))
	}
	d, err := unpack(plain, from, to)
	if err != nil {
		return none, reason.Refuse("LETTER-09", "site", string(from))
	}
	if err := timely(d, dir, today); err != nil {
		return none, err
	}
	return Read{Draft: d, Raw: []byte(lines(from, to, sealed)), ByHand: true}, nil
}

// typedLines reads the lines of a short form as people type them.
func typedLines(text string) (from, to id.Site, sealed []byte, err error) {
	if len(text) > textMax || !IsShort(text) {
		return "", "", nil, reason.Refuse("LETTER-01")
	}
	words := strings.FieldsFunc(strings.ToUpper(text), separator)
	if len(words) < 3 {
		return "", "", nil, reason.Refuse("LETTER-01")
	}
	body := strings.Join(words[2:], "")
	head := words[0] + "-" + words[1]
	if !siteCode(words[0]) || !siteCode(words[1]) || id.CheckCode(head) != head+"-"+body[:1] {
		return "", "", nil, reason.Refuse("LETTER-08", "line", 1)
	}
	body = strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(body[1:])
	if len(body) > shortMax {
		return "", "", nil, reason.Refuse("LETTER-01")
	}
	var data strings.Builder
	for n := 0; len(body) > 0; n++ {
		cut := min(lineData, len(body)-1)
		if strings.Trim(body[:cut+1], crockford) != "" || body[cut] != crockford[check(body[:cut], n)] {
			return "", "", nil, reason.Refuse("LETTER-08", "line", n+2)
		}
		data.WriteString(body[:cut])
		body = body[cut+1:]
	}
	typed := data.String()
	if typed[0] != crockford[shortVersion] {
		return "", "", nil, reason.Refuse("LETTER-03")
	}
	if sealed, err = unCrockford(typed[1:]); err != nil {
		return "", "", nil, err
	}
	return id.Site(words[0]), id.Site(words[1]), sealed, nil
}

// unCrockford reads bytes of base 32; bits that are left over must be zero.
func unCrockford(s string) ([]byte, error) {
	out := make([]byte, 0, len(s)*5/8)
	acc, n := uint32(0), 0
	for i := range len(s) {
		acc, n = acc<<5|uint32(strings.IndexByte(crockford, s[i])), n+5
		if n >= 8 {
			n -= 8
			out = append(out, byte(acc>>n))
		}
	}
	if len(out) <= tagLen || strings.ToUpper(id.Encode(out)) != s {
		return nil, reason.Refuse("LETTER-04")
	}
	return out, nil
}

// check is the last character of line n over its others: a sum over the field of
// 32 elements in which each place weighs differently, so that one wrong
// character, two neighbours in each other's place and a line in another's place
// are always found.
func check(line string, n int) byte {
	c, weight := byte(0), byte(1)
	for i := range len(line) {
		weight = times2(weight)
		c ^= times(weight, byte(strings.IndexByte(crockford, line[i])))
	}
	for i := len(line); i < lineWeight; i++ {
		weight = times2(weight)
	}
	return c ^ times(weight, byte(n)%32)
}

// lineWeight is the power of two by which a line's number weighs; those of its
// characters are smaller.
const lineWeight = 20

// times2 and times multiply in the field of 32 elements, x^5 + x^2 + 1.
func times2(a byte) byte { return (a<<1 ^ a>>4*0b100101) & 31 }

func times(a, b byte) byte {
	p := byte(0)
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			p ^= a
		}
		a = times2(a)
	}
	return p
}

// pack writes what the short form tells. Do not reorder.
func pack(d Draft) ([]byte, error) {
	l := d.Letter
	why, err := whyOf(d)
	if err != nil {
		return nil, err
	}
	if l.First >= 1<<firstBits {
		return nil, fmt.Errorf("%w: its first day", errLetter)
	}
	w := &bits{}
	w.ident(string(l.ID))
	w.ident(string(l.Patient))
	w.count(int64(l.Number), 2)
	w.count(l.Seq, 5)
	w.put(uint64(l.First), firstBits)
	w.signed(int64(l.First-d.Issued), 3)
	w.count(span(l.First, l.Last), 5)
	w.put(uint64(why), whyBits)
	w.amount(l.Amount)
	if w.flag(l.Order != "") {
		w.ident(string(l.Order))
	}
	if w.flag(l.OrderLast != day.Never) {
		w.signed(int64(l.OrderLast-l.First), 6)
	}
	packLast(w, l)
	w.count(int64(l.TakeHome), 2)
	packCode(w, l)
	w.name(l.Name)
	packBirth(w, l.Birth)
	w.word(shortSexes, l.Sex)
	w.word(shortLanguages, l.Language)
	return w.b, w.err
}

func packLast(w *bits, l transfer.Letter) {
	if w.flag(l.LastDay != day.Never) {
		w.signed(int64(l.First-l.LastDay), 3)
	}
	if w.flag(l.LastAmount != l.Amount) {
		w.amount(l.LastAmount)
	}
	if w.flag(l.LastAt != 0) {
		w.signed(quarters(l), 8)
	}
	w.count(int64(l.Missed), 2)
}

// quarters is the time of the last dose in quarters of an hour after its day
// began in UTC, rounded up.
func quarters(l transfer.Letter) int64 {
	ms := int64(l.LastAt) - int64(l.LastDay)*wholeDay
	q := ms / quarter
	if ms > q*quarter {
		q++
	}
	return q
}

// packCode writes a patient's code; one with the number of the giving or the
// receiving site is that number.
func packCode(w *bits, l transfer.Letter) {
	for i, s := range []id.Site{l.From, l.To} {
		if n, ok := codeNumber(l.Code, s); ok {
			w.put(uint64(i)+1, 2)
			w.count(n, 7)
			return
		}
	}
	w.put(0, 2)
	w.utf8(l.Code)
}

func codeOf(s id.Site, n int64) string { return id.CheckCode(fmt.Sprintf("%s-%04d", s, n)) }

func codeNumber(code string, s id.Site) (int64, bool) {
	n := int64(0)
	rest, ok := strings.CutPrefix(code, string(s)+"-")
	if !ok || len(rest) > codeMax {
		return 0, false
	}
	digits, _, _ := strings.Cut(rest, "-")
	for _, r := range digits {
		if r < '0' || r > '9' || n > numberMax/20 {
			return 0, false
		}
		n = 10*n + int64(r-'0')
	}
	return n, codeOf(s, n) == code
}

const (
	birthYear     = 1800 // the earliest that package day knows
	birthYearBits = 9
	monthBits     = 4
	domBits       = 5
)

func packBirth(w *bits, b day.Partial) {
	if !w.flag(b.Known()) {
		return
	}
	w.put(uint64(b.Year-birthYear), birthYearBits)
	w.put(uint64(b.Month), monthBits)
	if b.Month != 0 {
		w.put(uint64(b.Dom), domBits)
	}
}

// unpack reads what pack wrote, in the one form in which it writes it.
func unpack(b []byte, from, to id.Site) (Draft, error) {
	r := &unbits{b: b}
	var d Draft
	l := &d.Letter
	l.From, l.To = from, to
	l.ID, l.Patient = id.Letter(r.ident()), id.Patient(r.ident())
	l.Number, l.Seq = int(r.count(2)), r.count(5)
	l.First = day.Day(r.take(firstBits))
	d.Issued = l.First - day.Day(r.signed(3))
	if n := r.count(5); n > 0 {
		l.Last = l.First + day.Day(n) - 1
	}
	if why := r.take(whyBits); why < uint64(len(whys)) {
		l.Why = whys[why]
	}
	l.Amount = r.amount()
	if r.flag() {
		l.Order = id.Order(r.ident())
	}
	if r.flag() {
		l.OrderLast = l.First + day.Day(r.signed(6))
	}
	unpackLast(r, l)
	l.TakeHome = int(r.count(2))
	switch code := r.take(2); code {
	case 0:
		l.Code = r.utf8()
	case 1:
		l.Code = codeOf(from, r.count(7))
	case 2:
		l.Code = codeOf(to, r.count(7))
	}
	l.Name = r.name()
	l.Birth = unpackBirth(r)
	l.Sex, l.Language = r.word(shortSexes), r.word(shortLanguages)
	if r.bad {
		return Draft{}, errLetter
	}
	again, err := pack(d)
	if err != nil || !bytes.Equal(again, b) {
		return Draft{}, errLetter
	}
	return d, nil
}

func unpackLast(r *unbits, l *transfer.Letter) {
	if r.flag() {
		l.LastDay = l.First - day.Day(r.signed(3))
	}
	l.LastAmount = l.Amount
	if r.flag() {
		l.LastAmount = r.amount()
	}
	if r.flag() {
		l.LastAt = day.Instant(int64(l.LastDay)*wholeDay + r.signed(8)*quarter)
	}
	l.Missed = int(r.count(2))
}

func unpackBirth(r *unbits) day.Partial {
	if !r.flag() {
		return day.Partial{}
	}
	b := day.Partial{Year: int(r.take(birthYearBits)) + birthYear, Month: int(r.take(monthBits))}
	if b.Month != 0 {
		b.Dom = int(r.take(domBits))
	}
	return b
}
