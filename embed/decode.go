package embed

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/schemas"
)

// decode decodes images until encoded is closed.
func (e *Engine) decode() {
	for it := range e.encoded {
		if it.cancelled() {
			it.drop()
			continue
		}
		if e.open(it) && e.hold(it) {
			e.decoded <- it
		}
	}
}

// open hashes and decodes an item. It says whether there is an image; else the
// item is finished.
func (e *Engine) open(it *item) bool {
	r := it.result()
	r.SHA256, r.Hashed = sha256.Sum256(it.data), true
	image, err := photo.Decode(it.data, e.limits)
	it.data = nil
	it.release()
	it.release = nil
	if err != nil {
		fault, known := fault(err)
		if known {
			it.finish(fault)
		} else {
			it.call.fail(fmt.Errorf("decode %q: %w", r.Path, err))
			it.drop()
		}
		return false
	}
	r.Width, r.Height = int32(image.Width), int32(image.Height)
	it.image = image
	if it.call.aligned {
		it.face = fit(image, e.contract.width, e.contract.height)
	}
	return true
}

// hold waits until the decoded images in memory leave room for one more. Lanes
// give back what they hold without waiting for anything.
func (e *Engine) hold(it *item) bool {
	held := min(int64(len(it.image.Pix)), pixelBytes)
	if e.pixels.Acquire(context.Background(), held) != nil {
		it.drop()
		return false
	}
	it.release = func() { e.pixels.Release(held) }
	return true
}

// fault gives the fault that an error of photo stands for.
func fault(err error) (schemas.Fault, bool) {
	for _, f := range []struct {
		err   error
		fault schemas.Fault
	}{
		{photo.ErrEmpty, schemas.FaultEmpty},
		{photo.ErrFormat, schemas.FaultFormat},
		{photo.ErrTruncated, schemas.FaultTruncated},
		{photo.ErrCorrupt, schemas.FaultCorrupt},
		{photo.ErrTooLarge, schemas.FaultTooLarge},
	} {
		if errors.Is(err, f.err) {
			return f.fault, true
		}
	}
	return "", false
}
