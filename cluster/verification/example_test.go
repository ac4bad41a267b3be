package verification_test

import (
	"fmt"

	"github.com/facesieve/facesieve/cluster/verification"
)

// Four pairs of images in each of three folds, the first two of one person. In the last
// fold two people are as similar as if they were one, which its own threshold, chosen on
// the others, does not know, and which spoils that of the second.
func ExampleCrossValidate() {
	var trials []verification.Trial
	for fold, scores := range [][4]float64{{.7, .6, .2, .1}, {.8, .5, .3, 0}, {.9, .6, .55, .1}} {
		for i, score := range scores {
			trials = append(trials, verification.Trial{Score: score, Same: i < 2, Fold: fold})
		}
	}
	folds := verification.CrossValidate(trials)
	for _, f := range folds {
		fmt.Printf("%.2f of %d trials, threshold %.3f\n", f.Accuracy, f.Trials, f.Threshold)
	}
	mean, standardError := verification.MeanAccuracy(folds)
	fmt.Printf("accuracy %.3f, standard error %.3f\n", mean, standardError)
	// Output:
	// 1.00 of 4 trials, threshold 0.400
	// 0.75 of 4 trials, threshold 0.575
	// 0.75 of 4 trials, threshold 0.400
	// accuracy 0.833, standard error 0.083
}
