package embed

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// celebaPortraits are the images of celeba-mini, those known to be wrong left out.
func celebaPortraits(t testing.TB) []string {
	t.Helper()
	dir := shared(t, "data", "celeba-mini")
	f, err := os.Open(filepath.Join(dir, "natural.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	wrong := map[string]bool{}
	for _, r := range rows {
		wrong[filepath.Join(dir, r[0])] = true
	}
	return slices.DeleteFunc(below(t, dir, "*/*.jpg"), func(p string) bool { return wrong[p] })
}

// tilt is how far a face's eyes are from level, in degrees.
func tilt(e schemas.Embedding) float64 {
	return math.Abs(math.Atan2(float64(e.Landmarks[3]-e.Landmarks[1]), float64(e.Landmarks[2]-e.Landmarks[0]))) * 180 / math.Pi
}

// TestLookCeleba measures what a second look adds to the own scores of real photographs,
// those that are doubtful or tilted and upright ones. It takes minutes: only where
// FACESIEVE_ACCEPTANCE is set.
func TestLookCeleba(t *testing.T) {
	if os.Getenv("FACESIEVE_ACCEPTANCE") == "" {
		t.Skip("SKIPPED: set FACESIEVE_ACCEPTANCE to measure second looks")
	}
	e := start(t, realConfig(t))
	paths := celebaPortraits(t)
	rows := embedAll(t, e, paths, false)
	sums := map[string][]float32{}
	for i, r := range rows {
		person := filepath.Dir(paths[i])
		if sums[person] == nil {
			sums[person] = make([]float32, e.parameters.dim)
		}
		for k, x := range r.Vector {
			sums[person][k] += x
		}
	}
	images, read := files(t, paths)
	looks, err := e.Look(t.Context(), images, rows, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	var groups [3]struct{ one, two, gain []float64 }
	for i, r := range rows {
		group := 2
		switch {
		case r.Error != "":
			continue
		case r.DetScore < sureScore:
			group = 0
		case tilt(r) > 15:
			group = 1
		}
		others := slices.Clone(sums[filepath.Dir(paths[i])])
		for k, x := range r.Vector {
			others[k] -= x
		}
		if err := schemas.RoundVector(others); err != nil {
			continue // alone
		}
		one := cosine(r.Vector, others)
		two := one
		if f := nearest(looks[i], others); f != nil {
			two = cosine(final(t, r, *f), others)
		}
		g := &groups[group]
		g.one, g.two, g.gain = append(g.one, one), append(g.two, two), append(g.gain, two-one)
	}
	for i, name := range []string{"score below .88", "tilted by more than 15 degrees", "upright"} {
		g := groups[i]
		slices.Sort(g.gain)
		n := len(g.gain)
		t.Logf("%-31s %4d pictures: median own score %.3f at the first look, %.3f after both; gain %.3f in the median, %.3f at the 5th percentile, %.3f at the 95th",
			name, n, medianOf(g.one), medianOf(g.two), medianOf(g.gain), g.gain[n/20], g.gain[n-1-n/20])
		if medianOf(g.gain) < -.002 {
			t.Errorf("%s: second looks cost %.3f of the own score", name, -medianOf(g.gain))
		}
	}
}
