package diversity

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/mixture"
	"github.com/facesieve/facesieve/schemas"
)

const (
	leastMode   = 3   // images of a mode
	mostDropped = 512 // images of one label among which modes are looked for, the first ones
)

// Modes looks for images of a label that are alike and would all be dropped.
type Modes struct {
	// Alike is the mean cosine from which images are alike.
	Alike float64

	sought bool
	found  schemas.ModesSought
}

// dropped says whether an image is dropped for what it shows: it is like neither its label
// nor, surely enough to be moved there, another one.
func dropped(v *schemas.Verdict) bool { return v.Type.WrongLabel() && v.Decision == schemas.Drop }

// Wanted says whether the verdicts on one label, in the order of its paths, may hold a
// mode that vanishes, so that its vectors are worth reading: three dropped images have
// another dropped one among their nearest of the label.
func Wanted(rows []schemas.Verdict) bool {
	gone := map[string]bool{}
	for i := range rows {
		if dropped(&rows[i]) {
			gone[rows[i].Embedding.Path] = true
		}
	}
	n := 0
	for i := range rows {
		v := &rows[i]
		if gone[v.Embedding.Path] && slices.ContainsFunc(v.EvidenceFor, func(p string) bool { return gone[p] }) {
			n++
		}
	}
	return n >= leastMode
}

// Add looks through the verdicts on one label; vector returns the unit vector of a row,
// nil where it has none.
func (m *Modes) Add(rows []schemas.Verdict, vector func(i int) []float32) {
	m.sought = true
	var gone, stay []int
	for i := range rows {
		switch v := &rows[i]; {
		case vector(i) == nil || !Counts(v):
		case dropped(v):
			gone = append(gone, i)
		case v.Decision != schemas.Drop:
			stay = append(stay, i)
		}
	}
	gone = gone[:min(len(gone), mostDropped)]
	if len(gone) < leastMode {
		return
	}
	v := cluster.NewMatrix(len(gone), len(vector(gone[0])))
	for k, i := range gone {
		copy(v.Row(k), vector(i))
	}
	for _, mode := range mixture.Modes(v, m.Alike) {
		if len(mode) < leastMode || slices.ContainsFunc(stay, func(i int) bool { return m.like(vector(i), v, mode) }) {
			continue
		}
		first := &rows[gone[mode[0]]]
		m.found.Vanishing++
		m.found.Images += len(mode)
		m.found.Examples = insert(m.found.Examples, schemas.VanishingMode{Identity: schemas.EscapePath(first.Identity),
			Images: len(mode), Path: schemas.EscapePath(first.Embedding.Path)},
			func(a, b schemas.VanishingMode) int { return cmp.Compare(b.Images, a.Images) })
	}
}

// like says whether an image is like those of a mode.
func (m *Modes) like(x []float32, v cluster.Matrix, mode []int) bool {
	sum := 0.0
	for _, k := range mode {
		sum += float64(cluster.Dot(x, v.Row(k)))
	}
	return sum/float64(len(mode)) >= m.Alike
}

// Summary returns what was found, nil where nothing was worth a look, and the warning of
// it, nil where no mode vanishes.
func (m *Modes) Summary() (*schemas.ModesSought, *schemas.Warning) {
	if !m.sought {
		return nil, nil
	}
	m.found.Alike = m.Alike
	n := m.found.Vanishing
	if n == 0 {
		return &m.found, nil
	}
	w := &schemas.Warning{Code: schemas.WarnMode, Count: n,
		Text: fmt.Sprintf("modes of a label that would vanish: %d, of %d images; each is three images or more that are alike "+
			"and would all be dropped: a stranger's, or the person at another age, in make-up or in one session", n,
			m.found.Images)}
	for _, x := range m.found.Examples[:min(len(m.found.Examples), 3)] {
		w.Examples = append(w.Examples, fmt.Sprintf("%s (%d images, %s)", x.Identity, x.Images, x.Path))
	}
	return &m.found, w
}
