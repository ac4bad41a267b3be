package embed

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/facesieve/facesieve/schemas"
)

type lfwPair struct {
	a, b string
	same bool
}

func lfwPairs(t *testing.T) []lfwPair {
	t.Helper()
	f, err := os.Open(shared(t, "data", "lfw", "pairs.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	path := func(name, n string) string { return fmt.Sprintf("%s/%s_%04s.jpg", name, name, n) }
	var pairs []lfwPair
	for lines := bufio.NewScanner(f); lines.Scan(); {
		switch w := strings.Fields(lines.Text()); len(w) {
		case 3:
			pairs = append(pairs, lfwPair{path(w[0], w[1]), path(w[0], w[2]), true})
		case 4:
			pairs = append(pairs, lfwPair{path(w[0], w[1]), path(w[2], w[3]), false})
		}
	}
	return pairs
}

// accuracy is the share of pairs that a threshold on the cosine tells right.
func accuracy(scores []float64, pairs []lfwPair, threshold float64) float64 {
	right := 0
	for i, s := range scores {
		if (s > threshold) == pairs[i].same {
			right++
		}
	}
	return float64(right) / float64(len(scores))
}

func tenFold(scores []float64, pairs []lfwPair) (mean, standardError float64) {
	const fold = 600
	var folds []float64
	for k := 0; k < len(pairs); k += fold {
		rest := append(append([]float64{}, scores[:k]...), scores[k+fold:]...)
		restPairs := append(append([]lfwPair{}, pairs[:k]...), pairs[k+fold:]...)
		best, at := 0.0, 0.0
		for threshold := -1.0; threshold < 1; threshold += .002 {
			if a := accuracy(rest, restPairs, threshold); a > best {
				best, at = a, threshold
			}
		}
		folds = append(folds, accuracy(scores[k:k+fold], pairs[k:k+fold], at))
	}
	for _, f := range folds {
		mean += f / float64(len(folds))
	}
	for _, f := range folds {
		standardError += (f - mean) * (f - mean)
	}
	n := float64(len(folds))
	return mean, math.Sqrt(standardError / (n - 1) / n)
}

// TestLFW is the whole engine's accuracy on LFW's ten folds, of faces with their mirror
// images, as published figures are, and alone. It takes minutes: only where
// FACESIEVE_ACCEPTANCE is set.
func TestLFW(t *testing.T) {
	if os.Getenv("FACESIEVE_ACCEPTANCE") == "" {
		t.Skip("SKIPPED: set FACESIEVE_ACCEPTANCE to measure LFW")
	}
	for _, flip := range []string{FlipSum, FlipNone} {
		t.Run(flip, func(t *testing.T) {
			c := realConfig(t)
			c.Spec.Flip = flip
			mean, standardError := lfwAccuracy(t, start(t, c))
			t.Logf("LFW ten-fold %.2f %%, standard error %.2f", 100*mean, 100*standardError)
			if mean < .99 {
				t.Errorf("accuracy %.4f is below .99", mean)
			}
		})
	}
}

// lfwAccuracy embeds LFW and tells its pairs apart.
func lfwAccuracy(t *testing.T, e *Engine) (mean, standardError float64) {
	t.Helper()
	dir := shared(t, "data", "lfw", "lfw")
	paths := below(t, dir, "*/*.jpg")
	began := time.Now()
	rows := embedAll(t, e, paths, false)
	t.Logf("%d images, %.1f a second", len(paths), float64(len(paths))/time.Since(began).Seconds())
	vectors := map[string][]float32{}
	for i, r := range rows {
		if r.Error != schemas.FaultNone {
			t.Errorf("%s: %s", r.Path, r.Error)
		}
		vectors[strings.TrimPrefix(paths[i], dir+"/")] = r.Vector
	}
	pairs := lfwPairs(t)
	scores := make([]float64, len(pairs))
	for i, p := range pairs {
		for k, x := range vectors[p.a] {
			scores[i] += float64(x) * float64(vectors[p.b][k])
		}
	}
	return tenFold(scores, pairs)
}
