package diversity

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/schemas"
)

// near returns a unit vector of 32 numbers with a cosine of about c to axis, noise by seed.
func near(axis int, c float64, seed uint64) []float32 {
	x := make([]float32, 32)
	for i := range x {
		seed = seed*6364136223846793005 + 1442695040888963407
		x[i] = float32(seed>>40)/(1<<24) - .5
	}
	x[axis] = 0
	cluster.Normalize(x)
	for i := range x {
		x[i] *= float32(math.Sqrt(1 - c*c))
	}
	x[axis] = float32(c)
	cluster.Normalize(x)
	return x
}

// label is a label with its own images, an old mode of them and strangers who are like
// nobody: removed are the mode and the strangers.
func label(old, strangers int) (rows []schemas.Verdict, vectors [][]float32) {
	add := func(kind string, n, axis int, c float64, typ schemas.Type, d schemas.Decision) {
		for i := range n {
			v := schemas.Verdict{Identity: "n1", Type: typ, Decision: d}
			v.Embedding.Path = fmt.Sprintf("n1/%s%d", kind, i)
			rows, vectors = append(rows, v), append(vectors, near(axis, c, uint64(len(rows)*77+1)))
		}
	}
	add("a", 8, 0, .85, schemas.TypeClean, schemas.Keep)
	add("old", old, 1, .85, schemas.TypeOutlier, schemas.Drop)
	add("stranger", strangers, 2, 0, schemas.TypeOutlier, schemas.Drop)
	for i := range rows {
		best, at := float32(-2), 0
		for k := range rows {
			if c := cluster.Dot(vectors[i], vectors[k]); k != i && c > best {
				best, at = c, k
			}
		}
		rows[i].EvidenceFor = []string{rows[at].Embedding.Path}
	}
	return rows, vectors
}

func seek(rows []schemas.Verdict, vectors [][]float32) (*schemas.ModesSought, *schemas.Warning) {
	m := &Modes{Alike: .3}
	if Wanted(rows) {
		m.Add(rows, func(i int) []float32 { return vectors[i] })
	}
	return m.Summary()
}

// An old mode that is dropped whole is found with its images and its path; strangers who
// are like nobody are none.
func TestModeVanishes(t *testing.T) {
	rows, vectors := label(4, 3)
	found, w := seek(rows, vectors)
	if found == nil || found.Vanishing != 1 || found.Images != 4 || fmt.Sprint(found.Examples) != "[{n1 4 n1/old0}]" {
		t.Fatalf("%+v", found)
	}
	if w == nil || w.Code != schemas.WarnMode || w.Count != 1 || fmt.Sprint(w.Examples) != "[n1 (4 images, n1/old0)]" ||
		!strings.HasPrefix(w.Text, "modes of a label that would vanish: 1, of 4 images") {
		t.Errorf("%+v", w)
	}
}

func TestModeStays(t *testing.T) {
	for name, change := range map[string]func(rows []schemas.Verdict, vectors [][]float32) ([]schemas.Verdict, [][]float32){
		"one image of the mode is kept": func(rows []schemas.Verdict, vectors [][]float32) ([]schemas.Verdict, [][]float32) {
			rows[8].Type, rows[8].Decision = schemas.TypeClean, schemas.Keep
			return rows, vectors
		},
		"one image of the mode is for review": func(rows []schemas.Verdict, vectors [][]float32) ([]schemas.Verdict, [][]float32) {
			rows[8].Decision = schemas.Review
			return rows, vectors
		},
		"it is moved to another label": func(rows []schemas.Verdict, vectors [][]float32) ([]schemas.Verdict, [][]float32) {
			for i := range rows {
				if rows[i].Decision == schemas.Drop {
					rows[i].Decision = schemas.Relabel
				}
			}
			return rows, vectors
		},
		"two images": func([]schemas.Verdict, [][]float32) ([]schemas.Verdict, [][]float32) { return label(2, 6) },
		"no vectors": func(rows []schemas.Verdict, vectors [][]float32) ([]schemas.Verdict, [][]float32) {
			return rows, make([][]float32, len(vectors))
		},
	} {
		rows, vectors := change(label(4, 3))
		if found, w := seek(rows, vectors); found != nil && found.Vanishing != 0 || w != nil {
			t.Errorf("%s: %+v, %+v", name, found, w)
		}
	}
}

// Vectors are not asked for where no dropped image is near another.
func TestWanted(t *testing.T) {
	rows, _ := label(4, 3)
	if !Wanted(rows) {
		t.Error("a mode of four is not wanted")
	}
	for i := range rows {
		rows[i].EvidenceFor = []string{"n1/a0"}
	}
	if Wanted(rows) || Wanted(nil) {
		t.Error("wanted without a mode")
	}
}
