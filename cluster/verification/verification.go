// Package verification measures how well a score tells pairs of images of
// one person from pairs of two: the accuracy by the ten-fold protocol of LFW
// (Huang et al. 2007) and the true accept rate at a false-match rate. Scores are
// cosines, rates are shares between 0 and 1.
package verification

import (
	"math"
	"slices"
	"sort"
)

// Trial is one comparison of two images of which it is known whether they show one
// person.
type Trial struct {
	Score float64 // cosine; NaN where an image has no vector: the trial is lost
	Same  bool    // both images show one person
	Fold  int     // from 0
}

// FoldResult is what one fold of a cross-validation gave.
type FoldResult struct {
	Accuracy  float64 `json:"accuracy"`  // share of trials told apart rightly
	Threshold float64 `json:"threshold"` // chosen on the other folds; above it two images are one person
	Trials    int     `json:"trials"`
}

// CrossValidate returns how well one threshold tells trials apart in each fold, as
// LFW's protocol measures it (Huang et al. 2007, View 2): a fold is judged by the
// threshold that is right most often on all the other folds; of equally good ones,
// by the middle. A lost trial is wrong, and no threshold is chosen by it. Folds
// without a trial are left out; a single fold is judged by its own threshold.
func CrossValidate(trials []Trial) []FoldResult {
	folds := 0
	var scored []Trial
	for _, t := range trials {
		folds = max(folds, t.Fold+1)
		if !math.IsNaN(t.Score) {
			scored = append(scored, t)
		}
	}
	slices.SortFunc(scored, func(a, b Trial) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	byFold := make([][]Trial, folds)
	for _, t := range trials {
		byFold[t.Fold] = append(byFold[t.Fold], t)
	}
	var out []FoldResult
	for k, own := range byFold {
		if len(own) == 0 {
			continue
		}
		others := slices.DeleteFunc(slices.Clone(scored), func(t Trial) bool { return t.Fold == k })
		if len(others) == 0 {
			others = scored
		}
		r := FoldResult{Threshold: bestThreshold(others), Trials: len(own)}
		for _, t := range own {
			if !math.IsNaN(t.Score) && t.Score > r.Threshold == t.Same {
				r.Accuracy += 1 / float64(len(own))
			}
		}
		out = append(out, r)
	}
	return out
}

// bestThreshold returns the threshold that is right most often about trials sorted
// by falling score.
func bestThreshold(sorted []Trial) float64 {
	if len(sorted) == 0 {
		return 0
	}
	right := 0 // of a threshold above every score
	for _, t := range sorted {
		if !t.Same {
			right++
		}
	}
	most, best := right, []float64{math.Nextafter(sorted[0].Score, 2)}
	for i, t := range sorted {
		if t.Same {
			right++
		} else {
			right--
		}
		last := i+1 == len(sorted)
		if !last && sorted[i+1].Score == t.Score {
			continue // no threshold lies between equal scores
		}
		below := math.Nextafter(t.Score, -2)
		if !last {
			below = sorted[i+1].Score + float64((t.Score-sorted[i+1].Score)/2)
		}
		if right > most {
			most, best = right, best[:0]
		}
		if right == most {
			best = append(best, below)
		}
	}
	return best[len(best)/2]
}

// MeanAccuracy returns the mean of the folds' accuracies and its standard error:
// their sample standard deviation over the root of their number, NaN for fewer
// than two.
func MeanAccuracy(folds []FoldResult) (mean, standardError float64) {
	n := float64(len(folds))
	for _, f := range folds {
		mean += f.Accuracy / n
	}
	for _, f := range folds {
		d := f.Accuracy - mean
		standardError += float64(d * d)
	}
	return mean, math.Sqrt(standardError / (n - 1) / n)
}

// TrueAcceptRate returns the share of genuine trials, those of one person, that
// score above a threshold, and the threshold: the lowest above which at most the
// share fmr of the impostor trials lies. Lost genuine trials are not accepted; lost
// impostor trials do not count. Without an impostor or a genuine trial both are NaN.
func TrueAcceptRate(trials []Trial, fmr float64) (tar, threshold float64) {
	var impostors []float64
	genuine, accepted := 0, 0
	for _, t := range trials {
		switch {
		case t.Same:
			genuine++
		case !math.IsNaN(t.Score):
			impostors = append(impostors, t.Score)
		}
	}
	if len(impostors) == 0 || genuine == 0 {
		return math.NaN(), math.NaN()
	}
	sort.Sort(sort.Reverse(sort.Float64Slice(impostors)))
	// The product of a rate as .001 and a count as 3000 may lie a hair below 3.
	allowed := int(math.Floor(float64(fmr*float64(len(impostors))) + 1e-9))
	threshold = math.Inf(-1)
	if allowed < len(impostors) {
		threshold = impostors[allowed]
	}
	for _, t := range trials {
		if t.Same && t.Score > threshold {
			accepted++
		}
	}
	return float64(accepted) / float64(genuine), threshold
}
