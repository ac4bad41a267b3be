package dataset

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// budget is an allocator with a limit in bytes. Arrow's reader believes the
// lengths a file states; with it a damaged length ends in a panic that the
// table's guard recovers, instead of in exhausted memory.
type budget struct{ left int64 }

// newBudget allows for compressed files: lz4 shrinks 255 to 1 at most.
func newBudget(fileSize int64) *budget { return &budget{left: 64<<20 + 256*fileSize} }

func (b *budget) take(n int64) {
	if n < 0 || n > b.left {
		panic(fmt.Errorf("states %d bytes where at most %d can be", n, b.left))
	}
	b.left -= n
}

// Allocate is memory.Allocator's.
func (b *budget) Allocate(size int) []byte {
	b.take(int64(size))
	return memory.DefaultAllocator.Allocate(size)
}

// Reallocate is memory.Allocator's.
func (b *budget) Reallocate(size int, old []byte) []byte {
	b.take(int64(size) - int64(min(len(old), size)))
	return memory.DefaultAllocator.Reallocate(size, old)
}

// Free is memory.Allocator's.
func (b *budget) Free(old []byte) {
	b.left += int64(len(old))
	memory.DefaultAllocator.Free(old)
}
