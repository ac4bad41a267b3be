package screen

import (
	"fmt"
	"strings"

	"github.com/facesieve/facesieve/pipeline/stage/verify"
	"github.com/facesieve/facesieve/schemas"
)

// EvaluationText returns an evaluation for a person.
func EvaluationText(e *verify.Evaluation, list string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d images, %d pairs of %s\n\n", e.Images, e.Pairs, list)
	fmt.Fprintf(&b, "accuracy        %.2f %%", 100*e.Accuracy)
	if e.StandardError != nil {
		fmt.Fprintf(&b, " ± %.2f (standard error of %d folds)", 100**e.StandardError, len(e.Folds))
	}
	low, high := thresholdRange(e)
	fmt.Fprintf(&b, "\nthresholds      cosine %.3f to %.3f\n", low, high)
	for _, r := range e.AcceptRates {
		fmt.Fprintf(&b, "TAR at FAR %-4g %.2f %% (cosine above %.3f)\n", r.FAR, 100*r.TAR, r.Threshold)
	}
	fmt.Fprintf(&b, "without a face  %d images", len(e.Faceless))
	if e.LostPairs > 0 {
		fmt.Fprintf(&b, "; their %d pairs are counted as mistakes", e.LostPairs)
	}
	b.WriteString("\n")
	lostText(&b, e.Faceless)
	if e.AbsentPairs > 0 {
		fmt.Fprintf(&b, "absent          %d images; %d pairs are left out\n", len(e.Absent), e.AbsentPairs)
		lostText(&b, e.Absent)
	}
	b.WriteString("\nleast alike pairs of one person\n")
	pairsText(&b, e.WorstSame)
	b.WriteString("\nmost alike pairs of two people\n")
	pairsText(&b, e.WorstDiffer)
	return b.String()
}

func thresholdRange(e *verify.Evaluation) (low, high float64) {
	for i, f := range e.Folds {
		if i == 0 {
			low, high = f.Threshold, f.Threshold
		}
		low, high = min(low, f.Threshold), max(high, f.Threshold)
	}
	return low, high
}

// shownLost is how many images without a vector are listed.
const shownLost = 10

func lostText(b *strings.Builder, list []verify.LostImage) {
	for i, l := range list {
		if i == shownLost {
			fmt.Fprintf(b, "  and %d more\n", len(list)-i)
			return
		}
		why := string(l.Error)
		if l.Error == schemas.FaultNone {
			why = "not in the folder"
		}
		fmt.Fprintf(b, "  %s %s (%d pairs)\n", l.Path, why, l.Pairs)
	}
}

func pairsText(b *strings.Builder, list []verify.ScoredPair) {
	for _, p := range list {
		fmt.Fprintf(b, "  %6.3f  %s  %s\n", p.Score, p.A, p.B)
	}
}
