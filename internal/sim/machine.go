package sim

import (
	"tram/internal/care/transfer"
	"tram/internal/reason"
)

// Machine is the protocol as the simulator runs it: the two functions that ship.
// Only tests put others in their place, to see that they are caught.
type Machine struct {
	Step func(transfer.State, transfer.Event, transfer.Limits) (transfer.State, []transfer.Effect, *reason.Refusal)
	Fold func(transfer.State, any, transfer.At) transfer.State
}

// Protocol is the machine that ships.
func Protocol() Machine { return Machine{Step: transfer.Step, Fold: transfer.Fold} }
