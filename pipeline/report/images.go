package report

import (
	"context"
	"iter"
	"sync"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// partsAhead is how many parts of the images table are read before their rows are
// asked for.
const partsAhead = 3

// part is a part of the images table, or why it can't be read.
type part struct {
	rows []schemas.Verdict
	err  error
}

// Images returns the rows of the images table, in its order. A few parts are in
// memory at a time, whatever the number of images. An error is the last that it
// gives.
func (r *Report) Images(ctx context.Context) iter.Seq2[schemas.Verdict, error] {
	return func(yield func(schemas.Verdict, error) bool) {
		inner, cancel := context.WithCancel(ctx)
		var readers sync.WaitGroup
		defer readers.Wait()
		defer cancel()
		parts := make(chan chan part, partsAhead-1)
		readers.Go(func() {
			defer close(parts)
			r.readParts(inner, &readers, parts)
		})
		for p := range parts {
			got := <-p
			if got.err != nil {
				yield(schemas.Verdict{}, origin.Errorf("report", "%w", got.err))
				return
			}
			for _, row := range got.rows {
				if !yield(row, nil) {
					return
				}
			}
		}
		if err := ctx.Err(); err != nil {
			yield(schemas.Verdict{}, origin.Errorf("report", "%w", context.Cause(ctx)))
		}
	}
}

// readParts reads the parts one after another into the channels that it sends, as
// far ahead as parts holds them.
func (r *Report) readParts(ctx context.Context, readers *sync.WaitGroup, parts chan<- chan part) {
	for info, err := range r.store.List(ctx, r.folder+schemas.ImagesFolder) {
		p := make(chan part, 1)
		select {
		case parts <- p:
		case <-ctx.Done():
			return
		}
		if err != nil {
			p <- part{err: err}
			return
		}
		readers.Go(func() {
			rows, err := readObject(ctx, r.store, info.Name, schemas.ReadVerdicts)
			p <- part{rows, err}
		})
	}
}
