package cluster

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestTrimmedCentroidLeavesStrangersOut(t *testing.T) {
	f := simulate(11, 40, .2)
	sub := Matrix{40, f.v.Cols, f.v.Data[:40*f.v.Cols]}
	c := TrimmedCentroid(sub)
	wrongKept, wrong, n := 0, 0, 0
	for i := range sub.Rows {
		if c.Kept[i] {
			n++
		}
		if f.wrong[i] {
			wrong++
			if c.Kept[i] {
				wrongKept++
			}
		}
	}
	if wrong == 0 || wrongKept*3 > wrong {
		t.Errorf("%d of %d strangers are in the centroid", wrongKept, wrong)
	}
	if c.N != n || c.Usable != 40 || n < 20 {
		t.Errorf("N %d, kept %d, usable %d", c.N, n, c.Usable)
	}
}

func TestScoresLeaveTheRowOut(t *testing.T) {
	f := simulate(12, 9, .3)
	sub := Matrix{9, f.v.Cols, f.v.Data[:9*f.v.Cols]}
	c := TrimmedCentroid(sub)
	for i, got := range c.Scores(sub) {
		rest := make([]float32, sub.Cols)
		for r := range sub.Rows {
			if r != i && c.Kept[r] {
				for j, x := range sub.Row(r) {
					rest[j] += x
				}
			}
		}
		Normalize(rest)
		if want := Dot(sub.Row(i), rest); math.Abs(float64(got-want)) > 1e-5 {
			t.Errorf("row %d: %v, by hand %v", i, got, want)
		}
	}
}

func TestRhoIsTheMeanPairCosine(t *testing.T) {
	f := simulate(13, 12, 0)
	sub := Matrix{12, f.v.Cols, f.v.Data[:12*f.v.Cols]}
	c := TrimmedCentroid(sub)
	var sum, pairs float64
	for i := range 12 {
		for j := range i {
			if c.Kept[i] && c.Kept[j] {
				sum += float64(Dot(sub.Row(i), sub.Row(j)))
				pairs++
			}
		}
	}
	if math.Abs(float64(c.Rho)-sum/pairs) > 1e-5 {
		t.Errorf("rho %v, by hand %v", c.Rho, sum/pairs)
	}
}

func TestCentroidOfFewOrBadRows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	v := NewMatrix(5, 8)
	for i := range 3 {
		direction(r, v.Row(i))
	}
	v.Row(4)[0] = float32(math.NaN())
	for rows := range 6 {
		sub := Matrix{rows, 8, v.Data[:rows*8]}
		c := TrimmedCentroid(sub)
		if want := min(rows, 3); c.Usable != want || c.N > c.Usable || (want > 0 && c.N == 0) {
			t.Errorf("%d rows: usable %d, kept %d", rows, c.Usable, c.N)
		}
		for i, s := range c.Scores(sub) {
			if s-s != 0 || (rows == 1 && s != 0) {
				t.Errorf("%d rows: score %d is %v", rows, i, s)
			}
		}
	}
	pair := Matrix{2, 8, v.Data[:16]}
	s, want := TrimmedCentroid(pair).Scores(pair), Dot(pair.Row(0), pair.Row(1))
	if math.Abs(float64(s[0]-want)) > 1e-6 {
		t.Errorf("of two, the score is the other's cosine: %v, not %v", s[0], want)
	}
}

func TestIdenticalRowsAreOneCentroid(t *testing.T) {
	v := NewMatrix(6, 4)
	for i := range v.Rows {
		v.Row(i)[2] = 1
	}
	c := TrimmedCentroid(v)
	if c.N != 6 || c.Rho != 1 || c.Vector[2] != 1 {
		t.Errorf("%+v", c)
	}
	for _, s := range c.Scores(v) {
		if s != 1 {
			t.Errorf("score %v", s)
		}
	}
}
