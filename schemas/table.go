package schemas

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/facesieve/facesieve/internal/origin"
)

// ErrFormat is wrapped by the error of every reader for an object that is no
// valid one of its schema: truncated, of another schema, contradicting itself.
var ErrFormat = errors.New("not in the documented format")

// batchRows is the number of rows of one record batch.
const batchRows = 1 << 16

// tableKey is the key of the schema's metadata that names a table and its version.
const tableKey = "facesieve.table"

// table is the Arrow form of T: its columns in order.
type table[T any] struct {
	name    string // "images 1": what it holds and its version
	columns []column[T]
}

func (t table[T]) schema() *arrow.Schema {
	fields := make([]arrow.Field, len(t.columns))
	for i, c := range t.columns {
		fields[i] = c.field
	}
	meta := arrow.NewMetadata([]string{tableKey}, []string{t.name})
	return arrow.NewSchema(fields, &meta)
}

// write writes rows as an Arrow IPC file, uncompressed. Equal rows give equal
// bytes.
func (t table[T]) write(w io.Writer, rows []T) error {
	schema := t.schema()
	file, err := ipc.NewFileWriter(&counter{w: w}, ipc.WithSchema(schema))
	if err != nil {
		return t.failed("write", err)
	}
	for start := 0; start < len(rows); start += batchRows {
		batch := rows[start:min(start+batchRows, len(rows))]
		if err := t.writeBatch(file, schema, batch, start); err != nil {
			return t.failed("write", err)
		}
	}
	if err := file.Close(); err != nil {
		return t.failed("write", err)
	}
	return nil
}

func (t table[T]) writeBatch(file *ipc.FileWriter, schema *arrow.Schema, rows []T, first int) error {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	b.Reserve(len(rows))
	for c, col := range t.columns {
		f := b.Field(c)
		for i := range rows {
			if err := col.put(f, &rows[i]); err != nil {
				return fmt.Errorf("row %d: %s: %w", first+i, col.field.Name, err)
			}
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	return file.Write(rec)
}

// read reads a whole file.
func (t table[T]) read(r io.Reader) ([]T, error) {
	f, err := openFile(r)
	if err != nil {
		return nil, t.failed("read", err)
	}
	return t.readFile(f)
}

// readFile reads the columns of t, which must be all columns of the file.
func (t table[T]) readFile(f *file) (rows []T, err error) {
	defer func() {
		// Arrow's reader panics on what it can't follow.
		if p := recover(); p != nil {
			rows, err = nil, t.failed("read", fmt.Errorf("%w: %v", ErrFormat, p))
		}
	}()
	if err := t.check(f.Schema()); err != nil {
		return nil, t.failed("read", err)
	}
	for i := 0; i < f.NumRecords(); i++ {
		rec, err := f.RecordAt(i)
		if err != nil {
			return nil, t.failed("read", fmt.Errorf("%w: %w", ErrFormat, err))
		}
		// Every table has a column of at least four bytes a row.
		if n := rec.NumRows(); n < 0 || n > (f.size/4-int64(len(rows))) {
			return nil, t.failed("read", fmt.Errorf("%w: %d rows in %d bytes", ErrFormat, n, f.size))
		}
		first := len(rows)
		rows = append(rows, make([]T, rec.NumRows())...)
		if err := t.readBatch(rec, rows[first:]); err != nil {
			return nil, t.failed("read", err)
		}
		rec.Release()
	}
	return rows, nil
}

func (t table[T]) readBatch(rec arrow.Record, rows []T) error {
	for c, col := range t.columns {
		a := rec.Column(c)
		if col.get == nil {
			continue
		}
		if !col.field.Nullable && a.NullN() != 0 {
			return fmt.Errorf("%w: column %s holds nulls", ErrFormat, col.field.Name)
		}
		get, err := col.get(a)
		if err != nil {
			return fmt.Errorf("%w: column %s: %w", ErrFormat, col.field.Name, err)
		}
		for i := range rows {
			if err := get(i, &rows[i]); err != nil {
				return fmt.Errorf("%w: column %s: row %d: %w", ErrFormat, col.field.Name, i, err)
			}
		}
	}
	return nil
}

// check refuses a file whose columns are not t's, in order.
func (t table[T]) check(s *arrow.Schema) error {
	if name, ok := s.Metadata().GetValue(tableKey); ok && name != t.name {
		return fmt.Errorf("%w: the file is table %q", ErrFormat, name)
	}
	if s.NumFields() != len(t.columns) {
		return fmt.Errorf("%w: %d columns; want %d", ErrFormat, s.NumFields(), len(t.columns))
	}
	for i, c := range t.columns {
		f := s.Field(i)
		if f.Name != c.field.Name || !arrow.TypeEqual(f.Type, c.field.Type) {
			return fmt.Errorf("%w: column %d is %.80q of %v; want %q of %v",
				ErrFormat, i, f.Name, f.Type, c.field.Name, c.field.Type)
		}
	}
	return nil
}

func (t table[T]) failed(verb string, err error) error {
	return origin.Errorf("schemas", "%s table %q: %w", verb, t.name, err)
}

// file is an opened Arrow IPC file and its size in bytes.
type file struct {
	*ipc.FileReader
	size int64
}

// openFile reads all of r and opens it. What is allocated for its content stays
// within a small multiple of its size.
func openFile(r io.Reader) (f *file, err error) {
	data, err := readAll(r)
	if err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil {
			f, err = nil, fmt.Errorf("%w: %v", ErrFormat, p)
		}
	}()
	if err := checkFooter(data); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	budget := &limited{left: 4*int64(len(data)) + 1<<20}
	fr, err := ipc.NewFileReader(bytes.NewReader(data), ipc.WithAllocator(budget))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return &file{FileReader: fr, size: int64(len(data))}, nil
}

// readAll reads to the end of r; where r knows how much that is, into memory of that
// size.
func readAll(r io.Reader) ([]byte, error) {
	known, ok := r.(interface{ Len() int })
	if !ok {
		return io.ReadAll(r)
	}
	data := make([]byte, known.Len())
	_, err := io.ReadFull(r, data)
	return data, err
}

// counter lets Arrow's file writer write to a plain io.Writer: it only asks
// where it stands.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func (c *counter) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekCurrent {
		return 0, errors.ErrUnsupported
	}
	return c.n, nil
}
