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
// identity and the vector's float32 as the source has them.
func (s *SourceHasher) AddVector(path, identity string, vector []float32) {
	s.nRows++
	s.rows.text(path)
	s.rows.text(identity)
	s.rows.number(int64(len(vector)))
	s.rows.floats(vector)
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
