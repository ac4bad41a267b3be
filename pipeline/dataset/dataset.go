// Package dataset makes manifests: it finds out how a collection of faces is
// laid out, gives its images as rows ordered by (identity, path), and reads one
// image by its row. Collections stand in a folder or under an s3:// prefix.
package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"sync"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// Names of the layouts.
const (
	LayoutFolder   = "folder"   // IDENTITY/any.jpg at any depth; the identity is the folder's path below the root
	LayoutVGGFace2 = "vggface2" // train/n000002/0001_01.jpg, test/...; the identity is the folder's name
	LayoutLFW      = "lfw"      // NAME/NAME_0001.jpg at the root or below lfw/
	LayoutCASIA    = "casia"    // 0000045/001.jpg
	LayoutManifest = "manifest" // a table of rows was given
)

// Layouts are the layouts that Options.Layout takes.
func Layouts() []string {
	return []string{LayoutFolder, LayoutVGGFace2, LayoutLFW, LayoutCASIA}
}

// ErrNoImages is in the error of a listing that gave no row.
var ErrNoImages = errors.New("no images")

// Options say where a collection stands and how it is read.
type Options struct {
	URL            string          // folder, file:// or s3://bucket/prefix
	Layout         string          // one of Layouts; "": found out by looking
	Manifest       string          // file, file:// or s3:// of an Arrow IPC or CSV table that replaces listing
	SkipUnlistable bool            // count a folder that can't be listed as skipped instead of stopping
	S3             store.S3Options // for s3://
	Parallel       int             // folders listed at a time; 0: 4 on a disk, 32 on S3
}

// Dataset is one collection. Its methods may be called by one goroutine at a
// time.
type Dataset struct {
	options  Options
	tree     tree
	layout   layout
	names    map[string]string
	manifest *manifest
	hints    []string // landmark tables below the root

	mu      sync.Mutex
	skipped *tally
}

// Open checks that the collection is there, finds out its layout and reads the
// names of its people. It lists no identity beyond the few it looks at.
func Open(ctx context.Context, o Options) (*Dataset, error) {
	d, err := open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	return d, nil
}

func open(ctx context.Context, o Options) (*Dataset, error) {
	t, err := openTree(ctx, o.URL, o.S3)
	if err != nil {
		return nil, err
	}
	return openOn(ctx, t, o)
}

// openOn opens a collection on a given tree.
func openOn(ctx context.Context, t tree, o Options) (*Dataset, error) {
	if o.Parallel <= 0 {
		o.Parallel = t.parallel()
	}
	d := &Dataset{options: o, tree: t, skipped: newTally()}
	if o.Manifest != "" {
		m, err := openManifest(ctx, o.Manifest, o.S3)
		if err != nil {
			return nil, err
		}
		d.manifest, d.names = m, m.names
		d.layout.name = LayoutManifest
		return d, nil
	}
	root, err := t.list(ctx, "")
	if err != nil {
		return nil, explainRoot(t, err)
	}
	if d.layout, err = findLayout(ctx, t, o.Layout, root); err != nil {
		return nil, err
	}
	if d.names, err = readNames(ctx, t, d.layout); err != nil {
		return nil, err
	}
	if d.layout.name == LayoutVGGFace2 {
		d.hints, err = findLandmarks(ctx, t, root)
	}
	return d, err
}

// explainRoot says what to do about a root that can't be listed.
func explainRoot(t tree, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("nothing at %s: check the path or give another with --data: %w", t, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("no permission to list %s: give this user the right to read it: %w", t, err)
	default:
		return fmt.Errorf("list %s: %w", t, err)
	}
}

// Layout is the layout in use: one of Layouts, or LayoutManifest.
func (d *Dataset) Layout() string { return d.layout.name }

// URL is where the collection stands: a folder's absolute path, so that a process
// with another working directory reads the same, or s3://bucket/prefix.
func (d *Dataset) URL() string { return d.tree.String() }

// Name is the person's name that the collection ships for an identity, as it is
// written there; "" where it ships none.
func (d *Dataset) Name(identity string) string {
	if d.layout.name == LayoutLFW {
		return identity
	}
	return d.names[identity]
}

// Rows lists the collection anew: its images ordered by (Identity, Path)
// bytewise. Memory is bounded by the list of folders and the images of the
// identities being listed ahead (Options.Parallel). The first error ends the
// rows; no image at all is an error (ErrNoImages). A file whose state can't be
// read has Size -1 and no Tag: reading it tells why.
func (d *Dataset) Rows(ctx context.Context) iter.Seq2[schemas.Image, error] {
	return func(yield func(schemas.Image, error) bool) {
		skipped := newTally()
		d.mu.Lock()
		d.skipped = skipped
		d.mu.Unlock()
		n := 0
		for im, err := range d.rows(ctx, skipped) {
			if err != nil {
				yield(schemas.Image{}, fmt.Errorf("dataset: %w", err))
				return
			}
			n++
			if !yield(im, nil) {
				return
			}
		}
		if n == 0 {
			yield(schemas.Image{}, fmt.Errorf("dataset: %w below %s (layout %s%s): "+
				"images (jpg, jpeg, png, webp, bmp, gif) stand in one folder per identity",
				ErrNoImages, d.tree, d.layout.name, skipped.brief()))
		}
	}
}

func (d *Dataset) rows(ctx context.Context, skipped *tally) iter.Seq2[schemas.Image, error] {
	if d.manifest != nil {
		return d.manifest.rows(ctx)
	}
	return func(yield func(schemas.Image, error) bool) {
		hints, err := indexLandmarks(ctx, d.tree, d.hints)
		if err != nil {
			yield(schemas.Image{}, err)
			return
		}
		defer hints.close()
		w := walk{tree: d.tree, layout: d.layout, parallel: d.options.Parallel,
			skipUnlistable: d.options.SkipUnlistable, skipped: skipped}
		for images, err := range w.identities(ctx) {
			if err == nil {
				err = hints.add(images)
			}
			if err != nil {
				yield(schemas.Image{}, err)
				return
			}
			for _, im := range images {
				if !yield(im, nil) {
					return
				}
			}
		}
	}
}

// Skipped says what the last Rows passed over, the most frequent first.
func (d *Dataset) Skipped() []Skip {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.skipped.list()
}

// compareRows is the order of a manifest.
func compareRows(a, b schemas.Image) int {
	return cmp.Or(strings.Compare(a.Identity, b.Identity), strings.Compare(a.Path, b.Path))
}
