package intake

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// notText says whether bytes are plainly no table of text: files with a known
// beginning, and anything with a NUL that is not UTF-16.
func notText(data []byte) bool {
	for _, begin := range []string{"%PDF", "\x89PNG", "GIF8", "\xff\xd8\xff", "MZ", "\x7fELF", "{\\rtf", "SQLite format", "Rar!", "7z\xbc\xaf", "\x1f\x8b"} {
		// Two letters are also how a name begins: a program has a NUL, too.
		if bytes.HasPrefix(data, []byte(begin)) && (len(begin) > 2 || bytes.IndexByte(data, 0) >= 0 || begin[0] == 0x1f) {
			return true
		}
	}
	if wide(data) {
		return false
	}
	start := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\ufeff")), " \t\r\n")
	return bytes.IndexByte(data, 0) >= 0 || bytes.HasPrefix(start, []byte("<")) || bytes.HasPrefix(start, []byte("{\""))
}

// wide says whether data begins with a mark of UTF-16.
func wide(data []byte) bool {
	return bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff})
}

// decode makes UTF-8 of a CSV. Windows-1258, TCVN3 and VNI cannot be told
// apart for certain by their bytes, so none is guessed: what is not UTF-8 is a
// problem that names the first such byte, and a person declares the encoding.
func decode(data []byte, declared Encoding) (string, Encoding, *Problem) {
	switch {
	case wide(data) && (declared == "" || declared == UTF16):
		return decodeWide(data)
	case declared == Windows1258:
		b, err := charmap.Windows1258.NewDecoder().Bytes(data)
		if err != nil {
			return "", declared, &Problem{Code: NotUTF8}
		}
		s := string(b)
		if i := strings.IndexRune(s, utf8.RuneError); i >= 0 {
			line, column := position(s[:i])
			return "", declared, &Problem{Line: line, Column: column, Code: Lost}
		}
		return norm.NFC.String(lines(s)), declared, nil
	case declared != "" && declared != UTF8:
		return "", declared, &Problem{Code: NotUTF8, Value: quote(string(declared))}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if i := invalid(data); i >= 0 {
		line, column := position(string(data[:i]))
		return "", "", &Problem{Line: line, Column: column, Code: NotUTF8, Value: hexByte(data[i])}
	}
	return lines(string(data)), UTF8, nil
}

// lines ends every line as Unix does. The old Macintosh ended them with a bare
// CR, which the CSV reader would take for part of a cell.
func lines(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// decodeWide reads UTF-16, the "Unicode text" of spreadsheets.
func decodeWide(data []byte) (string, Encoding, *Problem) {
	if len(data)%2 != 0 {
		return "", UTF16, &Problem{Code: Unreadable}
	}
	low, high := 0, 1
	if data[0] == 0xfe {
		low, high = 1, 0
	}
	u := make([]uint16, 0, len(data)/2)
	for i := 2; i < len(data); i += 2 {
		u = append(u, uint16(data[i+low])|uint16(data[i+high])<<8)
	}
	s := string(utf16.Decode(u))
	if i := strings.IndexAny(s, "\ufffd\x00"); i >= 0 {
		line, column := position(s[:i])
		return "", UTF16, &Problem{Line: line, Column: column, Code: NotUTF8}
	}
	return lines(s), UTF16, nil
}

// invalid is the index of the first byte that is no UTF-8, or -1.
func invalid(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// position is the line, and as text the character in it, that follows before.
func position(before string) (int, string) {
	line := 1 + strings.Count(before, "\n")
	return line, strconv.Itoa(1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]))
}

// hexByte writes a byte as people look it up: "0xD0".
func hexByte(b byte) string {
	const digits = "0123456789ABCDEF"
	return "0x" + string(digits[b>>4]) + string(digits[b&15])
}
