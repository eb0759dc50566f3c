package intake

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"
)

// parts is an opened XLSX: a zip whose names and sizes have been looked at
// before anything was inflated.
type parts map[string]*zip.File

// errLong says that a stretch of XML is longer than any spreadsheet writes.
var errLong = errors.New("a tag or a text of this length is in no spreadsheet")

// openParts looks at the list of a zip and refuses what no spreadsheet
// program writes: names that lead outside, names twice, too many entries,
// sizes above the limit. The declared sizes can be trusted from here on:
// archive/zip breaks off an entry that inflates to more than it declared.
func openParts(data []byte) (parts, *Problem) {
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, &Problem{Code: Unreadable}
	}
	if len(zr.File) > partsMax {
		return nil, &Problem{Code: Unsafe}
	}
	p, sum := parts{}, uint64(0)
	for _, f := range zr.File {
		name := strings.ReplaceAll(f.Name, "\\", "/")
		key := strings.ToLower(name)
		switch {
		case !safeName(name) || p[key] != nil:
			return nil, &Problem{Code: Unsafe, Value: quote(f.Name)}
		case f.Flags&1 != 0:
			return nil, &Problem{Code: Encrypted}
		case f.UncompressedSize64 > inflateMax || sum+f.UncompressedSize64 > inflateMax:
			return nil, &Problem{Code: Inflates}
		}
		sum += f.UncompressedSize64
		p[key] = f
	}
	return p, nil
}

// safeName says whether an entry's name stays inside the archive.
func safeName(name string) bool {
	if name == "" || len(name) > 255 || strings.HasPrefix(name, "/") || strings.ContainsAny(name, ":\x00") {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return false
		}
	}
	return true
}

// open opens the part of that name for reading as XML; nil when there is none.
// Names in an XLSX differ in case between programs.
func (p parts) open(name string) (io.ReadCloser, *Problem) {
	f := p[strings.ToLower(strings.TrimPrefix(path.Clean("/"+name), "/"))]
	if f == nil {
		return nil, nil
	}
	if f.UncompressedSize64 > partMax {
		return nil, &Problem{Code: Inflates, Value: quote(name)}
	}
	r, err := f.Open()
	if err != nil {
		return nil, &Problem{Code: Unreadable, Value: quote(name)}
	}
	return &shortTags{r: r}, nil
}

// shortTags breaks off XML in which no '>' comes for a long stretch. The XML
// decoder holds a whole tag or text in memory, with all attributes taken
// apart, so this bounds what one of them can cost.
type shortTags struct {
	r   io.ReadCloser
	run int
}

// Read reads on while no stretch is too long.
func (s *shortTags) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	last := bytes.LastIndexByte(b[:n], '>')
	first := bytes.IndexByte(b[:n], '>')
	if first < 0 {
		s.run += n
	} else {
		s.run += first
	}
	if s.run > markupMax {
		return 0, errLong
	}
	if last >= 0 {
		s.run = n - last - 1
	}
	return n, err
}

// Close closes the part.
func (s *shortTags) Close() error { return s.r.Close() }
