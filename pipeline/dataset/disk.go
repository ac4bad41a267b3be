package dataset

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
		return nil, explainRoot(d, err)
	case !info.IsDir():
		return nil, fmt.Errorf("%s is a file: give the folder that holds the identities' folders, or a table with --manifest", abs)
	}
	return d, nil
}

func (d *disk) String() string { return d.root }

func (d *disk) parallel() int { return 4 }

func (d *disk) full(name string) string {
	if name == "" {
		return d.root
	}
	return d.root + "/" + name
}

func (d *disk) open(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(d.full(name))
}

func (d *disk) list(ctx context.Context, dir string) ([]entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := os.Open(d.full(dir))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	found, err := f.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	out := make([]entry, 0, len(found))
	for _, e := range found {
		out = append(out, d.entry(dir, e))
	}
	return out, nil
}

// entry looks at one name of a folder. Files that linking or racing deletion
// leaves without a state are entries of unknown size.
func (d *disk) entry(dir string, e fs.DirEntry) entry {
	out := entry{name: e.Name(), size: -1}
	if e.IsDir() {
		out.folder = true
		return out
	}
	var info fs.FileInfo
	var err error
	if e.Type()&fs.ModeSymlink != 0 {
		info, err = os.Stat(d.full(join(dir, e.Name())))
	} else {
		info, err = e.Info()
	}
	switch {
	case err != nil:
		return out
	case info.IsDir():
		out.folder = true
		out.real, err = filepath.EvalSymlinks(d.full(join(dir, e.Name())))
		if err != nil {
			out.odd = skipIrregular
		}
	case !info.Mode().IsRegular():
		out.odd = skipIrregular
	default:
		out.size, out.tag = info.Size(), mtimeTag(info)
	}
	return out
}

// mtimeTag is a local file's tag: its time of modification in ns since 1970.
func mtimeTag(info fs.FileInfo) string {
	return strconv.FormatInt(info.ModTime().UnixNano(), 10)
}

// real is the place of the root without links.
func (d *disk) real() (string, error) {
	r, err := filepath.EvalSymlinks(d.root)
	if errors.Is(err, fs.ErrNotExist) {
		return "", explainRoot(d, err)
	}
	return r, err
}
