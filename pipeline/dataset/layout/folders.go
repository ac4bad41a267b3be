package layout

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/schemas"
)

// inFolders is Layout.Where of the layouts that are folders.
const inFolders = "in one folder per identity"

// folders is a collection with a folder for each identity.
type folders struct {
	tree      tree.Tree
	bases     []string                     // the root's folders with the identities' folders; none: the root
	nested    bool                         // the identity is the folder's whole path, at any depth
	lists     []string                     // names that come with the collection: not counted as skipped
	person    func(identity string) string // see Collection
	landmarks landmarkTables
}

func (f *folders) atRoot() bool { return len(f.bases) == 0 }

// isList reports whether a name is one of the lists that come with the collection.
func (f *folders) isList(name string) bool { return slices.Contains(f.lists, name) }

// Person implements Collection.
func (f *folders) Person(identity string) string { return f.person(identity) }

// Rows implements Collection.
func (f *folders) Rows(ctx context.Context, o Options) iter.Seq2[schemas.Image, error] {
	return func(yield func(schemas.Image, error) bool) {
		landmarks, err := f.landmarks.open(ctx, f.tree)
		if err != nil {
			yield(schemas.Image{}, err)
			return
		}
		defer landmarks.close()
		w := walk{folders: f, options: o}
		for images, err := range w.identities(ctx) {
			if err == nil {
				err = landmarks.add(images)
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

// lookAt is how many folders the look at a tree takes in.
const lookAt = 3

// look reports whether the first folders of the first base are named as identities
// are, and the images in them as images are; nil lets any name pass, and images
// are not looked at then. root is what stands directly below the tree's root.
func (f *folders) look(ctx context.Context, root []tree.Entry, identityFits func(name string) bool,
	fileFits func(identity, name string) bool) (bool, error) {
	base := ""
	if !f.atRoot() {
		base = f.bases[0]
		var err error
		if root, err = f.tree.List(ctx, base); err != nil {
			return false, fmt.Errorf("list %q of %s: %w", base, f.tree, err)
		}
	}
	identities := slices.DeleteFunc(folderNames(root), func(name string) bool {
		return f.isList(name) || tree.IsHidden(name)
	})
	matched := 0
	for _, identity := range identities[:min(lookAt, len(identities))] {
		if identityFits != nil && !identityFits(identity) {
			return false, nil
		}
		if fileFits == nil {
			matched++
			continue
		}
		n, ok := f.filesFit(ctx, tree.Join(base, identity), func(name string) bool {
			return fileFits(identity, name)
		})
		if !ok {
			return false, nil
		}
		matched += n
	}
	return matched > 0, nil
}

// filesFit reports whether every image of a folder is named as images are, and how
// many there are. A folder that can't be listed tells nothing; the listing will
// meet it.
func (f *folders) filesFit(ctx context.Context, path string, fits func(name string) bool) (int, bool) {
	entries, err := f.tree.List(ctx, path)
	if err != nil {
		return 0, true
	}
	n := 0
	for _, e := range entries {
		if e.Folder || !tree.IsImage(e.Name) || tree.IsHidden(e.Name) {
			continue
		}
		n++
		if !fits(e.Name) {
			return 0, false
		}
	}
	return n, true
}

// folderNames returns the folders among entries, sorted.
func folderNames(entries []tree.Entry) []string {
	var out []string
	for _, e := range entries {
		if e.Folder && e.Odd == "" {
			out = append(out, e.Name)
		}
	}
	slices.Sort(out)
	return out
}

// among returns those of the names that are folders.
func among(folders []string, names ...string) []string {
	var out []string
	for _, n := range names {
		if slices.Contains(folders, n) {
			out = append(out, n)
		}
	}
	return out
}

// firstAmong returns the first of the names that is a folder, alone.
func firstAmong(folders []string, names ...string) []string {
	found := among(folders, names...)
	return found[:min(1, len(found))]
}
