package layout

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset/tree"
)

// CASIA is the name of CASIA-WebFace's layout: 0000045/001.jpg at the root or
// below CASIA-WebFace/. The identity is the folder's name.
const CASIA = "casia"

// casiaNames is CASIA-WebFace's list of persons.
const casiaNames = "webface_id_name_list.txt"

type casia struct{}

// Name implements Layout.
func (casia) Name() string { return CASIA }

// Aligned implements Layout.
func (casia) Aligned() bool { return false }

// Where implements Layout.
func (casia) Where() string { return inFolders }

// Detect implements Layout.
func (l casia) Detect(ctx context.Context, t tree.Tree, root []tree.Entry) (bool, error) {
	file := regexp.MustCompile(`^[0-9]{3}\.(?i:jpe?g|png)$`)
	return l.folders(t, root).look(ctx, root, isCASIAIdentity,
		func(_, name string) bool { return file.MatchString(name) })
}

// Open implements Layout.
func (l casia) Open(ctx context.Context, t tree.Tree, root []tree.Entry) (Collection, error) {
	f := l.folders(t, root)
	names, err := readNames(ctx, t, f.bases, casiaNames, parseCASIANames)
	if err != nil {
		return nil, err
	}
	f.person = func(identity string) string { return names[identity] }
	return f, nil
}

func (casia) folders(t tree.Tree, root []tree.Entry) *folders {
	return &folders{
		tree:   t,
		bases:  firstAmong(folderNames(root), "CASIA-WebFace", "casia-webface"),
		lists:  []string{casiaNames},
		person: nobody,
	}
}

// isCASIAIdentity reports whether a folder's name is seven digits.
func isCASIAIdentity(name string) bool {
	return len(name) == 7 && strings.Trim(name, "0123456789") == ""
}

// parseCASIANames reads webface_id_name_list.txt: "0000045 Bruce_Lee" a line.
func parseCASIANames(r io.Reader) (map[string]string, error) {
	names := map[string]string{}
	s := Lines(r)
	for n := 1; s.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(s.Text(), "\ufeff"))
		if line == "" {
			continue
		}
		id, name, _ := strings.Cut(line, " ")
		if !isCASIAIdentity(id) {
			return nil, fmt.Errorf("line %d: want a 7-digit id and a name, got %.40q", n, line)
		}
		names[id] = strings.TrimSpace(name)
	}
	return names, s.Err()
}
