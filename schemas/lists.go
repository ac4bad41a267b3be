package schemas

import (
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// MaxDim is the greatest length of a vector.
const MaxDim = 1 << 16

// floats is a column of dim finite float32 a row, null where from returns nil.
func floats[T any](name, unit, meaning string, dim int,
	from func(*T) []float32, to func(*T, []float32)) column[T] {
	typ := arrow.FixedSizeListOf(int32(dim), arrow.PrimitiveTypes.Float32)
	return column[T]{
		field: newField(name, unit, meaning, typ, true),
		put: func(b array.Builder, v *T) error {
			l, x := b.(*array.FixedSizeListBuilder), from(v)
			if x == nil {
				l.AppendNull()
				return nil
			}
			if len(x) != dim {
				return fmt.Errorf("%d elements; want %d", len(x), dim)
			}
			for _, e := range x {
				if err := finite(e); err != nil {
					return err
				}
			}
			l.Append(true)
			l.ValueBuilder().(*array.Float32Builder).AppendValues(x, nil)
			return nil
		},
		get: func(a arrow.Array) (func(int, *T) error, error) {
			values := a.(*array.FixedSizeList).ListValues().(*array.Float32).Float32Values()
			if a.Len() > len(values)/dim {
				return nil, errors.New("fewer elements than rows")
			}
			return func(i int, v *T) error {
				if a.IsNull(i) {
					return nil
				}
				x := values[i*dim : (i+1)*dim : (i+1)*dim]
				for _, e := range x {
					if err := finite(e); err != nil {
						return err
					}
				}
				to(v, x)
				return nil
			}, nil
		},
	}
}

// texts is a column of lists of escaped strings; an empty list is nil.
func texts[T any](name, unit, meaning string, at func(*T) *[]string) column[T] {
	f := escapedForm()
	return column[T]{
		field: newField(name, unit, meaning, arrow.ListOf(f.typ), false),
		put: func(b array.Builder, v *T) error {
			l := b.(*array.ListBuilder)
			l.Append(true)
			for _, s := range *at(v) {
				appendString(l.ValueBuilder(), f.enc(s))
			}
			return nil
		},
		get: func(a arrow.Array) (func(int, *T) error, error) {
			l := a.(*array.List)
			value, err := stringsOf(l.ListValues())
			last := int64(0)
			return func(i int, v *T) error {
				start, end := l.ValueOffsets(i)
				if start < last || end < start || end > int64(l.ListValues().Len()) {
					return errOffsets
				}
				last = end
				for j := start; j < end; j++ {
					s, err := value(int(j))
					if err == nil {
						s, err = f.dec(s)
					}
					if err != nil {
						return err
					}
					*at(v) = append(*at(v), s)
				}
				return nil
			}, err
		},
	}
}
