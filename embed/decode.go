package embed

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/schemas"
)

// decode decodes images until encoded is closed.
func (e *Engine) decode() {
	for j := range e.encoded {
		if j.cancelled() {
			j.drop()
			continue
		}
		if e.open(j) && e.hold(j) {
			e.decoded <- j
		}
	}
}

// open hashes and decodes a job's image. It says whether there is a picture; else the
// job is finished.
func (e *Engine) open(j *job) bool {
	r := j.result()
	r.SHA256, r.Hashed = sha256.Sum256(j.data), true
	if j.changed() {
		j.finish(schemas.FaultChanged)
		return false
	}
	picture, err := e.picture(j.data)
	j.data = nil
	j.release()
	j.release = nil
	if err != nil {
		fault, known := fault(err)
		if known {
			j.finish(fault)
		} else {
			j.call.fail(fmt.Errorf("decode %q: %w", r.Path, err))
			j.drop()
		}
		return false
	}
	r.Width, r.Height = int32(picture.Width), int32(picture.Height)
	j.picture = picture
	if j.call.aligned {
		j.face = fill(picture, e.parameters.width, e.parameters.height)
	}
	return true
}

// picture decodes an image, and tells how long it took.
func (e *Engine) picture(data []byte) (*photo.Picture, error) {
	if e.observer == nil {
		return photo.Decode(data, e.limits)
	}
	start := time.Now()
	defer func() { e.observer.Decoded(time.Since(start)) }()
	return photo.Decode(data, e.limits)
}

// hold waits until the decoded images in memory leave room for one more. Device
// workers give back what they hold without waiting for anything.
func (e *Engine) hold(j *job) bool {
	size := int64(len(j.picture.Pix))
	if j.call.looks != nil {
		size += size / 4 // the picture that is made smaller for its views
	}
	release, err := e.decodedMemory.Take(context.Background(), size)
	if err != nil {
		j.drop()
		return false
	}
	j.release = release
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
