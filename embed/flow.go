package embed

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/schemas"
)

// Read gives the encoded bytes of image i of a call. A schemas.Fault is about
// that image alone; any other error is the machine's.
type Read = func(ctx context.Context, i int) ([]byte, error)

// call is one call of Embed.
type call struct {
	images  []schemas.Image
	aligned bool
	results []schemas.Embedding
	done    func()
	ended   <-chan struct{} // closed when the call is cancelled or has failed
	fail    context.CancelCauseFunc
	open    sync.WaitGroup // images on their way
}

// item is one image on its way through the engine.
type item struct {
	call      *call
	index     int
	data      []byte       // encoded
	image     *photo.Image // decoded
	face      []byte       // aligned face, RGB of the model's size
	landmarks [10]float32
	release   func() // gives held back
}

func (it *item) result() *schemas.Embedding { return &it.call.results[it.index] }

func (it *item) hint() *[10]float32 { return it.call.images[it.index].Landmarks }

func (it *item) cancelled() bool {
	select {
	case <-it.call.ended:
		return true
	default:
		return false
	}
}

// drop ends an item's way without a result.
func (it *item) drop() {
	if it.release != nil {
		it.release()
	}
	it.data, it.image, it.face, it.release = nil, nil, nil, nil
	it.call.open.Done()
}

// finish ends an item's way: its result stands, with this fault.
func (it *item) finish(fault schemas.Fault) {
	it.result().Error = fault
	if it.call.done != nil {
		it.call.done()
	}
	it.drop()
}

// Embed embeds images; result i is about images[i]. read gives an image's bytes,
// and is called by several goroutines, roughly in order and a bounded number of
// images ahead. Images of an aligned source are taken as faces already cut out.
// done, if not nil, is called once for every finished image, from several
// goroutines. Embed returns when nothing of it is running any more; its error is
// ctx's, or the machine's.
//
// A vector has unit length after rounding to float16 and normalising again.
func (e *Engine) Embed(ctx context.Context, images []schemas.Image, aligned bool, read Read, done func()) ([]schemas.Embedding, error) {
	e.calls.RLock()
	defer e.calls.RUnlock()
	if e.closed {
		return nil, fmt.Errorf("embed: %w", ErrClosed)
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	c := &call{
		images: images, aligned: aligned, results: make([]schemas.Embedding, len(images)),
		done: done, ended: ctx.Done(), fail: fail,
	}
	var next atomic.Int64
	var readers sync.WaitGroup
	for range min(e.readers, len(images)) {
		readers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(images) || ctx.Err() != nil {
					return
				}
				e.read(ctx, c, i, read)
			}
		})
	}
	readers.Wait()
	c.open.Wait()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("embed: %w", context.Cause(ctx))
	}
	return c.results, nil
}

// read reads image i and hands it to the decoders.
func (e *Engine) read(ctx context.Context, c *call, i int, read Read) {
	image := c.images[i]
	size := image.Length
	if size < 0 {
		size = image.Size - image.Offset
	}
	size = min(max(size, 1<<10), encodedBytes)
	if e.bytes.Acquire(ctx, size) != nil {
		return // the call has ended
	}
	it := &item{call: c, index: i, release: func() { e.bytes.Release(size) }}
	c.open.Add(1)
	c.results[i] = schemas.Embedding{Path: image.Path, Faces: -1}
	data, err := read(ctx, i)
	var fault schemas.Fault
	if errors.As(err, &fault) {
		it.finish(fault)
		return
	}
	if err != nil {
		c.fail(err)
		it.drop()
		return
	}
	it.data = data
	select {
	case e.encoded <- it:
	case <-ctx.Done():
		it.drop()
	}
}
