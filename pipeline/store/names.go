package store

import (
	"fmt"
	"io/fs"
	"strings"
	"unicode"

	"github.com/facesieve/facesieve/internal/origin"
)

const (
	// maxName is the longest name S3 takes, in bytes.
	maxName = 1024
	// maxElement is the longest file name most file systems take, in bytes.
	maxElement = 255
	// tempFolder holds half-written files of a file store; no object may live
	// there, in any store, so that stores can be copied into one another.
	tempFolder = ".tmp"
)

// checkName says why name can't be an object's, or nil. Bad names are
// fs.ErrInvalid.
func checkName(name string) error {
	if len(name) > maxName {
		return fmt.Errorf("%w: longer than %d bytes", errBadName, maxName)
	}
	if !fs.ValidPath(name) || name == "." {
		return fmt.Errorf("%w: not a clean relative path", errBadName)
	}
	for i := range len(name) {
		if c := name[i]; c < ' ' || c > '~' || c == '\\' {
			return fmt.Errorf("%w: byte %#02x", errBadName, c)
		}
	}
	first, _, _ := strings.Cut(name, "/")
	if first == tempFolder {
		return fmt.Errorf("%w: %s is reserved", errBadName, tempFolder)
	}
	for element := range strings.SplitSeq(name, "/") {
		if len(element) > maxElement {
			return fmt.Errorf("%w: an element longer than %d bytes", errBadName, maxElement)
		}
	}
	return nil
}

// errBadName is what checkName wraps: bad names are the caller's mistake.
var errBadName = fmt.Errorf("bad name (%w)", fs.ErrInvalid)

// checkPrefix does for List what checkName does for the others: the part after the
// last '/' may be anything, the folder before it must be a name, and both may be
// empty.
func checkPrefix(prefix string) error {
	if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
		return checkName(prefix[:i])
	}
	return nil
}

// failed wraps err once, at the package's boundary.
func failed(verb, name string, err error) error {
	if err == nil {
		return nil
	}
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		name = fmt.Sprintf("%q", name) // a message stays one line
	}
	return origin.Errorf("store", "%s %s: %w", verb, name, err)
}
