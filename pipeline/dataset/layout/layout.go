// Package layout knows the ways in which collections of faces are stored: each
// layout says what it looks like, and lists its images with the names of their
// persons and the landmarks that come with them.
package layout

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/schemas"
)

// Layout is one way in which a collection of faces is stored.
type Layout interface {
	// Name returns the word that names the layout in options and catalogues.
	Name() string

	// Detect reports whether a tree looks like this layout. root is what stands
	// directly below the tree's root.
	Detect(ctx context.Context, t tree.Tree, root []tree.Entry) (bool, error)

	// Open reads what comes with the collection beside its images, such as the
	// names of the persons. It lists no images.
	Open(ctx context.Context, t tree.Tree, root []tree.Entry) (Collection, error)

	// Aligned reports whether the images are 112x112 crops that are aligned to
	// ArcFace's points.
	Aligned() bool

	// Where says in a few words where images stand, to follow "images stand".
	Where() string
}

// Collection is a tree of images opened in its layout.
type Collection interface {
	// Rows lists the images anew, ordered by (Identity, Path) bytewise, each with
	// the part of the object that holds it (Object, Offset, Length) and its
	// landmarks where the collection has them. The first error ends the rows.
	// Memory is bounded by what stands beside the images, and by one folder and one
	// identity's images for each of the listings made ahead.
	Rows(ctx context.Context, o Options) iter.Seq2[schemas.Image, error]

	// Person returns the name of an identity's person as the collection writes it;
	// "" where it has none.
	Person(identity string) string
}

// Options say how a collection's images are listed.
type Options struct {
	Parallel       int          // folders listed at a time, 1 or more
	SkipUnlistable bool         // count a folder that can't be listed as skipped instead of stopping
	Skipped        *SkipCounter // told what is passed over
}

// All returns the layouts. The first fits any tree; the others are looked for in
// their order, and the first that fits is taken.
func All() []Layout {
	return []Layout{folder{}, vggface2{}, lfw{}, casia{}}
}

// Names returns the names of the layouts.
func Names() []string {
	var out []string
	for _, l := range All() {
		out = append(out, l.Name())
	}
	return out
}

// Find returns the layout of a name or, where the name is "", of the tree's look.
func Find(ctx context.Context, name string, t tree.Tree, root []tree.Entry) (Layout, error) {
	all := All()
	if name != "" {
		for _, l := range all {
			if l.Name() == name {
				return l, nil
			}
		}
		return nil, Unknown(name)
	}
	for _, l := range all[1:] {
		ok, err := l.Detect(ctx, t, root)
		if err != nil {
			return nil, err
		}
		if ok {
			return l, nil
		}
	}
	return all[0], nil
}

// Unknown returns the error for a name that is no layout's.
func Unknown(name string) error {
	return fmt.Errorf("unknown layout %q: one of %s", name, strings.Join(Names(), ", "))
}

// image returns the row of an image that is a file of its own.
func image(identity, path string, e tree.Entry) schemas.Image {
	return schemas.Image{Path: path, Identity: identity, Object: path, Length: -1, Size: e.Size, Tag: e.Tag}
}

// CompareRows orders rows as Collection.Rows lists them.
func CompareRows(a, b schemas.Image) int {
	return cmp.Or(strings.Compare(a.Identity, b.Identity), strings.Compare(a.Path, b.Path))
}
