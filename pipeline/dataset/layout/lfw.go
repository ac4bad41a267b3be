package layout

import (
	"context"
	"regexp"

	"github.com/facesieve/facesieve/pipeline/dataset/tree"
)

// LFW is the name of the layout of Labeled Faces in the Wild: NAME/NAME_0001.jpg
// at the root or below lfw/. The identity is the person's name.
const LFW = "lfw"

type lfw struct{}

// Name implements Layout.
func (lfw) Name() string { return LFW }

// Aligned implements Layout.
func (lfw) Aligned() bool { return false }

// Where implements Layout.
func (lfw) Where() string { return inFolders }

// Detect implements Layout.
func (l lfw) Detect(ctx context.Context, t tree.Tree, root []tree.Entry) (bool, error) {
	file := regexp.MustCompile(`^(.+)_[0-9]{4}\.(?i:jpe?g|png)$`)
	return l.folders(t, root).look(ctx, root, nil, func(identity, name string) bool {
		m := file.FindStringSubmatch(name)
		return m != nil && m[1] == identity
	})
}

// Open implements Layout.
func (l lfw) Open(_ context.Context, t tree.Tree, root []tree.Entry) (Collection, error) {
	return l.folders(t, root), nil
}

func (lfw) folders(t tree.Tree, root []tree.Entry) *folders {
	return &folders{
		tree:  t,
		bases: firstAmong(folderNames(root), "lfw", "lfw_funneled", "lfw-funneled", "lfw-deepfunneled"),
		lists: []string{"pairs.txt", "people.txt", "errata.txt", "pairsDevTrain.txt", "pairsDevTest.txt",
			"peopleDevTrain.txt", "peopleDevTest.txt", "lfw-names.txt"},
		person: func(identity string) string { return identity },
	}
}
