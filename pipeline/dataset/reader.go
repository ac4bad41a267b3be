package dataset

import (
	"context"
	"errors"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// Reader reads images by their rows. Its methods may be called concurrently.
type Reader struct {
	tree tree.Tree
}

// OpenReader opens the images below a URL. It does not look whether anything is
// there: a worker may be asked about another source first.
func OpenReader(ctx context.Context, url string, s3 store.S3Options) (*Reader, error) {
	t, err := tree.OpenUnchecked(ctx, url, s3)
	if err != nil {
		return nil, origin.Errorf("dataset", "%w", err)
	}
	return &Reader{tree: t}, nil
}

// Read returns an image's bytes. What is wrong with this image is a schemas.Fault
// (missing, forbidden, changed, broken-link, empty, truncated, too-large); every
// other error is a fault of the machine. Size and Tag are checked where the row
// has them (Size -1 and "" are not checked).
func (r *Reader) Read(ctx context.Context, im schemas.Image) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	data, err := r.tree.Read(ctx, im)
	var fault schemas.Fault
	switch {
	case err == nil:
		return data, nil
	case errors.As(err, &fault):
		return nil, fault
	default:
		return nil, origin.Errorf("dataset", "read %q of %s: %w", im.Path, r.tree, err)
	}
}

// leastTelling is the number of images from which missing and forbidden ones alone say that
// the machine cannot read the source.
const leastTelling = 16

// CheckRead refuses images of which none was there or open to be read: the fault is the
// machine's then. faults counts them by what was wrong; the first one's path and fault
// stand in the error.
func CheckRead(images int, faults map[schemas.Fault]int, path string, first schemas.Fault) error {
	n := faults[schemas.FaultMissing] + faults[schemas.FaultForbidden]
	if n < images || n < leastTelling {
		return nil
	}
	return origin.Errorf("dataset",
		"none of the %d images of a task could be read (first: %s, %s); check the source's URL and permissions on this machine",
		n, schemas.EscapePath(path), string(first))
}
