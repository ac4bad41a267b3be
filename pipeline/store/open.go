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
// credentials. What goes wrong is one line;
// fs.ErrPermission, fs.ErrNotExist, fs.ErrInvalid and an EndpointError tell the kinds
// apart, and a method Hint() string tells the next step where the store knows it.
//
//	s3://BUCKET/PREFIX    S3-compatible storage; see OpenS3
//	file:///FOLDER        a folder
//	FOLDER                the same, relative or absolute
//	mem:  mem:NAME        memory; a new and empty store at every Open
func Open(ctx context.Context, url string, o Options) (Store, error) {
	switch scheme, rest, ok := strings.Cut(url, ":"); {
	case url == "":
		return nil, failed("open", url, withHint(fmt.Errorf("%w: no URL", fs.ErrInvalid),
			"name a folder or s3://BUCKET/PREFIX"))
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
		return nil, failed("open", Redact(url), withHint(fmt.Errorf("%w: unknown kind of store", fs.ErrInvalid),
			"use a folder, file:// or s3://BUCKET/PREFIX"))
	default:
		return openFile(ctx, url, o.Existing)
	}
}

// fileFolder returns the folder a file: URL names.
func fileFolder(raw string) (string, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return "", withHint(fmt.Errorf("%w: not a URL", fs.ErrInvalid), "write file:///FOLDER")
	case u.Host != "" && u.Host != "localhost":
		return "", withHint(fmt.Errorf("%w: names the host %q", fs.ErrInvalid, u.Host),
			"write file:///FOLDER with three slashes")
	case u.Path == "":
		return "", withHint(fmt.Errorf("%w: no folder", fs.ErrInvalid), "write file:///FOLDER")
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
