package labelnoise

import (
	"encoding/json"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestSimulatedNoiseIsFound(t *testing.T) {
	for _, c := range []struct {
		identities, size int
		share            float64
	}{{60, 20, .1}, {24, 20, .3}, {150, 6, .1}, {60, 40, .02}} {
		f := drawFaces(1, c.identities, c.size, c.share)
		j := judgeFaces(f)
		positive := make([]bool, len(j.p))
		count, relabelled, named, falseDrops := 0.0, 0, 0, 0
		for i, kind := range f.wrong {
			positive[i] = kind > 0
			if kind > 0 {
				count++
			}
			switch d := decide(j.p[i], j.flip[i]); {
			case d == 3 && kind == 1:
				relabelled++
				if j.other[i].Index == f.truth[i] {
					named++
				}
			case d >= 2 && kind == 0:
				falseDrops++
			}
		}
		ours, margin := AveragePrecision(j.p, positive), AveragePrecision(j.margin, positive)
		if ours < margin-.005 || ours < .9 {
			t.Errorf("%v: average precision %.4f, the bare margin has %.4f", c, ours, margin)
		}
		if rate, truth := j.model.Rate, count/float64(len(j.p)); rate < truth/2 || rate > 1.5*truth {
			t.Errorf("%v: noise rate %.4f, simulated %.4f", c, rate, truth)
		}
		if relabelled == 0 || named < relabelled*9/10 {
			t.Errorf("%v: %d flips relabelled, %d of them right", c, relabelled, named)
		}
		if float64(falseDrops) > .01*float64(len(j.p)) {
			t.Errorf("%v: %d right images dropped", c, falseDrops)
		}
	}
}

func TestCommonDirectionChangesLittle(t *testing.T) {
	f := drawFaces(3, 60, 20, .05)
	plain := judgeFaces(f)
	moved := judgeFaces(mixed(f, 4, .8))
	if moved.model.Mean < plain.model.Mean+.2 {
		t.Fatalf("the mean impostor score went from %.3f to %.3f only", plain.model.Mean, moved.model.Mean)
	}
	same := 0
	for i := range plain.p {
		if decide(plain.p[i], plain.flip[i]) == decide(moved.p[i], moved.flip[i]) {
			same++
		}
	}
	if same < len(plain.p)*98/100 {
		t.Errorf("%d of %d decisions are unchanged", same, len(plain.p))
	}
}

func TestCleanSetIsLeftAlone(t *testing.T) {
	j := judgeFaces(drawFaces(5, 60, 20, 0))
	flagged := 0
	for _, p := range j.p {
		if p >= .5 {
			flagged++
		}
	}
	if flagged > len(j.p)/100 {
		t.Errorf("%d of %d right images flagged", flagged, len(j.p))
	}
}

func TestFewIdentitiesAreSaid(t *testing.T) {
	few, many := judgeFaces(drawFaces(1, 10, 12, .1)), judgeFaces(drawFaces(1, 120, 20, .1))
	if !strings.Contains(few.model.Basis, "10 identities") {
		t.Errorf("basis of 10 identities: %s", few.model.Basis)
	}
	if strings.Contains(many.model.Basis, "shrunk") {
		t.Errorf("basis of 120 identities: %s", many.model.Basis)
	}
}

// Few identities teach no more than the margin: p_noise ranks as it does, and has
// its average precision.
func TestFewIdentitiesRankByTheMargin(t *testing.T) {
	for seed := range uint64(5) {
		f := drawFaces(seed, 24, 20, .1)
		j := judgeFaces(f)
		positive := make([]bool, len(j.p))
		for i, kind := range f.wrong {
			positive[i] = kind > 0
		}
		if ours, margin := AveragePrecision(j.p, positive), AveragePrecision(j.margin, positive); ours != margin {
			t.Errorf("seed %d: average precision %.5f, of the margin %.5f", seed, ours, margin)
		}
	}
}

func TestNoiseFallsWithOwnScoreWithoutTies(t *testing.T) {
	m := judgeFaces(drawFaces(1, 60, 20, .1)).model
	for other := float32(-.2); other < 1; other += .05 {
		before := float32(2)
		for own := float32(-1); own <= 1; own += .01 {
			p, flip := m.Judge(own, other, 20)
			if !(p < before && p > 0 && p < 1 && flip >= 0 && flip <= p) {
				t.Fatalf("own %.2f other %.2f: p %v after %v, flip %v", own, other, p, before, flip)
			}
			before = p
		}
	}
}

func TestThresholdsAreRates(t *testing.T) {
	m := judgeFaces(drawFaces(1, 60, 20, .1)).model
	if m.Drop.Score >= m.Review.Score || m.Drop.FalseMatchRate < m.Review.FalseMatchRate {
		t.Errorf("drop %+v is not below review %+v", m.Drop, m.Review)
	}
	if m.Review.FalseFlags > m.Review.Flags/2 || m.Drop.FalseFlags > m.Drop.Flags/20+1e-9 {
		t.Errorf("expected false flags exceed what the thresholds allow: %+v %+v", m.Review, m.Drop)
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var again Model
	if err := json.Unmarshal(data, &again); err != nil || again != m {
		t.Errorf("the stored model differs: %v", err)
	}
}

func TestDegenerateSamplesGiveNumbers(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	same, none, zeros := slices.Repeat([]float32{1}, 40), slices.Repeat([]float32{nan}, 40), make([]float32, 40)
	sizes := slices.Repeat([]int32{20}, 40)
	samples := map[string]Sample{
		"nothing":      {},
		"one identity": {Own: same, Other: none, Random: none, N: sizes, Identities: 1},
		"identical":    {Own: same, Other: same, Random: same, N: sizes, Within: same, Across: same, Identities: 2},
		"one image": {
			Own: []float32{.5}, Other: []float32{.1}, Random: []float32{.1}, N: []int32{1}, Identities: 2,
		},
		"zeros": {Own: zeros, Other: zeros, Random: zeros, N: make([]int32, 40)},
		"not finite": {
			Own: []float32{nan, inf, .5}, Other: []float32{.1, .1, inf}, Random: []float32{0, 0, 0}, N: []int32{3, 3, 3},
		},
		"no impostors": {Across: []float32{.1, .2, .3}},
	}
	for name, s := range samples {
		m := Fit(s)
		if _, err := json.Marshal(m); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, own := range []float32{-1, 0, .3, 1, nan, inf, -inf} {
			for _, other := range []float32{-1, 0, .5, 1, nan, inf} {
				for _, n := range []int{0, 1, 2, 3, 1000} {
					p, flip := m.Judge(own, other, n)
					if !(p > 0 && p < 1 && flip >= 0 && flip <= p) {
						t.Fatalf("%s: own %v other %v n %d: %v %v", name, own, other, n, p, flip)
					}
				}
			}
		}
	}
}

func TestJudgeDoesNotDependOnProcessors(t *testing.T) {
	f := drawFaces(2, 30, 10, .1)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := judgeFaces(f)
	runtime.GOMAXPROCS(4)
	if four := judgeFaces(f); !slices.Equal(one.p, four.p) || one.model != four.model {
		t.Error("four processors give other bits than one")
	}
}

func TestRandomIdentityIsAnotherOne(t *testing.T) {
	seen := make([]int, 7)
	for image := range 7000 {
		c := RandomIdentity(image, 3, 7)
		if c == 3 {
			t.Fatal("drew the own identity")
		}
		seen[c]++
	}
	for c, n := range seen {
		if c != 3 && (n < 1000 || n > 1350) {
			t.Errorf("identity %d drawn %d times of 7000", c, n)
		}
	}
	if RandomIdentity(5, 0, 1) != -1 {
		t.Error("a single identity has no other")
	}
}
