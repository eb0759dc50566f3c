package intake

import (
	"strings"
	"unicode/utf8"

	"tram/internal/fold"
)

// Code says what is wrong with a value, a row or a file. The faces turn it
// into a sentence; it never holds what was typed.
type Code string

// Problems of a whole file: nothing of it may be imported until a person
// answers or mends it.
const (
	TooBig        Code = "file.too_big"        // more bytes than any file here has
	Empty         Code = "file.empty"          // no row with anything in it
	NotTable      Code = "file.not_table"      // PDF, picture, web page, program …: by its bytes, whatever its name
	OldExcel      Code = "file.old_excel"      // .xls of before 2007: save it as .xlsx
	Encrypted     Code = "file.encrypted"      // needs a password: save it without
	Unsafe        Code = "file.unsafe"         // an XLSX with names or sizes no spreadsheet writes
	Inflates      Code = "file.inflates"       // an XLSX that unpacks to more than the limit
	Unreadable    Code = "file.unreadable"     // broken off or damaged; Value says where
	NotUTF8       Code = "file.not_utf8"       // a byte at Line, Column is no UTF-8: which encoding is it?
	BadQuotes     Code = "file.bad_quotes"     // a quotation mark that does not close, or stands inside a word
	TooManyRows   Code = "file.too_many_rows"  // split the file
	TooManyCells  Code = "file.too_many_cells" // more columns or cells than any list here has
	NoHeader      Code = "file.no_header"      // no row with column names we know
	SameColumn    Code = "file.same_column"    // two columns mean the same
	KindUnclear   Code = "file.kind_unclear"   // patients, orders or doses? say which
	ColumnMissing Code = "file.column_missing" // Column is needed for this kind
	UnitUnclear   Code = "file.unit_unclear"   // the amounts' column names no unit: mg or mL? say which
	NoStrength    Code = "file.no_strength"    // amounts in mL only: say the strength
	MaybeMonth1   Code = "file.maybe_mdy"      // a second part above 12: is the month first? say the layout
	DatesUnclear  Code = "file.dates_unclear"  // every date could be read two ways: say the layout
	DatesMixed    Code = "file.dates_mixed"    // real dates and written dates mixed as a spreadsheet does that swapped day and month
	WhichSheet    Code = "file.which_sheet"    // several sheets have a header: say which
	NoSheet       Code = "file.no_sheet"       // there is no sheet of that name
)

// Problems of a row: it is not imported.
const (
	Missing       Code = "row.missing"         // a value that is needed is not there
	TooFew        Code = "row.too_few_cells"   // fewer cells than the header: something was cut or merged
	TooMany       Code = "row.too_many_cells"  // more cells than the header: often a decimal comma in a comma file
	TooLong       Code = "row.too_long"        // more characters than the field holds
	BadDate       Code = "row.date"            // no such date, or not in the layout of the file
	DateZone      Code = "row.date_zone"       // a time with a zone: the clinic's day cannot be told
	DateRange     Code = "row.date_range"      // before any programme, or far ahead
	Future        Code = "row.future"          // after today
	BadAmount     Code = "row.amount"          // not a number
	AmountUnclear Code = "row.amount_unclear"  // 1.234: thousands or decimals?
	AmountLong    Code = "row.amount_too_long" // more digits than amounts here have
	AmountZero    Code = "row.amount_zero"     // zero, where an amount is needed
	UnitDiffers   Code = "row.unit_differs"    // "8 ml" in a column of mg
	Inexact       Code = "row.inexact"         // mL that are no whole micrograms at this strength
	MgNotML       Code = "row.mg_ml_differ"    // mg and mL do not agree at this strength
	BadSex        Code = "row.sex"             // not a value we know
	BadPhone      Code = "row.phone"           // no digits
	BadPhase      Code = "row.phase"           // not a phase of treatment we know
	BadName       Code = "row.name"            // no letter in it
	Exponent      Code = "row.exponent"        // 8.45E+10: a spreadsheet destroyed a number that was a code
	Invisible     Code = "row.invisible"       // invisible characters inside a code
	Lost          Code = "row.lost_character"  // a character that stands for a lost one
	LegacyFont    Code = "row.legacy_font"     // TCVN3 text: convert it to Unicode
	ErrorCell     Code = "row.error_cell"      // #REF!, #N/A …
	EndFirst      Code = "row.end_before_start"
	Conflict      Code = "row.conflict"        // the same patient again, with other data
	Repeat        Code = "row.repeat"          // the same row again
	SameDay       Code = "row.same_day"        // another dose of the patient on this day
	SameStart     Code = "row.same_start"      // another order of the patient from this day
	NotKnown      Code = "row.unknown_patient" // neither in the files nor on the register
)

// Doubts: the row is imported, a person should look.
const (
	ZeroLost     Code = "doubt.zero_lost"     // a phone or identity number that seems to have lost its leading zero
	SameIdentity Code = "doubt.same_identity" // another row has this identity number
	SamePerson   Code = "doubt.same_person"   // another row has this name and birth
	Overlap      Code = "doubt.overlap"       // another order of the patient covers some of these days
	TimeIgnored  Code = "doubt.time_ignored"  // a time of day stood beside the date; only the day is kept
	Formula      Code = "doubt.formula"       // a formula; the value last saved with it is used
)

// Codes lists every code, so that each language can be held to have its words.
var Codes = []Code{
	TooBig, Empty, NotTable, OldExcel, Encrypted, Unsafe, Inflates, Unreadable, NotUTF8, BadQuotes, TooManyRows, TooManyCells, NoHeader,
	SameColumn, KindUnclear, ColumnMissing, UnitUnclear, NoStrength, MaybeMonth1, DatesUnclear, DatesMixed, WhichSheet, NoSheet,
	Missing, TooFew, TooMany, TooLong, BadDate, DateZone, DateRange, Future, BadAmount, AmountUnclear, AmountLong, AmountZero, UnitDiffers,
	Inexact, MgNotML, BadSex, BadPhone, BadPhase, BadName, Exponent, Invisible, Lost, LegacyFont, ErrorCell, EndFirst, Conflict, Repeat,
	SameDay, SameStart, NotKnown,
	ZeroLost, SameIdentity, SamePerson, Overlap, TimeIgnored, Formula,
}

// Problem is one thing wrong, and where. Value may hold personal data: it is
// for the screen of the person who brought the file, never for a log.
type Problem struct {
	Line   int    // line of the file, or row of the sheet; 0 for the whole file
	Column string // header as written, or the missing field, or the character in the line (not_utf8); "" for the whole row
	Code   Code
	Value  string // as typed, shortened; visible characters only
	Other  int    // the other line of a pair; 0 if none
}

// quote shortens what was typed for showing it beside its problem.
func quote(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if utf8.RuneCountInString(s) > 4*quoteMax {
		s = string([]rune(s)[:4*quoteMax])
	}
	s = fold.Clean(s)
	if utf8.RuneCountInString(s) <= quoteMax {
		return s
	}
	return string([]rune(s)[:quoteMax-1]) + "…"
}
