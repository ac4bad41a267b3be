package pipeline

import (
	"context"
	"sync"

	"github.com/facesieve/facesieve/schemas"
)

// views makes views, and keeps the last ones.
type views struct {
	t  *tables
	mu sync.Mutex

	ready     bool
	copies    map[copyKey]schemas.Neighbour  // by the copy
	shared    map[copyKey]bool               // images with an equal one under another label
	overrides map[string]*schemas.Override   // by path
	moved     map[string][]schemas.Embedding // by new label, ascending paths

	kept   map[shardKey]*view
	order  []shardKey // least recently used first
	images int        // rows of all kept views
}

type copyKey struct {
	source schemas.Source
	path   string
}

// shardKey names a shard of a run.
type shardKey struct {
	source schemas.Source
	shard  int
}

// keptImages is the number of images above which views leave memory.
const keptImages = 1 << 16

func newViews(t *tables) *views { return &views{t: t, kept: map[shardKey]*view{}} }

// get is the view of a shard.
func (vs *views) get(ctx context.Context, source schemas.Source, shard int) (*view, error) {
	if err := vs.prepare(ctx); err != nil {
		return nil, err
	}
	key := shardKey{source, shard}
	vs.mu.Lock()
	v := vs.kept[key]
	if v != nil {
		vs.touch(key)
	}
	vs.mu.Unlock()
	if v != nil {
		return v, nil
	}
	sh, err := vs.t.shard(source, shard)
	if err != nil {
		return nil, err
	}
	vec, err := vs.t.vectors(ctx, sh)
	if err != nil {
		return nil, err
	}
	v = vs.build(source, vec)
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if vs.kept[key] == nil {
		vs.images += len(v.rows)
	}
	vs.kept[key] = v
	vs.touch(key)
	for vs.images > keptImages && len(vs.order) > 1 {
		vs.images -= len(vs.kept[vs.order[0]].rows)
		delete(vs.kept, vs.order[0])
		vs.order = vs.order[1:]
	}
	return v, nil
}

func (vs *views) touch(key shardKey) {
	for i, k := range vs.order {
		if k == key {
			vs.order = append(vs.order[:i], vs.order[i+1:]...)
			break
		}
	}
	vs.order = append(vs.order, key)
}

// prepare reads the tables that concern all shards.
func (vs *views) prepare(ctx context.Context) error {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if vs.ready {
		return nil
	}
	equal, err := getTable(ctx, vs.t.store, schemas.DuplicatesObject(vs.t.run), schemas.ReadNeighbours)
	if err != nil {
		return err
	}
	vs.setCopies(equal)
	all, err := vs.t.readOverrides(ctx)
	if err != nil {
		return err
	}
	moved, err := getTable(ctx, vs.t.store, schemas.RelabelledObject(vs.t.run), schemas.ReadVectors)
	if err != nil {
		return err
	}
	vs.setOverrides(all, moved)
	vs.ready = true
	return nil
}

func (vs *views) setCopies(equal []schemas.Neighbour) {
	vs.copies, vs.shared = map[copyKey]schemas.Neighbour{}, map[copyKey]bool{}
	for _, n := range equal {
		if n.Kind != schemas.NeighbourCopy {
			continue
		}
		vs.copies[copyKey{n.Source, n.BPath}] = n
		if n.A != n.B {
			vs.shared[copyKey{n.Source, n.APath}] = true
		}
	}
	for key, n := range vs.copies {
		if vs.shared[copyKey{key.source, n.APath}] {
			vs.shared[key] = true
		}
	}
}

func (vs *views) setOverrides(all []schemas.Override, moved []schemas.Embedding) {
	vs.overrides, vs.moved = map[string]*schemas.Override{}, map[string][]schemas.Embedding{}
	for i := range all {
		vs.overrides[all[i].Path] = &all[i]
	}
	for _, e := range moved {
		o := vs.overrides[e.Path]
		if o != nil && o.Decision == schemas.Relabel {
			vs.moved[o.Identity] = append(vs.moved[o.Identity], e)
		}
	}
}
