package tree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// disk is a tree below a local folder.
type disk struct{ root string }

// openDisk checks that root is a folder.
func openDisk(root string) (*disk, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	d := &disk{root: abs}
	info, err := os.Stat(abs)
	switch {
	case err != nil:
		return nil, ExplainRoot(d, err)
	case !info.IsDir():
		return nil, fmt.Errorf("%s %w", abs, ErrFile)
	}
	return d, nil
}

// String implements Tree.
func (d *disk) String() string { return d.root }

// Parallel implements Tree.
func (d *disk) Parallel() int { return 4 }

func (d *disk) full(name string) string {
	if name == "" {
		return d.root
	}
	return d.root + "/" + name
}

// Open implements Tree.
func (d *disk) Open(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(d.full(name))
}

// List implements Tree.
func (d *disk) List(ctx context.Context, folder string) ([]Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := os.Open(d.full(folder))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	found, err := f.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, 0, len(found))
	for _, e := range found {
		out = append(out, d.entry(folder, e))
	}
	return out, nil
}

// entry looks at one name of a folder. Files that linking or racing deletion
// leaves without a state are entries of unknown size.
func (d *disk) entry(folder string, e fs.DirEntry) Entry {
	out := Entry{Name: e.Name(), Size: -1}
	if e.IsDir() {
		out.Folder = true
		return out
	}
	var info fs.FileInfo
	var err error
	if e.Type()&fs.ModeSymlink != 0 {
		info, err = os.Stat(d.full(Join(folder, e.Name())))
	} else {
		info, err = e.Info()
	}
	switch {
	case err != nil:
		return out
	case info.IsDir():
		out.Folder = true
		out.Real, err = filepath.EvalSymlinks(d.full(Join(folder, e.Name())))
		if err != nil {
			out.Odd = Irregular
		}
	case !info.Mode().IsRegular():
		out.Odd = Irregular
	default:
		out.Size, out.Tag = info.Size(), mtimeTag(info)
	}
	return out
}

// mtimeTag returns a local file's tag: its time of modification in ns since 1970.
func mtimeTag(info fs.FileInfo) string {
	return strconv.FormatInt(info.ModTime().UnixNano(), 10)
}

// RealRoot returns the path of a tree's root without links; "" for a tree that
// has none.
func RealRoot(t Tree) (string, error) {
	d, ok := t.(*disk)
	if !ok {
		return "", nil
	}
	r, err := filepath.EvalSymlinks(d.root)
	if errors.Is(err, fs.ErrNotExist) {
		return "", ExplainRoot(d, err)
	}
	return r, err
}

// ExplainRoot says what to do about a root that can't be listed.
func ExplainRoot(t Tree, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w %s: %w", ErrNothing, t, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("no permission to list %s: give this user the right to read it: %w", t, err)
	default:
		return fmt.Errorf("list %s: %w", t, err)
	}
}
