package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"tram/internal/id"
)

// markBytes of a hash: nobody gains by two inboxes with one mark, and chance
// does not make them.
const markBytes = 10

// Mark names a row of entries of several journals that was read in its order,
// up to this one: before is the mark up to the entry before, "" for none. By it
// a hub whose disk is an older one finds out that it has now something else in
// a site's inbox, under that number or before it.
//
// The last entry alone is no mark: an older hub that takes everything in again
// can give it the same number, after entries that the site has never read.
func Mark(before string, site id.Site, seq int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s/%d", before, site, seq))
	return hex.EncodeToString(sum[:markBytes])
}

// OldMark says whether a mark is of a program from before [Mark]: the last entry
// alone, as its site and number.
func OldMark(mark string) bool { return strings.Contains(mark, "/") }
