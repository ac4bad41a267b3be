package dataset

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// layout is how a tree is cut into identities.
type layout struct {
	name  string
	bases []string // folders at the root that hold the identities' folders; none: the root does
	deep  bool     // the identity is the folder's whole path, at any depth
}

func (l layout) atRoot() bool { return len(l.bases) == 0 }

// ships says whether a name is one of the lists that come with the layout: they
// are known, not skipped.
func (l layout) ships(name string) bool {
	switch l.name {
	case LayoutVGGFace2:
		return slices.Contains([]string{"identity_meta.csv", "bb_landmark", "train_list.txt", "test_list.txt",
			"loose_landmark_train.csv", "loose_landmark_test.csv", "loose_bb_train.csv", "loose_bb_test.csv"}, name)
	case LayoutLFW:
		return slices.Contains([]string{"pairs.txt", "people.txt", "errata.txt", "pairsDevTrain.txt", "pairsDevTest.txt",
			"peopleDevTrain.txt", "peopleDevTest.txt", "lfw-names.txt"}, name)
	case LayoutCASIA:
		return name == casiaNames
	}
	return false
}

// casiaNames is CASIA-WebFace's list of people.
const casiaNames = "webface_id_name_list.txt"

var (
	vggFolder   = regexp.MustCompile(`^n[0-9]{6}$`)
	casiaFolder = regexp.MustCompile(`^[0-9]{7}$`)
	casiaFile   = regexp.MustCompile(`^[0-9]{3}\.(?i:jpe?g|png)$`)
	lfwFile     = regexp.MustCompile(`^(.+)_[0-9]{4}\.(?i:jpe?g|png)$`)
)

// findLayout gives the layout of a name, or of the tree's look where the name
// is "". A tree that looks like no other is a folder tree.
func findLayout(ctx context.Context, t tree, name string, root []entry) (layout, error) {
	folders := folderNames(root)
	vgg := layout{name: LayoutVGGFace2, bases: among(folders, "train", "test")}
	lfw := layout{name: LayoutLFW, bases: firstAmong(folders, "lfw", "lfw_funneled", "lfw-funneled", "lfw-deepfunneled")}
	casia := layout{name: LayoutCASIA, bases: firstAmong(folders, "CASIA-WebFace", "casia-webface")}
	plain := layout{name: LayoutFolder, deep: true}
	switch name {
	case LayoutVGGFace2:
		return vgg, nil
	case LayoutLFW:
		return lfw, nil
	case LayoutCASIA:
		return casia, nil
	case LayoutFolder:
		return plain, nil
	case "":
	default:
		return layout{}, fmt.Errorf("unknown layout %q: one of %s", name, strings.Join(Layouts(), ", "))
	}
	for _, l := range []layout{vgg, casia, lfw} {
		ok, err := l.fits(ctx, t, folders)
		if err != nil {
			return layout{}, err
		}
		if ok {
			return l, nil
		}
	}
	return plain, nil
}

// lookAt is how many folders the look at a tree takes in.
const lookAt = 3

// fits looks at the first folders of a layout's bases.
func (l layout) fits(ctx context.Context, t tree, folders []string) (bool, error) {
	base := ""
	if !l.atRoot() {
		base = l.bases[0]
		entries, err := t.list(ctx, base)
		if err != nil {
			return false, fmt.Errorf("list %q of %s: %w", base, t, err)
		}
		folders = folderNames(entries)
	}
	folders = slices.DeleteFunc(slices.Clone(folders), func(n string) bool { return l.ships(n) || isHidden(n) })
	if len(folders) == 0 {
		return false, nil
	}
	matched := 0
	for _, f := range folders[:min(lookAt, len(folders))] {
		switch l.name {
		case LayoutVGGFace2:
			if !vggFolder.MatchString(f) {
				return false, nil
			}
			matched++
			continue
		case LayoutCASIA:
			if !casiaFolder.MatchString(f) {
				return false, nil
			}
		}
		n, ok := l.filesFit(ctx, t, base, f)
		if !ok {
			return false, nil
		}
		matched += n
	}
	return matched > 0, nil
}

// filesFit says whether every image of an identity's folder is named the
// layout's way, and how many there are. A folder that can't be listed tells
// nothing; the walk will meet it.
func (l layout) filesFit(ctx context.Context, t tree, base, identity string) (int, bool) {
	entries, err := t.list(ctx, join(base, identity))
	if err != nil {
		return 0, true
	}
	n := 0
	for _, e := range entries {
		if e.folder || !isImageName(e.name) || isHidden(e.name) {
			continue
		}
		n++
		switch l.name {
		case LayoutCASIA:
			if !casiaFile.MatchString(e.name) {
				return 0, false
			}
		case LayoutLFW:
			if m := lfwFile.FindStringSubmatch(e.name); m == nil || m[1] != identity {
				return 0, false
			}
		}
	}
	return n, true
}

// folderNames are the folders among entries, sorted.
func folderNames(entries []entry) []string {
	var out []string
	for _, e := range entries {
		if e.folder && e.odd == "" {
			out = append(out, e.name)
		}
	}
	slices.Sort(out)
	return out
}

// among are the names that are folders.
func among(folders []string, names ...string) []string {
	var out []string
	for _, n := range names {
		if slices.Contains(folders, n) {
			out = append(out, n)
		}
	}
	return out
}

// firstAmong is the first of the names that is a folder.
func firstAmong(folders []string, names ...string) []string {
	found := among(folders, names...)
	return found[:min(1, len(found))]
}
