//go:build acceptance

package acceptance

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// third is the identities of vggface2-mini that stand for all in the short
// checks: the five that LFW has too, and three more.
var third = []string{"n900001", "n900002", "n900003", "n900006", "n900007", "n900010", "n900014", "n900016"}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func symlink(t *testing.T, target, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

// vggface2Tree is a tree in VGGFace2's layout with links to the given identities.
func vggface2Tree(t *testing.T, identities []string) string {
	t.Helper()
	tree, data := t.TempDir(), vggface2(t)
	symlink(t, filepath.Join(data, "identity_meta.csv"), filepath.Join(tree, "identity_meta.csv"))
	for _, id := range identities {
		symlink(t, filepath.Join(data, "train", id), filepath.Join(tree, "train", id))
	}
	return tree
}

// lfwTree is a tree in LFW's layout with links to the people that keep takes.
func lfwTree(t *testing.T, keep func(i int, name string) bool) string {
	t.Helper()
	tree, data := t.TempDir(), lfw(t)
	for i, name := range names(t, filepath.Join(data, "lfw")) {
		if keep(i, name) {
			symlink(t, filepath.Join(data, "lfw", name), filepath.Join(tree, "lfw", name))
		}
	}
	return tree
}

// renamed is a tree of the same images under numbers.
type renamed struct {
	tree   string
	labels map[string]string // old labels by new ones
	paths  map[string]string // old paths by new ones, below the trees' roots
}

// numbers gives each name a number of its own, in an order that is not theirs.
func numbers(names []string, format string) map[string]string {
	order := rand.New(rand.NewPCG(1, 2)).Perm(len(names))
	out := map[string]string{}
	for i, name := range names {
		out[name] = fmt.Sprintf(format, order[i]+1)
	}
	return out
}

// renumber links every image of data/below/LABEL to a label that is a number.
func renumber(t *testing.T, data, below, format string) *renamed {
	t.Helper()
	r := &renamed{tree: t.TempDir(), labels: map[string]string{}, paths: map[string]string{}}
	labels := names(t, filepath.Join(data, below))
	number := numbers(labels, format)
	for _, label := range labels {
		fresh := number[label]
		r.labels[fresh] = label
		for _, file := range names(t, filepath.Join(data, below, label)) {
			was, is := filepath.Join(below, label, file), filepath.Join(below, fresh, strings.ReplaceAll(file, label, fresh))
			r.paths[is] = was
			symlink(t, filepath.Join(data, was), filepath.Join(r.tree, is))
		}
	}
	return r
}

// renumberedVGGFace2 has numbers for the names that its table gives, too.
func renumberedVGGFace2(t *testing.T) *renamed {
	t.Helper()
	r := renumber(t, vggface2(t), "train", "n%06d")
	table := "Class_ID, Name, Sample_Num, Flag, Gender\n"
	for fresh := range r.labels {
		table += fmt.Sprintf("%s, \"%s\", 1, 1, x,\n", fresh, strings.TrimLeft(fresh, "n0"))
	}
	if err := os.WriteFile(filepath.Join(r.tree, "identity_meta.csv"), []byte(table), 0o644); err != nil {
		t.Fatal(err)
	}
	return r
}

// overlapNames are the people of vggface2-mini whom LFW has too.
var overlapNames = []string{"Ben_Affleck", "Gwyneth_Paltrow", "Keanu_Reeves", "Morgan_Freeman", "Robert_Downey_Jr"}

// sixth takes the five shared people of LFW and every sixth of the others.
func sixth(i int, name string) bool {
	return i%6 == 0 || slices.ContainsFunc(overlapNames, func(n string) bool { return strings.HasPrefix(name, n) })
}

// sources are old paths by source, for known.adopt.
func sources(set, lfw *renamed) map[schemas.Source]map[string]string {
	return map[schemas.Source]map[string]string{schemas.Set: set.paths, "lfw": lfw.paths}
}
