package mixture_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/mixture"
)

func TestNearestLabelsTell(t *testing.T) {
	for _, c := range []struct {
		what string
		of   mixture.Nearest
		want float64
	}{
		{"even odds, far from the rest", mixture.Nearest{PSmaller: .5, Score: .8, Join: .1}, math.Log(2)},
		{"odds of four", mixture.Nearest{PSmaller: .8, Score: .8, Join: .1}, math.Log(5)},
		{"sure beyond what counts", mixture.Nearest{PSmaller: 1, Score: .8, Join: .1}, math.Log(101)},
		{"half way between nearer and not", mixture.Nearest{PSmaller: .8, Score: .8, Join: .6}, math.Log(3)},
		{"as near to the rest", mixture.Nearest{PSmaller: 1, Score: .6, Join: .55}, 0},
		{"the rest is that person, too", mixture.Nearest{PSmaller: 1, PLarger: 1, Score: .8, Join: .1}, 0},
		{"the rest may be", mixture.Nearest{PSmaller: .8, PLarger: .5, Score: .8, Join: .1}, math.Log(3)},
		{"like nobody", mixture.Nearest{PSmaller: .5, Score: -.1, Join: -.9}, 0},
		{"no other label", mixture.Nearest{}, 0},
	} {
		if got := c.of.LogRatio(); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: a log-ratio of %g, want %g", c.what, got, c.want)
		}
	}
}

// mixed draws a label of 20 images, the last of them some guests', whom it does not tell surely.
func mixed(r *rand.Rand, guests int) cluster.Matrix {
	v := cluster.NewMatrix(20, dimensions)
	host := direction(r)
	put(r, v, 0, 20-guests, host)
	put(r, v, 20-guests, guests, toward(host, direction(r), .35))
	return v
}

// What a label's images leave open another label decides; what they say it does not.
func TestOthersDecideWhatIsOpen(t *testing.T) {
	m := mixture.Model{Units: mixture.Units{Impostor: 0, Genuine: .5}, Rate: .03}
	decided := 0
	for seed := range uint64(20) {
		v := mixed(rand.New(rand.NewPCG(seed, 5)), 3)
		splits := mixture.Splits(v)
		if !m.Open(splits) {
			continue
		}
		guest := func(a, b []int) float64 { // another label is the guests' person
			if slices.Equal(a, []int{17, 18, 19}) || slices.Equal(b, []int{17, 18, 19}) {
				return math.Log(101)
			}
			return 0
		}
		none := func(a, b []int) float64 { return 0 }
		if m.LabelBeside(splits, nil) != m.Label(splits) || m.LabelBeside(splits, none) != m.Label(splits) {
			t.Errorf("seed %d: nothing said changes the probability", seed)
		}
		if len(m.Groups(v, nil)) != 1 || len(m.Groups(v, none)) != 1 {
			t.Errorf("seed %d: an open label is cut though nothing is said of it", seed)
		}
		p, groups := m.LabelBeside(splits, guest), m.Groups(v, guest)
		if p < mixture.Merged {
			continue // the guests are no split of their own
		}
		decided++
		if len(groups) != 2 || len(groups[1].Rows) != 3 || groups[1].Rows[0] != 17 || groups[1].P < mixture.Merged {
			t.Errorf("seed %d: p %.3f and groups %v", seed, p, groups)
		}
	}
	if decided < 5 {
		t.Errorf("another label decided %d of 20", decided)
	}
}

// A few images that strayed by themselves make no second person, whatever other labels say.
func TestFewImagesAreNoPerson(t *testing.T) {
	m := mixture.Model{Units: mixture.Units{Impostor: 0, Genuine: .5}, Rate: .03}
	found := map[int]int{}
	for seed := range uint64(20) {
		for _, guests := range []int{2, 3} {
			v := mixed(rand.New(rand.NewPCG(seed, 5)), guests)
			sure := func(a, b []int) float64 {
				if slices.Equal(a, []int{18, 19}) || slices.Equal(b, []int{18, 19}) {
					t.Errorf("seed %d: two of twenty images ask", seed)
				}
				if len(a) == guests || len(b) == guests {
					return math.Log(101)
				}
				return 0
			}
			if m.LabelBeside(mixture.Splits(v), sure) >= mixture.Merged && len(m.Groups(v, sure)) > 1 {
				found[guests]++
			}
		}
	}
	if found[2] > 0 || found[3] < 5 {
		t.Errorf("labels of 20 images are cut for 2 guests %d times, for 3 %d times", found[2], found[3])
	}
}

// Labels that are surely one person's or two people's do not ask.
func TestSureLabelsDoNotAsk(t *testing.T) {
	m := mixture.Model{Units: mixture.Units{Impostor: 0, Genuine: .5}, Rate: .001}
	asked := 0
	ask := func(a, b []int) float64 { asked++; return 0 }
	for _, v := range set(3, 30, 20, 10, 8, 0) {
		splits := mixture.Splits(v)
		if m.Open(splits) {
			continue
		}
		if m.LabelBeside(splits, ask) != m.Label(splits) || asked > 0 {
			t.Fatalf("a label of p %.5f asks", m.Label(splits))
		}
	}
}
