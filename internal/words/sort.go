package words

import (
	"bytes"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// collation sorts names as a reader of the language expects: Vietnamese
// letters have an order of their own. The keys are kept, because the same few
// hundred names are sorted each time a list refreshes.
type collation struct {
	mu   sync.Mutex
	by   *collate.Collator
	buf  collate.Buffer
	keys map[string][]byte
}

// keysMax bounds the kept keys of a language.
const keysMax = 20_000

func newCollation(lang string) *collation {
	return &collation{by: collate.New(language.Make(lang), collate.IgnoreCase), keys: map[string][]byte{}}
}

func (c *collation) key(s string) []byte {
	if k, ok := c.keys[s]; ok {
		return k
	}
	if len(c.keys) >= keysMax {
		clear(c.keys)
	}
	k := bytes.Clone(c.by.KeyFromString(&c.buf, s))
	c.buf.Reset()
	c.keys[s] = k
	return k
}

// Compare is negative when name a comes before name b in the language's order.
func (p *Printer) Compare(a, b string) int {
	p.sort.mu.Lock()
	defer p.sort.mu.Unlock()
	return bytes.Compare(p.sort.key(a), p.sort.key(b))
}
