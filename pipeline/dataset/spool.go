package dataset

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io/fs"
	"iter"
	"math"
	"os"
	"slices"

	"github.com/facesieve/facesieve/schemas"
)

// sorted gives the rows in order by way of a nameless temporary file that holds
// the vectors in the file's order.
func (v *vectors) sorted() iter.Seq2[VectorRow, error] {
	return func(yield func(VectorRow, error) bool) {
		spool, err := os.CreateTemp("", "facesieve-*")
		if err != nil {
			yield(VectorRow{}, err)
			return
		}
		defer spool.Close()
		// Without its name the file goes when it is closed, whatever ends the process.
		if err := os.Remove(spool.Name()); err != nil {
			yield(VectorRow{}, err)
			return
		}
		rows, err := v.spool(spool)
		if err != nil {
			yield(VectorRow{}, err)
			return
		}
		slices.SortFunc(rows, func(a, b spooled) int { return compareVectors(a.VectorRow, b.VectorRow) })
		data := make([]byte, 4*v.dim)
		for _, s := range rows {
			if s.Fault == schemas.FaultNone {
				if _, err := spool.ReadAt(data, int64(s.place)*int64(len(data))); err != nil {
					yield(VectorRow{}, err)
					return
				}
				s.Vector = make([]float32, v.dim)
				for i := range s.Vector {
					s.Vector[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
				}
			}
			if !yield(s.VectorRow, nil) {
				return
			}
		}
	}
}

// spooled is a row whose vector is the place-th of a temporary file.
type spooled struct {
	VectorRow
	place int
}

func (v *vectors) spool(f *os.File) ([]spooled, error) {
	if err := os.Remove(f.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	var rows []spooled
	place := 0
	for row, err := range v.inFileOrder() {
		if err != nil {
			return nil, err
		}
		s := spooled{VectorRow: row, place: place}
		if row.Fault == schemas.FaultNone {
			if err := binary.Write(w, binary.LittleEndian, row.Vector); err != nil {
				return nil, err
			}
			place++
		}
		s.Vector = nil
		rows = append(rows, s)
	}
	return rows, w.Flush()
}
