package matching

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/schemas"
)

// soundModel fails where a figure of the model is not a number.
func soundModel(t *testing.T, m Model) {
	t.Helper()
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var again Model
	if err := json.Unmarshal(b, &again); err != nil || !reflect.DeepEqual(m, again) {
		t.Errorf("stored and read again the model differs: %v\n%+v\n%+v", err, m, again)
	}
	for _, s := range []float32{-1, 0, 0.3, 1} {
		for _, n := range []int{0, 1, 100, math.MaxInt32} {
			j := m.Judge(s, n, n, 1000, usual, true)
			if math.IsNaN(j.P) || j.P < 0 || j.P > 1 || !(j.ExpectedFalse >= 0 && j.ExpectedFalse <= 1000) {
				t.Errorf("score %v, %d images: %+v of %+v", s, n, j, m)
			}
		}
	}
	if f := m.Floor(1e6, usual); f-f != 0 {
		t.Errorf("floor %v", f)
	}
}

func TestDegenerateIdentities(t *testing.T) {
	c := newPopulation(3, 40, 0)
	none := Identities{}
	one, two, some := c.identities(0, 1, 3), c.identities(1, 3, 1), c.identities(5, 40, 4)
	same := Identities{Centroids: cluster.NewMatrix(30, c.cols)}
	for i := range 30 {
		copy(same.Centroids.Row(i), one.Centroids.Row(0))
		same.N = append(same.N, 1)
	}
	broken := Identities{Centroids: cluster.NewMatrix(3, c.cols), N: []int32{0, 2, 1}, Rho: []float32{0, 0.5, 0}}
	broken.Centroids.Row(1)[0] = float32(math.NaN())
	sources := map[string]Identities{
		"none": none, "one": one, "two": two, "some": some, "same": same, "broken": broken,
	}
	for a, set := range sources {
		for b, ref := range sources {
			t.Run(a+" and "+b, func(t *testing.T) {
				soundModel(t, FitSplits(set, []Identities{ref}))
				m := FitReference(set, ref)
				soundModel(t, m)
				pairs, best := m.Candidates(set, ref, -1, -2)
				if len(best) != set.Centroids.Rows {
					t.Fatalf("%d best of %d rows", len(best), set.Centroids.Rows)
				}
				for _, p := range pairs {
					if p.Score-p.Score != 0 || set.N[p.A] == 0 || ref.N[p.B] == 0 {
						t.Errorf("pair %+v", p)
					}
				}
			})
		}
	}
	soundModel(t, FitSplits(some, nil))
}

// Where the two sources are the same people, one in n pairs is a match; the
// matches must not be taken for what different people look like.
func TestReferenceOfTheSameIdentities(t *testing.T) {
	c := newPopulation(21, 80, 0)
	set, ref := c.identities(0, 80, 5), c.identities(0, 80, 5)
	m := FitReference(set, ref)
	found, wrong := tiers(m, set, ref, func(a, b int) bool { return a == b })
	matched := found[schemas.TierCertain] + found[schemas.TierProbable]
	if matched < 76 || wrong[schemas.TierCertain] > 0 || wrong[schemas.TierProbable] > 2 {
		t.Errorf("found %v, wrong %v", found, wrong)
	}
	if m.Matches < 70 || m.Matches > 90 {
		t.Errorf("%v matches estimated, 80 there", m.Matches)
	}
}

func TestCandidatesBreakTiesByIndex(t *testing.T) {
	c := newPopulation(23, 10, 0)
	set := c.identities(0, 5, 1)
	twice := Identities{Centroids: cluster.NewMatrix(10, c.cols)}
	for i := range 10 {
		copy(twice.Centroids.Row(i), set.Centroids.Row(i%5))
		twice.N = append(twice.N, 1)
	}
	_, best := Model{Mean: make([]float32, c.cols)}.Candidates(set, twice, -1, 2)
	for i, b := range best {
		if b.Index != i {
			t.Errorf("best of %d is %d", i, b.Index)
		}
	}
	_, best = Model{Mean: make([]float32, c.cols)}.Candidates(twice, twice, 0, 2)
	for i, b := range best {
		if b.Index != (i+5)%10 {
			t.Errorf("best other of %d is %d", i, b.Index)
		}
	}
}

func TestCentroidLeavesOutStrangersAlone(t *testing.T) {
	for _, common := range []float64{0, 0.8165} {
		strangers, unusual, own := 0, 0, 0
		for seed := range uint64(40) {
			c := newPopulation(300+seed, 2, common)
			v := cluster.NewMatrix(8, c.cols)
			copy(v.Data, c.images(0, 7).Data)
			copy(v.Row(7), c.images(1, 1).Row(0))
			k := Centroid(v, nil)
			if k.Kept[7] {
				strangers++
			}
			for i := range 7 {
				own++
				if !k.Kept[i] {
					unusual++
				}
			}
		}
		if strangers > 1 || unusual > own/50 {
			t.Errorf("common direction %v: %d strangers kept of 40, %d of %d own images left out",
				common, strangers, unusual, own)
		}
	}
	if c := Centroid(cluster.NewMatrix(4, 8), nil); c.N != 0 || c.Usable != 0 {
		t.Errorf("zero images make a centroid of %d", c.N)
	}
}

// More people than are compared: the sample must not follow their order.
func TestSampleDoesNotFollowTheOrder(t *testing.T) {
	c := newPopulation(29, 2300, 0.3)
	set := c.identities(0, 2300, 2)
	turned := Identities{Centroids: cluster.NewMatrix(2300, c.cols)}
	for k := range 2300 {
		i := 2299 - k
		copy(turned.Centroids.Row(k), set.Centroids.Row(i))
		turned.N, turned.Rho = append(turned.N, set.N[i]), append(turned.Rho, set.Rho[i])
	}
	m, again := FitSplits(set, nil), FitSplits(turned, nil)
	if m.Pairs >= 2300*2299/2 {
		t.Fatalf("all %v pairs were looked at", m.Pairs)
	}
	if !reflect.DeepEqual(m, again) {
		t.Errorf("another order, another model:\n%+v\n%+v", m, again)
	}
}
