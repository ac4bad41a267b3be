package layout

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/facesieve/facesieve/pipeline/dataset/tree"
)

// readNames reads the list of persons that stands at the root or in a base:
// identity -> name. A missing list is no error: copies of the sets often lack it.
func readNames(ctx context.Context, t tree.Tree, bases []string, file string,
	parse func(io.Reader) (map[string]string, error)) (map[string]string, error) {
	names := []string{file}
	for _, b := range bases {
		names = append(names, tree.Join(b, file))
	}
	for _, name := range names {
		r, err := t.Open(ctx, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s of %s: %w", name, t, err)
		}
		persons, err := parse(r)
		if cerr := r.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return nil, fmt.Errorf("read %s of %s: %w", name, t, err)
		}
		return persons, nil
	}
	return nil, nil
}

// nobody returns no name: it is Collection.Person of a collection without names.
func nobody(string) string { return "" }

// maxLine bounds a line of a text list, bytes.
const maxLine = 1 << 20

// Lines returns a scanner of a text list's lines, each without its end and of at
// most 1 MiB.
func Lines(r io.Reader) *bufio.Scanner {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), maxLine)
	return s
}
