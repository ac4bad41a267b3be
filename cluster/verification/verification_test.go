package verification

import (
	"math"
	"math/rand/v2"
	"testing"
)

// gaussianTrials draws trials whose scores are normal with spread 1 around 0
// (impostors) and distance (genuine), in ten folds of as many of each.
func gaussianTrials(seed uint64, perFold int, distance float64) []Trial {
	r := rand.New(rand.NewPCG(seed, seed))
	var out []Trial
	for fold := range 10 {
		for range perFold {
			out = append(out, Trial{Score: r.NormFloat64() + distance, Same: true, Fold: fold},
				Trial{Score: r.NormFloat64(), Fold: fold})
		}
	}
	return out
}

// normalTail is the share of a standard normal above x.
func normalTail(x float64) float64 { return math.Erfc(x/math.Sqrt2) / 2 }

func TestCrossValidateGivesTheRateOfTheBestThreshold(t *testing.T) {
	const distance, perFold = 3, 2000
	trials := gaussianTrials(1, perFold, distance)
	folds := CrossValidate(trials)
	if len(folds) != 10 {
		t.Fatalf("%d folds", len(folds))
	}
	mean, standardError := MeanAccuracy(folds)
	want := 1 - normalTail(distance/2.)
	expected := math.Sqrt(want * (1 - want) / float64(len(trials)))
	if math.Abs(mean-want) > 5*expected {
		t.Errorf("accuracy %.4f, want %.4f", mean, want)
	}
	if standardError < expected/3 || standardError > expected*3 {
		t.Errorf("standard error %.5f, want about %.5f", standardError, expected)
	}
	for _, f := range folds {
		if math.Abs(f.Threshold-distance/2.) > .3 || f.Trials != 2*perFold {
			t.Errorf("%+v", f)
		}
	}
}

func TestAFoldsThresholdComesFromTheOthers(t *testing.T) {
	trials := []Trial{ // fold 0 would be told apart at .5; fold 1 needs .85
		{Score: .6, Same: true}, {Score: .4}, {Score: .9, Same: true, Fold: 1}, {Score: .8, Fold: 1}}
	folds := CrossValidate(trials)
	if got := folds[0]; math.Abs(got.Threshold-.85) > 1e-9 || got.Accuracy != .5 {
		t.Errorf("fold 0: %+v", got)
	}
	if got := folds[1]; math.Abs(got.Threshold-.5) > 1e-9 || got.Accuracy != .5 {
		t.Errorf("fold 1: %+v", got)
	}
	if mean, se := MeanAccuracy(folds); mean != .5 || se != 0 {
		t.Errorf("%v %v", mean, se)
	}
}

func TestALostTrialIsWrong(t *testing.T) {
	trials := gaussianTrials(2, 100, 50) // told apart without a mistake
	for i := range trials {
		if trials[i].Fold == 3 && i%2 == 0 {
			trials[i].Score = math.NaN()
		}
	}
	for k, f := range CrossValidate(trials) {
		want := 1.
		if k == 3 {
			want = .5
		}
		if math.Abs(f.Accuracy-want) > 1e-9 {
			t.Errorf("fold %d: %+v", k, f)
		}
	}
	tar, _ := TrueAcceptRate(trials, .01)
	if math.Abs(tar-.9) > 1e-9 {
		t.Errorf("TAR %v, want .9", tar)
	}
}

func TestDegenerateTrials(t *testing.T) {
	if got := CrossValidate(nil); len(got) != 0 {
		t.Errorf("none: %v", got)
	}
	for name, trials := range map[string][]Trial{
		"equal scores": {{Score: .5, Same: true}, {Score: .5}},
		"all lost":     {{Score: math.NaN(), Same: true}},
		"one":          {{Score: 1, Same: true, Fold: 4}},
	} {
		folds := CrossValidate(trials)
		if len(folds) != 1 || math.IsNaN(folds[0].Accuracy) || math.IsNaN(folds[0].Threshold) {
			t.Errorf("%s: %+v", name, folds)
		}
	}
	if _, se := MeanAccuracy([]FoldResult{{Accuracy: 1}}); !math.IsNaN(se) {
		t.Errorf("standard error of one fold: %v", se)
	}
	if tar, at := TrueAcceptRate([]Trial{{Score: 1, Same: true}}, .01); !math.IsNaN(tar) || !math.IsNaN(at) {
		t.Errorf("no impostors: %v at %v", tar, at)
	}
}

func TestTrueAcceptRateAllowsItsShareOfImpostors(t *testing.T) {
	trials := gaussianTrials(3, 1000, 3)
	for _, far := range []float64{.001, .01, .1} {
		tar, threshold := TrueAcceptRate(trials, far)
		above := 0
		for _, x := range trials {
			if !x.Same && x.Score > threshold {
				above++
			}
		}
		if want := int(math.Round(far * 10000)); above != want {
			t.Errorf("FAR %v: %d impostors above the threshold, want %d", far, above, want)
		}
		if want := normalTail(threshold - 3); math.Abs(tar-want) > .02 {
			t.Errorf("FAR %v: TAR %.4f, want about %.4f", far, tar, want)
		}
	}
}
