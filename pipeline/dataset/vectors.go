package dataset

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"os"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// VectorRow is one image whose vector was computed elsewhere.
type VectorRow struct {
	Path     string // raw bytes
	Identity string // raw bytes
	Vector   []float32
	// What else the table says of the face; HasX says that it does.
	DetScore, Length               float32
	Box                            [4]float32 // x, y, width, height, pixels of the upright image
	HasDetScore, HasLength, HasBox bool
	// Second is the vector of a second look, nil without one, and SecondScore the
	// detector's score there; 0: unknown.
	Second      []float32
	SecondScore float32
	// Fault is schemas.FaultNotFinite where the vector is null, zero, not finite
	// or of a length outside float32's range; Vector is nil then.
	Fault schemas.Fault
}

// vectors is a table of vectors.
type vectors struct {
	table                  *table
	path, identity, vector int // columns
	detScore, length, box  int // columns, -1: the table lacks it
	second, secondScore    int // likewise
	dim                    int
	ordered                bool
}

// OpenVectors opens the Arrow IPC file at a path, file:// or s3:// URL, with
// columns path, identity (text or raw bytes) and vector (a list, of fixed size or
// not, of float16, float32 or float64), and with or without det_score (a number, 0 to
// 1), length (a number, 0 or more) and box (a list of four numbers: x, y, width,
// height), where null, and a length or a box of zeros, means unknown; and with or without
// second_vector and second_det_score, what a second look at the image gave, null where
// there is none. Other columns are ignored. The rows come ordered
// by (Identity, Path) bytewise, whatever the file's order: rows out of order cost
// a temporary file of 4 bytes a number and the memory of their names. Memory holds
// one record batch. A path that stands twice is an error, as is a vector of
// another length. The context is the rows' too: they end with its error when it
// ends.
func OpenVectors(ctx context.Context, url string, s3 store.S3Options) (
	rows iter.Seq2[VectorRow, error], dim int, err error) {
	v, err := openVectors(ctx, url, s3)
	if err != nil {
		return nil, 0, origin.Errorf("dataset", "vectors: %w", err)
	}
	return func(yield func(VectorRow, error) bool) {
		source := v.inFileOrder(ctx)
		if !v.ordered {
			source = v.sorted(ctx)
		}
		for row, err := range source {
			if err != nil {
				yield(VectorRow{}, origin.Errorf("dataset", "vectors: %w", err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}, v.dim, nil
}

// openVectors reads the names once.
func openVectors(ctx context.Context, url string, s3 store.S3Options) (*vectors, error) {
	f, err := tree.OpenFile(ctx, url, s3)
	if err != nil {
		return nil, err
	}
	v, err := readVectors(ctx, f, url)
	if err != nil {
		f.Close()
	}
	return v, err
}

func readVectors(ctx context.Context, f *os.File, path string) (*vectors, error) {
	t, err := openTable(f, path)
	if err != nil {
		return nil, err
	}
	if !t.isArrow {
		return nil, fmt.Errorf("%s is no Arrow IPC file; write one with pyarrow.ipc.new_file or polars write_ipc",
			path)
	}
	if err := t.require("path", "identity", "vector"); err != nil {
		return nil, err
	}
	v := &vectors{table: t, ordered: true,
		path: t.column("path"), identity: t.column("identity"), vector: t.column("vector"),
		detScore: t.column("det_score"), length: t.column("length"), box: t.column("box"),
		second: t.column("second_vector"), secondScore: t.column("second_det_score")}
	r, err := t.arrow()
	if err != nil {
		return nil, err
	}
	if fixed, ok := r.Schema().Field(v.vector).Type.(*arrow.FixedSizeListType); ok {
		v.dim = int(fixed.Len())
	}
	return v, v.check(ctx)
}

// check finds the vectors' length, whether the rows are ordered, and paths that
// stand twice.
func (v *vectors) check(ctx context.Context) error {
	var paths pathSet
	var last VectorRow
	n := 0
	for r, err := range v.table.rows(ctx) {
		if err != nil {
			return err
		}
		row, err := v.names(r)
		if err != nil {
			return err
		}
		if v.dim == 0 {
			x, err := r.floats(v.vector)
			if err != nil {
				return err
			}
			v.dim = len(x)
		}
		paths.add(row.Path)
		v.ordered = v.ordered && (n == 0 || compareVectors(last, row) <= 0)
		last = row
		n++
	}
	if n == 0 || v.dim == 0 {
		return fmt.Errorf("%s: no vectors", v.table.name)
	}
	return paths.check(ctx, v.table, v.path)
}

func compareVectors(a, b VectorRow) int {
	return cmp.Or(strings.Compare(a.Identity, b.Identity), strings.Compare(a.Path, b.Path))
}

func (v *vectors) names(r record) (row VectorRow, err error) {
	if row.Path, err = r.text(v.path); err != nil {
		return row, err
	}
	if row.Identity, err = r.text(v.identity); err != nil {
		return row, err
	}
	if row.Path == "" || row.Identity == "" {
		return row, r.failed("no path or no identity")
	}
	if strings.ContainsRune(row.Identity, 0) {
		return row, r.failed("identity %q holds a zero byte", row.Identity)
	}
	return row, nil
}

func (v *vectors) inFileOrder(ctx context.Context) iter.Seq2[VectorRow, error] {
	return func(yield func(VectorRow, error) bool) {
		for r, err := range v.table.rows(ctx) {
			var row VectorRow
			if err == nil {
				row, err = v.row(r)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

func (v *vectors) row(r record) (VectorRow, error) {
	row, err := v.names(r)
	if err != nil {
		return row, err
	}
	if err := v.face(r, &row); err != nil {
		return row, err
	}
	x, err := r.floats(v.vector)
	switch {
	case err != nil:
		return row, err
	case x == nil:
		row.Fault = schemas.FaultNotFinite
	case len(x) != v.dim:
		return row, r.failed("%q has a vector of %d numbers, others have %d", row.Path, len(x), v.dim)
	case !hasDirection(x):
		row.Fault = schemas.FaultNotFinite
	default:
		row.Vector = x
	}
	return row, v.secondLook(r, &row)
}

// face reads what the table says of a row's face beside its vector.
func (v *vectors) face(r record, row *VectorRow) error {
	score, err := r.float(v.detScore)
	if err != nil {
		return err
	}
	if row.HasDetScore = !math.IsNaN(score); row.HasDetScore {
		row.DetScore = float32(score)
	}
	if row.HasDetScore && (score < 0 || score > 1) {
		return r.failed("%q has the det_score %g, want 0 to 1", row.Path, score)
	}
	length, err := r.float(v.length)
	if err != nil {
		return err
	}
	if length < 0 || length > math.MaxFloat32 {
		return r.failed("%q has the length %g, want 0 or more", row.Path, length)
	}
	if row.HasLength = float32(length) > 0; row.HasLength {
		row.Length = float32(length)
	}
	box, err := r.floats(v.box)
	if err != nil || box == nil {
		return err
	}
	if len(box) != len(row.Box) {
		return r.failed("%q has a box of %d numbers, want x, y, width, height", row.Path, len(box))
	}
	for _, x := range box {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return r.failed("%q has a box that is not finite", row.Path)
		}
	}
	row.Box = [4]float32(box)
	row.HasBox = row.Box != [4]float32{}
	return nil
}

// hasDirection reports whether a vector can be scaled to unit length in float32.
func hasDirection(x []float32) bool {
	sum := 0.0
	for _, e := range x {
		sum += float64(e) * float64(e)
	}
	return sum >= 0x1p-126 && sum <= math.MaxFloat32
}
