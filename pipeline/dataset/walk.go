package dataset

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/facesieve/facesieve/schemas"
)

// walk lists the folders of a tree in the order of their identities. It keeps
// the folders that are known and not yet listed in a heap: a folder below
// another comes after it bytewise, so the least known folder is the next one,
// and each folder is listed once.
type walk struct {
	tree           tree
	layout         layout
	parallel       int
	skipUnlistable bool
	skipped        *tally

	known   folderHeap      // not started
	started folderHeap      // being listed ahead, or listed
	entered map[string]bool // real places
	wait    sync.WaitGroup
}

// identities gives the images of one identity after another, ordered by path.
func (w *walk) identities(ctx context.Context) iter.Seq2[[]schemas.Image, error] {
	return func(yield func([]schemas.Image, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer w.wait.Wait()
		defer cancel()
		if err := w.start(ctx); err != nil {
			yield(nil, err)
			return
		}
		var images []schemas.Image
		for {
			f := w.next(ctx)
			if len(images) > 0 && (f == nil || f.identity != images[0].Identity) {
				slices.SortFunc(images, func(a, b schemas.Image) int { return strings.Compare(a.Path, b.Path) })
				if !yield(images, nil) {
					return
				}
				images = images[:0]
			}
			if f == nil {
				return
			}
			if err := w.take(f, &images); err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// start lists the folders that hold the identities' folders.
func (w *walk) start(ctx context.Context) error {
	w.entered = map[string]bool{}
	real := ""
	if d, ok := w.tree.(*disk); ok {
		var err error
		if real, err = d.real(); err != nil {
			return err
		}
	}
	w.entered[real] = true
	root, err := w.tree.list(ctx, "")
	if err != nil {
		return explainRoot(w.tree, err)
	}
	top := &folder{real: real, entries: root}
	if w.layout.atRoot() {
		w.takeBase(top)
		return nil
	}
	for _, e := range root {
		switch {
		case e.folder && e.odd == "" && slices.Contains(w.layout.bases, e.name):
			base := w.child(top, e)
			if base.entries, base.err = w.tree.list(ctx, base.path); base.err != nil {
				if err := w.unlistable(base); err != nil {
					return err
				}
			} else if w.enter(base) {
				w.takeBase(base)
			}
		case !e.folder || !w.layout.ships(e.name):
			w.skip(top, e, skipOutside)
		}
	}
	return nil
}

// takeBase takes the identities' folders of a base. The base's own images
// belong to nobody.
func (w *walk) takeBase(base *folder) {
	for _, e := range base.entries {
		if e.folder && e.odd == "" && !isHidden(e.name) && !isImageName(e.name) && !w.layout.ships(e.name) {
			heap.Push(&w.known, w.child(base, e))
			continue
		}
		w.skip(base, e, skipOutside)
	}
}

// child is a folder inside another.
func (w *walk) child(parent *folder, e entry) *folder {
	f := &folder{path: join(parent.path, e.name), real: e.real, identity: e.name}
	if w.layout.deep {
		f.identity = f.path
	}
	if f.real == "" {
		f.real = strings.TrimSuffix(parent.real, "/") + "/" + e.name
	}
	return f
}

// next is the least folder, with its listing under way for it and for those
// behind it.
func (w *walk) next(ctx context.Context) *folder {
	for len(w.known) > 0 && (len(w.started) < w.parallel || w.known[0].compare(w.started[0]) < 0) {
		f := heap.Pop(&w.known).(*folder)
		f.done = make(chan struct{})
		heap.Push(&w.started, f)
		w.wait.Add(1)
		go func() {
			defer w.wait.Done()
			defer close(f.done)
			f.entries, f.err = w.tree.list(ctx, f.path)
		}()
	}
	if len(w.started) == 0 {
		return nil
	}
	return heap.Pop(&w.started).(*folder)
}

// enter says whether a folder's real place is met for the first time.
func (w *walk) enter(f *folder) bool {
	if w.entered[f.real] {
		w.skipped.add(skipEntered, f.path)
		return false
	}
	w.entered[f.real] = true
	return true
}

// take adds a listed folder's images and learns the folders inside it.
func (w *walk) take(f *folder, images *[]schemas.Image) error {
	<-f.done
	if !w.enter(f) {
		return nil
	}
	if f.err != nil {
		return w.unlistable(f)
	}
	for _, e := range f.entries {
		switch {
		case e.odd != "" || isHidden(e.name) || e.folder && isImageName(e.name):
			w.skip(f, e, "")
		case e.folder && w.layout.deep:
			heap.Push(&w.known, w.child(f, e))
		case e.folder:
			w.skipped.add(skipNested, join(f.path, e.name))
		case isImageName(e.name):
			p := join(f.path, e.name)
			*images = append(*images, schemas.Image{Path: p, Identity: f.identity, Object: p,
				Length: -1, Size: e.size, Tag: e.tag})
		default:
			w.skipped.addFile(join(f.path, e.name))
		}
	}
	return nil
}

// unlistable decides about a folder that could not be listed.
func (w *walk) unlistable(f *folder) error {
	if errors.Is(f.err, context.Canceled) || errors.Is(f.err, context.DeadlineExceeded) {
		return f.err
	}
	if w.skipUnlistable {
		w.skipped.add(skipUnlistable, f.path)
		return nil
	}
	why := f.err
	if errors.Is(f.err, fs.ErrPermission) {
		why = fmt.Errorf("permission denied: %w", fs.ErrPermission)
	}
	return fmt.Errorf("can't list folder %q of %s: %w; make it readable, or pass over such folders with --skip-unlistable",
		f.path, w.tree, why)
}

// skip counts an entry that belongs to no identity; folders for the given reason.
func (w *walk) skip(f *folder, e entry, folders string) {
	p := join(f.path, e.name)
	switch {
	case e.odd != "":
		w.skipped.add(e.odd, p)
	case isHidden(e.name):
		w.skipped.add(skipHidden, p)
	case e.folder && isImageName(e.name):
		w.skipped.add(skipImageDir, p)
	case w.layout.ships(e.name):
	case e.folder:
		w.skipped.add(folders, p)
	case isImageName(e.name):
		w.skipped.add(skipLoose, p)
	default:
		w.skipped.addFile(p)
	}
}

func isHidden(name string) bool { return strings.HasPrefix(name, ".") }
