package hub

import "time"

const (
	cacheKB = 32 << 10 // of each connection, where the tables are in SQLite

	fetchMost = 128                    // messages taken in as one transaction
	fetchWait = 200 * time.Millisecond // how long the first of them waits for others
	ackWait   = time.Minute            // after which the transport gives a message again

	retryFirst = 500 * time.Millisecond // after the database failed
	retryLast  = 15 * time.Second

	streamAge   = 14 * 24 * time.Hour // the transport forgets what was taken in long ago
	streamBytes = 8 << 30
	dedupe      = 10 * time.Minute

	answerWait = 20 * time.Second
	askers     = 8 // questions answered at a time
	ownMost    = 400

	patientsMost = 2000 // of one list

	codeFor      = time.Hour // a code to join is short-lived
	requestsMost = 100       // that wait for an answer
	bodyMax      = 16 << 10
)
