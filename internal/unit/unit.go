// Package unit holds the amounts this programme counts: micrograms of
// medicine, microlitres of liquid, and the strength that ties them together.
//
// It knows no patient and no bottle. It promises that mg and mL never drift
// apart: all arithmetic is on whole numbers, and a conversion that would need
// a fraction of a microlitre is an error, never a rounding. Text is read by
// [ParseMg] and [ParseML], which accept the decimal comma and the decimal
// point and refuse what could be read two ways.
package unit

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Microgram is an amount of medicine; 1 mg is 1000.
type Microgram int64

// Microlitre is a volume of liquid; 1 mL is 1000.
type Microlitre int64

// Strength is micrograms of medicine in one millilitre of liquid; the usual
// methadone solution of 10 mg/mL is 10000.
type Strength int64

// Milligram is one mg, for literals: 85 * unit.Milligram.
const Milligram Microgram = 1000

// Millilitre is one mL, for literals: 1000 * unit.Millilitre.
const Millilitre Microlitre = 1000

// ErrInexact says that an amount has no whole number of microlitres (or
// micrograms) at this strength.
var ErrInexact = errors.New("not a whole number of microlitres at this strength")

// ErrRange says that an amount is negative or too large to calculate with.
var ErrRange = errors.New("amount out of range")

// Volume is the volume that holds g at strength s. It returns ErrInexact when
// a microlitre would have to be split, and ErrRange for a strength that is not
// positive or an amount out of range.
func (s Strength) Volume(g Microgram) (Microlitre, error) {
	if s <= 0 || g < 0 || int64(g) > math.MaxInt64/1000 {
		return 0, ErrRange
	}
	n := int64(g) * 1000
	if n%int64(s) != 0 {
		return 0, ErrInexact
	}
	return Microlitre(n / int64(s)), nil
}

// Amount is the medicine held by volume v at strength s, with the same errors
// as [Strength.Volume].
func (s Strength) Amount(v Microlitre) (Microgram, error) {
	if s <= 0 || v < 0 || int64(v) > math.MaxInt64/int64(s) {
		return 0, ErrRange
	}
	n := int64(v) * int64(s)
	if n%1000 != 0 {
		return 0, ErrInexact
	}
	return Microgram(n / 1000), nil
}

// Floor is the medicine held by volume v at strength s in whole micrograms,
// rounded down. It is for showing a balance; doses use [Strength.Amount].
func (s Strength) Floor(v Microlitre) Microgram {
	return Microgram(int64(v)/1000*int64(s)) + Microgram(int64(v)%1000*int64(s)/1000)
}

// Decimal writes a count of thousandths as a decimal with the given sign and
// no trailing zero: (8500, ",") is "8,5", (85000, ",") is "85", (500, ".") is
// "0.5". A naked point or a trailing zero is a known cause of ten-fold errors
// (ISMP list of error-prone abbreviations), so neither is ever written.
func Decimal(thousandths int64, sign string) string {
	neg := ""
	if thousandths < 0 {
		neg, thousandths = "−", -thousandths
	}
	whole, frac := thousandths/1000, thousandths%1000
	if frac == 0 {
		return neg + strconv.FormatInt(whole, 10)
	}
	return neg + strconv.FormatInt(whole, 10) + sign + strings.TrimRight(fmt.Sprintf("%03d", frac), "0")
}

// String is the amount in mg with a decimal point, for logs and tests; people
// see it through the words package, in their own language.
func (g Microgram) String() string { return Decimal(int64(g), ".") + " mg" }

// String is the volume in mL with a decimal point, for logs and tests.
func (v Microlitre) String() string { return Decimal(int64(v), ".") + " mL" }

// String is the strength in mg/mL with a decimal point, for logs and tests.
func (s Strength) String() string { return Decimal(int64(s), ".") + " mg/mL" }
