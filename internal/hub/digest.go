package hub

import (
	"context"
	"time"

	"tram/internal/care/programme"
	"tram/internal/hubdb"
	"tram/internal/id"
	"tram/internal/keys"
)

// digestGeneration is the generation of the programme's digests. With another
// one every site gets another key and the whole list again; what that helps, and
// what not, is in decision 0015.
const digestGeneration = 1

const (
	digestBatch = 100         // patients told of in one entry: about 4 kB
	digestEvery = time.Minute // how often it is looked whether there is anybody to tell of
)

// tellDigests tells the sites, until ctx ends, which digests the identity
// numbers of the programme's patients have. It is work beside taking in: a
// digest is slow on purpose.
func (h *Hub) tellDigests(ctx context.Context) {
	tick := time.NewTicker(digestEvery)
	defer tick.Stop()
	for {
		if err := h.digests(ctx); err != nil && ctx.Err() == nil {
			h.o.Log.Warn("digests of identity numbers", "err", err) // tried again at the next turn
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-h.untold:
		}
	}
}

// someone says that there may be somebody to tell of, or a site without a key.
func (h *Hub) someone() {
	select {
	case h.untold <- struct{}{}:
	default: // it looks anyway
	}
}

func (h *Hub) digests(ctx context.Context) error {
	if len(h.Directory().Sites()) < 2 {
		return nil // nobody else to tell
	}
	cost, err := h.giveDigestKeys(ctx)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		untold, err := h.db.Untold(ctx, digestGeneration, digestBatch)
		if err != nil || len(untold) == 0 {
			return err
		}
		if err := h.tell(ctx, untold, cost); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// tell records the digests of patients, and then that they were told of: cut
// off in between, it tells again, which changes nothing.
func (h *Hub) tell(ctx context.Context, untold []hubdb.Untold, cost int) error {
	secret := h.keys.DigestSecret(digestGeneration)
	var facts []any
	bySite := map[id.Site]int{}
	for _, u := range untold {
		if len(u.Numbers) == 0 && !u.Before {
			continue
		}
		var digests []string
		for _, n := range u.Numbers {
			digests = append(digests, keys.Digest(secret, cost, n))
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		i, ok := bySite[u.Site]
		if !ok {
			i = len(facts)
			bySite[u.Site], facts = i, append(facts, programme.Digests{Generation: digestGeneration, Site: u.Site})
		}
		f := facts[i].(programme.Digests)
		f.Lines = append(f.Lines, u.DigestLine(digests))
		facts[i] = f
	}
	if len(facts) > 0 {
		if err := h.Record(ctx, digester, facts...); err != nil {
			return err
		}
	}
	return h.db.SetTold(ctx, digestGeneration, untold)
}

// digester is who records digests: the program itself.
const digester id.Person = "tram"

// giveDigestKeys gives each site that has none, or has another box key than it
// had, the key of digests, sealed to it. It answers what a digest costs.
func (h *Hub) giveDigestKeys(ctx context.Context) (cost int, err error) {
	d := h.Directory()
	cost = keys.DigestKiB
	if h.o.HashKiB > 0 {
		cost = min(cost, int(h.o.HashKiB))
	}
	for _, s := range d.Sites() {
		if k, ok := d.DigestKey(s.Site); ok && k.Generation == digestGeneration {
			cost = k.CostKiB // of the first one, for ever
		}
	}
	secret := h.keys.DigestSecret(digestGeneration)
	for _, s := range d.Sites() {
		if k, ok := d.DigestKey(s.Site); ok && k.Generation == digestGeneration && k.Box == s.Box {
			continue
		}
		sealed, err := keys.SealTo(s.Box, keys.DigestUse, secret[:], h.o.Rand)
		if err != nil {
			h.o.Log.Warn("a key of digests", "site", string(s.Site), "err", err) // its box key is none; the others are served
			continue
		}
		f := programme.DigestKey{Site: s.Site, Generation: digestGeneration, CostKiB: cost, Box: s.Box, Sealed: sealed}
		if err := h.Record(ctx, digester, f); err != nil {
			return cost, err
		}
	}
	return cost, nil
}
