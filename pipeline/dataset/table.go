package dataset

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"

	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/pipeline/store"
)

// table is rows of named columns in a CSV file with a header or an Arrow IPC
// file. Its rows can be read again and again.
type table struct {
	file    *os.File
	size    int64
	name    string // for messages
	isArrow bool
	columns []string
}

var (
	arrowMagic  = []byte("ARROW1")
	streamMagic = []byte("\xff\xff\xff\xff")
	byteOrder   = []byte("\xef\xbb\xbf")
)

// eachRow calls f for every row of the table at a path, file:// or s3:// URL, which has to
// have some columns.
func eachRow(ctx context.Context, url string, s3 store.S3Options, f func(record) error, columns ...string) error {
	file, err := tree.OpenFile(ctx, url, s3)
	if err != nil {
		return err
	}
	defer file.Close()
	t, err := openTable(file, url)
	if err != nil {
		return err
	}
	if err := t.require(columns...); err != nil {
		return err
	}
	for r, err := range t.rows(ctx) {
		if err != nil {
			return err
		}
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}

// openTable reads the header of a table.
func openTable(f *os.File, name string) (*table, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	t := &table{file: f, size: info.Size(), name: name}
	head := make([]byte, len(arrowMagic))
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	switch {
	case bytes.Equal(head[:n], arrowMagic):
		t.isArrow = true
		r, err := t.arrow()
		if err != nil {
			return nil, err
		}
		for _, f := range r.Schema().Fields() {
			t.columns = append(t.columns, f.Name)
		}
	case bytes.HasPrefix(head[:n], streamMagic):
		return nil, fmt.Errorf("%s is an Arrow stream; write an Arrow IPC file (pyarrow.ipc.new_file, polars "+
			"write_ipc)", name)
	default:
		header, err := t.csv().Read()
		if err != nil {
			return nil, fmt.Errorf("%s: no CSV header: %w", name, err)
		}
		for _, h := range header {
			t.columns = append(t.columns, strings.TrimSpace(h))
		}
	}
	for i, c := range t.columns {
		if slices.Contains(t.columns[:i], c) {
			return nil, fmt.Errorf("%s: column %q stands twice", name, c)
		}
	}
	return t, nil
}

// column returns a column's index, -1 where the table lacks it.
func (t *table) column(name string) int { return slices.Index(t.columns, name) }

// require says which columns a table lacks.
func (t *table) require(names ...string) error {
	for _, n := range names {
		if t.column(n) < 0 {
			return fmt.Errorf("%s: no column %q among %s", t.name, n, strings.Join(t.columns, ", "))
		}
	}
	return nil
}

func (t *table) csv() *csv.Reader {
	b := bufio.NewReaderSize(io.NewSectionReader(t.file, 0, t.size), 256<<10)
	if head, err := b.Peek(len(byteOrder)); err == nil && bytes.Equal(head, byteOrder) {
		_, _ = b.Discard(len(byteOrder)) // they are there: Peek gave them
	}
	r := csv.NewReader(b)
	r.ReuseRecord = true
	return r
}

func (t *table) arrow() (r *ipc.FileReader, err error) {
	defer t.guard(&err)
	memory := ipc.WithAllocator(newLimitedAllocator(t.size))
	if r, err = ipc.NewFileReader(io.NewSectionReader(t.file, 0, t.size), memory); err != nil {
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	return r, nil
}

// guard makes an error of a panic: Arrow's reader panics on damaged files.
func (t *table) guard(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%s: damaged Arrow file: %v", t.name, p)
	}
}

// rows reads the table from its start. Memory holds one record batch.
func (t *table) rows(ctx context.Context) iter.Seq2[record, error] {
	if t.isArrow {
		return t.arrowRows(ctx)
	}
	return func(yield func(record, error) bool) {
		r := t.csv()
		for n := 0; ; n++ {
			fields, err := r.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err == nil && n%4096 == 0 {
				err = ctx.Err()
			}
			if err != nil {
				yield(record{}, fmt.Errorf("%s: %w", t.name, err))
				return
			}
			if n == 0 {
				continue // the header
			}
			line, _ := r.FieldPos(0)
			if !yield(record{table: t, position: line, fields: fields}, nil) {
				return
			}
		}
	}
}

func (t *table) arrowRows(ctx context.Context) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		r, err := t.arrow()
		if err != nil {
			yield(record{}, err)
			return
		}
		position := 0
		for i := range r.NumRecords() {
			batch, err := t.batch(r, i)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(record{}, err)
				return
			}
			columns := batch.Columns()
			for row := range int(batch.NumRows()) {
				position++
				if !yield(record{table: t, position: position, batch: columns, row: row}, nil) {
					return
				}
			}
			batch.Release()
		}
	}
}

func (t *table) batch(r *ipc.FileReader, i int) (b arrow.Record, err error) {
	defer t.guard(&err)
	b, err = r.RecordAt(i)
	if err != nil {
		return nil, fmt.Errorf("%s: record batch %d: %w", t.name, i, err)
	}
	for c, a := range b.Columns() {
		if int64(a.Len()) < b.NumRows() {
			return nil, fmt.Errorf("%s: record batch %d: column %s is short", t.name, i, t.columns[c])
		}
	}
	return b, nil
}
