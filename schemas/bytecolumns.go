package schemas

import (
	"bytes"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// bits is a column of 64 bits, null where known says no.
func bits[T any](name, meaning string, known func(*T) bool, to func(*T, uint64), from func(*T) uint64) column[T] {
	return column[T]{
		field: newField(name, "", meaning, arrow.PrimitiveTypes.Uint64, true),
		put: func(b array.Builder, v *T) error {
			if known(v) {
				b.(*array.Uint64Builder).Append(from(v))
			} else {
				b.AppendNull()
			}
			return nil
		},
		get: func(a arrow.Array) (func(int, *T) error, error) {
			values := a.(*array.Uint64).Uint64Values()
			return func(i int, v *T) error {
				if !a.IsNull(i) {
					to(v, values[i])
				}
				return nil
			}, nil
		},
	}
}

// blob is a column of size bytes a row, null where the field is nil.
func blob[T any](name, meaning string, size int, at func(*T) *[]byte) column[T] {
	return column[T]{
		field: newField(name, "", meaning, &arrow.FixedSizeBinaryType{ByteWidth: size}, true),
		put: func(b array.Builder, v *T) error {
			x := *at(v)
			switch {
			case x == nil:
				b.AppendNull()
			case len(x) != size:
				return fmt.Errorf("%d bytes; want %d", len(x), size)
			default:
				b.(*array.FixedSizeBinaryBuilder).Append(x)
			}
			return nil
		},
		get: func(a arrow.Array) (func(int, *T) error, error) {
			values := a.(*array.FixedSizeBinary)
			return func(i int, v *T) error {
				if !values.IsNull(i) {
					*at(v) = bytes.Clone(values.Value(i))
				}
				return nil
			}, nil
		},
	}
}
