package cluster

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestNearestIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	queries, centroids := NewMatrix(150, 19), NewMatrix(600, 19)
	for i := range queries.Rows {
		direction(r, queries.Row(i))
	}
	for i := range centroids.Rows {
		direction(r, centroids.Row(i))
	}
	skip := func(q, c int) bool { return (q+c)%3 == 0 }
	for q, got := range Nearest(queries, centroids, skip) {
		want := Neighbour{Index: -1}
		for c := range centroids.Rows {
			if s := Dot(queries.Row(q), centroids.Row(c)); !skip(q, c) && (want.Index < 0 || s > want.Score) {
				want = Neighbour{c, s}
			}
		}
		if got != want {
			t.Fatalf("query %d: %v, not %v", q, got, want)
		}
		rows := NearestRows(queries.Row(q), centroids, 3, func(c int) bool { return skip(q, c) })
		if len(rows) != 3 || rows[0] != want || rows[1].Score < rows[2].Score {
			t.Fatalf("query %d: rows %v, nearest %v", q, rows, want)
		}
	}
}

func TestEqualNeighboursStandByIndex(t *testing.T) {
	v := NewMatrix(700, 8)
	for i := range v.Rows {
		v.Row(i)[0] = 1
	}
	query := Matrix{1, 8, v.Row(0)}
	if got := Nearest(query, v, func(_, c int) bool { return c < 300 })[0].Index; got != 300 {
		t.Errorf("nearest is %d", got)
	}
	for i, nb := range NearestRows(v.Row(0), v, 5, nil) {
		if nb.Index != i {
			t.Errorf("row %d is %d", i, nb.Index)
		}
	}
}

func TestNoNeighbours(t *testing.T) {
	v := NewMatrix(2, 8)
	if got := Nearest(v, NewMatrix(0, 8), nil); len(got) != 2 || got[0].Index != -1 {
		t.Errorf("%v", got)
	}
	if got := Nearest(NewMatrix(0, 8), v, nil); len(got) != 0 {
		t.Errorf("%v", got)
	}
	if got := NearestRows(v.Row(0), v, 0, nil); len(got) != 0 {
		t.Errorf("%v", got)
	}
	if got := NearestRows(v.Row(0), v, 9, nil); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

func TestFewNearestAreTheFirstOfAll(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	v := NewMatrix(300, 2)
	for i := range v.Data {
		v.Data[i] = float32(r.IntN(4)) // many ties
	}
	skip := func(i int) bool { return i%7 == 0 }
	for q := range 20 {
		all := NearestRows(v.Row(q), v, v.Rows, skip)
		for k := 1; k <= fewRows; k++ {
			if got := NearestRows(v.Row(q), v, k, skip); !slices.Equal(got, all[:k]) {
				t.Fatalf("the %d nearest are %v; the first of all are %v", k, got, all[:k])
			}
		}
	}
}
