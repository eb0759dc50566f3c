package clinic

import (
	"context"

	"tram/internal/access"
)

// QueueAnew is today's queue with everyone read anew; what is kept stays.
func (c *Clinic) QueueAnew(ctx context.Context, by access.Actor) (Queue, error) {
	kept := c.rolled.Swap(nil)
	defer c.rolled.Store(kept)
	return c.Queue(ctx, by)
}
