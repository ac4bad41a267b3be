// Package dataset makes manifests: it finds out how a collection of faces is
// laid out, gives its images as rows ordered by (identity, path), and reads one
// image by its row. Collections stand in a folder or under an s3:// prefix.
package dataset

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// LayoutManifest is what Dataset.Layout returns where a table of rows was given.
const LayoutManifest = "manifest"

// ErrNoImages is in the error of a listing that gave no row.
var ErrNoImages = errors.New("no images")

// Options say where a collection stands and how it is read.
type Options struct {
	URL            string          // folder, file:// or s3://bucket/prefix
	Layout         string          // one of layout.Names; "": found out by looking
	Manifest       string          // file, file:// or s3:// of an Arrow IPC or CSV table that replaces listing
	SkipUnlistable bool            // count a folder that can't be listed as skipped instead of stopping
	S3             store.S3Options // for s3://
	Parallel       int             // folders listed at a time; 0: 4 on a disk, 32 on S3
}

// Dataset is one collection. Its methods may be called by one goroutine at a
// time.
type Dataset struct {
	options    Options
	tree       tree.Tree
	layout     string
	aligned    bool
	advice     string // for a listing without a row
	collection layout.Collection

	mu      sync.Mutex
	skipped *layout.SkipCounter
}

// Open checks that the collection is there, finds out its layout and reads the
// names of its people. It lists no identity beyond the few it looks at.
func Open(ctx context.Context, o Options) (*Dataset, error) {
	d, err := open(ctx, o)
	if err != nil {
		return nil, origin.Errorf("dataset", "%w", err)
	}
	return d, nil
}

func open(ctx context.Context, o Options) (*Dataset, error) {
	t, err := tree.Open(ctx, o.URL, o.S3)
	if err != nil {
		return nil, err
	}
	return openOn(ctx, t, o)
}

// openOn opens a collection on a given tree.
func openOn(ctx context.Context, t tree.Tree, o Options) (*Dataset, error) {
	if o.Parallel <= 0 {
		o.Parallel = t.Parallel()
	}
	d := &Dataset{options: o, tree: t, skipped: layout.NewSkipCounter()}
	if o.Manifest != "" {
		m, err := openManifest(ctx, o.Manifest, o.S3)
		if err != nil {
			return nil, err
		}
		d.layout, d.advice, d.collection = LayoutManifest, "the table has no rows", m
		return d, nil
	}
	root, err := t.List(ctx, "")
	if err != nil {
		return nil, tree.ExplainRoot(t, err)
	}
	l, err := layout.Find(ctx, o.Layout, t, root)
	if err != nil {
		return nil, err
	}
	d.layout, d.aligned = l.Name(), l.Aligned()
	d.advice = "images (jpg, jpeg, png, webp, bmp, gif) stand " + l.Where()
	d.collection, err = l.Open(ctx, t, root)
	return d, err
}

// Layout returns the name of the layout in use: one of layout.Names, or
// LayoutManifest.
func (d *Dataset) Layout() string { return d.layout }

// Aligned reports whether the layout's images are aligned 112x112 crops.
func (d *Dataset) Aligned() bool { return d.aligned }

// URL returns where the collection stands: a folder's absolute path, so that a
// process with another working directory reads the same, or s3://bucket/prefix.
func (d *Dataset) URL() string { return d.tree.String() }

// Name returns the person's name that the collection ships for an identity, as it
// is written there; "" where it ships none.
func (d *Dataset) Name(identity string) string { return d.collection.Person(identity) }

// Rows lists the collection anew: its images ordered by (Identity, Path)
// bytewise. Memory is bounded by the list of folders and the images of the
// identities being listed ahead (Options.Parallel). The first error ends the
// rows; no image at all is an error (ErrNoImages). A file whose state can't be
// read has Size -1 and no Tag: reading it tells why.
func (d *Dataset) Rows(ctx context.Context) iter.Seq2[schemas.Image, error] {
	return func(yield func(schemas.Image, error) bool) {
		skipped := layout.NewSkipCounter()
		d.mu.Lock()
		d.skipped = skipped
		d.mu.Unlock()
		o := layout.Options{Parallel: d.options.Parallel, SkipUnlistable: d.options.SkipUnlistable,
			Skipped: skipped}
		n := 0
		for im, err := range d.collection.Rows(ctx, o) {
			if err == nil && strings.ContainsRune(im.Identity, 0) { // in a list that a layout ships
				err = fmt.Errorf("%s: identity %q of %q holds a zero byte", d.tree, im.Identity, im.Path)
			}
			if err != nil {
				yield(schemas.Image{}, origin.Errorf("dataset", "%w", err))
				return
			}
			n++
			if !yield(im, nil) {
				return
			}
		}
		if n == 0 {
			yield(schemas.Image{}, origin.Errorf("dataset", "%w below %s (layout %s%s): %s",
				ErrNoImages, d.tree, d.layout, skipped.Brief(), d.advice))
		}
	}
}

// Skipped says what the last Rows passed over, the most frequent first.
func (d *Dataset) Skipped() []layout.Skip {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.skipped.List()
}
