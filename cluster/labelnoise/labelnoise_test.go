package labelnoise

import (
	"bytes"
	"encoding/json"
	"math"
	"runtime"
	"strings"
	"testing"
)

func TestSimulatedNoiseIsFound(t *testing.T) {
	for _, c := range []struct {
		identities, size int
		share            float64
		named            int // of 100 flips, at least
	}{{60, 20, .1, 80}, {30, 20, .3, 80}, {150, 6, .1, 80}, {60, 40, .02, 80}, {8, 20, .1, 40}} {
		f := drawFaces(1, c.identities, c.size, c.share)
		j := judgeFaces(t, f)
		positive := make([]bool, len(j.opinions))
		count, flips, right, falseDrops := 0.0, 0, 0, 0
		ours, margin := make([]float32, len(positive)), make([]float32, len(positive))
		for i, kind := range f.wrong {
			positive[i] = kind > 0
			o := j.opinions[i]
			e := &j.sample.Examples[i].As[AsItStands]
			ours[i], margin[i] = float32(o.Noise), e.Other-e.Own
			if kind > 0 {
				count++
			}
			if kind == 1 {
				flips++
			}
			if kind == 1 && o.Noise >= .5 && o.Flip >= o.Noise/2 {
				right++
			}
			if kind == 0 && o.Noise >= .95 {
				falseDrops++
			}
		}
		a, b := AveragePrecision(ours, positive), AveragePrecision(margin, positive)
		if a < b-.005 || a < .9 {
			t.Errorf("%v: average precision %.4f, the bare margin has %.4f", c, a, b)
		}
		if rate, truth := j.model.Rate, count/float64(len(positive)); rate < truth/1.5 || rate > 1.5*truth {
			t.Errorf("%v: noise rate %.4f, simulated %.4f", c, rate, truth)
		}
		if right < flips*c.named/100 {
			t.Errorf("%v: %d of %d flips called so", c, right, flips)
		}
		if float64(falseDrops) > .01*float64(len(positive)) {
			t.Errorf("%v: %d right images dropped", c, falseDrops)
		}
	}
}

func TestCleanSetIsLeftAlone(t *testing.T) {
	j := judgeFaces(t, drawFaces(5, 60, 20, 0))
	flagged := 0
	for _, o := range j.opinions {
		if o.Noise >= .5 {
			flagged++
		}
	}
	if flagged > len(j.opinions)/100 {
		t.Errorf("%d of %d right images flagged", flagged, len(j.opinions))
	}
}

func TestFewIdentitiesAreSaid(t *testing.T) {
	few, many := judgeFaces(t, drawFaces(1, 10, 12, .1)), judgeFaces(t, drawFaces(1, 60, 20, .1))
	if !strings.Contains(few.model.Basis, "10 identities") || few.model.Few() == "" {
		t.Errorf("basis of 10 identities: %s", few.model.Basis)
	}
	if many.model.Few() != "" {
		t.Errorf("basis of 60 identities: %s", many.model.Basis)
	}
}

// An image far from its label and near to another identity is a flip; near to its
// label, none.
func TestPlainCases(t *testing.T) {
	m := judgeFaces(t, drawFaces(1, 60, 20, .1)).model
	e := Evidence{Own: .05, Other: .8, OwnImages: []float32{.1, .1, .05, 0, 0}, Typical: .8,
		OtherImages: []float32{.7, .7, .7, .7, .7, .6, .6, .6, .6, .6}, Detector: .9, Length: 10}
	if o := m.Judge(&e); o.Noise < .95 || o.Flip < .9*o.Noise {
		t.Errorf("a flip: %+v", o)
	}
	e.Own, e.Other, e.OwnImages, e.OtherImages = .8, .2, e.OtherImages, e.OwnImages
	if o := m.Judge(&e); o.Noise > .01 {
		t.Errorf("a right image: %+v", o)
	}
	// What lies below the impostors' mean is no stronger evidence than the mean.
	low, mean := e, e
	low.Own, mean.Own = -.9, float32(m.Units.Mean)
	if a, b := m.Judge(&low), m.Judge(&mean); math.Abs(a.Noise-b.Noise) > 1e-6 {
		t.Errorf("own score -.9: %+v, at the impostor mean: %+v", a, b)
	}
}

func TestModelIsStoredToTheBit(t *testing.T) {
	m := judgeFaces(t, drawFaces(1, 30, 10, .1)).model
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var again Model
	if err := json.Unmarshal(data, &again); err != nil || again != m {
		t.Errorf("the stored model differs: %v", err)
	}
	if err := json.Unmarshal([]byte(strings.Replace(string(data), `"vote"`, `"votes"`, 1)), &again); err == nil {
		t.Error("a model with another feature is read")
	}
}

func TestPriorsThatAreWrong(t *testing.T) {
	for _, change := range [][2]string{{`"name"`, `"nam"`}, {`"vote":`, `"votes":`}, {`"slope": `, `"slope": -`},
		{`"impostor_spread": `, `"impostor_spread": -`}, {"{", ""}} {
		text := strings.Replace(string(shippedPrior), change[0], change[1], 1)
		if _, err := ReadPrior(strings.NewReader(text)); err == nil {
			t.Errorf("%v is taken", change)
		}
	}
	if _, err := ReadPrior(bytes.NewReader(shippedPrior)); err != nil {
		t.Error(err)
	}
	if _, err := ReadPrior(strings.NewReader(string(shippedPrior) + "{}")); err == nil {
		t.Error("what stands after a prior is taken")
	}
	for _, part := range []string{"calibration intercept", "calibration slope", "feature_center", "feature_scale",
		"few_weights", "few_weights outlier", "units", "units log_length", "weights", "weights flip"} {
		if _, err := ReadPrior(bytes.NewReader(priorWithout(t, part))); err == nil {
			t.Errorf("a prior without %s is taken", part)
		}
	}
}

