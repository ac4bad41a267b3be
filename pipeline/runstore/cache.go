package runstore

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/facesieve/facesieve/schemas"
)

// CachedImages is the number of images that labelled shards in memory hold, about, where
// Shards does not say otherwise; every face of a second look counts as an image.
const CachedImages = 1 << 16

// ShardKey names a shard of a run.
type ShardKey struct {
	Source schemas.Source
	Shard  int
}

// Shards reads the labelled shards of a run, and keeps the last ones in memory.
// Its methods may be called concurrently.
type Shards struct {
	Run *Run
	// Lost holds the shards without vectors: embedding them was given up.
	Lost map[ShardKey]bool
	// CachedImages is the number of images, and faces of second looks, above which shards
	// leave memory, the one that was used least recently first; the last one stays.
	CachedImages int

	loads singleflight.Group

	mu     sync.Mutex // guards the rest
	ready  bool       // the tables below are read
	kept   map[ShardKey]*LabelledShard
	order  []ShardKey // of kept, least recently used first
	images int        // of all kept shards (held)

	ungrouped bool // groups of merged labels are not looked for

	copies    map[imageKey]schemas.Neighbour // by the copy
	shared    map[imageKey]bool              // images with an equal one under another label
	overrides map[string]*schemas.Override   // by path
	moved     map[string][]schemas.Embedding // by new label, ascending paths
	groups    map[string]schemas.GroupMember // of merged labels of the set, by path
}

type imageKey struct {
	source schemas.Source
	path   string
}

// NewShards returns the shards of a run whose vectors and exact copies are in the
// store.
func NewShards(run *Run) *Shards {
	return &Shards{Run: run, Lost: map[ShardKey]bool{}, CachedImages: CachedImages,
		kept: map[ShardKey]*LabelledShard{}}
}

// Ungrouped returns the same shards with every label as it stands, before merged ones
// are cut into groups. It shares nothing with s that changes.
func (s *Shards) Ungrouped() *Shards {
	return &Shards{Run: s.Run, Lost: s.Lost, CachedImages: s.CachedImages, ungrouped: true,
		kept: map[ShardKey]*LabelledShard{}}
}

// Get returns a labelled shard, from memory or from the store. Of calls that ask for
// one shard at the same time, one reads it. Callers share the shard and must not change
// it.
func (s *Shards) Get(ctx context.Context, key ShardKey) (*LabelledShard, error) {
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	for {
		if v := s.cached(key); v != nil {
			return v, nil
		}
		mine := false
		read := s.loads.DoChan(fmt.Sprintf("%s/%d", key.Source.Token(), key.Shard), func() (any, error) {
			mine = true
			if v := s.cached(key); v != nil { // read since it was looked for
				return v, nil
			}
			return s.load(ctx, key)
		})
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case r := <-read:
			switch {
			case r.Err == nil:
				return r.Val.(*LabelledShard), nil
			case mine || !errors.Is(r.Err, context.Canceled):
				return nil, r.Err
			}
			// The call that read for this one was cancelled; this one was not.
		}
	}
}

// cached returns a shard that is in memory; nil: it is not.
func (s *Shards) cached(key ShardKey) *LabelledShard {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.kept[key]
	if v != nil {
		s.use(key)
	}
	return v
}

// load reads a shard and keeps it.
func (s *Shards) load(ctx context.Context, key ShardKey) (*LabelledShard, error) {
	sh, err := s.Run.Shard(key)
	if err != nil {
		return nil, err
	}
	vec, err := s.Run.Vectors(ctx, sh)
	if err != nil {
		return nil, err
	}
	v := s.label(key.Source, vec)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept[key] == nil {
		s.images += vec.held()
	}
	s.kept[key] = v
	s.use(key)
	for s.images > s.CachedImages && len(s.order) > 1 {
		s.images -= s.kept[s.order[0]].Vectors.held()
		delete(s.kept, s.order[0])
		s.order = s.order[1:]
	}
	return v, nil
}

// use moves a kept shard to the end of those that leave memory.
func (s *Shards) use(key ShardKey) {
	if i := slices.Index(s.order, key); i >= 0 {
		s.order = slices.Delete(s.order, i, i+1)
	}
	s.order = append(s.order, key)
}

// Each calls f for the plan of every shard of a source that has vectors, several
// at a time, and returns the first error of f.
func (s *Shards) Each(
	ctx context.Context, src *schemas.PlanSource, f func(ctx context.Context, sh schemas.Shard) error,
) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, sh := range src.Shards {
		if !s.Lost[ShardKey{src.Name, sh.Index}] {
			g.Go(func() error { return f(gctx, sh) })
		}
	}
	return g.Wait()
}

// prepare reads the tables that concern all shards.
func (s *Shards) prepare(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready {
		return nil
	}
	equal, err := s.Run.Neighbours(ctx, schemas.DuplicatesObject(s.Run.ID))
	if err != nil {
		return err
	}
	all, err := s.Run.Overrides(ctx)
	if err != nil {
		return err
	}
	moved, err := GetTable(ctx, s.Run.Store, schemas.RelabelledObject(s.Run.ID), schemas.ReadVectors)
	if err != nil {
		return err
	}
	s.groups = map[string]schemas.GroupMember{}
	if !s.ungrouped {
		rows, err := GetTable(ctx, s.Run.Store, schemas.GroupsObject(s.Run.ID), schemas.ReadGroupMembers)
		if err != nil {
			return err
		}
		for _, g := range rows {
			s.groups[g.Path] = g
		}
	}
	s.setCopies(equal)
	s.setOverrides(all, moved)
	s.ready = true
	return nil
}

func (s *Shards) setCopies(equal []schemas.Neighbour) {
	s.copies, s.shared = map[imageKey]schemas.Neighbour{}, map[imageKey]bool{}
	for _, n := range equal {
		if n.Kind != schemas.NeighbourCopy {
			continue
		}
		s.copies[imageKey{n.Source, n.BPath}] = n
		if n.A != n.B {
			s.shared[imageKey{n.Source, n.APath}] = true
		}
	}
	for key, n := range s.copies {
		if s.shared[imageKey{key.source, n.APath}] {
			s.shared[key] = true
		}
	}
}

func (s *Shards) setOverrides(all []schemas.Override, moved []schemas.Embedding) {
	s.overrides, s.moved = map[string]*schemas.Override{}, map[string][]schemas.Embedding{}
	for i := range all {
		s.overrides[all[i].Path] = &all[i]
	}
	for _, e := range moved {
		o := s.overrides[e.Path]
		if o != nil && o.Decision == schemas.Relabel {
			s.moved[o.Identity] = append(s.moved[o.Identity], e)
		}
	}
}
