package faultfs

import "slices"

// page is how much of a file is kept as one piece.
const page = 4096

// content is the bytes of a file, in pieces that are never changed once they
// are here: copies of a disk share them, and what is seen and what is durable
// are mostly the same ones.
type content struct {
	size  int64
	pages [][]byte // each of page bytes; nil is all zeros
}

// change is a write, or a truncation when data is nil. Its data is never
// changed afterwards.
type change struct {
	at   int64
	data []byte
}

func (b *content) copy() content { return content{b.size, slices.Clone(b.pages)} }

// read fills p from a place on, as far as there is something.
func (b *content) read(p []byte, from int64) int {
	n := 0
	for n < len(p) && from < b.size {
		i, at := int(from/page), int(from%page)
		most := min(len(p)-n, page-at, int(b.size-from))
		if b.pages[i] == nil {
			clear(p[n : n+most])
		} else {
			copy(p[n:n+most], b.pages[i][at:])
		}
		n, from = n+most, from+int64(most)
	}
	return n
}

func (b *content) apply(c change) {
	if c.data == nil {
		b.cut(c.at)
		return
	}
	b.size = max(b.size, c.at+int64(len(c.data)))
	b.resize()
	for at, data := c.at, c.data; len(data) > 0; {
		i, in := int(at/page), int(at%page)
		n := min(len(data), page-in)
		if n == page {
			b.pages[i] = data[:n:n]
		} else {
			b.patch(i, in, data[:n])
		}
		at, data = at+int64(n), data[n:]
	}
}

// cut shortens the file. What is written behind the end later follows zeros.
func (b *content) cut(size int64) {
	if size >= b.size {
		return
	}
	b.size = size
	b.resize()
	if in := int(size % page); in > 0 {
		b.patch(int(size/page), in, make([]byte, page-in))
	}
}

// patch puts a changed page in a page's place.
func (b *content) patch(i, in int, data []byte) {
	fresh := make([]byte, page)
	copy(fresh, b.pages[i])
	copy(fresh[in:], data)
	b.pages[i] = fresh
}

// resize makes as many pages as the size needs.
func (b *content) resize() {
	n := int((b.size + page - 1) / page)
	if n <= len(b.pages) {
		clear(b.pages[n:])
		b.pages = b.pages[:n]
		return
	}
	b.pages = append(b.pages, make([][]byte, n-len(b.pages))...)
}
