package diversity

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/cluster/facequality"
	"github.com/facesieve/facesieve/schemas"
)

// The tail of the binomial distribution against sums made by hand, and one of many trials
// against the sum of its terms by math.Lgamma.
func TestAtLeast(t *testing.T) {
	lgamma := func(n int) float64 {
		x, _ := math.Lgamma(float64(n) + 1)
		return x
	}
	long := 0.0
	for i := 60; i <= 2000; i++ {
		long += math.Exp(lgamma(2000) - lgamma(i) - lgamma(2000-i) + float64(i)*math.Log(.02) + float64(2000-i)*math.Log(.98))
	}
	for _, c := range []struct {
		k, n int
		p    float64
		want float64
	}{{8, 10, .5, 56. / 1024}, {10, 10, .5, 1. / 1024}, {2, 3, 1. / 3, 7. / 27}, {60, 2000, .02, long}, {3, 10, .3, 1},
		{0, 0, .1, 1}} {
		if got := atLeast(c.k, c.n, c.p); math.Abs(got-c.want) > 1e-9*c.want {
			t.Errorf("%d and more of %d at %v: %v, want %v", c.k, c.n, c.p, got, c.want)
		}
	}
	if got := atLeast(90_000, 1_000_000, .05); got != 0 && got > 1e-300 {
		t.Errorf("far out: %v", got)
	}
}

