package layout

import (
	"context"

	"github.com/facesieve/facesieve/pipeline/dataset/tree"
)

// Folder is the name of the layout IDENTITY/any.jpg at any depth: the identity is
// the path of the image's folder below the root.
const Folder = "folder"

type folder struct{}

// Name is Layout's.
func (folder) Name() string { return Folder }

// Aligned is Layout's.
func (folder) Aligned() bool { return false }

// Where is Layout's.
func (folder) Where() string { return inFolders }

// Detect is Layout's: any tree can be read so.
func (folder) Detect(context.Context, tree.Tree, []tree.Entry) (bool, error) { return true, nil }

// Open is Layout's.
func (folder) Open(_ context.Context, t tree.Tree, _ []tree.Entry) (Collection, error) {
	return &folders{tree: t, nested: true, person: nobody}, nil
}
