package cluster

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The k nearest of each query are the first k of all, ordered by score and index, with
// many equal scores, in every block of queries and centroids.
func TestNearestKAreTheFirstOfAll(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	queries, centroids := NewMatrix(150, 3), NewMatrix(700, 3)
	for i := range queries.Data {
		queries.Data[i] = float32(r.IntN(4))
	}
	for i := range centroids.Data {
		centroids.Data[i] = float32(r.IntN(4))
	}
	skip := func(q, c int) bool { return (q+c)%3 == 0 }
	for _, k := range []int{1, 2, 10, 699, 2000} {
		for q, got := range NearestK(queries, centroids, k, skip) {
			want := NearestRows(queries.Row(q), centroids, k, func(c int) bool { return skip(q, c) })
			if !slices.Equal(got, want) {
				t.Fatalf("the %d nearest of query %d are %v, not %v", k, q, got, want)
			}
		}
	}
	for q, best := range Nearest(queries, centroids, skip) {
		if first := NearestK(queries, centroids, 1, skip)[q][0]; best != first {
			t.Fatalf("the nearest of query %d is %v, not %v", q, first, best)
		}
	}
}

func TestNearestKWhereThereAreNone(t *testing.T) {
	v := directions(1, 3, 8)
	for _, got := range [][][]Neighbour{
		NearestK(v, NewMatrix(0, 8), 5, nil), NearestK(v, v, 0, nil),
		NearestK(v, v, 5, func(int, int) bool { return true }),
	} {
		if len(got) != 3 || len(got[0]) != 0 {
			t.Errorf("%v", got)
		}
	}
	if got := NearestK(NewMatrix(0, 8), v, 5, nil); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// Inner products computed together are those computed one by one, to the bit, for
// vectors of any length and any number of rows.
func TestDotsAreDot(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, cols := range []int{1, 7, 8, 9, 16, 31, 64, 128, 130, 512} {
		for _, rows := range []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 40} {
			v, x := NewMatrix(rows+2, cols), make([]float32, cols)
			for i := range v.Data {
				v.Data[i] = float32(r.NormFloat64())
			}
			for i := range x {
				x[i] = float32(r.NormFloat64())
			}
			out := make([]float32, rows+1)
			out[rows] = 77
			Dots(out[:rows], x, v, 2)
			for i := range rows {
				if want := Dot(x, v.Row(2+i)); out[i] != want {
					t.Fatalf("%d rows of %d: row %d gives %x, Dot %x", rows, cols, i, out[i], want)
				}
			}
			if out[rows] != 77 {
				t.Fatalf("%d rows of %d: it writes behind the end", rows, cols)
			}
		}
	}
}
