package schemas

import (
	"errors"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// listed is a type of number that a column of lists holds.
type listed interface {
	int32 | int64 | float32 | bool
}

// numberList is a column of lists of numbers, floats finite; an empty list is nil.
func numberList[T any, N listed](name, unit, meaning string, at func(*T) *[]N) column[T] {
	return column[T]{
		field: newField(name, unit, meaning, arrow.ListOf(elementType[N]()), false),
		put: func(b array.Builder, v *T) error {
			l := b.(*array.ListBuilder)
			l.Append(true)
			return appendNumbers(l.ValueBuilder(), *at(v))
		},
		get: func(a arrow.Array) (func(int, *T) error, error) {
			l := a.(*array.List)
			if l.ListValues().NullN() != 0 {
				return nil, errors.New("a list holds nulls")
			}
			values := numbersOf[N](l.ListValues())
			last := int64(0)
			return func(i int, v *T) error {
				start, end := l.ValueOffsets(i)
				if start < last || end < start || end > int64(len(values)) {
					return errOffsets
				}
				last = end
				if start == end {
					return nil
				}
				x := values[start:end:end]
				*at(v) = x
				return finiteList(x)
			}, nil
		},
	}
}

// elementType returns the Arrow type of a list's numbers.
func elementType[N listed]() arrow.DataType {
	switch any(*new(N)).(type) {
	case int32:
		return arrow.PrimitiveTypes.Int32
	case int64:
		return arrow.PrimitiveTypes.Int64
	case bool:
		return arrow.FixedWidthTypes.Boolean
	}
	return arrow.PrimitiveTypes.Float32
}

func appendNumbers[N listed](b array.Builder, x []N) error {
	switch b := b.(type) {
	case *array.Int32Builder:
		b.AppendValues(any(x).([]int32), nil)
	case *array.Int64Builder:
		b.AppendValues(any(x).([]int64), nil)
	case *array.BooleanBuilder:
		b.AppendValues(any(x).([]bool), nil)
	case *array.Float32Builder:
		b.AppendValues(any(x).([]float32), nil)
	}
	return finiteList(x)
}

// numbersOf returns the numbers of all lists of a batch. Those of a fixed width share
// the memory of the file, as vectors do.
func numbersOf[N listed](a arrow.Array) []N {
	switch a := a.(type) {
	case *array.Int32:
		return any(a.Int32Values()).([]N)
	case *array.Int64:
		return any(a.Int64Values()).([]N)
	case *array.Float32:
		return any(a.Float32Values()).([]N)
	case *array.Boolean:
		bits := a.Data().Buffers()[1]
		if bits == nil || a.Len() > 8*bits.Len() {
			return nil // the column states more than it holds
		}
		all := make([]bool, a.Len())
		for i := range all {
			all[i] = a.Value(i)
		}
		return any(all).([]N)
	}
	return nil
}

func finiteList[N listed](x []N) error {
	floats, is := any(x).([]float32)
	if !is {
		return nil
	}
	for _, e := range floats {
		if err := finite(e); err != nil {
			return err
		}
	}
	return nil
}
