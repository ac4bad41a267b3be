package mixture

import (
	"fmt"
	"testing"

	"github.com/facesieve/facesieve/cluster"
)

// Images in two planes at angles of which every mean cosine is known.
func TestModes(t *testing.T) {
	rows := [][]float32{{1, 0, 0}, {0, 0, 1}, {.8, .6, 0}, {0, .6, .8}, {.6, .8, 0}}
	v := cluster.NewMatrix(len(rows), 3)
	for i, x := range rows {
		copy(v.Row(i), x)
	}
	for alike, want := range map[float64]string{
		.99: "[[0] [1] [2] [3] [4]]",
		.9:  "[[0] [1] [2 4] [3]]", // cosine of the two .96
		.75: "[[0] [1 3] [2 4]]",   // .8; the first to the pair has .7 in the mean
		.69: "[[0 2 4] [1 3]]",     // .7
		.24: "[[0 2 4] [1 3]]",     // across both sets .84 / 6 = .14
		.13: "[[0 1 2 3 4]]",
	} {
		if got := fmt.Sprint(Modes(v, alike)); got != want {
			t.Errorf("alike from %v: %s, want %s", alike, got, want)
		}
	}
	if Modes(cluster.Matrix{}, .5) != nil || fmt.Sprint(Modes(cluster.Matrix{Rows: 1, Cols: 3, Data: v.Data[:3]}, .5)) != "[[0]]" {
		t.Error("modes of nothing, or of one image")
	}
}
