package mixture_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/mixture"
)

const dimensions = 128

// direction draws somebody's direction.
func direction(r *rand.Rand) []float64 {
	out := make([]float64, dimensions)
	for i := range out {
		out[i] = r.NormFloat64()
	}
	return out
}

// toward mixes two directions: the share of the second is squared to a cosine.
func toward(a, b []float64, cosine float64) []float64 {
	out := make([]float64, dimensions)
	for i := range out {
		out[i] = cosine*a[i] + math.Sqrt(1-cosine*cosine)*b[i]
	}
	return out
}

// put fills rows of a matrix, from first on, with images of a person; their cosine is about
// .5.
func put(r *rand.Rand, m cluster.Matrix, first, n int, of []float64) {
	for k := first; k < first+n; k++ {
		for j := range m.Row(k) {
			m.Row(k)[j] = float32(of[j] + r.NormFloat64())
		}
		cluster.Normalize(m.Row(k))
	}
}

// set draws labels of one person of n images each; every merged one has guests as its
// last images, who look like its own person by a cosine.
func set(seed uint64, labels, n, merged, guests int, cosine float64) []cluster.Matrix {
	r := rand.New(rand.NewPCG(seed, 7))
	out := make([]cluster.Matrix, labels)
	for i := range out {
		out[i] = cluster.NewMatrix(n, dimensions)
		host := direction(r)
		k := 0
		if i < merged {
			k = guests
			put(r, out[i], n-k, k, toward(host, direction(r), cosine))
		}
		put(r, out[i], 0, n-k, host)
	}
	return out
}

func sample(labels []cluster.Matrix) mixture.Sample {
	var s mixture.Sample
	for _, m := range labels {
		s.Add(m)
	}
	return s
}

// Labels with guests are told from those of one person, and cut into the two.
func TestMergedLabels(t *testing.T) {
	for seed := range uint64(5) {
		const n, guests, merged = 20, 6, 10
		labels := set(seed, 60, n, merged, guests, 0)
		s := sample(labels)
		m := mixture.Fit(s)
		if m.Rate < .08 || m.Rate > .25 {
			t.Errorf("seed %d: a share of %.3f of merged labels, and it is .17", seed, m.Rate)
		}
		for i, v := range labels {
			p := m.Label(s.Splits[i])
			groups := m.Groups(v, nil)
			if i >= merged && (p >= .5 || len(groups) != 1) {
				t.Errorf("seed %d: a label of one person has p %.3f and %d groups", seed, p, len(groups))
			}
			if i >= merged {
				continue
			}
			if p < .5 || len(groups) != 2 {
				t.Fatalf("seed %d: a label of two people has p %.3f and %d groups", seed, p, len(groups))
			}
			if g := groups[1].Rows; len(g) != guests || g[0] != n-guests || groups[1].P < .5 {
				t.Errorf("seed %d: the guests are %v with p %.3f", seed, g, groups[1].P)
			}
		}
	}
}

// Of three people of whom two look alike, each guest is surely another person than the
// host, however hard the two are told apart.
func TestGuestsWhoLookAlikeAreComparedWithTheHost(t *testing.T) {
	m := mixture.Model{Units: mixture.Units{Impostor: 0, Genuine: .5}, Rate: .05}
	three := 0
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		v := cluster.NewMatrix(40, dimensions)
		guest := direction(r)
		put(r, v, 0, 20, direction(r))
		put(r, v, 20, 11, guest)
		put(r, v, 31, 9, toward(guest, direction(r), .5))
		groups := m.Groups(v, nil)
		if len(groups) != 3 {
			continue
		}
		three++
		for _, g := range groups {
			if g.P < .8 {
				t.Errorf("seed %d: a group of %d images has p %.3f", seed, len(g.Rows), g.P)
			}
		}
	}
	if three == 0 {
		t.Error("the two guests are told apart in no label")
	}
}

// In a set without merged labels hardly any is called so.
func TestNobodyIsMerged(t *testing.T) {
	for _, n := range []int{3, 4, 8, 20, 60} {
		labels := set(uint64(n), 100, n, 0, 0, 0)
		s := sample(labels)
		m := mixture.Fit(s)
		for i := range labels {
			if p := m.Label(s.Splits[i]); p >= .5 {
				t.Errorf("%d images: p %.3f", n, p)
			}
		}
	}
}

// Copies of one picture are one image: they make no second person.
func TestNearDuplicatesCountOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	v := cluster.NewMatrix(14, dimensions)
	put(r, v, 0, 10, direction(r))
	put(r, v, 10, 1, direction(r))
	for k := 11; k < 14; k++ {
		copy(v.Row(k), v.Row(10))
		v.Row(k)[k] += .01
		cluster.Normalize(v.Row(k))
	}
	for _, s := range mixture.Splits(v) {
		if slices.Contains(s.B, 10) && s.NB != 1 && s.NB < 4 {
			t.Errorf("four copies of one picture count as %d images", s.NB)
		}
	}
	m := mixture.Model{Units: mixture.Units{Impostor: 0, Genuine: .5}, Rate: .1}
	if got := m.Groups(v, nil); len(got) != 1 {
		t.Errorf("%d groups", len(got))
	}
}

// Every row is in one group, the largest group comes first, and equal input gives equal
// groups, of very many images too.
func TestGroupsAreAPartition(t *testing.T) {
	m := mixture.Model{Units: mixture.Units{Impostor: 0, Genuine: .5}, Rate: .05}
	for _, n := range []int{1, 2, 5, 40, 1500} {
		r := rand.New(rand.NewPCG(uint64(n), 3))
		v := cluster.NewMatrix(n, dimensions)
		a, b := n/2+1, n/3
		put(r, v, 0, a, direction(r))
		put(r, v, a, min(b, n-a), direction(r))
		if rest := n - a - b; rest > 0 {
			put(r, v, a+b, rest, direction(r))
		}
		groups := m.Groups(v, nil)
		var rows []int
		for i, g := range groups {
			rows = append(rows, g.Rows...)
			if i > 0 && len(g.Rows) > len(groups[i-1].Rows) {
				t.Errorf("%d images: group %d is larger than the one before", n, i)
			}
		}
		slices.Sort(rows)
		for i, x := range rows {
			if i != x || len(rows) != n {
				t.Fatalf("%d images: rows %v", n, rows)
			}
		}
		if n >= 40 && len(groups) != 3 {

			t.Errorf("%d images of three people: %d groups", n, len(groups))
		}
		if again := m.Groups(v, nil); !reflect.DeepEqual(again, groups) {
			t.Errorf("%d images: the second time the groups differ", n)
		}
	}
}

// Parts of a set, joined in its order, are the whole.
func TestPartsAreTheWhole(t *testing.T) {
	labels := set(1, 30, 12, 5, 4, .2)
	whole := mixture.Fit(sample(labels))
	parts := []mixture.Sample{sample(labels[:7]), {}, sample(labels[7:8]), sample(labels[8:])}
	if got := mixture.Fit(mixture.Join(parts)); math.Abs(got.Units.Impostor-whole.Units.Impostor) > 1e-12 ||
		got.Units.Genuine != whole.Units.Genuine || math.Abs(got.Rate-whole.Rate) > 1e-9 {
		t.Errorf("parts give %+v, the whole %+v", got, whole)
	}
	empty := mixture.Fit(mixture.Sample{})
	if !(empty.Rate > 0 && empty.Rate < .1) || empty.Units.Genuine <= empty.Units.Impostor {
		t.Errorf("no label gives %+v", empty)
	}
}
