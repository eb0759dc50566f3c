package baton

const (
	// segmentMax is where a new segment begins. The newest segment is read
	// whole at every opening: 4 MiB are a fifth of a second on an old stick.
	segmentMax = 4 << 20

	// recordMax bounds one sealed record, and with it what a pulled stick can
	// leave torn: each record is on the medium before the next one is begun.
	recordMax = 256 << 10

	// stateMax bounds the first record of a segment: 63 hashes, a checkpoint
	// and the header.
	stateMax = 16 << 10

	// segmentsMax bounds the list of files: 400 GB, a century of a large site.
	segmentsMax = 99_999

	headerMax     = 4 << 10  // the header file
	keysMax       = 16 << 10 // a key file with room to grow
	checkpointMax = 4 << 10  // a checkpoint with room for other people's signatures
	textMax       = 200      // the programme's name
)
