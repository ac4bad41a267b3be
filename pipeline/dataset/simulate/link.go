package simulate

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// Origin says where a set's images come from: absolute paths of folders, Data perhaps a
// prefix of a bucket.
type Origin struct {
	Data          string `json:"data"`
	Strangers     string `json:"strangers,omitempty"`      // of Source.Strangers
	Reference     string `json:"reference,omitempty"`      // of Source.Reference
	ReferenceName string `json:"reference_name,omitempty"` // as a run is to know it
}

// Linked reports whether a set is made of links: to objects of a bucket there are none.
func (f Origin) Linked() bool { return !strings.HasPrefix(f.Data, "s3://") }

// of returns where an entry's image stands.
func (f Origin) of(e Entry) string {
	switch {
	case e.Stranger:
		return f.Strangers
	case e.Referent:
		return f.Reference
	}
	return f.Data
}

// link makes a link for each image of the set, and for each that the reference is left
// with.
func (r *Result) link(ctx context.Context, dir string, from Origin) error {
	l := linker{}
	faces := filepath.Join(dir, FacesFolder)
	for _, e := range r.Entries {
		if !from.Linked() {
			break
		}
		if err := l.enter(ctx, from.of(e), e, filepath.Join(faces, filepath.FromSlash(e.Path))); err != nil {
			return err
		}
	}
	reference := filepath.Join(dir, ReferenceFolder, from.ReferenceName)
	for _, im := range r.Reference {
		if err := l.link(ctx, from.Reference, im.Path, filepath.Join(reference, filepath.FromSlash(im.Path))); err != nil {
			return err
		}
	}
	return nil
}

// linker makes links, and the folders that they stand in.
type linker struct{ folder string } // the last one, which is there

// enter makes a link to an entry's image or, of one that is changed, its file.
func (l *linker) enter(ctx context.Context, root string, e Entry, name string) error {
	if e.Change == Unchanged {
		return l.link(ctx, root, e.Image.Path, name)
	}
	if err := l.prepare(ctx, name); err != nil {
		return err
	}
	return e.Change.write(filepath.Join(root, filepath.FromSlash(e.Image.Path)), name)
}

func (l *linker) link(ctx context.Context, root, path, name string) error {
	if err := l.prepare(ctx, name); err != nil {
		return err
	}
	return os.Symlink(filepath.Join(root, filepath.FromSlash(path)), name)
}

// prepare makes the folder of a file.
func (l *linker) prepare(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d := filepath.Dir(name); d != l.folder {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
		l.folder = d
	}
	return nil
}
