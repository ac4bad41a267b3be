package dataset

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/facesieve/facesieve/schemas"
)

// record is one row of a table. It is valid until the next one is read; the
// strings it gives stay.
type record struct {
	table    *table
	position int      // line of a CSV file, row of an Arrow file; from 1
	fields   []string // CSV
	batch    []arrow.Array
	row      int
}

// failed names the file and the line in an error.
func (r record) failed(format string, args ...any) error {
	unit := "line"
	if r.table.isArrow {
		unit = "row"
	}
	return fmt.Errorf("%s: %s %d: %w", r.table.name, unit, r.position, fmt.Errorf(format, args...))
}

// isNull reports whether a column is absent, null, or an empty CSV field.
func (r record) isNull(col int) bool {
	switch {
	case col < 0:
		return true
	case r.batch != nil:
		return r.batch[col].IsNull(r.row)
	}
	return r.fields[col] == ""
}

// text returns a column's string or, of whole numbers, their decimal form; "" where
// null.
func (r record) text(col int) (s string, err error) {
	if r.isNull(col) {
		return "", nil
	}
	if r.batch == nil {
		return strings.Clone(r.fields[col]), nil
	}
	defer r.table.guard(&err)
	return r.textOf(r.batch[col], r.row, col)
}

func (r record) textOf(a arrow.Array, i, col int) (string, error) {
	switch a := a.(type) {
	case *array.Dictionary:
		return r.textOf(a.Dictionary(), a.GetValueIndex(i), col)
	case *array.String:
		return strings.Clone(a.Value(i)), nil
	case *array.LargeString:
		return strings.Clone(a.Value(i)), nil
	case *array.StringView:
		return strings.Clone(a.Value(i)), nil
	case *array.Binary:
		return string(a.Value(i)), nil
	case *array.LargeBinary:
		return string(a.Value(i)), nil
	case *array.BinaryView:
		return string(a.Value(i)), nil
	}
	if n, ok := wholeNumber(a, i); ok {
		return strconv.FormatInt(n, 10), nil
	}
	return "", r.failed("column %s holds %s, want text", r.table.columns[col], a.DataType())
}

// isBinary reports whether a column holds raw bytes and not text.
func (r record) isBinary(col int) bool {
	if col < 0 || r.batch == nil {
		return false
	}
	switch r.batch[col].(type) {
	case *array.Binary, *array.LargeBinary, *array.BinaryView:
		return true
	}
	return false
}

// integer returns a column's whole number, or missing where null.
func (r record) integer(col int, missing int64) (n int64, err error) {
	if r.isNull(col) {
		return missing, nil
	}
	if r.batch == nil {
		if n, err = strconv.ParseInt(strings.TrimSpace(r.fields[col]), 10, 64); err != nil {
			return 0, r.failed("column %s: want a whole number, got %.40q", r.table.columns[col], r.fields[col])
		}
		return n, nil
	}
	defer r.table.guard(&err)
	if n, ok := wholeNumber(r.batch[col], r.row); ok {
		return n, nil
	}
	return 0, r.failed("column %s holds %s, want a whole number", r.table.columns[col], r.batch[col].DataType())
}

// float returns a column's number; null is NaN.
func (r record) float(col int) (x float64, err error) {
	if r.isNull(col) {
		return math.NaN(), nil
	}
	if r.batch == nil {
		if x, err = strconv.ParseFloat(strings.TrimSpace(r.fields[col]), 64); err != nil {
			return 0, r.failed("column %s: want a number, got %.40q", r.table.columns[col], r.fields[col])
		}
		return x, nil
	}
	defer r.table.guard(&err)
	if x, ok := number(r.batch[col], r.row); ok {
		return x, nil
	}
	return 0, r.failed("column %s holds %s, want a number", r.table.columns[col], r.batch[col].DataType())
}

// floats returns a column's list of numbers as float32; nil where null. A null
// element is NaN.
func (r record) floats(col int) (out []float32, err error) {
	if r.isNull(col) {
		return nil, nil
	}
	if r.batch == nil {
		return nil, r.failed("column %s: a CSV file holds no vectors; write an Arrow IPC file",
			r.table.columns[col])
	}
	defer r.table.guard(&err)
	list, ok := r.batch[col].(array.ListLike)
	if !ok {
		return nil, r.failed("column %s holds %s, want a list of numbers", r.table.columns[col],
			r.batch[col].DataType())
	}
	start, end := list.ValueOffsets(r.row)
	values := list.ListValues()
	if start < 0 || end < start || end > int64(values.Len()) {
		return nil, r.failed("column %s: damaged list", r.table.columns[col])
	}
	out = make([]float32, 0, end-start)
	for i := int(start); i < int(end); i++ {
		x, ok := number(values, i)
		if !ok {
			return nil, r.failed("column %s holds %s, want a list of numbers", r.table.columns[col],
				r.batch[col].DataType())
		}
		if values.IsNull(i) {
			x = math.NaN()
		}
		out = append(out, float32(x))
	}
	return out, nil
}

func wholeNumber(a arrow.Array, i int) (int64, bool) {
	switch a := a.(type) {
	case *array.Int8:
		return int64(a.Value(i)), true
	case *array.Int16:
		return int64(a.Value(i)), true
	case *array.Int32:
		return int64(a.Value(i)), true
	case *array.Int64:
		return a.Value(i), true
	case *array.Uint8:
		return int64(a.Value(i)), true
	case *array.Uint16:
		return int64(a.Value(i)), true
	case *array.Uint32:
		return int64(a.Value(i)), true
	case *array.Uint64:
		return int64(a.Value(i)), a.Value(i) <= math.MaxInt64
	}
	return 0, false
}

func number(a arrow.Array, i int) (float64, bool) {
	switch a := a.(type) {
	case *array.Float64:
		return a.Value(i), true
	case *array.Float32:
		return float64(a.Value(i)), true
	case *array.Float16:
		// Arrow's own conversion loses subnormals.
		return float64(schemas.FromFloat16(a.Value(i).Uint16())), true
	}
	n, ok := wholeNumber(a, i)
	return float64(n), ok
}
