package schemas

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// limited is an allocator with a budget in bytes. Arrow's reader believes the
// lengths a file states; with it a lie ends in a panic that the reader of the
// table recovers, instead of in exhausted memory.
type limited struct{ left int64 }

func (l *limited) take(n int64) {
	if n < 0 || n > l.left {
		panic(fmt.Errorf("states %d bytes where at most %d can be", n, l.left))
	}
	l.left -= n
}

// Allocate implements memory.Allocator.
func (l *limited) Allocate(size int) []byte {
	l.take(int64(size))
	return memory.DefaultAllocator.Allocate(size)
}

// Reallocate implements memory.Allocator.
func (l *limited) Reallocate(size int, b []byte) []byte {
	l.take(int64(size) - int64(min(len(b), size)))
	return memory.DefaultAllocator.Reallocate(size, b)
}

// Free implements memory.Allocator. What a released batch held may be taken again.
func (l *limited) Free(b []byte) {
	l.left += int64(len(b))
	memory.DefaultAllocator.Free(b)
}

var errFooter = errors.New("the file's footer contradicts itself")

// Limits of a schema: no table comes near them.
const (
	maxFields = 256
	maxDepth  = 4
	maxKeys   = 64
)

// checkFooter walks the schema in an Arrow file's footer and refuses one whose
// stated counts exceed the file or the limits: Arrow's reader allocates by them
// before it looks, and recurses without a bound.
func checkFooter(data []byte) error {
	const magic = "ARROW1"
	n := len(data)
	if n < 2*len(magic)+6 || string(data[:len(magic)]) != magic || string(data[n-len(magic):]) != magic {
		return errors.New("no Arrow file, or one that ends early")
	}
	size := int64(binary.LittleEndian.Uint32(data[n-len(magic)-4:]))
	end := int64(n - len(magic) - 4)
	if size < 8 || size > end-8 {
		return errFooter
	}
	w := walk{b: data[end-size : end]}
	root, ok := w.ref(0)
	if !ok {
		return errFooter
	}
	if !w.vector(root, 2, 24, n) || !w.vector(root, 3, 24, n) {
		return errFooter
	}
	pos, ok := w.slot(root, 1)
	if !ok {
		return errFooter
	}
	schema, ok := w.ref(pos)
	if !ok || !w.fields(schema, 1, 0) || !w.vector(schema, 2, 4, maxKeys) {
		return errFooter
	}
	return nil
}

// walk follows a flatbuffer (https://flatbuffers.dev/internals) with every bound
// checked. Slots are numbered as in Arrow's Schema.fbs and File.fbs.
type walk struct {
	b    []byte
	seen int
}

func (w *walk) u32(pos int) (int, bool) {
	if pos < 0 || pos > len(w.b)-4 {
		return 0, false
	}
	v := binary.LittleEndian.Uint32(w.b[pos:])
	return int(v), v < 1<<31
}

// ref follows the offset at pos.
func (w *walk) ref(pos int) (int, bool) {
	v, ok := w.u32(pos)
	if !ok || pos+v > len(w.b)-4 {
		return 0, false
	}
	return pos + v, true
}

// slot returns the position of a table's field; 0: it has none.
func (w *walk) slot(table, slot int) (int, bool) {
	if table < 0 || table > len(w.b)-4 {
		return 0, false
	}
	vt := table - int(int32(binary.LittleEndian.Uint32(w.b[table:])))
	if vt < 0 || vt > len(w.b)-4 {
		return 0, false
	}
	size := int(binary.LittleEndian.Uint16(w.b[vt:]))
	at := 4 + 2*slot
	if at+2 > size {
		return 0, true
	}
	if vt+at+2 > len(w.b) {
		return 0, false
	}
	off := int(binary.LittleEndian.Uint16(w.b[vt+at:]))
	if off == 0 {
		return 0, true
	}
	if table+off > len(w.b)-4 {
		return 0, false
	}
	return table + off, true
}

// list returns the first element and the length of a table's vector; absent: 0, 0.
func (w *walk) list(table, slot, width int) (first, n int, ok bool) {
	pos, ok := w.slot(table, slot)
	if !ok || pos == 0 {
		return 0, 0, ok
	}
	v, ok := w.ref(pos)
	if !ok {
		return 0, 0, false
	}
	n, ok = w.u32(v)
	if !ok || n > (len(w.b)-v-4)/width {
		return 0, 0, false
	}
	return v + 4, n, true
}

func (w *walk) vector(table, slot, width, most int) bool {
	_, n, ok := w.list(table, slot, width)
	return ok && n <= most
}

// fields walks the fields of a schema (slot 1) or the children of a field (slot 5).
func (w *walk) fields(table, slot, depth int) bool {
	first, n, ok := w.list(table, slot, 4)
	if !ok || depth > maxDepth && n > 0 {
		return false
	}
	for i := range n {
		field, ok := w.ref(first + 4*i)
		if w.seen++; !ok || w.seen > maxFields {
			return false
		}
		if !w.vector(field, 6, 4, maxKeys) || !w.fields(field, 5, depth+1) {
			return false
		}
	}
	return true
}
