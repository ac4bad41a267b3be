package schemas

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Every binary16 is exact in float32, so it must come back; and what lies between
// two neighbours must go to the nearer one, ties to the even one.
func TestHalfRoundsToNearestEven(t *testing.T) {
	for h := range uint16(0x7c00) {
		x := unhalf(h)
		if half(x) != h || half(-x) != h|0x8000 {
			t.Fatalf("%#04x is %g is %#04x", h, x, half(x))
		}
		if h == 0x7bff {
			continue
		}
		mid := (x + unhalf(h+1)) / 2
		even := h + h&1
		if got := half(mid); got != even {
			t.Fatalf("half way from %#04x: %#04x; want %#04x", h, got, even)
		}
		if got := half(math.Nextafter32(mid, 0)); got != h {
			t.Fatalf("just below half way from %#04x: %#04x", h, got)
		}
		if got := half(math.Nextafter32(mid, 1e9)); got != h+1 {
			t.Fatalf("just above half way from %#04x: %#04x", h, got)
		}
	}
	for x, want := range map[float32]uint16{65519: 0x7bff, 65520: 0x7c00, 1e30: 0x7c00, float32(math.Inf(-1)): 0xfc00, 1e-9: 0} {
		if got := half(x); got != want {
			t.Errorf("half(%g) = %#04x; want %#04x", x, got, want)
		}
	}
	if !math.IsNaN(float64(unhalf(half(float32(math.NaN()))))) {
		t.Error("NaN does not stay NaN")
	}
}

// What a fresh run holds is what a later one reads, and writing that again gives
// the same bytes.
func TestVectorsComeBackToTheBit(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, dim := range []int{1, 2, 7, 64, 128, 512} {
		var rows []Embedding
		for range 50 {
			rows = append(rows, Embedding{Path: "p", Faces: -1, Vector: unit(rng, dim)})
		}
		var first, second bytes.Buffer
		if err := WriteVectors(&first, dim, rows); err != nil {
			t.Fatal(err)
		}
		got, err := ReadVectors(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			if !slices.Equal(got[i].Vector, rows[i].Vector) {
				t.Fatalf("dim %d: row %d changed", dim, i)
			}
		}
		if err := WriteVectors(&second, dim, got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("dim %d: written again the bytes differ", dim)
		}
	}
}

func TestRoundVectorIsNear(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	v := make([]float32, 512)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	if err := renormalise(v); err != nil {
		t.Fatal(err)
	}
	w := slices.Clone(v)
	if err := RoundVector(w); err != nil {
		t.Fatal(err)
	}
	var cos float64
	for i := range v {
		cos += float64(v[i]) * float64(w[i])
	}
	if d := math.Abs(cos - 1); d > 2e-4 {
		t.Errorf("rounding moves the vector by a cosine of %g", d)
	}
	for _, bad := range [][]float32{{0, 0}, {float32(math.NaN()), 1}, {float32(math.Inf(1)), 1}, {}} {
		if RoundVector(bad) == nil {
			t.Errorf("%v has no direction and is taken", bad)
		}
	}
}

func TestWriteVectorsRefuses(t *testing.T) {
	v := unit(rand.New(rand.NewPCG(1, 1)), 4)
	for name, e := range map[string]Embedding{
		"short":      {Vector: v[:3]},
		"long":       {Vector: append(slices.Clone(v), 0)},
		"no vector":  {},
		"both":       {Vector: v, Error: FaultEmpty},
		"open fault": {Error: "disk on fire"},
		"not unit":   {Vector: []float32{1, 1, 1, 1}},
		"nan":        {Vector: []float32{float32(math.NaN()), 1, 0, 0}},
		"box":        {Vector: v, Box: [4]float32{float32(math.Inf(1))}},
	} {
		if err := WriteVectors(&bytes.Buffer{}, 4, []Embedding{e}); err == nil {
			t.Errorf("%s: written", name)
		}
	}
	if WriteVectors(&bytes.Buffer{}, 0, nil) == nil {
		t.Error("vectors of no elements are written")
	}
}
