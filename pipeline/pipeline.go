// Package pipeline holds the verbs: plan, embed, fold, cross, judge, report. A
// Coordinator lists the sources, cuts them into shards, pushes tasks and folds
// what they gave; Workers do the tasks. What they hand to each other stands in
// the store under names that follow from the run's Spec, so every step can be
// repeated, by anybody, with the same result.
package pipeline

import (
	"context"
	"errors"

	"github.com/facesieve/facesieve/schemas"
)

// Embedder turns encoded images into embeddings. It may be called concurrently.
type Embedder interface {
	// Embed reads image i with read and gives its embedding in the result's place
	// i. A schemas.Fault that read returns becomes the row's Error; any other
	// error of read, and any failure of the machine, ends the call. done is called
	// once for every finished image.
	Embed(ctx context.Context, images []schemas.Image, aligned bool,
		read func(ctx context.Context, i int) ([]byte, error), done func()) ([]schemas.Embedding, error)

	// Kind is the numeric kind of this machine: a digest of what it computes on
	// fixed inputs.
	Kind(ctx context.Context) (schemas.NumericKind, error)
}

// Errors that callers tell apart with errors.Is.
var (
	// ErrStopped says that a worker was asked to stop before its run had ended.
	ErrStopped = errors.New("stopped before the run had ended")
	// ErrFailed says that tasks were given up: the report lacks their shards.
	ErrFailed = errors.New("shards failed")
	// ErrNoLandmarks says that a source lists none, and no detector runs.
	ErrNoLandmarks = errors.New("no landmarks")
	// ErrKind says that this machine computes other bits than the run's.
	ErrKind = errors.New("another numeric kind")
)

// KindGiven is the kind of vectors that were computed elsewhere (--vectors).
const KindGiven schemas.NumericKind = "given"