func TestThinned(t *testing.T) {
	all := Loss{Images: 1000, Removed: 40}
	for _, c := range []struct {
		name    string
		stratum Loss
		all     Loss
		want    bool
	}{
		{"12 of 100 beside 28 of 900", Loss{Images: 100, Removed: 12, Labels: 12}, all, true},
		// By chance with p .0039: the probability of 10 and more of 40 at .1, above the level.
		{"the same share in fewer images", Loss{Images: 50, Removed: 6, Labels: 6}, all, false},
		{"four labels alone lose them", Loss{Images: 100, Removed: 12, Labels: 4}, all, false},
		{"not three times the share", Loss{Images: 100, Removed: 9, Labels: 9}, all, false},
		{"19 images", Loss{Images: 19, Removed: 19, Labels: 19}, all, false},
		{"20 images", Loss{Images: 20, Removed: 12, Labels: 12}, all, true},
		{"the others lose none", Loss{Images: 500, Removed: 10, Labels: 10}, Loss{Images: 1000, Removed: 10}, true},
		{"nothing is removed", Loss{Images: 500, Labels: 9}, Loss{Images: 1000}, false},
		{"few others", Loss{Images: 990, Removed: 990, Labels: 99}, Loss{Images: 1000, Removed: 990}, false},
	} {
		if got := Thinned(c.stratum, c.all); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// Strata that lose at random are seldom called thinned: in 2,000 sets of 2,000 images,
// of which 4 % go, 18 strata each.
func TestChanceIsSeldomThinned(t *testing.T) {
	state := uint64(1)
	draw := func() float64 {
		state = state*6364136223846793005 + 1442695040888963407
		return float64(state>>33) / (1 << 31)
	}
	sizes := []float64{.01, .02, .03, .05, .1, .2, .25, .5, .84}
	thinned := 0
	for range 2000 {
		var all Loss
		losses := make([]Loss, 2*len(sizes))
		for i := range 2000 {
			d := schemas.Keep
			if draw() < .04 {
				d = schemas.Drop
			}
			label := fmt.Sprint(i / 10)
			all.Add(d, label)
			for k := range losses {
				if draw() < sizes[k/2] {
					losses[k].Add(d, label)
				}
			}
		}
		for _, l := range losses {
			if Thinned(l, all) {
				thinned++
				break
			}
		}
	}
	t.Logf("%d of 2,000", thinned)
	if thinned > 20 { // one set in a hundred
		t.Errorf("%d of 2,000 sets have a thinned stratum by chance", thinned)
	}
}

func TestInterval(t *testing.T) {
	for _, c := range []struct {
		l         Loss
		low, high float64 // Wilson 1927, as Brown, Cai and DasGupta 2001 give it
	}{{Loss{Images: 100, Removed: 10}, .05523, .17437}, {Loss{Images: 10}, 0, .27753}, {Loss{}, 0, 1},
		{Loss{Images: 10, Removed: 10}, .72247, 1}} {
		low, high := c.l.Interval()
		if math.Abs(low-c.low) > 1e-5 || math.Abs(high-c.high) > 1e-5 {
			t.Errorf("%d of %d: %.5f to %.5f", c.l.Removed, c.l.Images, low, high)
		}
	}
}

// turned returns the landmarks of a head turned by yaw to its side and by roll to its
// shoulder, in degrees, with eyes 60 px apart where it looks straight, the tip of its nose
// .45 of that before eyes and mouth.
func turned(yaw, roll float64) (e schemas.Embedding) {
	head := [][3]float64{{-30, -20, 0}, {30, -20, 0}, {0, 14.2, 27}, {-20, 49.3, 0}, {20, 49.3, 0}} // as alignment has them
	sy, cy := math.Sincos(yaw * math.Pi / 180)
	sr, cr := math.Sincos(roll * math.Pi / 180)
	for i, p := range head {
		x, y := p[0]*cy+p[2]*sy, p[1]
		e.Landmarks[2*i], e.Landmarks[2*i+1] = float32(200+x*cr-y*sr), float32(200+x*sr+y*cr)
	}
	return e
}

func TestPose(t *testing.T) {
	for yaw, want := range map[float64]string{0: schemas.PoseFrontal, 20: schemas.PoseFrontal, 28: schemas.PoseHalfTurned,
		44: schemas.PoseHalfTurned, 52: schemas.PoseProfile, 80: schemas.PoseProfile, 100: schemas.PoseProfile} {
		for _, roll := range []float64{0, 30, -90, 180} {
			for _, side := range []float64{1, -1} {
				e := turned(side*yaw, roll)
				if got := Pose(&e); got != want {
					t.Errorf("yaw %v, roll %v: %s", side*yaw, roll, got)
				}
			}
		}
	}
	e := turned(0, 45)
	if d, known := facequality.EyeDistance(&e.Landmarks); !known || math.Abs(d-60) > 1e-3 {
		t.Errorf("eyes %v px apart", d)
	}
	e = schemas.Embedding{}
	if _, known := facequality.EyeDistance(&e.Landmarks); known || Pose(&e) != schemas.StratumUnknown {
		t.Error("a face without landmarks has a pose")
	}
}

// verdicts returns the verdicts on a label: removed ones first.
func verdicts(label string, images, removed, review int) (rows []schemas.Verdict) {
	for i := range images {
		v := schemas.Verdict{Identity: label, Type: schemas.TypeClean, Decision: schemas.Keep}
		v.Embedding = turned(0, 0)
		v.Embedding.Path, v.Embedding.Sharpness = fmt.Sprintf("%s/%02d", label, i), .31
		switch {
		case i < removed:
			v.Type, v.Decision = schemas.TypeOutlier, []schemas.Decision{schemas.Drop, schemas.Relabel}[i%2]
		case i < removed+review:
			v.Type, v.Decision = schemas.TypeOutlier, schemas.Review
		}
		rows = append(rows, v)
	}
	return rows
}

func TestCounter(t *testing.T) {
	c := NewCounter()
	c.Add(verdicts("a", 12, 3, 1)) // falls below 10
	c.Add(verdicts("b%", 2, 2, 0)) // emptied
	c.Add(verdicts("c", 5, 1, 2))  // falls below 5
	c.Add(verdicts("d", 60, 0, 0))
	c.Add(verdicts("e", 1, 0, 0))
	rows := verdicts("f", 9, 1, 0) // two of them don't count, one is of no known pose and size
	rows[7].Type, rows[8].Type = schemas.TypeNearDuplicate, schemas.TypeDuplicate
	rows[7].Decision, rows[8].Decision = schemas.Drop, schemas.Drop
	rows[1].Embedding.Landmarks, rows[1].Embedding.Sharpness = [10]float32{}, 0
	rows[2].Quality = new(float32(.65))
	c.Add(rows)
	bad := verdicts("g", 3, 3, 0)
	for i := range bad {
		bad[i].Type, bad[i].Embedding.Error = schemas.TypeUnreadable, schemas.FaultEmpty
	}
	c.Add(bad)
	d, warnings := c.Summary()
	if d.Images != 87 || d.Removed != 7 || d.Review != 3 || len(warnings) != 0 {
		t.Errorf("%+v, %v", d, warnings)
	}
	want := map[schemas.GroupingName]string{
		schemas.GroupingSize:        "[{1 1 0 0 0 false} {2-4 2 2 0 1 false} {5-9 12 2 2 0.17 false} {10-19 12 3 1 0.25 false} {50 and more 60 0 0 0 false}]",
		schemas.GroupingPose:        "[{frontal 86 7 3 0.08 false} {unknown 1 0 0 0 false}]",
		schemas.GroupingEyeDistance: "[{32 to below 64 86 7 3 0.08 false} {unknown 1 0 0 0 false}]",
		schemas.GroupingSharpness:   "[{0.3 to below 0.35 86 7 3 0.08 false} {unknown 1 0 0 0 false}]",
		schemas.GroupingQuality:     "[{0.6 to below 0.7 1 0 0 0 false} {unknown 86 7 3 0.08 false}]",
	}
	for i, g := range d.Groupings {
		for k := range g.Strata {
			g.Strata[k].Share = math.Round(g.Strata[k].Share*100) / 100
		}
		if g.Name != schemas.GroupingNames()[i] || fmt.Sprint(g.Strata) != want[g.Name] {
			t.Errorf("%s: %v", g.Name, g.Strata)
		}
	}
	x := d.Identities
	if x.Emptied != 1 || x.BelowTwo != 1 || x.BelowFew != 1 || x.BelowTen != 1 ||
		fmt.Sprint(x.Examples) != "[{b%25 2 0} {c 5 4} {a 12 9}]" {
		t.Errorf("%+v", x)
	}
}

// A set whose faces in profile go has one warning, which says so in numbers.
func TestWarningOfProfiles(t *testing.T) {
	c := NewCounter()
	for k := range 50 {
		rows := verdicts(fmt.Sprintf("n%02d", k), 20, 0, 0)
		for i := range rows {
			if i < 2 {
				landmarks := turned(60, 0).Landmarks
				rows[i].Embedding.Landmarks = landmarks
			}
			if i == 0 && k < 30 || i == 5 && k < 5 {
				rows[i].Decision = schemas.Drop
			}
		}
		c.Add(rows)
	}
	d, warnings := c.Summary()
	pose := d.Groupings[1]
	if len(pose.Strata) != 2 || pose.Strata[0].Thinned || !pose.Strata[1].Thinned {
		t.Errorf("%+v", pose)
	}
	// The eyes of a face in profile are near each other, so that the small ones go as well.
	if i := slices.IndexFunc(warnings, func(w schemas.Warning) bool { return strings.Contains(w.Text, "in profile") }); i < 0 ||
		warnings[i].Code != schemas.WarnThinned || warnings[i].Count != 30 ||
		!strings.HasPrefix(warnings[i].Text, "of 100 faces in profile 30 (30.0 %) would be removed, of the other 900 images 5 (0.6 %)") {
		t.Errorf("%+v", warnings)
	}
	if len(warnings) != 2 || !strings.Contains(warnings[1].Text, "of 100 faces whose eyes are 16 to below 32 px apart") {
		t.Errorf("%+v", warnings)
	}
}

// Bands that are near each other have names of their own.
func TestNamesOfNearBands(t *testing.T) {
	edges := []float64{20190105, 20190110, 3e7}
	want := []string{"below 20190105", "20190105 to below 20190110", "20190110 to below 3e+07", "3e+07 and more"}
	for i, name := range want {
		if got := BandName(edges, i); got != name {
			t.Errorf("band %d is %q; want %q", i, got, name)
		}
	}
}
