package dataset

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/facesieve/facesieve/pipeline/store"
)

// tree is folders and files below a root, on a disk or in a bucket. Names are
// relative to the root, '/'-separated raw bytes; "" is the root.
type tree interface {
	// list gives what stands in a folder, in any order. Missing: fs.ErrNotExist;
	// not allowed: fs.ErrPermission.
	list(ctx context.Context, dir string) ([]entry, error)

	// open reads a file from its start. Missing: fs.ErrNotExist.
	open(ctx context.Context, name string) (io.ReadCloser, error)

	// parallel is how many folders are best listed at a time.
	parallel() int

	// String is the root's URL without credentials.
	String() string
}

// entry is one name in a folder.
type entry struct {
	name   string // last element
	folder bool
	real   string // of a folder reached through a link: its real place, absolute
	size   int64  // of a file; -1: unknown
	tag    string // of a file: S3 ETag, local mtime in ns; "": unknown
	odd    string // reason to skip it whatever its name; "": none
}

// openTree opens the tree at a URL.
func openTree(ctx context.Context, url string, s3 store.S3Options) (tree, error) {
	if url == "" {
		return nil, fmt.Errorf("no data given: name a folder or an s3:// URL with --data")
	}
	if strings.HasPrefix(url, "s3://") {
		return openBucket(ctx, url, s3)
	}
	root, err := localPath(url)
	if err != nil {
		return nil, err
	}
	return openDisk(root)
}

// localPath is the path that a plain path or a file:// URL names.
func localPath(url string) (string, error) {
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

// join puts a name below a folder of a tree.
func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}
