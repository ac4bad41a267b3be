package layout

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

	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/schemas"
)

// walk lists the folders of a tree in the order of their identities. It keeps
// the folders that are known and not yet listed in a heap: a folder below
// another comes after it bytewise, so the least known folder is the next one,
// and each folder is listed once.
type walk struct {
	folders *folders
	options Options

	known   folderHeap      // not started
	started folderHeap      // being listed ahead, or listed
	entered map[string]bool // paths without links
	wait    sync.WaitGroup
}

// identities returns the images of one identity after another, ordered by path.
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
				slices.SortFunc(images, CompareRows)
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
	real, err := tree.RealRoot(w.folders.tree)
	if err != nil {
		return err
	}
	w.entered[real] = true
	root, err := w.folders.tree.List(ctx, "")
	if err != nil {
		return tree.ExplainRoot(w.folders.tree, err)
	}
	top := &identityFolder{real: real, entries: root}
	if w.folders.atRoot() {
		w.takeBase(top)
		return nil
	}
	for _, e := range root {
		switch {
		case e.Folder && e.Odd == "" && slices.Contains(w.folders.bases, e.Name):
			base := w.child(top, e)
			if base.entries, base.err = w.folders.tree.List(ctx, base.path); base.err != nil {
				if err := w.unlistable(base); err != nil {
					return err
				}
			} else if w.enter(base) {
				w.takeBase(base)
			}
		case !e.Folder || !w.folders.isList(e.Name):
			w.pass(top, e, OutsideFolder)
		}
	}
	return nil
}

// takeBase takes the identities' folders of a base. The base's own images
// belong to nobody.
func (w *walk) takeBase(base *identityFolder) {
	for _, e := range base.entries {
		if e.Folder && e.Odd == "" && !tree.IsHidden(e.Name) && !tree.IsImage(e.Name) && !w.folders.isList(e.Name) {
			heap.Push(&w.known, w.child(base, e))
			continue
		}
		w.pass(base, e, OutsideFolder)
	}
}

// child returns a folder inside another.
func (w *walk) child(parent *identityFolder, e tree.Entry) *identityFolder {
	f := &identityFolder{path: tree.Join(parent.path, e.Name), real: e.Real, identity: e.Name}
	if w.folders.nested {
		f.identity = f.path
	}
	if f.real == "" {
		f.real = strings.TrimSuffix(parent.real, "/") + "/" + e.Name
	}
	return f
}

// next returns the least folder, with its listing under way for it and for those
// behind it.
func (w *walk) next(ctx context.Context) *identityFolder {
	for len(w.known) > 0 && (len(w.started) < w.options.Parallel || w.known[0].compare(w.started[0]) < 0) {
		f := heap.Pop(&w.known).(*identityFolder)
		f.done = make(chan struct{})
		heap.Push(&w.started, f)
		w.wait.Add(1)
		go func() {
			defer w.wait.Done()
			defer close(f.done)
			f.entries, f.err = w.folders.tree.List(ctx, f.path)
		}()
	}
	if len(w.started) == 0 {
		return nil
	}
	return heap.Pop(&w.started).(*identityFolder)
}

// enter reports whether a folder's path without links is met for the first time.
func (w *walk) enter(f *identityFolder) bool {
	if w.entered[f.real] {
		w.options.Skipped.Add(FolderEntered, f.path)
		return false
	}
	w.entered[f.real] = true
	return true
}

// take adds a listed folder's images and learns the folders inside it.
func (w *walk) take(f *identityFolder, images *[]schemas.Image) error {
	<-f.done
	if !w.enter(f) {
		return nil
	}
	if f.err != nil {
		return w.unlistable(f)
	}
	for _, e := range f.entries {
		switch {
		case e.Odd != "" || tree.IsHidden(e.Name) || e.Folder && tree.IsImage(e.Name):
			w.pass(f, e, "")
		case e.Folder && w.folders.nested:
			heap.Push(&w.known, w.child(f, e))
		case e.Folder:
			w.options.Skipped.Add(NestedFolder, tree.Join(f.path, e.Name))
		case tree.IsImage(e.Name):
			*images = append(*images, image(f.identity, tree.Join(f.path, e.Name), e))
		default:
			w.options.Skipped.AddFile(tree.Join(f.path, e.Name))
		}
	}
	return nil
}

// ErrUnlistable means that a folder of the set can't be listed; Options.SkipUnlistable
// passes over it.
var ErrUnlistable = errors.New("can't list folder")

// unlistable decides about a folder that could not be listed.
func (w *walk) unlistable(f *identityFolder) error {
	if errors.Is(f.err, context.Canceled) || errors.Is(f.err, context.DeadlineExceeded) {
		return f.err
	}
	if w.options.SkipUnlistable {
		w.options.Skipped.Add(Unlistable, f.path)
		return nil
	}
	why := f.err
	if errors.Is(f.err, fs.ErrPermission) {
		why = fmt.Errorf("permission denied: %w", fs.ErrPermission)
	}
	return fmt.Errorf("%w %q of %s: %w", ErrUnlistable, f.path, w.folders.tree, why)
}

// pass counts an entry that belongs to no identity; folders for the given reason.
func (w *walk) pass(f *identityFolder, e tree.Entry, folders string) {
	if e.Odd == "" && w.folders.isList(e.Name) {
		return
	}
	w.options.Skipped.AddEntry(tree.Join(f.path, e.Name), e, folders)
}
