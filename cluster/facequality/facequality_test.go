package facequality

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// usual is the set of the faces in these tests.
func usual() Usual { return Usual{Detector: .94, LogLength: math.Log(16)} }

// straight returns the landmarks of a face that looks straight ahead, its eyes so far
// apart; turned moves the tip of its nose, in distances of the eyes.
func straight(eyes, turnedX, turnedY float32) [10]float32 {
	down := eyes / aspect
	return [10]float32{100, 100, 100 + eyes, 100, 100 + eyes*(.5+turnedX), 100 + noseAt*down + eyes*turnedY,
		100 + .1*eyes, 100 + down, 100 + .9*eyes, 100 + down}
}

// leaning turns landmarks about a point by some degrees.
func leaning(l [10]float32, degrees float64) [10]float32 {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	for i := 0; i < len(l); i += 2 {
		x, y := float64(l[i])-150, float64(l[i+1])-120
		l[i], l[i+1] = float32(150+x*cos-y*sin), float32(120+x*sin+y*cos)
	}
	return l
}

func good() Face {
	return Face{Landmarks: straight(40, 0, 0), Sharpness: .3, Detector: .94, Length: 16}
}

func score(t *testing.T, f Face) float32 {
	t.Helper()
	q := Measure(f, usual())
	if !q.Known() || !(q.Score > 0 && q.Score < 1) {
		t.Fatalf("%+v has the quality %+v", f, q)
	}
	return q.Score
}

// A face gets no better as one of its components gets worse, and worse all the way.
func TestQualityFallsWithEveryComponent(t *testing.T) {
	for _, c := range []struct {
		component Component
		worse     func(f *Face, by float32) // by 0 to 1
	}{
		{Size, func(f *Face, by float32) { f.Landmarks = straight(60-57*by, 0, 0) }},
		{Sharpness, func(f *Face, by float32) { f.Sharpness = .5 - .4*by }},
		{Yaw, func(f *Face, by float32) { f.Landmarks = straight(40, .6*by, 0) }},
		{Yaw, func(f *Face, by float32) { f.Landmarks = straight(40, -.6*by, 0) }},
		{Pitch, func(f *Face, by float32) { f.Landmarks = straight(40, 0, .6*by) }},
		{Pitch, func(f *Face, by float32) { f.Landmarks = straight(40, 0, -.6*by) }},
		{Roll, func(f *Face, by float32) { f.Landmarks = leaning(f.Landmarks, float64(180*by)) }},
		{Roll, func(f *Face, by float32) { f.Landmarks = leaning(f.Landmarks, float64(-180*by)) }},
		{Detector, func(f *Face, by float32) { f.Detector = .99 - .5*by }},
		{Length, func(f *Face, by float32) { f.Length = 24 - 20*by }},
	} {
		best, last := score(t, good()), float32(1)
		for step := range 201 {
			f := good()
			c.worse(&f, float32(step)/200)
			got := score(t, f)
			if got > last+1e-6 {
				t.Fatalf("%s: quality rises from %v to %v at step %d", c.component, last, got, step)
			}
			last = got
		}
		f := good()
		c.worse(&f, 1)
		if got := score(t, f); got > best-.003 {
			t.Errorf("%s at its worst: quality %v of %v", c.component, got, best)
		}
		if low := Measure(f, usual()).Lowest(); len(low) != 1 || low[0].Component != c.component {
			t.Errorf("%s at its worst: low is %+v", c.component, low)
		}
	}
}

// A component that is not known counts as the usual one, and nothing known is no quality.
func TestUnknownIsNeutral(t *testing.T) {
	if q := Measure(Face{}, usual()); q.Known() || q.Score != 0 || q.Lowest() != nil || q.Limit(.95) != .95 {
		t.Errorf("nothing known: %+v", q)
	}
	all := Measure(good(), usual())
	if len(all.Parts) != 7 {
		t.Fatalf("%d components: %+v", len(all.Parts), all.Parts)
	}
	for name, without := range map[string]func(*Face){
		"landmarks": func(f *Face) { f.Landmarks = [10]float32{} }, "sharpness": func(f *Face) { f.Sharpness = 0 },
		"detector": func(f *Face) { f.Detector = 0 }, "length": func(f *Face) { f.Length = 0 },
	} {
		f := good()
		without(&f)
		q := Measure(f, usual())
		odds := constant
		for _, p := range all.Parts {
			if slices.ContainsFunc(q.Parts, func(x Part) bool { return x == p }) {
				odds += p.Share
			}
		}
		if want := 1 / (1 + math.Exp(-odds)); math.Abs(want-float64(q.Score)) > 1e-6 || len(q.Parts) == 7 {
			t.Errorf("without %s: %v of %d parts; want %v", name, q.Score, len(q.Parts), want)
		}
	}
}

