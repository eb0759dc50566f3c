package sqlitefile

import "time"

const (
	readersDefault = 4       // a small clinic has two or three screens
	readerKB       = 4 << 10 // for what one page is made of; the next commit empties it anyway

	// writerKB holds what the one connection that writes meets in a morning: some
	// ten pages of each of 500 people.
	writerKB = 20 << 10

	// checkpointPages is four times SQLite's own default: 16 MB of log, some
	// 500 commits. Most of them change the same few pages, which then go into
	// the file once.
	checkpointPages = 4000

	// walBytesKept is what stays of the log after a large import.
	walBytesKept = 16 << 20

	// busyWait bounds how long a second process (tram verify beside tram
	// serve) is waited for.
	busyWait = 5 * time.Second

	// stmtsMax bounds the prepared statements kept per connection; programs
	// have a few hundred fixed texts, so reaching it means texts are built.
	stmtsMax = 1000
)
