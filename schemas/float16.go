package schemas

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/float16"
)

// ToFloat16 returns the bits of the IEEE 754 binary16 nearest to x, ties to even.
// (Arrow's own conversion cuts bits off and loses subnormals.)
func ToFloat16(x float32) uint16 {
	b := math.Float32bits(x)
	sign := uint16(b>>16) & 0x8000
	b &= 0x7fffffff
	switch {
	case b > 0x7f800000: // NaN
		return sign | 0x7e00
	case b >= 0x477ff000: // rounds to 65536 or above
		return sign | 0x7c00
	case b < 0x38800000: // below 2^-14: a multiple of 2^-24
		m := math.RoundToEven(float64(math.Float32frombits(b)) * (1 << 24))
		return sign | uint16(m)
	}
	b += 0xfff + b>>13&1
	return sign | uint16(b>>13-(127-15)<<10)
}

// FromFloat16 returns the value of an IEEE 754 binary16, which is exact in float32.
func FromFloat16(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exp, frac := uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exp {
	case 0:
		x := float32(frac) / (1 << 24)
		return math.Float32frombits(sign | math.Float32bits(x))
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}

var errVector = errors.New("a vector that is not finite or has no length")

// Length returns the Euclidean norm of v, its squares added as RoundVector does.
func Length(v []float32) float32 { return norm(v) }

// roundings is how often RoundVector repeats at most. Vectors of 32 elements and
// more are stable after the first round; short ones sometimes need a second.
const roundings = 16

// RoundVector changes v to what comes back from a vectors object: scaled to unit
// length, each element rounded to float16, and scaled again in float32, until
// rounding once more changes nothing. It works in place and fails where v is not
// finite or has no length. What it gave, written by WriteVectors, is read by
// ReadVectors to the bit.
func RoundVector(v []float32) error {
	if err := renormalise(v); err != nil {
		return err
	}
	for range roundings {
		changed := false
		for i, x := range v {
			v[i] = FromFloat16(ToFloat16(x))
		}
		before := norm(v)
		for i, x := range v {
			changed = changed || ToFloat16(x/before) != ToFloat16(x)
			v[i] = x / before
		}
		if !changed {
			break
		}
	}
	return nil
}

// renormalise scales v to unit length in place. The squares are added in eight
// sums, sum j taking elements j, j+8, ..., and the sums pairwise; the conversions
// forbid fused operations. Every processor gives the same bits.
func renormalise(v []float32) error {
	norm := norm(v)
	if !(norm > 0) || math.IsInf(float64(norm), 0) {
		return errVector
	}
	for i := range v {
		v[i] /= norm
	}
	return nil
}

func norm(v []float32) float32 {
	var sums [8]float32
	for i, x := range v {
		sums[i&7] += float32(x * x)
	}
	sum := ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]))
	return float32(math.Sqrt(float64(sum)))
}

// vectorColumn is a column of unit vectors as float16, null where from gives nil.
func vectorColumn[T any](name, meaning string, dim int, at func(*T) *[]float32) column[T] {
	return column[T]{
		field: newField(name, "", meaning, arrow.FixedSizeListOf(int32(dim), arrow.FixedWidthTypes.Float16), true),
		put: func(b array.Builder, v *T) error {
			l, x := b.(*array.FixedSizeListBuilder), *at(v)
			if x == nil {
				l.AppendNull()
				return nil
			}
			if len(x) != dim {
				return fmt.Errorf("%d elements; want %d", len(x), dim)
			}
			if n := norm(x); !(n > .99 && n < 1.01) {
				return fmt.Errorf("a vector of length %g; want 1", n)
			}
			l.Append(true)
			h := l.ValueBuilder().(*array.Float16Builder)
			x = slices.Clone(x)
			if err := RoundVector(x); err != nil {
				return err
			}
			for _, e := range x {
				h.Append(float16.FromBits(ToFloat16(e)))
			}
			return nil
		},
		get: func(a arrow.Array) (func(int, *T) error, error) {
			halves := a.(*array.FixedSizeList).ListValues().(*array.Float16).Values()
			if a.Len() > len(halves)/dim {
				return nil, errors.New("fewer elements than rows")
			}
			all := make([]float32, a.Len()*dim)
			return func(i int, v *T) error {
				if a.IsNull(i) {
					return nil
				}
				x := all[i*dim : (i+1)*dim : (i+1)*dim]
				for j, h := range halves[i*dim : (i+1)*dim] {
					x[j] = FromFloat16(h.Uint16())
				}
				*at(v) = x
				return renormalise(x)
			}, nil
		},
	}
}
