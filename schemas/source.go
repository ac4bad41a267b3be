package schemas

import (
	"encoding/hex"
	"sort"
)

// SourceHasher makes SourceSpec.Digest of a source's rows and identities as they are
// listed. Rows and identities may come interleaved, each in their order.
type SourceHasher struct {
	rows, ids   *hasher
	nRows, nIDs int64
}

// NewSourceHasher returns the hasher of a source without rows.
func NewSourceHasher() *SourceHasher {
	return &SourceHasher{
		rows: newHasher("facesieve source rows 1"),
		ids:  newHasher("facesieve source identities 1"),
	}
}

// Add takes the next row: its path, identity, size, tag and landmarks.
func (s *SourceHasher) Add(r Image) {
	s.nRows++
	s.rows.text(r.Path)
	s.rows.text(r.Identity)
	s.rows.number(r.Size)
	s.rows.text(r.Tag)
	s.rows.landmarks(r.Landmarks)
}

// AddVector takes the next row of a source with precomputed vectors: its path, its
// identity, the vector's float32 as the source has them, what else the source says of
// the face, and what it says of a second look, nil where nothing.
func (s *SourceHasher) AddVector(identity string, e *Embedding, second *LookedFace) {
	s.nRows++
	s.rows.text(e.Path)
	s.rows.text(identity)
	s.rows.given(e, second)
}

// GivenTag returns what stands for the tag of a row with a precomputed vector: the
// first 128 bits of the SHA-256 of all that its source says of the face, lower-case
// hex. Ids that cover a listing cover the vectors by it.
func GivenTag(e *Embedding, second *LookedFace) string {
	x := newHasher("facesieve given 2")
	x.given(e, second)
	return x.id()
}

// given takes a precomputed vector, its detector score, its length and its box, and the
// vector and the detector score of a second look.
func (x *hasher) given(e *Embedding, second *LookedFace) {
	x.number(int64(len(e.Vector)))
	x.floats(e.Vector)
	x.flag(e.HasDetScore)
	if e.HasDetScore {
		x.floats([]float32{e.DetScore})
	}
	x.flag(e.Length != 0)
	if e.Length != 0 {
		x.floats([]float32{e.Length})
	}
	x.flag(e.Box != [4]float32{})
	if e.Box != [4]float32{} {
		x.floats(e.Box[:])
	}
	x.flag(second != nil)
	if second != nil {
		x.floats(second.Vector)
		x.floats([]float32{second.DetScore})
	}
}

// AddIdentity takes the next identity: its label and name.
func (s *SourceHasher) AddIdentity(id Identity) {
	s.nIDs++
	s.ids.text(id.Label)
	s.ids.text(id.Name)
}

// Sum returns the digest of what was added. Nothing may be added after it.
func (s *SourceHasher) Sum() Digest {
	x := newHasher("facesieve source 1")
	rows, ids := s.rows.sum(), s.ids.sum()
	x.number(s.nRows)
	x.buf = append(x.buf, rows[:]...)
	x.number(s.nIDs)
	x.buf = append(x.buf, ids[:]...)
	sum := x.sum()
	return Digest(hex.EncodeToString(sum[:]))
}

// OverridesDigest returns the digest of a person's decisions, whatever their order.
func OverridesDigest(all []Override) Digest {
	sorted := append([]Override(nil), all...)
	SortOverrides(sorted)
	x := newHasher("facesieve overrides 1")
	x.number(int64(len(sorted)))
	for _, o := range sorted {
		x.text(o.Path)
		x.text(string(o.Decision))
		x.text(o.Identity)
	}
	sum := x.sum()
	return Digest(hex.EncodeToString(sum[:]))
}

// SortOverrides orders decisions by path, then decision, then identity, bytewise.
func SortOverrides(all []Override) {
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		if a.Path != b.Path {
			return a.Path < b.Path
		}
		if a.Decision != b.Decision {
			return a.Decision < b.Decision
		}
		return a.Identity < b.Identity
	})
}
