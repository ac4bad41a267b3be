package layout

import (
	"context"

	"github.com/facesieve/facesieve/pipeline/dataset/tree"
)

// Folder is the name of the layout IDENTITY/any.jpg at any depth: the identity is
// the path of the image's folder below the root.
const Folder = "folder"

type folder struct{}

// Name implements Layout.
func (folder) Name() string { return Folder }

// Aligned implements Layout.
func (folder) Aligned() bool { return false }

// Where implements Layout.
func (folder) Where() string { return inFolders }

// Detect implements Layout: any tree can be read so.
func (folder) Detect(context.Context, tree.Tree, []tree.Entry) (bool, error) { return true, nil }

// Open implements Layout.
func (folder) Open(_ context.Context, t tree.Tree, _ []tree.Entry) (Collection, error) {
	return &folders{tree: t, nested: true, person: nobody}, nil
}
