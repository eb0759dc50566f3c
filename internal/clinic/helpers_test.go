package clinic_test

import (
	"tram/internal/care/stock"
	"tram/internal/id"
	"tram/internal/unit"
)

func spill(b id.Bottle, ml int64) stock.Spill {
	return stock.Spill{Bottle: b, Volume: unit.Microlitre(ml) * unit.Millilitre, Why: "test"}
}
