package matching

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/cluster"
)

// hubs moves the centroids of the first identities towards a direction that many share, so
// that they score widely.
func hubs(p *Identities, first int, along []float32) {
	for i := range p.Centroids.Rows {
		sign := float32(1 - 2*(i%2)) // the mean of all stays where it is
		towards := float32(.12)
		if i < first {
			towards = .6
		}
		row := p.Centroids.Row(i)
		for j := range row {
			row[j] += float32(sign * towards * along[j])
		}
		cluster.Normalize(row)
	}
}

// Identities that are like many others are wide, and others near 1; strangers of the wide
// ones are then expected as often as they happen.
func TestWidth(t *testing.T) {
	const wide, all = 40, 900
	c := newPopulation(71, all, 0)
	set, ref := c.identities(0, all/2, 5), c.identities(all/2, all, 5)
	along := c.direction()
	hubs(&set, wide, along)
	hubs(&ref, wide, along)
	m := FitReference(set, ref)
	w := m.Measured(set).Width
	if low, high := cluster.Median(w[:wide]), slices.Max(w[wide:]); low <= high {
		t.Errorf("the median of the wide is %.3f, the widest of the others %.3f", low, high)
	}
	if x := cluster.Median(w[wide:]); math.Abs(float64(x)-1) > .1 {
		t.Errorf("the usual width is %.3f", x)
	}
	// The extremes of pairs of wide identities, as many deviations out as others'.
	plain := m.Scorer(ones(set), ones(ref))
	measured := m.Scorer(set, ref)
	var before, after, pairs float64
	for a := range wide {
		for b := range wide {
			pairs++
			if m.Standard(plain.Pair(a, b).Score, int(set.N[a]), int(ref.N[b])) > 2.5 {
				before++
			}
			if m.Standard(measured.Pair(a, b).Score, int(set.N[a]), int(ref.N[b])) > 2.5 {
				after++
			}
		}
	}
	t.Logf("of %.0f pairs of wide identities %.0f are 2.5 deviations out; by width %.0f", pairs, before, after)
	if before < 2*after {
		t.Errorf("%.0f of the wide identities' pairs stand out, and still %.0f by their width", before, after)
	}
}

// ones returns identities of the usual width.
func ones(p Identities) Identities {
	p.Width = make([]float32, p.Centroids.Rows)
	for i := range p.Width {
		p.Width[i] = 1
	}
	return p
}

func TestWidthDependsOnNoGoroutines(t *testing.T) {
	c := newPopulation(72, 300, .4)
	set, ref := c.identities(0, 150, 5), c.identities(150, 300, 5)
	m := FitReference(set, ref)
	want := m.Measured(set).Width
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if got := m.Measured(set).Width; !slices.Equal(got, want) {
		t.Error("another number of goroutines, other widths")
	}
	if w := (Model{Mean: make([]float32, c.cols)}).Measured(set).Width; slices.Min(w) != 1 || slices.Max(w) != 1 {
		t.Error("a model without moments measures widths")
	}
}

// Where somebody gives the widths, the fit takes them.
func TestGivenWidthsStay(t *testing.T) {
	set := newPopulation(73, 100, 0).identities(0, 100, 5)
	if m := FitSplits(ones(set), nil); m.Cohort != 0 || m.Moments != nil {
		t.Errorf("moments of %v identities", m.Cohort)
	}
}

// Images count as far as their vectors were long; where one length is unknown, alike.
func TestCentroidByLength(t *testing.T) {
	v := newPopulation(74, 1, 0).images(0, 3)
	alike := Centroid(v, nil)
	if c := Centroid(v, []float32{7, 7, 7}); cluster.Dot(c.Vector, alike.Vector) < .999999 {
		t.Error("equal lengths move the centroid")
	}
	for _, lengths := range [][]float32{{}, {9, 9}, {9, 0, 9}, {9, float32(math.NaN()), 9}, {9, float32(math.Inf(1)), 9}} {
		if c := Centroid(v, lengths); !slices.Equal(c.Vector, alike.Vector) {
			t.Errorf("lengths %v move the centroid", lengths)
		}
	}
	c := Centroid(v, []float32{100, 1, 1})
	if cluster.Dot(c.Vector, v.Row(0)) < .99 || c.Rho != alike.Rho || c.N != alike.N {
		t.Errorf("a long vector counts for little: cosine %.3f", cluster.Dot(c.Vector, v.Row(0)))
	}
}

// The limit of tier probable is that of each fifty matches; certain is one of the run.
func TestLimitsAmongMatches(t *testing.T) {
	m := Model{Pairs: 1e6, Matches: 100}
	for _, c := range []struct{ comparisons, want float64 }{{1e3, .5}, {5e5, .5}, {1e6, 1}, {4e6, 4}} {
		if got := usual.Among(m, c.comparisons); got.Probable != c.want || got.Certain != usual.Certain {
			t.Errorf("among %g comparisons the limits are %+v", c.comparisons, got)
		}
	}
	if got := usual.Among(Model{}, 1e9); got != usual {
		t.Errorf("without pairs the limits are %+v", got)
	}
}
