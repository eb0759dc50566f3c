package intake

// The bounds of a file. Each keeps memory and time small on an old PC; all
// are far above what a clinic of some hundred patients has.
const (
	fileMax     = 20 << 20  // bytes of a file; a year of 500 patients' doses is about 6 MB as CSV
	rowsMax     = 200_000   // rows with something in them: a year of 500 patients is 182,500
	columnsMax  = 100       // columns up to the last one with something in it
	cellsMax    = 4_000_000 // cells held at once: 200,000 rows of 20 columns
	lineMax     = 512 << 10 // bytes of a line of a CSV; a line of commas alone would cost twenty times its size
	textMax     = 200       // characters of a name, commune, phone …
	noteMax     = 2_000     // characters of a note
	codeMax     = 40        // characters of a patient's, site's or bottle's code
	cellMax     = 32_767    // characters of a cell; Excel's own limit
	quoteMax    = 60        // characters of what was typed, shown with a problem
	overlapSeek = 50        // earlier orders of a patient with which an order is compared
	headerSeek  = 20        // rows with something in them that may stand above the header

	partsMax     = 2_000     // entries of an XLSX: sheets, pictures, settings
	partMax      = 128 << 20 // bytes of one inflated part that is read
	inflateMax   = 256 << 20 // bytes of all parts as declared; more is refused before inflating any
	markupMax    = 512 << 10 // bytes between two '>' in XML: a longest cell, all of it escaped
	depthMax     = 64        // nesting of XML elements; sheets need about 8
	sheetRowLast = 1_048_576 // last row number a sheet can have
	sheetsMax    = 200       // sheets listed
)

// Days that a register of this treatment can hold, as years. Methadone
// treatment programmes began in the 1960s; an order may run ahead.
const (
	yearFirst = 1960
	yearLast  = 2100
	bornFirst = 1900
)
