// Package verify scores a verification protocol, LFW's for one, with a run's
// vectors: how well they tell one person from two.
package verify

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/verification"
	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Evaluation says how well vectors verify faces: what a protocol's comparisons gave.
// Paths are escaped (schemas.EscapePath), scores are cosines.
type Evaluation struct {
	Images   int     `json:"images"` // of the data set
	Pairs    int     `json:"pairs"`  // scored or lost; absent ones are not in it
	Accuracy float64 `json:"accuracy"`
	// StandardError is that of Accuracy; null where fewer than two folds have pairs.
	StandardError *float64                  `json:"standard_error"`
	Folds         []verification.FoldResult `json:"folds"`
	AcceptRates   []AcceptRate              `json:"accept_rates"`
	// Faceless images have no vector: their pairs are counted as mistakes.
	Faceless  []LostImage `json:"faceless,omitempty"`
	LostPairs int         `json:"lost_pairs"`
	// Absent images are not in the data set: their pairs are left out.
	Absent      []LostImage  `json:"absent,omitempty"`
	AbsentPairs int          `json:"absent_pairs"`
	WorstSame   []ScoredPair `json:"worst_same"`      // of one person, lowest score first
	WorstDiffer []ScoredPair `json:"worst_different"` // of two people, highest score first
}

// AcceptRate is the share of genuine pairs (TAR) that score above the lowest threshold,
// a cosine, above which at most a share of the impostor pairs lies: the false-match rate,
// which LFW's literature and the column call FAR.
type AcceptRate struct {
	FAR       float64 `json:"far"`
	TAR       float64 `json:"tar"`
	Threshold float64 `json:"threshold"`
}

// LostImage is an image that a protocol names and that has no vector.
type LostImage struct {
	Path  string        `json:"path"` // absent: NAME/NAME_0001
	Error schemas.Fault `json:"error,omitempty"`
	Pairs int           `json:"pairs"` // that it takes part in
}

// ScoredPair is a comparison and its cosine.
type ScoredPair struct {
	A     string  `json:"a"`
	B     string  `json:"b"`
	Score float64 `json:"score"`
}

// worstPairs is how many pairs of each kind an Evaluation shows; mostAbsent the
// share of pairs above which a data set is not the protocol's.
const (
	worstPairs = 10
	mostAbsent = .01
)

// Evaluate scores a protocol's comparisons with the set's vectors, which the embed
// stage has made, and returns the evaluation. Pairs of images that the set lacks are
// left out and listed; more than one in a hundred are an error.
func Evaluate(ctx context.Context, run *runstore.Run, protocol *dataset.Protocol) (*Evaluation, error) {
	e := &evaluation{out: Evaluation{Images: run.Set().Images}, known: map[string]portrait{},
		lost: map[string]*LostImage{}}
	wanted := map[string]bool{}
	for _, x := range protocol.Comparisons {
		wanted[x.A.Key()], wanted[x.B.Key()] = true, true
	}
	for _, sh := range run.Set().Shards {
		v, err := run.FirstVectors(ctx, sh)
		if err != nil {
			return nil, err
		}
		for i, row := range v.Rows {
			key := dataset.PortraitKey(row.Identity, row.Path)
			if _, twice := e.known[key]; wanted[key] && !twice {
				e.known[key] = portrait{path: schemas.EscapePath(row.Path), fault: v.Embeddings[i].Error,
					vector: v.Embeddings[i].Vector}
			}
		}
	}
	for _, x := range protocol.Comparisons {
		e.score(x)
	}
	return e.result(protocol)
}

// evaluation is an Evaluation being made.
type evaluation struct {
	out    Evaluation
	known  map[string]portrait // by Portrait.Key
	lost   map[string]*LostImage
	trials []verification.Trial
	pairs  []ScoredPair // of each trial
}

// portrait is an image that the protocol names and the set has.
type portrait struct {
	path   string
	fault  schemas.Fault
	vector []float32 // nil: fault says why
}

// score makes a comparison a trial.
func (e *evaluation) score(x dataset.Comparison) {
	a, hasA := e.known[x.A.Key()]
	b, hasB := e.known[x.B.Key()]
	if !hasA || !hasB {
		e.out.AbsentPairs++
		e.lose(x.A.Key(), hasA, "")
		e.lose(x.B.Key(), hasB, "")
		return
	}
	score := math.NaN()
	if a.vector != nil && b.vector != nil {
		score = float64(cluster.Dot(a.vector, b.vector))
	} else {
		e.out.LostPairs++
		e.lose(a.path, a.vector != nil, a.fault)
		e.lose(b.path, b.vector != nil, b.fault)
	}
	e.trials = append(e.trials, verification.Trial{Score: score, Same: x.Same, Fold: x.Fold})
	e.pairs = append(e.pairs, ScoredPair{A: a.path, B: b.path, Score: score})
}

// lose counts a pair against an image, unless it is fine.
func (e *evaluation) lose(path string, fine bool, fault schemas.Fault) {
	if fine {
		return
	}
	if e.lost[path] == nil {
		e.lost[path] = &LostImage{Path: path, Error: fault}
	}
	e.lost[path].Pairs++
}

// firstLost names the first image that pairs are lost by.
func firstLost(lost []LostImage) string {
	if len(lost) == 0 {
		return ""
	}
	return fmt.Sprintf(" (first: %s, %s)", lost[0].Path, lost[0].Error)
}

func (e *evaluation) result(protocol *dataset.Protocol) (*Evaluation, error) {
	out := &e.out
	out.Pairs = len(e.trials)
	for _, l := range e.lost {
		if l.Error == schemas.FaultNone {
			out.Absent = append(out.Absent, *l)
		} else {
			out.Faceless = append(out.Faceless, *l)
		}
	}
	for _, list := range [][]LostImage{out.Absent, out.Faceless} {
		slices.SortFunc(list, func(a, b LostImage) int { return cmp.Compare(a.Path, b.Path) })
	}
	if n := len(protocol.Comparisons); float64(out.AbsentPairs) > mostAbsent*float64(n) {
		return nil, origin.Errorf("pipeline",
			"%d of %d pairs of %s name images that the data set lacks (first: %s); is it the list of another set?",
			out.AbsentPairs, n, protocol.URL, out.Absent[0].Path)
	}
	for _, far := range []float64{.01, .001} {
		r := AcceptRate{FAR: far}
		if r.TAR, r.Threshold = verification.TrueAcceptRate(e.trials, far); math.IsNaN(r.TAR) ||
			math.IsInf(r.Threshold, 0) {
			return nil, origin.Errorf("pipeline",
				"%d of %d pairs of %s could not be scored%s: too few are left", out.LostPairs, out.Pairs,
				protocol.URL, firstLost(out.Faceless))
		}
		out.AcceptRates = append(out.AcceptRates, r)
	}
	out.Folds = verification.CrossValidate(e.trials)
	mean, standardError := verification.MeanAccuracy(out.Folds)
	out.Accuracy = mean
	if !math.IsNaN(standardError) {
		out.StandardError = &standardError
	}
	out.WorstSame, out.WorstDiffer = e.worst(true), e.worst(false)
	return out, nil
}

// worst returns the scored pairs of one kind that look most like the other kind.
func (e *evaluation) worst(same bool) []ScoredPair {
	list := []ScoredPair{}
	for i, p := range e.pairs {
		if e.trials[i].Same == same && !math.IsNaN(p.Score) {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b ScoredPair) int {
		order := cmp.Compare(a.Score, b.Score)
		if !same {
			order = -order
		}
		return cmp.Or(order, cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	return list[:min(worstPairs, len(list))]
}
