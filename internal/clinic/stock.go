package clinic

import (
	"context"
	"errors"
	"fmt"

	"tram/internal/access"
	"tram/internal/care/stock"
	"tram/internal/clinicdb"
	"tram/internal/id"
	"tram/internal/reason"
)

// ReceiveBottle records that a bottle came into the store.
func (c *Clinic) ReceiveBottle(ctx context.Context, by access.Actor, form id.Form, cmd stock.Receive, w Witness) (stock.Received, error) {
	if err := c.CheckWitness(ctx, w); err != nil {
		return stock.Received{}, err
	}
	return do[stock.Received](ctx, c, &act{by: by, form: form, same: as(func(f stock.Received) bool {
		return f.Code == id.Normal(cmd.Code) && f.Lot == cmd.Lot && f.Expiry == cmd.Expiry && f.Strength == cmd.Strength && f.Volume == cmd.Volume
	}), decide: func(t *turn) ([]any, error) {
		if err := t.allow(access.HandleStock, access.NoPatient); err != nil {
			return nil, err
		}
		_, err := t.tx.BottleByCode(cmd.Code)
		if err != nil && !errors.Is(err, clinicdb.ErrNotFound) {
			return nil, fmt.Errorf("look for the bottle's code: %w", err)
		}
		cmd.Witness = stock.Second(t.second(w))
		f, err := stock.DecideReceive(cmd, err == nil, by.Person, t.today)
		f.Bottle = id.Bottle(c.newID())
		return facts(f, err)
	}})
}

// bottle loads a bottle for an act.
func (t *turn) bottle(b id.Bottle) (stock.Bottle, error) {
	if err := t.allow(access.HandleStock, access.NoPatient); err != nil {
		return stock.Bottle{}, err
	}
	found, err := t.tx.Bottle(b)
	if errors.Is(err, clinicdb.ErrNotFound) {
		return found, reason.Refuse("STOCK-16")
	}
	if err != nil {
		return found, fmt.Errorf("read bottle %s: %w", b, err)
	}
	return found, nil
}

// OpenBottle records that a bottle was opened for dispensing.
func (c *Clinic) OpenBottle(ctx context.Context, by access.Actor, form id.Form, b id.Bottle, w Witness) (stock.Opened, error) {
	if err := c.CheckWitness(ctx, w); err != nil {
		return stock.Opened{}, err
	}
	return do[stock.Opened](ctx, c, &act{by: by, form: form, same: as(func(f stock.Opened) bool { return f.Bottle == b }), decide: func(t *turn) ([]any, error) {
		found, err := t.bottle(b)
		if err != nil {
			return nil, err
		}
		open, err := t.tx.OpenBottles()
		if err != nil {
			return nil, fmt.Errorf("read the open bottles: %w", err)
		}
		return facts(stock.DecideOpen(found, open, stock.Second(t.second(w)), by.Person, t.today))
	}})
}

// SpillBottle records liquid lost from an open bottle.
func (c *Clinic) SpillBottle(ctx context.Context, by access.Actor, form id.Form, cmd stock.Spill, w Witness) (stock.Spilled, error) {
	if err := c.CheckWitness(ctx, w); err != nil {
		return stock.Spilled{}, err
	}
	return do[stock.Spilled](ctx, c, &act{by: by, form: form, same: as(func(f stock.Spilled) bool {
		return f.Bottle == cmd.Bottle && f.Volume == cmd.Volume && alike(f.Why, cmd.Why)
	}), decide: func(t *turn) ([]any, error) {
		found, err := t.bottle(cmd.Bottle)
		if err != nil {
			return nil, err
		}
		cmd.Witness = stock.Second(t.second(w))
		return facts(stock.DecideSpill(found, cmd, by.Person, t.today))
	}})
}

// FinishBottle takes an empty bottle out of use.
func (c *Clinic) FinishBottle(ctx context.Context, by access.Actor, form id.Form, b id.Bottle, w Witness) (stock.Finished, error) {
	if err := c.CheckWitness(ctx, w); err != nil {
		return stock.Finished{}, err
	}
	return do[stock.Finished](ctx, c, &act{by: by, form: form, same: as(func(f stock.Finished) bool { return f.Bottle == b }), decide: func(t *turn) ([]any, error) {
		found, err := t.bottle(b)
		if err != nil {
			return nil, err
		}
		return facts(stock.DecideFinish(found, stock.Second(t.second(w)), by.Person, t.today))
	}})
}
