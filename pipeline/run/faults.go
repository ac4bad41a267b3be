package run

import (
	"context"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

const (
	firstImages = 1000 // of a run, that are looked at
	unreadShare = 10   // 1/unreadShare of them missing or forbidden is the machine's fault
	leastFirst  = 100  // fewer images tell nothing of the machine
)

// checkFaults stops a run whose first images are missing or forbidden in such a
// number that the fault is the machine's, not the images'.
func (e *execution) checkFaults(ctx context.Context) error {
	for _, src := range e.run.Plan.Sources {
		if e.run.Precomputed(src.Name) {
			continue
		}
		seen, unread := 0, 0
		for _, sh := range src.Shards {
			if seen >= firstImages || e.shards.Lost[runstore.ShardKey{Source: src.Name, Shard: sh.Index}] {
				continue
			}
			for _, p := range sh.Parts {
				var ptr schemas.Pointer
				if err := e.run.GetJSON(ctx, e.run.Pointer(src.Name, p), &ptr); err != nil {
					return err
				}
				seen += ptr.Images
				unread += ptr.Faults[schemas.FaultMissing] + ptr.Faults[schemas.FaultForbidden]
			}
		}
		if seen >= leastFirst && unread*unreadShare > seen {
			return origin.Errorf("pipeline",
				"%d of the first %d images of source %s are missing or forbidden; check the source's URL and permissions on the workers and run the same command again",
				unread, seen, src.Name.Token())
		}
	}
	return nil
}
