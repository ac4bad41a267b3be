package runstore

import (
	"slices"
	"sort"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// LabelledShard is a shard as the stages after embedding read it: its images after
// exact copies were found and a person's decisions applied, grouped by identity.
type LabelledShard struct {
	Vectors    *Vectors
	States     []ImageState // of each row
	Identities []Members    // the shard's identities, in order
}

// ImageState is what is known of an image before any vector is compared.
type ImageState struct {
	Label    string // after a person's relabelling
	Identity string // Label, or the key of the image's group of a merged label
	// PGuest is the probability that the image's group, where it is not the first of its
	// label, shows another person than the label's.
	PGuest   float32
	CopyOf   string // path of the first of equal images; "" for the first itself
	Shared   bool   // equal images stand under several labels
	Usable   bool   // decoded, a face, a finite vector, the first of its copies
	Override *schemas.Override
}

// Members are the usable images of one identity, those that a person's override moved
// to it included.
type Members struct {
	Label   string
	Images  int            // rows with this label, whatever their state
	Vectors cluster.Matrix // a row for each member
	Lengths []float32      // of each member: the norm of its vector before it was scaled to 1; 0: unknown
	Paths   []string       // of each member, ascending
}

// label groups a shard's rows by identity.
func (s *Shards) label(source schemas.Source, vec *Vectors) *LabelledShard {
	v := &LabelledShard{Vectors: vec, States: make([]ImageState, len(vec.Rows))}
	for i := 0; i < len(vec.Rows); {
		label, first := vec.Rows[i].Identity, i
		var members []schemas.Embedding
		for ; i < len(vec.Rows) && vec.Rows[i].Identity == label; i++ {
			state := s.state(source, &vec.Rows[i], &vec.Embeddings[i])
			v.States[i] = state
			if state.Usable && state.Label == label && !state.DroppedByHand() {
				members = append(members, vec.Embeddings[i])
			}
		}
		if source == schemas.Set && len(s.moved[label]) > 0 {
			members = append(members, s.moved[label]...)
			sort.Slice(members, func(a, b int) bool { return members[a].Path < members[b].Path })
		}
		v.Identities = append(v.Identities, s.groupMembers(source, label, i-first, members)...)
	}
	v.shareVectors()
	return v
}

// DroppedByHand says whether a person takes an image out of its label's centroid.
func (s *ImageState) DroppedByHand() bool {
	return s.Override != nil && s.Override.Decision != schemas.Keep && s.Override.Decision != schemas.Review
}

// shareVectors lets the vectors of images be those of their identity's members, so
// that they stand in memory once.
func (v *LabelledShard) shareVectors() {
	for i := range v.Vectors.Embeddings {
		e := &v.Vectors.Embeddings[i]
		if e.Vector == nil {
			continue
		}
		m, err := v.Members(v.States[i].Identity)
		if err == nil {
			if k := m.Index(e.Path); k >= 0 {
				e.Vector = m.Vectors.Row(k)
				continue
			}
		}
		e.Vector = slices.Clone(e.Vector)
	}
}

// state returns what is known of one image.
func (s *Shards) state(source schemas.Source, row *schemas.Image, e *schemas.Embedding) ImageState {
	key := imageKey{source, row.Path}
	state := ImageState{Label: row.Identity, Shared: s.shared[key]}
	if n, ok := s.copies[key]; ok {
		state.CopyOf = n.APath
	}
	if source == schemas.Set {
		state.Override = s.overrides[row.Path]
		if state.Override != nil && state.Override.Decision == schemas.Relabel {
			state.Label = state.Override.Identity
		}
	}
	state.Identity = state.Label
	if source == schemas.Set {
		if g, ok := s.groups[row.Path]; ok && g.Identity == state.Label {
			state.Identity = schemas.GroupKey(g.Identity, g.Group)
			if g.Group > 1 {
				state.PGuest = g.P
			}
		}
	}
	state.Usable = e.Error == schemas.FaultNone && e.Vector != nil && state.CopyOf == ""
	return state
}

// groupMembers returns the members of a label by their groups: one element where it is
// not merged.
func (s *Shards) groupMembers(source schemas.Source, label string, images int, members []schemas.Embedding) []Members {
	var groups [][]schemas.Embedding
	for _, e := range members {
		k := 0
		if g, ok := s.groups[e.Path]; ok && source == schemas.Set && g.Identity == label {
			k = int(g.Group) - 1
		}
		for len(groups) <= k {
			groups = append(groups, nil)
		}
		groups[k] = append(groups[k], e)
	}
	if len(groups) == 0 {
		groups = append(groups, nil)
	}
	out := []Members{newMembers(label, images, groups[0])}
	for k, g := range groups[1:] {
		out = append(out, newMembers(schemas.GroupKey(label, int32(k+2)), len(g), g))
	}
	return out
}

func newMembers(label string, images int, members []schemas.Embedding) Members {
	m := Members{Label: label, Images: images}
	if len(members) == 0 {
		return m
	}
	m.Vectors = cluster.NewMatrix(len(members), len(members[0].Vector))
	for i, e := range members {
		copy(m.Vectors.Row(i), e.Vector)
		m.Paths = append(m.Paths, e.Path)
		m.Lengths = append(m.Lengths, e.Length)
	}
	return m
}

// Row returns the row of an image of the shard under the label of its manifest, from 0;
// -1: there is none.
func (v *LabelledShard) Row(label, path string) int {
	rows := v.Vectors.Rows
	i := sort.Search(len(rows), func(i int) bool {
		return rows[i].Identity > label || rows[i].Identity == label && rows[i].Path >= path
	})
	if i < len(rows) && rows[i].Identity == label && rows[i].Path == path {
		return i
	}
	return -1
}

// Members returns the members of an identity; one of another shard is an error.
func (v *LabelledShard) Members(label string) (*Members, error) {
	i := sort.Search(len(v.Identities), func(i int) bool { return v.Identities[i].Label >= label })
	if i < len(v.Identities) && v.Identities[i].Label == label {
		return &v.Identities[i], nil
	}
	return nil, origin.Errorf("pipeline", "identity %q is not in its shard", label)
}

// Index returns the row of an image in Vectors and Paths; -1: it is no member.
func (m *Members) Index(path string) int {
	i := sort.SearchStrings(m.Paths, path)
	if i < len(m.Paths) && m.Paths[i] == path {
		return i
	}
	return -1
}
