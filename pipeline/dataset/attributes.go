package dataset

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/pipeline/store"
)

// ErrNoColumn means that a table lacks a column that was asked for.
var ErrNoColumn = errors.New("no column")

// Attributes is what a table says of images or of labels, one of its columns.
type Attributes struct {
	Column string
	ByPath bool              // Values are by path; else by label
	Values map[string]string // what is missing is ""
}

// ReadAttributes reads a column of the file at a path, file:// or s3:// URL, CSV or Arrow
// IPC, with a column path or, without one, a column identity. Text of these two stands as
// reports write it (schemas.EscapePath), Arrow's binary columns hold raw bytes. A value is
// text or a number; of what stands twice both rows say the same. The error is ErrNoColumn
// where the file lacks a column.
func ReadAttributes(ctx context.Context, url, column string, s3 store.S3Options) (*Attributes, error) {
	a, err := readAttributes(ctx, url, column, s3)
	if err != nil {
		return nil, origin.Errorf("dataset", "attributes: %w", err)
	}
	return a, nil
}

func readAttributes(ctx context.Context, url, column string, s3 store.S3Options) (*Attributes, error) {
	file, err := tree.OpenFile(ctx, url, s3)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	t, err := openTable(file, url)
	if err != nil {
		return nil, err
	}
	a := &Attributes{Column: column, ByPath: t.column("path") >= 0, Values: map[string]string{}}
	key := "identity"
	if a.ByPath {
		key = "path"
	}
	for _, name := range []string{key, column} {
		if t.column(name) < 0 {
			if name == key {
				name = "path or identity"
			}
			return nil, fmt.Errorf("%s: %w %s among %s", url, ErrNoColumn, name, strings.Join(t.columns, ", "))
		}
	}
	same := map[string]string{} // one text for all equal values
	for r, err := range t.rows(ctx) {
		if err != nil {
			return nil, err
		}
		if err := a.add(r, key, same); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// add takes a row.
func (a *Attributes) add(r record, key string, same map[string]string) error {
	of, err := rawText(r, r.table.column(key))
	if err != nil {
		return err
	}
	if of == "" {
		return r.failed("no %s", key)
	}
	value, err := r.value(r.table.column(a.Column))
	if err != nil {
		return err
	}
	if known, ok := same[value]; ok {
		value = known
	}
	same[value] = value
	if before, ok := a.Values[of]; ok && before != value {
		return r.failed("%s %q stands twice, with %s %q and %q", key, of, a.Column, before, value)
	}
	a.Values[of] = value
	return nil
}

// value returns a column's text or number, without spaces around it; "" where null or not
// a number.
func (r record) value(col int) (s string, err error) {
	if r.isNull(col) {
		return "", nil
	}
	if r.batch != nil {
		defer r.table.guard(&err)
		if _, whole := wholeNumber(r.batch[col], r.row); !whole {
			if x, ok := number(r.batch[col], r.row); ok {
				s = strconv.FormatFloat(x, 'g', -1, 64)
			}
		}
	}
	if s == "" {
		s, err = r.text(col)
	}
	if s = strings.TrimSpace(s); strings.EqualFold(s, "nan") {
		s = "" // how tables of numbers write what is missing
	}
	return s, err
}
