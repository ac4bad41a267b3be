package report

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// unreadShare is the part of a source, 1/unreadShare, above which missing and
// forbidden images are a warning; so it is of the images that were looked at twice.
const unreadShare = 10

// addSource adds a source in numbers.
func (c *counts) addSource(
	ctx context.Context, shards *runstore.Shards, src *schemas.PlanSource,
	all map[schemas.Source]*runstore.Identities,
) error {
	s, run := &c.summary, shards.Run
	faults, err := sourceFaults(ctx, shards, src)
	if err != nil {
		return err
	}
	looks, err := sourceLooks(ctx, shards, src)
	if err != nil {
		return err
	}
	if n := unread(faults); n*unreadShare > src.Images {
		s.Warnings = append(s.Warnings, schemas.Warning{Code: schemas.WarnMachine, Count: n,
			Text: fmt.Sprintf("%d of %d images of source %s are missing or forbidden", n, src.Images,
				src.Name.Token())})
	}
	if looks != nil && unread(looks.Faults)*unreadShare > looks.Looked {
		n := unread(looks.Faults)
		s.Warnings = append(s.Warnings, schemas.Warning{Code: schemas.WarnMachine, Count: n,
			Text: fmt.Sprintf("%d of %d images of source %s that were to be looked at twice were missing or forbidden by then",
				n, looks.Looked, src.Name.Token())})
	}
	sum := schemas.SourceSummary{Faults: faults, SecondLooks: looks, Name: src.Name, Identities: src.Identities,
		Images: src.Images, Aligned: run.Aligned(src.Name), Precomputed: run.Precomputed(src.Name), Skipped: src.Skipped}
	for _, n := range all[src.Name].Usable {
		sum.Usable += int(n)
	}
	s.Sources = append(s.Sources, sum)
	return nil
}

// unread is the number of images that were missing or forbidden.
func unread(faults map[schemas.Fault]int) int {
	return faults[schemas.FaultMissing] + faults[schemas.FaultForbidden]
}

// sourceFaults counts the images of a source that have no vector, by why.
func sourceFaults(
	ctx context.Context, shards *runstore.Shards, src *schemas.PlanSource,
) (map[schemas.Fault]int, error) {
	var mu sync.Mutex
	all := map[schemas.Fault]int{}
	err := shards.Each(ctx, src, func(ctx context.Context, sh schemas.Shard) error {
		faults, err := shardFaults(ctx, shards.Run, sh)
		mu.Lock()
		defer mu.Unlock()
		for f, n := range faults {
			all[f] += n
		}
		return err
	})
	return all, err
}

// shardFaults counts the images of a shard that have no vector, by why. The vectors are
// read where a second look may have found a face that the first look lacks.
func shardFaults(ctx context.Context, run *runstore.Run, sh schemas.Shard) (map[schemas.Fault]int, error) {
	faults := map[schemas.Fault]int{}
	for _, p := range sh.Parts {
		var ptr schemas.Pointer
		if err := run.GetJSON(ctx, run.Pointer(sh.Source, p), &ptr); err != nil {
			return nil, err
		}
		for f, n := range ptr.Faults {
			faults[f] += n
		}
	}
	if faults[schemas.FaultNoFace] == 0 || !run.LooksAgain(sh.Source) {
		return faults, nil
	}
	v, err := run.Vectors(ctx, sh)
	if err != nil {
		return nil, err
	}
	clear(faults)
	for i := range v.Embeddings {
		if f := v.Embeddings[i].Error; f != schemas.FaultNone {
			faults[f]++
		}
	}
	return faults, nil
}

// sourceLooks counts the second looks at a source; nil: its images are looked at once.
func sourceLooks(ctx context.Context, shards *runstore.Shards, src *schemas.PlanSource) (*schemas.LookSummary, error) {
	run := shards.Run
	if !run.LooksAgain(src.Name) {
		return nil, nil
	}
	var mu sync.Mutex
	sum := &schemas.LookSummary{Faults: map[schemas.Fault]int{}}
	err := shards.Each(ctx, src, func(ctx context.Context, sh schemas.Shard) error {
		looks, err := runstore.GetTable(ctx, run.Store, schemas.SecondLookObject(run.ID, src.Name, sh.Index),
			schemas.ReadSecondLooks)
		if errors.Is(err, fs.ErrNotExist) {
			given, err := run.LookGivenUp(ctx, sh)
			if err != nil || !given {
				return err
			}
			doubts, err := run.Doubts(ctx, sh)
			mu.Lock()
			defer mu.Unlock()
			sum.GivenUp += len(doubts)
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		sum.Looked += len(looks)
		for i := range looks {
			if len(looks[i].Faces) > 0 {
				sum.Found++
			}
			if f := looks[i].Error; f != schemas.FaultNone {
				sum.Faults[f]++
			}
		}
		return err
	})
	return sum, err
}