// priorWithout returns the shipped prior without a part, which is named by its keys.
func priorWithout(t *testing.T, part string) []byte {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(shippedPrior, &all); err != nil {
		t.Fatal(err)
	}
	within := all
	keys := strings.Fields(part)
	for _, key := range keys[:len(keys)-1] {
		within = within[key].(map[string]any)
	}
	delete(within, keys[len(keys)-1])
	data, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func FuzzPrior(f *testing.F) {
	f.Add(shippedPrior)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ReadPrior(bytes.NewReader(data))
		if err != nil {
			return
		}
		m := Fit(Sample{}, p)
		e := Evidence{Own: .5, Other: .1}
		if o := m.Judge(&e); math.IsInf(o.Noise, 0) {
			t.Error(o)
		}
	})
}

func TestDegenerateSamplesGiveNumbers(t *testing.T) {
	nan := float32(math.NaN())
	prior, err := ShippedPrior()
	if err != nil {
		t.Fatal(err)
	}
	one := Example{}
	for v := range one.As {
		one.As[v].Own = nan
	}
	one.As[AsItStands] = Evidence{Own: 1, Other: nan, Typical: nan, Detector: nan, Length: nan}
	same := one
	for v := range same.As {
		same.As[v] = Evidence{Own: 1, Other: 1, Typical: 1}
	}
	for name, s := range map[string]Sample{
		"nothing": {}, "one identity": {Examples: []Example{one, one, one}, Identities: 1},
		"identical":  {Examples: []Example{same, same}, Random: []float32{1, 1}, Identities: 2},
		"not finite": {Examples: []Example{same}, Random: []float32{nan, nan}, Identities: 30},
	} {
		m := Fit(s, prior)
		if _, err := json.Marshal(m); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, own := range []float32{-1, 0, .3, 1, nan, float32(math.Inf(1))} {
			for _, other := range []float32{-1, 0, .5, 1, nan} {
				e := Evidence{Own: own, Other: other, Typical: own, Detector: other, Length: own}
				if o := m.Judge(&e); !(o.Noise > 0 && o.Noise < 1 && o.Flip >= 0 && o.Flip <= o.Noise) {
					t.Fatalf("%s: own %v other %v: %+v", name, own, other, o)
				}
			}
		}
	}
}

func TestJudgeDoesNotDependOnProcessors(t *testing.T) {
	f := drawFaces(2, 30, 10, .1)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := judgeFaces(t, f)
	runtime.GOMAXPROCS(4)
	if four := judgeFaces(t, f); one.model != four.model {
		t.Error("four processors give other bits than one")
	}
}

func TestRandomIndexIsAnotherOne(t *testing.T) {
	seen := make([]int, 7)
	for seed := range uint64(7000) {
		c := RandomIndex(seed, 3, 7)
		if c == 3 {
			t.Fatal("drew the own identity")
		}
		seen[c]++
	}
	for c, n := range seen {
		if c != 3 && (n < 1000 || n > 1350) {
			t.Errorf("%d drawn %d times of 7000", c, n)
		}
	}
	if RandomIndex(5, 0, 1) != -1 {
		t.Error("a single one has no other")
	}
}

// The interval holds the simulated share in most sets, and says nothing of one identity.
func TestRateInterval(t *testing.T) {
	hit := 0
	const sets = 12
	for seed := range uint64(sets) {
		f := drawFaces(seed, 60, 12, .1)
		j := judgeFaces(t, f)
		wrong := 0
		for _, k := range f.wrong {
			if k > 0 {
				wrong++
			}
		}
		low, high := j.model.RateInterval(j.sample.Examples)
		if low > high || low < 0 || high > 1 {
			t.Fatalf("interval %f to %f", low, high)
		}
		if share := float64(wrong) / float64(len(f.wrong)); low <= share && share <= high {
			hit++
		}
	}
	if hit < sets*3/4 {
		t.Errorf("the interval holds the truth in %d of %d sets", hit, sets)
	}
}

// The interval of false flags is that of a negative binomial with the stated mean.
func TestExpectedFalseFlags(t *testing.T) {
	if low, high := Expected(0); low != 0 || high != 0 {
		t.Errorf("none: %v to %v", low, high)
	}
	before := 0.0
	for _, x := range []float64{.1, 1, 5, 20, 200, 1e4} {
		low, high := Expected(x)
		if !(low <= x && x <= high && high >= before && high < 10*x+5) {
			t.Errorf("%v: %v to %v", x, low, high)
		}
		before = high
	}
}

// A small set asks about what could be noise.
func TestSmallSetsAskAboutMore(t *testing.T) {
	many, small := Model{Identities: FewIdentities}, Model{Identities: FewIdentities - 1}
	for _, c := range []struct{ limit, many, few float64 }{{.5, .5, .119}, {.95, .95, .72}, {0, 0, 0}, {1, 1, 1}} {
		if got := many.ReviewFrom(c.limit); got != c.many {
			t.Errorf("many identities, limit %g: %g", c.limit, got)
		}
		if got := small.ReviewFrom(c.limit); math.Abs(got-c.few) > .001 {
			t.Errorf("few identities, limit %g: %g, want %g", c.limit, got, c.few)
		}
	}
}
