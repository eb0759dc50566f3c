package letter

const (
	// rawMax bounds a letter: 600 bytes are some 910 characters in base 45, which
	// fit a QR code of version 21 at level M, 101 modules a side: 55 mm at four
	// dots a module on a label printer of 203 dpi.
	rawMax = 600

	siteMax = 12 // the journal's bound of a site's code
	codeMax = 32
	nameMax = 200
	noteMax = 120
	// textRoom is for a name, a code and a note together, so that every letter
	// stays below rawMax; TestFullest holds it.
	textRoom = 220
	wordMax  = 32
	idBytes  = 10

	dayMax    = 2_932_896 // 9999-12-31
	numberMax = 1<<53 - 1 // whole in every JSON reader

	// textMax bounds what a scanner may type or a person paste before it is
	// looked at.
	textMax = 4096
)
