package dataset

import (
	"bufio"
	"context"
	"encoding/binary"
	"iter"
	"math"
	"os"
	"slices"

	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/schemas"
)

// sorted returns the rows in order by way of a temporary file that holds the vectors
// in the table's order.
func (v *vectors) sorted(ctx context.Context) iter.Seq2[VectorRow, error] {
	return func(yield func(VectorRow, error) bool) {
		f, err := tree.TemporaryFile()
		if err != nil {
			yield(VectorRow{}, err)
			return
		}
		defer f.Close()
		rows, err := v.copyVectors(ctx, f)
		if err != nil {
			yield(VectorRow{}, err)
			return
		}
		slices.SortFunc(rows, func(a, b storedRow) int { return compareVectors(a.row, b.row) })
		data := make([]byte, 4*v.dim)
		for i, s := range rows {
			if i%4096 == 0 && ctx.Err() != nil {
				yield(VectorRow{}, ctx.Err())
				return
			}
			if s.row.Fault == schemas.FaultNone {
				if _, err := f.ReadAt(data, int64(s.position)*int64(len(data))); err != nil {
					yield(VectorRow{}, err)
					return
				}
				s.row.Vector = floatsOf(data)
				if s.second {
					if _, err := f.ReadAt(data, int64(s.position+1)*int64(len(data))); err != nil {
						yield(VectorRow{}, err)
						return
					}
					s.row.Second = floatsOf(data)
				}
			}
			if !yield(s.row, nil) {
				return
			}
		}
	}
}

// floatsOf returns little-endian float32.
func floatsOf(data []byte) []float32 {
	x := make([]float32, len(data)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return x
}

// storedRow is a row without its vector, which a temporary file holds.
type storedRow struct {
	row      VectorRow
	position int  // of the vector in the file, counted in vectors
	second   bool // that of its second look follows
}

// copyVectors writes the vectors to a file and returns their rows.
func (v *vectors) copyVectors(ctx context.Context, f *os.File) ([]storedRow, error) {
	w := bufio.NewWriterSize(f, 1<<20)
	var rows []storedRow
	position := 0
	for row, err := range v.inFileOrder(ctx) {
		if err != nil {
			return nil, err
		}
		s := storedRow{row: row, position: position}
		if row.Fault == schemas.FaultNone {
			if err := binary.Write(w, binary.LittleEndian, row.Vector); err != nil {
				return nil, err
			}
			position++
		}
		if s.second = row.Second != nil; s.second {
			if err := binary.Write(w, binary.LittleEndian, row.Second); err != nil {
				return nil, err
			}
			position++
		}
		s.row.Vector, s.row.Second = nil, nil
		rows = append(rows, s)
	}
	return rows, w.Flush()
}