// What is no number, and what no face has, is unknown; nothing leaves 0 to 1.
func TestHostileFaces(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	bad := []float32{nan, inf, -inf, -1, 0, 1e-45, math.MaxFloat32, -math.MaxFloat32}
	for _, x := range bad {
		f := Face{Sharpness: x, Detector: x, Length: x}
		for i := range f.Landmarks {
			f.Landmarks[i] = x
		}
		if q := Measure(f, usual()); x != 1e-45 && x != math.MaxFloat32 && q.Known() {
			t.Errorf("%v is known: %+v", x, q)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	pick := func() float32 {
		if r.IntN(3) == 0 {
			return bad[r.IntN(len(bad))]
		}
		return float32(r.NormFloat64() * 100)
	}
	for range 20000 {
		f := Face{Sharpness: pick(), Detector: pick(), Length: pick()}
		for i := range f.Landmarks {
			f.Landmarks[i] = pick()
		}
		u := Usual{Detector: float64(pick()), LogLength: float64(pick())}
		q := Measure(f, u)
		if !(q.Score >= 0 && q.Score <= 1) {
			t.Fatalf("%+v beside %+v has the quality %v", f, u, q.Score)
		}
		for _, p := range q.Parts {
			if math.IsNaN(p.Share) || math.IsInf(p.Share, 0) {
				t.Fatalf("%+v beside %+v: %+v", f, u, p)
			}
		}
		if x := q.Limit(.95); !(x >= .95 && x < 1) {
			t.Fatalf("quality %v has the limit %v", q.Score, x)
		}
	}
}

// Poses are those that landmarks were turned by.
func TestPose(t *testing.T) {
	for _, want := range []float64{0, 10, 45, 80, 90, 120, 180} {
		l := leaning(straight(40, .1, 0), want)
		q := Measure(Face{Landmarks: l}, usual())
		got := map[Component]float64{}
		for _, p := range q.Parts {
			got[p.Component] = p.Value
		}
		yaw := math.Asin(.1/noseLength) * 180 / math.Pi
		if math.Abs(got[Roll]-want) > .05 || math.Abs(got[Yaw]-yaw) > .05 || got[Pitch] > .1 || math.Abs(got[Size]-40) > .01 {
			t.Errorf("leaning by %v: %v", want, got)
		}
	}
	for sine := 0.; sine <= 1; sine += 1. / 64 {
		if got, want := degrees(sine), math.Asin(sine)*180/math.Pi; math.Abs(got-want) > .01 {
			t.Errorf("sine %v: %v degrees, want %v", sine, got, want)
		}
	}
}

// The limit is the stated one for a face that is good enough, and rises from there.
func TestLimit(t *testing.T) {
	at := func(q float32) Quality { return Quality{Score: q, Parts: make([]Part, 1)} }
	for _, p := range []float64{0, .5, .95, 1} {
		last := p
		for q := float32(1); q >= 0; q -= 1. / 64 {
			got := at(q).Limit(p)
			if q >= sufficient && got != p || got < last || got > 1 {
				t.Fatalf("quality %v moves the limit %v to %v, after %v", q, p, got, last)
			}
			last = got
		}
		if moved := last > p; moved != (p > 0 && p < 1) {
			t.Errorf("the worst face moves %v to %v", p, last)
		}
	}
	odds := func(p float64) float64 { return math.Log(p / (1 - p)) }
	if got := odds(at(.25).Limit(.95)) - odds(.95); math.Abs(got-missing*.4) > 1e-6 {
		t.Errorf("the limit of quality .25 is %v log-odds higher; want %v", got, missing*.4)
	}
}

// No weight speaks against its component, and no limit is the wrong way round.
func TestModel(t *testing.T) {
	for _, m := range model() {
		if !(m.weight >= 0) || !(m.least < m.most) || !(m.usual >= m.least && m.usual <= m.most) ||
			!(m.low > m.least && m.low < m.usual) {
			t.Errorf("%s: %v, %v in %v to %v, low %v", m.component, m.weight, m.usual, m.least, m.most, m.low)
		}
	}
}

func ExampleMeasure() {
	f := Face{Landmarks: [10]float32{20, 30, 31, 30, 30, 36, 22, 43, 30, 43}, Sharpness: .19, Detector: .85, Length: 9}
	q := Measure(f, Usual{Detector: .94, LogLength: math.Log(16)})
	fmt.Printf("%.2f\n", q.Score)
	for _, p := range q.Lowest() {
		fmt.Printf("%s %.2f\n", p.Component, p.Value)
	}
	// Output:
	// 0.19
	// size 11.00
	// sharpness 0.19
	// detector 0.85
	// length 0.56
}
