package pipeline

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"sync"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/schemas"
)

// view is a shard as the judge sees it: its images after exact copies were found
// and a person's decisions applied, grouped by identity.
type view struct {
	*shardVectors
	image  []standing // of each row
	groups []group    // the shard's identities, in order
}

// standing is what is known of an image before any vector is compared.
type standing struct {
	label    string // after a person's relabelling
	copyOf   string // path of the first of equal images; "" for the first itself
	shared   bool   // equal images stand under several labels
	usable   bool   // decoded, a face, a finite vector, the first of its copies
	override *schemas.Override
}

// group is the usable images of one identity, those moved in by hand included.
type group struct {
	label   string
	images  int // of the listing
	vectors cluster.Matrix
	paths   []string // of each vector, ascending
}

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
	moved, err := getTable(ctx, vs.t.store, schemas.MovedObject(vs.t.run), schemas.ReadVectors)
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

// readOverrides is the run's overrides, by path.
func (t *tables) readOverrides(ctx context.Context) ([]schemas.Override, error) {
	if t.spec.Judge.Overrides == "" {
		return nil, nil
	}
	return getTable(ctx, t.store, schemas.OverridesObject(t.spec.Judge.Overrides), schemas.ReadOverrides)
}

// build groups a shard's rows.
func (vs *views) build(source schemas.Source, vec *shardVectors) *view {
	v := &view{shardVectors: vec, image: make([]standing, len(vec.rows))}
	for i := 0; i < len(vec.rows); {
		label, first := vec.rows[i].Identity, i
		var members []schemas.Embedding
		for ; i < len(vec.rows) && vec.rows[i].Identity == label; i++ {
			s := vs.stand(source, &vec.rows[i], &vec.embs[i])
			v.image[i] = s
			if s.usable && s.label == label && (s.override == nil || s.override.Decision == schemas.Keep || s.override.Decision == schemas.Review) {
				members = append(members, vec.embs[i])
			}
		}
		if source == schemas.Set && len(vs.moved[label]) > 0 {
			members = append(members, vs.moved[label]...)
			sort.Slice(members, func(a, b int) bool { return members[a].Path < members[b].Path })
		}
		v.groups = append(v.groups, newGroup(label, i-first, members))
	}
	v.release()
	return v
}

// release lets the vectors of images be those of their groups, so that they stand
// in memory once.
func (v *view) release() {
	for i := range v.embs {
		e := &v.embs[i]
		if e.Vector == nil {
			continue
		}
		g, err := v.group(v.image[i].label)
		if err == nil {
			if k := g.index(e.Path); k >= 0 {
				e.Vector = g.vectors.Row(k)
				continue
			}
		}
		e.Vector = slices.Clone(e.Vector)
	}
}

// stand is what is known of one image.
func (vs *views) stand(source schemas.Source, row *schemas.Image, e *schemas.Embedding) standing {
	key := copyKey{source, row.Path}
	s := standing{label: row.Identity, shared: vs.shared[key]}
	if n, ok := vs.copies[key]; ok {
		s.copyOf = n.APath
	}
	if source == schemas.Set {
		s.override = vs.overrides[row.Path]
		if s.override != nil && s.override.Decision == schemas.Relabel {
			s.label = s.override.Identity
		}
	}
	s.usable = e.Error == schemas.FaultNone && e.Vector != nil && s.copyOf == ""
	return s
}

func newGroup(label string, images int, members []schemas.Embedding) group {
	g := group{label: label, images: images}
	if len(members) == 0 {
		return g
	}
	g.vectors = cluster.NewMatrix(len(members), len(members[0].Vector))
	for i, m := range members {
		copy(g.vectors.Row(i), m.Vector)
		g.paths = append(g.paths, m.Path)
	}
	return g
}

// group finds an identity in its view, whose labels ascend.
func (v *view) group(label string) (*group, error) {
	i := sort.Search(len(v.groups), func(i int) bool { return v.groups[i].label >= label })
	if i < len(v.groups) && v.groups[i].label == label {
		return &v.groups[i], nil
	}
	return nil, fmt.Errorf("pipeline: identity %q is not in its shard", label)
}

// index is the place of an image among a group's vectors; -1: it has none.
func (g *group) index(path string) int {
	i := sort.SearchStrings(g.paths, path)
	if i < len(g.paths) && g.paths[i] == path {
		return i
	}
	return -1
}
