package dataset

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// limitedAllocator allocates memory up to a limit in bytes. Arrow's reader believes
// the lengths that a file states: with a limit a damaged length ends in a panic,
// which the table's guard recovers, and not in exhausted memory.
type limitedAllocator struct{ left int64 }

// newLimitedAllocator makes an allocator for reading a file. Its limit allows for
// compression: lz4 shrinks 255 to 1 at most.
func newLimitedAllocator(fileSize int64) *limitedAllocator {
	return &limitedAllocator{left: 64<<20 + 256*fileSize}
}

func (a *limitedAllocator) take(n int64) {
	if n < 0 || n > a.left {
		panic(fmt.Errorf("states %d bytes where at most %d can be", n, a.left))
	}
	a.left -= n
}

// Allocate implements memory.Allocator.
func (a *limitedAllocator) Allocate(size int) []byte {
	a.take(int64(size))
	return memory.DefaultAllocator.Allocate(size)
}

// Reallocate implements memory.Allocator.
func (a *limitedAllocator) Reallocate(size int, old []byte) []byte {
	a.take(int64(size) - int64(min(len(old), size)))
	return memory.DefaultAllocator.Reallocate(size, old)
}

// Free implements memory.Allocator.
func (a *limitedAllocator) Free(old []byte) {
	a.left += int64(len(old))
	memory.DefaultAllocator.Free(old)
}
