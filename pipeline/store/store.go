// Package store keeps named immutable objects: on a disk (file://, plain
// paths), in S3-compatible storage (s3://), in memory (mem:).
package store

import (
	"context"
	"io"
	"iter"
	"time"
)

// Store holds named objects. Names are '/'-separated, relative, clean, printable
// ASCII without '\\', up to 255 bytes an element and 1024 in all, and not below
// ".tmp"; others are fs.ErrInvalid. An object's name is never a folder of
// another's: this is for the caller to see to.
//
// Every method may be called concurrently, honours its context, and wraps its
// errors once as "store: VERB NAME: ...". Transient faults (5xx, SlowDown,
// time-outs) are tried again with back-off inside; what comes out is final.
type Store interface {
	// Get opens the whole object. Missing: fs.ErrNotExist.
	Get(ctx context.Context, name string) (io.ReadCloser, error)

	// GetRange opens n bytes from offset off; fewer where the object ends. n < 0:
	// to the end. Missing: fs.ErrNotExist. A reader's context is its call's.
	GetRange(ctx context.Context, name string, off, n int64) (io.ReadCloser, error)

	// Stat tells an object's size and age. Missing: fs.ErrNotExist.
	Stat(ctx context.Context, name string) (Info, error)

	// Put creates an object from the first size bytes of r, wherever it stands; a
	// shorter r is io.ErrUnexpectedEOF. It is atomic: a reader sees the whole
	// object or none, whatever dies, and what Put returned nil for is there after
	// a power cut. An existing name is fs.ErrExist and the object is left as it
	// was: of two racing writers exactly one wins, of equal bytes too. A Put that
	// a lost answer made try again knows its own object, and returns nil. After
	// any other error the object may be there: whole, or not at all.
	Put(ctx context.Context, name string, r io.ReadSeeker, size int64) error

	// Replace writes an object whether or not it exists, atomically. Only
	// source.json and timing.json change, and only they need it.
	Replace(ctx context.Context, name string, data []byte) error

	// List yields every object whose name begins with prefix, in bytewise order of
	// names. What Put or Replace returned nil for before List began is in it. An
	// error is the last that it gives.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]

	// Delete removes an object; a missing one is no error.
	Delete(ctx context.Context, name string) error

	// String returns the store's URL, without credentials.
	String() string
}

// Info is what List and Stat say of an object.
type Info struct {
	Name     string
	Size     int64
	Modified time.Time
}
