package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
)

// Options is how stores are opened. Its zero value suits every kind.
type Options struct {
	S3       S3Options
	Existing bool // to look into: a folder must be there, need not be writable, and opening it writes nothing
}

// Open opens a store and checks that it can be used: a folder is made where
// there is none and must be writable, a bucket must exist and answer to the
// credentials. An error is one line that says what to do; it wraps
// fs.ErrPermission, fs.ErrNotExist or fs.ErrInvalid where that is the reason.
//
//	s3://BUCKET/PREFIX    S3-compatible storage; see OpenS3
//	file:///FOLDER        a folder
//	FOLDER                the same, relative or absolute
//	mem:  mem:NAME        memory; a new and empty store at every Open
func Open(ctx context.Context, url string, o Options) (Store, error) {
	switch scheme, rest, ok := strings.Cut(url, ":"); {
	case url == "":
		return nil, failed("open", url, fmt.Errorf("%w: no URL; name a folder or s3://BUCKET/PREFIX", fs.ErrInvalid))
	case ok && scheme == "s3":
		return openS3Store(ctx, url, o.S3)
	case ok && scheme == "mem":
		return newMem(rest), nil
	case ok && scheme == "file":
		folder, err := fileFolder(url)
		if err != nil {
			return nil, failed("open", url, err)
		}
		return openFile(ctx, folder, o.Existing)
	case ok && strings.HasPrefix(rest, "//"):
		return nil, failed("open", Redact(url), fmt.Errorf("%w: unknown kind of store; use a folder, file:// or "+
			"s3://BUCKET/PREFIX", fs.ErrInvalid))
	default:
		return openFile(ctx, url, o.Existing)
	}
}

// fileFolder returns the folder a file: URL names.
func fileFolder(raw string) (string, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: not a URL; write file:///FOLDER", fs.ErrInvalid)
	case u.Host != "" && u.Host != "localhost":
		return "", fmt.Errorf("%w: names the host %q; write file:///FOLDER with three slashes", fs.ErrInvalid, u.Host)
	case u.Path == "":
		return "", fmt.Errorf("%w: no folder; write file:///FOLDER", fs.ErrInvalid)
	}
	return u.Path, nil
}

// Redact returns a URL as it may be shown: without a password, a user name or a query.
func Redact(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return raw
	}
	u.User, u.RawQuery = nil, ""
	return u.String()
}

// cause strips the operation and the path that the os package puts before an
// error's reason: the store's own message names the object already.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
