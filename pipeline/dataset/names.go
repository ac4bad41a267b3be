package dataset

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// readNames reads the names that a layout ships. A missing list is no error:
// copies of the sets often lack it.
func readNames(ctx context.Context, t tree, l layout) (map[string]string, error) {
	var file string
	var parse func(io.Reader) (map[string]string, error)
	switch l.name {
	case LayoutVGGFace2:
		file, parse = "identity_meta.csv", parseIdentityMeta
	case LayoutCASIA:
		file, parse = casiaNames, parseCASIANames
	default:
		return nil, nil
	}
	for _, name := range append([]string{file}, under(l.bases, file)...) {
		r, err := t.open(ctx, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s of %s: %w", name, t, err)
		}
		names, err := parse(r)
		if cerr := r.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return nil, fmt.Errorf("read %s of %s: %w", name, t, err)
		}
		return names, nil
	}
	return nil, nil
}

func under(bases []string, file string) []string {
	var out []string
	for _, b := range bases {
		out = append(out, join(b, file))
	}
	return out
}

// maxLine bounds a line of a text list, bytes.
const maxLine = 1 << 20

// lines scans text lines without their end.
func lines(r io.Reader) *bufio.Scanner {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), maxLine)
	return s
}

// parseIdentityMeta reads VGGFace2's identity_meta.csv: Class_ID, Name,
// Sample_Num, Flag, Gender. No CSV reader takes its lines: blanks precede
// quotes, a comma usually ends the line, and some names hold a comma unquoted.
// So the id is what stands before the first comma, and the name what remains
// between it and the last three fields.
func parseIdentityMeta(r io.Reader) (map[string]string, error) {
	names := map[string]string{}
	s := lines(r)
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

// parseCASIANames reads webface_id_name_list.txt: "0000045 Bruce_Lee" a line.
func parseCASIANames(r io.Reader) (map[string]string, error) {
	names := map[string]string{}
	s := lines(r)
	for n := 1; s.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(s.Text(), "\ufeff"))
		if line == "" {
			continue
		}
		id, name, _ := strings.Cut(line, " ")
		if !casiaFolder.MatchString(id) {
			return nil, fmt.Errorf("line %d: want a 7-digit id and a name, got %.40q", n, line)
		}
		names[id] = strings.TrimSpace(name)
	}
	return names, s.Err()
}
