package embed

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// Read returns the encoded bytes of image i of a call. A schemas.Fault is about
// that image alone; any other error is the machine's.
type Read = func(ctx context.Context, i int) ([]byte, error)

// call is one call of Embed or Look: what it was given, and its results.
type call struct {
	images  []schemas.Image
	aligned bool
	first   []schemas.Embedding // of a Look: what Embed gave
	results []schemas.Embedding
	looks   []schemas.SecondLook // of a Look
	done    func()
	ended   <-chan struct{} // closed when the call is cancelled or has failed
	fail    context.CancelCauseFunc
	open    sync.WaitGroup // jobs that have not ended
}

// job is one image on its way through the engine.
type job struct {
	call      *call
	index     int
	data      []byte         // encoded
	picture   *photo.Picture // decoded
	face      []byte         // aligned face, RGB of the model's size
	landmarks [10]float32
	shrunk    bool        // the picture's hash and thumbnail are made
	found     []foundFace // of a Look
	release   func()      // gives the memory it holds back to its budget; nil: it holds none
}

func (j *job) result() *schemas.Embedding { return &j.call.results[j.index] }

// shipped are the landmarks that the data set has for the image, nil without.
func (j *job) shipped() *[10]float32 { return j.call.images[j.index].Landmarks }

func (j *job) cancelled() bool {
	select {
	case <-j.call.ended:
		return true
	default:
		return false
	}
}

// drop ends a job without a result.
func (j *job) drop() {
	if j.release != nil {
		j.release()
	}
	j.data, j.picture, j.face, j.found, j.release = nil, nil, nil, nil, nil
	j.call.open.Done()
}

// finish ends a job: its result stands, with this fault.
func (j *job) finish(fault schemas.Fault) {
	j.result().Error = fault
	if j.call.looks != nil {
		j.look().Error, j.look().SHA256 = fault, j.result().SHA256
	}
	if j.call.done != nil {
		j.call.done()
	}
	j.drop()
}

// Embed embeds images; result i is about images[i]. read gives an image's bytes,
// and is called by several goroutines, roughly in order and a bounded number of
// images ahead. Images of an aligned source are taken as faces already cut out.
// done, if not nil, is called once for every finished image, from several
// goroutines. Embed returns when nothing of it is running any more; its error is
// ctx's, or the machine's.
//
// A vector has unit length after rounding to float16 and normalising again.
func (e *Engine) Embed(
	ctx context.Context, images []schemas.Image, aligned bool, read Read, done func(),
) ([]schemas.Embedding, error) {
	c := &call{images: images, aligned: aligned, done: done}
	if err := e.do(ctx, c, read); err != nil {
		return nil, origin.Errorf("embed", "%w", err)
	}
	return c.results, nil
}

// do brings a call to its end.
func (e *Engine) do(ctx context.Context, c *call, read Read) error {
	e.calls.RLock()
	defer e.calls.RUnlock()
	if e.closed {
		return ErrClosed
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	c.results, c.ended, c.fail = make([]schemas.Embedding, len(c.images)), ctx.Done(), fail
	var next atomic.Int64
	var readers sync.WaitGroup
	for range min(e.readers, len(c.images)) {
		readers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(c.images) || ctx.Err() != nil {
					return
				}
				e.read(ctx, c, i, read)
			}
		})
	}
	readers.Wait()
	c.open.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// read reads image i and hands it to the decoders.
func (e *Engine) read(ctx context.Context, c *call, i int, read Read) {
	image := c.images[i]
	size := image.Length
	if size < 0 {
		size = image.Size - image.Offset
	}
	release, err := e.encodedMemory.Take(ctx, max(size, 1<<10))
	if err != nil {
		return // the call has ended
	}
	j := &job{call: c, index: i, release: release}
	c.open.Add(1)
	c.results[i] = schemas.Embedding{Path: image.Path, Faces: -1}
	if c.looks != nil && !e.mayLook(j) {
		j.finish(schemas.FaultNone)
		return
	}
	data, err := read(ctx, i)
	var fault schemas.Fault
	if errors.As(err, &fault) {
		j.finish(fault)
		return
	}
	if err != nil {
		c.fail(err)
		j.drop()
		return
	}
	j.data = data
	select {
	case e.encoded <- j:
	case <-ctx.Done():
		j.drop()
	}
}
