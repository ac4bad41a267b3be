package photo

import (
	"encoding/binary"
	"fmt"
)

// The fast JPEG decoder makes up what a scan lacks, so a scan is first walked
// symbol by symbol, which is a small part of a decode and exact: every block
// of every unit is there, or the file is unreadable.

// lookBits is the length of the codes found by one look into a table; longer
// ones are rare and searched.
const lookBits = 10

// huffTable decodes one Huffman table's symbols together with the value bits
// that follow each.
type huffTable struct {
	// look maps the next bits to symbol<<8 | (length + value bits); 0: none.
	look    [1 << lookBits]uint16
	maxCode [17]int32 // greatest code of a length, -1 without one
	offset  [17]int32 // index of a length's first symbol minus its first code
	symbols []byte
}

// build fills the table from 16 counts and the symbols (ITU-T T.81, annex C).
func (t *huffTable) build(spec []byte) bool {
	if len(spec) < 17 {
		return false
	}
	clear(t.look[:])
	t.symbols = spec[16:]
	code, k := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		n := int32(spec[length-1])
		t.offset[length], t.maxCode[length] = k-code, -1
		if code+n > 1<<length {
			return false
		}
		for ; n > 0; n-- {
			if length <= lookBits {
				s := t.symbols[k]
				from := code << (lookBits - length)
				for i := range int32(1) << (lookBits - length) {
					t.look[from+i] = uint16(s)<<8 | uint16(length+int(s&15))
				}
			}
			t.maxCode[length] = code
			code++
			k++
		}
		code <<= 1
	}
	return true
}

// bitReader reads an entropy-coded segment. Behind its end come zeros that
// are counted in made.
type bitReader struct {
	data []byte
	pos  int
	acc  uint64 // the next bits, from the top
	n    int    // how many of them
	made int    // how many of those stand behind the end
}

// fill brings n to 32 or more.
func (r *bitReader) fill() {
	if r.pos+8 <= len(r.data) {
		w := binary.BigEndian.Uint64(r.data[r.pos:])
		v := ^w // a byte of 0xff is zero here
		if (v-0x0101010101010101)&^v&0x8080808080808080 == 0 {
			take := (64 - r.n) &^ 7
			r.acc |= w >> (64 - take) << (64 - take) >> r.n
			r.pos += take >> 3
			r.n += take
			return
		}
	}
	for r.n <= 56 {
		b := uint64(0)
		if r.pos < len(r.data) && (r.data[r.pos] != 0xff || r.pos+1 < len(r.data) && r.data[r.pos+1] == 0) {
			b = uint64(r.data[r.pos])
			if b == 0xff {
				r.pos++
			}
			r.pos++
		} else {
			r.made += 8
		}
		r.acc |= b << (56 - r.n)
		r.n += 8
	}
}

// symbol reads a symbol and skips its value bits; negative where no code fits.
func (r *bitReader) symbol(t *huffTable) int {
	if r.n < 32 {
		r.fill()
	}
	if e := t.look[r.acc>>(64-lookBits)]; e != 0 {
		used := int(e & 0xff)
		r.acc <<= used
		r.n -= used
		return int(e >> 8)
	}
	for length := lookBits + 1; length <= 16; length++ {
		code := int32(r.acc >> (64 - length))
		if code <= t.maxCode[length] {
			s := t.symbols[code+t.offset[length]]
			used := length + int(s&15)
			r.acc <<= used
			r.n -= used
			return int(s)
		}
	}
	return -1
}

// block passes over one 8x8 block; false where its codes make no sense.
func (r *bitReader) block(dc, ac *huffTable) bool {
	if s := r.symbol(dc); s < 0 || s > 15 {
		return false
	}
	for k := 1; k < 64; {
		s := r.symbol(ac)
		switch {
		case s == 0:
			return true
		case s < 0:
			return false
		case s&15 == 0:
			if s != 0xf0 {
				return false
			}
			k += 16
		default:
			k += s>>4 + 1
			if k > 64 {
				return false
			}
		}
	}
	return true
}

// walk passes over the scan of a plain file and says whether all of it is
// there. It ends as soon as the bits do.
func (h *jpegHeader) walk(data []byte, tables *[8]huffTable) error {
	r := bitReader{data: data[h.scan:]}
	built := 0
	maxH, maxV := 1, 1
	for _, c := range h.components {
		for _, t := range [2]int{c.dc, 4 + c.ac} {
			if built&(1<<t) == 0 && !tables[t].build(h.tables[t]) {
				return fmt.Errorf("%w: a Huffman table", ErrCorrupt)
			}
			built |= 1 << t
		}
		maxH, maxV = max(maxH, c.h), max(maxV, c.v)
	}
	if len(h.components) == 1 {
		h.components[0].h, h.components[0].v, maxH, maxV = 1, 1, 1, 1
	}
	units := ((h.width + 8*maxH - 1) / (8 * maxH)) * ((h.height + 8*maxV - 1) / (8 * maxV))
	for range units {
		for _, c := range h.components {
			dc, ac := &tables[c.dc], &tables[4+c.ac]
			for range c.h * c.v {
				ok := r.block(dc, ac)
				if r.n < r.made {
					return fmt.Errorf("%w: inside the scan", ErrTruncated)
				}
				if !ok {
					return r.nonsense()
				}
			}
		}
	}
	return nil
}

// nonsense tells bits that fit no code from bits that are no longer there.
func (r *bitReader) nonsense() error {
	if r.made > 0 && r.n-r.made < 16 {
		return fmt.Errorf("%w: inside the scan", ErrTruncated)
	}
	return fmt.Errorf("%w: a code that no table has", ErrCorrupt)
}
