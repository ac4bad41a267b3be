package pipeline

import (
	"context"
	"fmt"
	"slices"
	"sort"

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
