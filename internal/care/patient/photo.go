package patient

import (
	"tram/internal/id"
	"tram/internal/reason"
)

// Photographed says that a portrait of the person is kept from now on, to know
// them by at the window, and that they agreed to it. The picture itself lies
// beside the journal under its hash, so that it can go. Journal kind
// "patient.photographed".
type Photographed struct {
	Patient id.Patient `json:"patient"`
	Hash    string     `json:"hash"`      // SHA-256 of the picture, 64 hexadecimal digits
	Bytes   int        `json:"bytes_len"` // how long it is
	Agreed  bool       `json:"agreed"`
}

// PhotoWithdrawn says that the portrait is shown no more and was taken away.
// Journal kind "patient.photo_withdrawn".
type PhotoWithdrawn struct {
	Patient id.Patient `json:"patient"`
	Hash    string     `json:"hash"`
}

// DecidePhoto answers whether a portrait may be kept: PATIENT-16 without the
// person's word that they agree.
func DecidePhoto(p id.Patient, hash string, size int, agreed bool) (Photographed, error) {
	if !agreed {
		return Photographed{}, reason.Refuse("PATIENT-16")
	}
	return Photographed{Patient: p, Hash: hash, Bytes: size, Agreed: true}, nil
}

// DecideWithdraw answers whether the portrait shown may be taken away; kept is
// the one on record. PATIENT-17: there is none, or it is another one by now.
// Nobody is asked why.
func DecideWithdraw(p id.Patient, kept, shown string) (PhotoWithdrawn, error) {
	if kept == "" || kept != shown {
		return PhotoWithdrawn{}, reason.Refuse("PATIENT-17")
	}
	return PhotoWithdrawn{Patient: p, Hash: kept}, nil
}
