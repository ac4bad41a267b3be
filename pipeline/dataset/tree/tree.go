// Package tree reads the files below a root, which stands on a local disk or
// below a prefix of an S3 bucket.
package tree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// Tree is the folders and files below a root. Names are relative to the root,
// '/'-separated raw bytes; "" is the root.
type Tree interface {
	// List returns what stands in a folder, in any order. Missing:
	// fs.ErrNotExist; not allowed: fs.ErrPermission.
	List(ctx context.Context, folder string) ([]Entry, error)

	// Open reads a file from its start. Missing: fs.ErrNotExist.
	Open(ctx context.Context, name string) (io.ReadCloser, error)

	// Read returns an image's bytes, the part of its object that its row names.
	// What is wrong with the image alone is a schemas.Fault.
	Read(ctx context.Context, im schemas.Image) ([]byte, error)

	// Parallel returns how many folders are best listed at a time.
	Parallel() int

	// String returns the root's URL without credentials.
	String() string
}

// Entry is one name in a folder.
type Entry struct {
	Name   string // last element
	Folder bool
	Real   string // of a folder reached through a link: its path without links, absolute
	Size   int64  // of a file; -1: unknown
	Tag    string // of a file: S3 ETag, local time of modification in ns; "": unknown
	Odd    string // why it is neither a file nor a folder that can be named; "": it is one
}

// The reasons of Entry.Odd.
const (
	Irregular = "neither a file nor a folder"
	OddKey    = "key that is no path"
)

// ErrNothing means that there is nothing at a tree's root, ErrFile that a file is.
var (
	ErrNothing = errors.New("nothing at")
	ErrFile    = errors.New("is a file")
)

// Open opens the tree at a URL and checks that its root is there. Errors
// about a local root wrap ErrNothing or ErrFile.
func Open(ctx context.Context, url string, s3 store.S3Options) (Tree, error) {
	if url == "" {
		return nil, errors.New("no data given: name a folder or an s3:// URL")
	}
	if strings.HasPrefix(url, "s3://") {
		return openBucket(ctx, url, s3)
	}
	root, err := LocalPath(url)
	if err != nil {
		return nil, err
	}
	return openDisk(root)
}

// OpenUnchecked opens the tree at a URL without a look at whether a local root
// is there.
func OpenUnchecked(ctx context.Context, url string, s3 store.S3Options) (Tree, error) {
	if strings.HasPrefix(url, "s3://") {
		return openBucket(ctx, url, s3)
	}
	root, err := LocalPath(url)
	if err != nil {
		return nil, err
	}
	if root == "" {
		return nil, errors.New("no data given: name a folder or an s3:// URL")
	}
	return &disk{root: root}, nil
}

// LocalPath returns the path that a plain path or a file:// URL names.
func LocalPath(url string) (string, error) {
	if rest, ok := strings.CutPrefix(url, "file://"); ok {
		if !strings.HasPrefix(rest, "/") {
			return "", fmt.Errorf("%s: a file:// URL needs an absolute path, as file:///data/faces", url)
		}
		return rest, nil
	}
	if scheme, _, ok := strings.Cut(url, "://"); ok && !strings.ContainsAny(scheme, "/.") {
		return "", fmt.Errorf("%s: scheme %q is not read; give a folder, file:// or s3://", url, scheme)
	}
	return url, nil
}

// Join puts a name below a folder of a tree.
func Join(folder, name string) string {
	if folder == "" {
		return name
	}
	return folder + "/" + name
}

// IsImage reports whether a name is an image's by its extension.
func IsImage(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif":
		return true
	}
	return false
}

// IsHidden reports whether a name begins with a dot.
func IsHidden(name string) bool { return strings.HasPrefix(name, ".") }
