package layout

import (
	"context"
	"fmt"
	"io"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset/tree"
)

// VGGFace2 is the name of VGGFace2's layout: n000002/0001_01.jpg at the root or
// below train/ and test/. The identity is the folder's name.
const VGGFace2 = "vggface2"

type vggface2 struct{}

// Name implements Layout.
func (vggface2) Name() string { return VGGFace2 }

// Aligned implements Layout.
func (vggface2) Aligned() bool { return false }

// Where implements Layout.
func (vggface2) Where() string { return inFolders }

// Detect implements Layout.
func (l vggface2) Detect(ctx context.Context, t tree.Tree, root []tree.Entry) (bool, error) {
	return l.folders(t, root).look(ctx, root, regexp.MustCompile(`^n[0-9]{6}$`).MatchString, nil)
}

// Open implements Layout.
func (l vggface2) Open(ctx context.Context, t tree.Tree, root []tree.Entry) (Collection, error) {
	f := l.folders(t, root)
	names, err := readNames(ctx, t, f.bases, "identity_meta.csv", parseIdentityMeta)
	if err != nil {
		return nil, err
	}
	f.person = func(identity string) string { return names[identity] }
	f.landmarks.names, err = findLandmarks(ctx, t, root)
	f.landmarks.parse = parseLandmarks
	f.landmarks.header = "NAME_ID"
	return f, err
}

func (vggface2) folders(t tree.Tree, root []tree.Entry) *folders {
	return &folders{
		tree:  t,
		bases: among(folderNames(root), "train", "test"),
		lists: []string{"identity_meta.csv", "bb_landmark", "train_list.txt", "test_list.txt",
			"loose_landmark_train.csv", "loose_landmark_test.csv", "loose_bb_train.csv", "loose_bb_test.csv"},
		person: nobody,
	}
}

// parseIdentityMeta reads VGGFace2's identity_meta.csv: Class_ID, Name,
// Sample_Num, Flag, Gender. No CSV reader takes its lines: blanks precede
// quotes, a comma usually ends the line, and some names hold a comma unquoted.
// So the id is what stands before the first comma, and the name what remains
// between it and the last three fields.
func parseIdentityMeta(r io.Reader) (map[string]string, error) {
	names := map[string]string{}
	s := Lines(r)
	for n := 1; s.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(s.Text(), "\ufeff"))
		if line == "" || n == 1 && strings.HasPrefix(line, "Class_ID") {
			continue
		}
		id, rest, ok := strings.Cut(line, ",")
		id = strings.Trim(id, ` "`)
		if !ok || id == "" {
			return nil, fmt.Errorf("line %d: want Class_ID, Name, Sample_Num, Flag, Gender", n)
		}
		rest = strings.TrimSpace(rest)
		name := ""
		if q, after, ok := quoted(rest); ok {
			name = q
			if q2 := strings.TrimSpace(after); q2 != "" && q2[0] != ',' {
				return nil, fmt.Errorf("line %d: text after the quoted name", n)
			}
		} else {
			fields := strings.Split(strings.TrimRight(rest, ", "), ",")
			if len(fields) < 4 {
				return nil, fmt.Errorf("line %d: want Class_ID, Name, Sample_Num, Flag, Gender", n)
			}
			name = strings.Trim(strings.Join(fields[:len(fields)-3], ","), ` "`)
		}
		names[id] = strings.TrimSpace(name)
	}
	return names, s.Err()
}

// quoted cuts a text in quotes from the front of s. A doubled quote inside is
// one quote.
func quoted(s string) (text, after string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		return "", s, false
	}
	for i := 1; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			i++
			continue
		}
		return strings.ReplaceAll(s[1:i], `""`, `"`), s[i+1:], true
	}
	return "", s, false
}

// findLandmarks returns the names of VGGFace2's tables of landmarks below a root.
func findLandmarks(ctx context.Context, t tree.Tree, root []tree.Entry) ([]string, error) {
	isTable := func(e tree.Entry) bool {
		return !e.Folder && strings.HasPrefix(e.Name, "loose_landmark_") && strings.HasSuffix(e.Name, ".csv")
	}
	var out []string
	for _, e := range root {
		if isTable(e) {
			out = append(out, e.Name)
		}
		if !e.Folder || e.Name != "bb_landmark" {
			continue
		}
		inside, err := t.List(ctx, e.Name)
		if err != nil {
			return nil, fmt.Errorf("list %s of %s: %w", e.Name, t, err)
		}
		for _, f := range inside {
			if isTable(f) {
				out = append(out, tree.Join(e.Name, f.Name))
			}
		}
	}
	slices.Sort(out)
	return out, nil
}

// parseLandmarks reads a line `"n000001/0001_01",x1,y1,...,x5,y5`.
func parseLandmarks(line string) (identity, stem string, points [10]float32, err error) {
	name, rest, _ := strings.Cut(line, ",")
	name = strings.Trim(name, ` "`)
	dir, stem := path.Split(name)
	identity = path.Base(dir)
	if dir == "" || stem == "" || identity == "/" {
		return "", "", points, fmt.Errorf("want NAME_ID as n000001/0001_01, got %.60q", name)
	}
	for i := range points {
		var field string
		field, rest, _ = strings.Cut(rest, ",")
		x, err := strconv.ParseFloat(strings.TrimSpace(field), 32)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return "", "", points, fmt.Errorf("%s: want ten numbers, got %.30q as number %d", name, field, i+1)
		}
		points[i] = float32(x)
	}
	if rest != "" {
		return "", "", points, fmt.Errorf("%s: more than ten numbers", name)
	}
	return identity, stem, points, nil
}
