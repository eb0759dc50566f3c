package access

// glassFor is how long a record stays open in an emergency, in milliseconds:
// an hour is a consultation with the telephone at the ear, and too short to
// leave a screen open for the afternoon (decision 0013).
const glassFor = 60 * 60 * 1000

// glassTextMax is the longest reason or answer, in letters; the journal's
// entries are bounded and nothing is ever cut.
const glassTextMax = 500
