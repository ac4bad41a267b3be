package photo

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// The fast JPEG decoder makes up what a scan lacks, so a scan is first walked
// symbol by symbol, which is a small part of a decode and exact: every block
// of every unit is there, or the file is unreadable.

// lookBits is the length of the codes found by one look into a table; longer
// ones are rare and searched.
const lookBits = 10

// advance is what a symbol does to a walk: in its low bits how far it goes on,
// code and value bits together; then whether it is a run of 16 zeros; from
// advanceBits on how many coefficients it covers. 0: the symbol makes no sense.
type advance uint16

const (
	advanceUsed  = 31
	advanceZeros = 32
	advanceBits  = 8
	blockEnd     = 128 // coefficients that the symbol "end of block" covers: enough
)

// newAdvance gives the advance of a symbol with a code of so many bits, 0 where the
// symbol makes no sense in its table.
func newAdvance(symbol byte, length int, ac bool) advance {
	used := advance(length) + advance(symbol&15)
	switch {
	case !ac && symbol > 15:
		return 0
	case !ac:
		return used | 1<<advanceBits
	case symbol == 0:
		return used | blockEnd<<advanceBits
	case symbol == 0xf0:
		return used | advanceZeros | 16<<advanceBits
	case symbol&15 == 0:
		return 0
	}
	return used | advance(symbol>>4+1)<<advanceBits
}

// huffTable decodes one Huffman table's symbols together with the value bits
// that follow each.
type huffTable struct {
	look    [1 << lookBits]advance // by the next bits
	maxCode [17]int32              // greatest code of a length, -1 without one
	offset  [17]int32              // index of a length's first symbol minus its first code
	spec    []byte                 // what the table was built of
	ac      bool
}

// build fills the table from 16 counts and the symbols (ITU-T T.81, annex C).
// Most files have the same tables: one that is there already stays.
func (t *huffTable) build(spec []byte, ac bool) bool {
	if len(spec) < 17 {
		return false
	}
	if t.ac == ac && bytes.Equal(t.spec, spec) {
		return true
	}
	t.spec, t.ac = t.spec[:0], ac
	clear(t.look[:])
	symbols := spec[16:]
	code, k := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		n := int32(spec[length-1])
		t.offset[length], t.maxCode[length] = k-code, -1
		if code+n > 1<<length {
			return false
		}
		for ; n > 0; n-- {
			if length <= lookBits {
				s := newAdvance(symbols[k], length, ac)
				from := code << (lookBits - length)
				for i := range int32(1) << (lookBits - length) {
					t.look[from+i] = s
				}
			}
			t.maxCode[length] = code
			code++
			k++
		}
		code <<= 1
	}
	t.spec = append(t.spec, spec...)
	return true
}

// search finds the advance of a code that is too long for a look; 0 without one.
func (t *huffTable) search(acc uint64) advance {
	for length := lookBits + 1; length <= 16; length++ {
		if code := int32(acc >> (64 - length)); code <= t.maxCode[length] {
			return newAdvance(t.spec[16+code+t.offset[length]], length, t.ac)
		}
	}
	return 0
}

// walker holds what a walk needs between files.
type walker struct {
	tables [8]huffTable
	bits   []byte
}

// walkPad is more than one block can read behind the end: 64 symbols of at
// most 31 bits, and a word.
const walkPad = 64*31/8 + 16

// unstuff copies an entropy-coded segment up to its first marker without the
// zeros behind 0xff, and zeros behind it. It returns the segment's length.
func (w *walker) unstuff(data []byte) int {
	w.bits = w.bits[:0]
	for {
		i := bytes.IndexByte(data, 0xff)
		if i < 0 {
			w.bits = append(w.bits, data...)
			break
		}
		if i+1 >= len(data) || data[i+1] != 0 {
			w.bits = append(w.bits, data[:i]...)
			break
		}
		w.bits = append(w.bits, data[:i+1]...)
		data = data[i+2:]
	}
	n := len(w.bits)
	w.bits = append(w.bits, make([]byte, walkPad)...)
	return n
}

// bitReader reads an unstuffed segment.
type bitReader struct {
	data []byte
	pos  int
	acc  uint64 // the next bits, from the top
	n    int    // how many of them count
}

// left is how many bits are left before position end, in bytes.
func (r *bitReader) left(end int) int { return 8*(end-r.pos) + r.n }

// block passes over one 8x8 block; false where its codes make no sense.
func (r *bitReader) block(dc, ac *huffTable) (ok bool) {
	data, pos, acc, n := r.data, r.pos, r.acc, r.n
	table, s, k := dc, advance(0), uint(0)
	for k < 64 {
		if n < 32 {
			acc |= binary.BigEndian.Uint64(data[pos:]) >> (n & 63)
			pos += (63 - n) >> 3
			n |= 56
		}
		if s = table.look[acc>>(64-lookBits)]; s == 0 {
			if s = table.search(acc); s == 0 {
				break
			}
		}
		acc <<= s & advanceUsed
		n -= int(s & advanceUsed)
		k += uint(s >> advanceBits)
		table = ac
	}
	r.pos, r.acc, r.n = pos, acc, n
	return k == 64 || k >= blockEnd || k > 64 && s&advanceZeros != 0
}

// walk passes over the scan of a plain file and says whether all of it is
// there. It ends as soon as the bits do.
func (h *jpegHeader) walk(data []byte, w *walker) error {
	maxH, maxV := 1, 1
	for _, c := range h.components {
		if !w.tables[c.dc].build(h.tables[c.dc], false) || !w.tables[4+c.ac].build(h.tables[4+c.ac], true) {
			return fmt.Errorf("%w: a Huffman table", ErrCorrupt)
		}
		maxH, maxV = max(maxH, c.h), max(maxV, c.v)
	}
	if len(h.components) == 1 {
		h.components[0].h, h.components[0].v, maxH, maxV = 1, 1, 1, 1
	}
	end := w.unstuff(data[h.scan:])
	r := bitReader{data: w.bits}
	units := ((h.width + 8*maxH - 1) / (8 * maxH)) * ((h.height + 8*maxV - 1) / (8 * maxV))
	for range units {
		for _, c := range h.components {
			dc, ac := &w.tables[c.dc], &w.tables[4+c.ac]
			for range c.h * c.v {
				ok := r.block(dc, ac)
				switch left := r.left(end); {
				case left < 0, !ok && left < 16: // the longest code has 16 bits
					return fmt.Errorf("%w: inside the scan", ErrTruncated)
				case !ok:
					return fmt.Errorf("%w: a code that no table has", ErrCorrupt)
				}
			}
		}
	}
	return nil
}
