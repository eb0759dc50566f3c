package journal

const (
	// EntryMax keeps an entry small enough for a message, a printed letter's
	// part and the 16-bit length of a public log's entry bundle. Photos and
	// scans lie beside the journal, by hash.
	EntryMax = 16 << 10

	// depthMax bounds a fact's nesting; the deepest has four levels.
	depthMax = 16

	wordMax = 64 // longest person, authority or kind
	formMax = 32 // id.Valid's bound
	SiteMax = 12 // longest code of a site

	// WholeMax is the largest whole number every JSON reader holds exactly.
	WholeMax = 1<<53 - 1

	// blockEntries is how many entries a stored hash stands for at the lowest
	// stored level: 16 means one stored row for 16 entries, and at most 15
	// entries read again to know the tree's right edge.
	blockLevel   = 4
	blockEntries = 1 << blockLevel

	// verifyBatch is how many entries one worker gets at a time.
	verifyBatch = 256

	// receiptMax is an entry in base64, 64 hashes and a checkpoint with room
	// for other people's signatures.
	receiptMax = 64 << 10
)
