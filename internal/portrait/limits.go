package portrait

// The limits of a picture that is taken in, and of the portrait made of it.
const (
	// Width and Height of a portrait: enough to know a face at arm's length on
	// a screen, few enough bytes for a slow link.
	Width  = 320
	Height = 400

	// Max is how many bytes a portrait has at most.
	Max = 30 << 10

	// UploadMax is how many bytes a picture may have: what telephones take is
	// under 10 MB.
	UploadMax int64 = 12 << 20

	sideMin   = 80         // pixels; on less nobody knows a face
	pixelsMax = 40_000_000 // of width times height; the largest cameras in use
	memoryMax = 128 << 20  // bytes while decoding; the clinic's PC has little, and one picture is decoded at a time
	scansMax  = 64         // passes over a JPEG; a real one has about ten, a hostile one thousands

	samplesMax = 6 // of each direction, for one pixel of the portrait
)

// qualities are tried until the portrait is small enough; the first is enough
// for nearly every photograph.
var qualities = []int{80, 70, 60, 45, 30}
