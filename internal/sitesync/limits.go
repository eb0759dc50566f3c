package sitesync

import "time"

const (
	// lingerDefault lets the doses of a quarter of a minute share a message:
	// the line is slow and paid for by the byte.
	lingerDefault = 15 * time.Second

	// fullSegment is how many waiting entries are sent without lingering, and
	// segmentMost how many go into one message when there are many.
	fullSegment = 128
	segmentMost = 256

	dialWait   = 20 * time.Second // a satellite line takes its time
	answerWait = 30 * time.Second
	pingEvery  = 45 * time.Second

	retryFirst = 2 * time.Second
	retryLast  = 5 * time.Minute

	// helloEvery is how often a quiet site says that it is there.
	helloEvery = 5 * time.Minute

	// receiptWait is how long the hub may take to sign what it acknowledged,
	// before the site asks and, if need be, sends again.
	receiptWait = 45 * time.Second

	// heardMost is how many entries one transaction of this site takes in.
	heardMost = 512
)
