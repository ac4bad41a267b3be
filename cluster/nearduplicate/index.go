package nearduplicate

import (
	"cmp"
	"math/bits"
	"slices"
)

// MaxDistance is the largest number of bits in which two hashes may differ that Index
// finds: among four parts of 16 bits one then differs in two bits at most.
const MaxDistance = 11

const (
	parts    = 4
	partBits = 64 / parts
	partSize = 1 << partBits
)

// Index finds hashes of 64 bits near a hash by their parts: of two hashes near each
// other, one part at least is nearly the same. It looks at about one in 120 of the
// hashes, so that all of 100,000 are asked in a few seconds.
type Index struct {
	hashes  []uint64
	buckets [parts]bucketed
	near    []uint16 // differences between parts that are looked at
}

// bucketed are the positions of hashes, in the order of one of their parts.
type bucketed struct {
	first []int32 // of each value of the part, where its positions begin; one more at the end
	at    []int32
}

// NewIndex makes an index of hashes, at most 2^31 - 1, in which those are found that
// differ in distance bits, at most MaxDistance.
func NewIndex(hashes []uint64, distance int) *Index {
	x := &Index{hashes: hashes, near: differences(min(distance, MaxDistance) / parts)}
	for p := range x.buckets {
		b := bucketed{first: make([]int32, partSize+1), at: make([]int32, len(hashes))}
		for _, h := range hashes {
			b.first[int(part(h, p))+1]++
		}
		for v := range partSize {
			b.first[v+1] += b.first[v]
		}
		next := slices.Clone(b.first)
		for i, h := range hashes {
			v := part(h, p)
			b.at[next[v]] = int32(i)
			next[v]++
		}
		x.buckets[p] = b
	}
	return x
}

// part returns the p-th part of a hash.
func part(h uint64, p int) uint16 { return uint16(h >> (p * partBits)) }

// differences returns all numbers of 16 bits of which at most n are set.
func differences(n int) (all []uint16) {
	for v := range partSize {
		if bits.OnesCount16(uint16(v)) <= n {
			all = append(all, uint16(v))
		}
	}
	return all
}

// Near appends to found the positions of the hashes that differ from h in distance bits
// at most, which is no more than what the index was made for: the nearest first, of equally near
// ones in their order, and most of them at most.
func (x *Index) Near(h uint64, distance, most int, found []int32) []int32 {
	start := len(found)
	for p := range x.buckets {
		b := &x.buckets[p]
		for _, d := range x.near {
			v := int(part(h, p) ^ d)
			for _, i := range b.at[b.first[v]:b.first[v+1]] {
				if bits.OnesCount64(h^x.hashes[i]) <= distance {
					found = append(found, i)
				}
			}
		}
	}
	slices.SortFunc(found[start:], func(i, j int32) int {
		return cmp.Or(cmp.Compare(bits.OnesCount64(h^x.hashes[i]), bits.OnesCount64(h^x.hashes[j])), cmp.Compare(i, j))
	})
	n := len(slices.Compact(found[start:]))
	return found[:start+min(n, most)]
}
