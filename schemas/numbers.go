package schemas

import (
	"errors"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// float is a column of float32 that are always known and finite.
func float[T any](name, unit, meaning string, at func(*T) *float32) column[T] {
	return maybeFloat(name, unit, meaning, false,
		func(v *T) *float32 { return at(v) },
		func(v *T, x *float32) { *at(v) = *x })
}

// floatPointer is a column of float32 that is null where the field is nil.
func floatPointer[T any](name, unit, meaning string, at func(*T) **float32) column[T] {
	return maybeFloat(name, unit, meaning, true,
		func(v *T) *float32 { return *at(v) },
		func(v *T, x *float32) { *at(v) = x })
}

// maybeFloat is a column of finite float32, null where from returns nil.
func maybeFloat[T any](name, unit, meaning string, null bool,
	from func(*T) *float32, to func(*T, *float32)) column[T] {
	return column[T]{
		field: newField(name, unit, meaning, arrow.PrimitiveTypes.Float32, null),
		put: func(b array.Builder, v *T) error {
			x := from(v)
			if x == nil {
				b.AppendNull()
				return nil
			}
			b.(*array.Float32Builder).Append(*x)
			return finite(*x)
		},
		get: func(a arrow.Array) (func(int, *T) error, error) {
			values := a.(*array.Float32).Float32Values()
			return func(i int, v *T) error {
				if a.IsNull(i) {
					return nil
				}
				x := values[i]
				to(v, &x)
				return finite(x)
			}, nil
		},
	}
}

func finite(x float32) error {
	if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
		return errors.New("not a finite number")
	}
	return nil
}

// count is a column of int32, null where hide says so; a null is read as unknown.
func count[T any](name, unit, meaning string,
	at func(*T) *int32, hide func(*T) bool, unknown int32) column[T] {
	return column[T]{
		field: newField(name, unit, meaning, arrow.PrimitiveTypes.Int32, hide != nil),
		put: func(b array.Builder, v *T) error {
			if hide != nil && hide(v) {
				b.AppendNull()
			} else {
				b.(*array.Int32Builder).Append(*at(v))
			}
			return nil
		},
		get: func(a arrow.Array) (func(int, *T) error, error) {
			values := a.(*array.Int32).Int32Values()
			return func(i int, v *T) error {
				*at(v) = unknown
				if !a.IsNull(i) {
					*at(v) = values[i]
				}
				return nil
			}, nil
		},
	}
}

// number is a column of int64.
func number[T any](name, unit, meaning string, at func(*T) *int64) column[T] {
	return column[T]{
		field: newField(name, unit, meaning, arrow.PrimitiveTypes.Int64, false),
		put: func(b array.Builder, v *T) error {
			b.(*array.Int64Builder).Append(*at(v))
			return nil
		},
		get: func(a arrow.Array) (func(int, *T) error, error) {
			values := a.(*array.Int64).Int64Values()
			return func(i int, v *T) error { *at(v) = values[i]; return nil }, nil
		},
	}
}

// truth is a column of booleans.
func truth[T any](name, unit, meaning string, at func(*T) *bool) column[T] {
	return column[T]{
		field: newField(name, unit, meaning, arrow.FixedWidthTypes.Boolean, false),
		put: func(b array.Builder, v *T) error {
			b.(*array.BooleanBuilder).Append(*at(v))
			return nil
		},
		get: func(a arrow.Array) (func(int, *T) error, error) {
			values := a.(*array.Boolean)
			return func(i int, v *T) error { *at(v) = values.Value(i); return nil }, nil
		},
	}
}
