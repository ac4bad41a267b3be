package schemas

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
)

// valueOf is a binary16's value by the standard's definition.
func valueOf(bits uint16) float64 {
	exponent, fraction := int(bits>>10&0x1f), float64(bits&0x3ff)
	value := math.Ldexp(1024+fraction, exponent-25)
	switch {
	case exponent == 0:
		value = math.Ldexp(fraction, -24)
	case exponent == 31 && fraction == 0:
		value = math.Inf(1)
	case exponent == 31:
		value = math.NaN()
	}
	if bits&0x8000 != 0 {
		value = -value
	}
	return value
}

// nearest finds the binary16 nearest to x, ties to even, among all of them: the
// finite ones, and infinity in the place of 65536. Sums of neighbours and twice a
// float32 are exact in float64.
func nearest(x float32) uint16 {
	const infinity = 0x7c00
	sign := uint16(math.Float32bits(x)>>16) & 0x8000
	size := math.Abs(float64(x))
	value := func(bits uint16) float64 {
		if bits == infinity {
			return 65536
		}
		return valueOf(bits)
	}
	above := uint16(sort.Search(infinity, func(i int) bool { return value(uint16(i)) >= size }))
	if value(above) <= size {
		return sign | above
	}
	below := above - 1
	switch middle := value(below) + value(above); {
	case 2*size < middle, 2*size == middle && below&1 == 0:
		return sign | below
	}
	return sign | above
}

func TestFromFloat16(t *testing.T) {
	for i := range 1 << 16 {
		bits := uint16(i)
		got, want := float64(FromFloat16(bits)), valueOf(bits)
		if math.IsNaN(want) {
			if !math.IsNaN(got) {
				t.Fatalf("%#04x is %g; want NaN", bits, got)
			}
			continue
		}
		if got != want || math.Signbit(got) != math.Signbit(want) {
			t.Fatalf("%#04x is %g; want %g", bits, got, want)
		}
		if back := ToFloat16(FromFloat16(bits)); back != bits {
			t.Fatalf("%#04x comes back as %#04x", bits, back)
		}
	}
}

// What lies between two neighbours goes to the nearer one, ties to the even one.
func TestToFloat16RoundsToNearestEven(t *testing.T) {
	check := func(x float32) {
		t.Helper()
		if got, want := ToFloat16(x), nearest(x); got != want {
			t.Fatalf("%g (%#08x) is %#04x; want %#04x", x, math.Float32bits(x), got, want)
		}
	}
	for bits := range uint16(0x7c00) {
		middle := float32((valueOf(bits) + min(valueOf(bits+1), 65536)) / 2)
		for _, x := range []float32{middle, math.Nextafter32(middle, 0), math.Nextafter32(middle, 1e9)} {
			check(x)
			check(-x)
		}
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 1 << 18 {
		if x := math.Float32frombits(rng.Uint32()); x == x {
			check(x) // of any size: most are too large or too small
		}
		check(float32(rng.NormFloat64()))
		check(float32(rng.NormFloat64() * 1e-6))
	}
	for x, want := range map[float32]uint16{
		65519: 0x7bff, 65520: 0x7c00, 1e30: 0x7c00, float32(math.Inf(-1)): 0xfc00, 1e-9: 0,
	} {
		if got := ToFloat16(x); got != want {
			t.Errorf("%g is %#04x; want %#04x", x, got, want)
		}
	}
	if !math.IsNaN(float64(FromFloat16(ToFloat16(float32(math.NaN()))))) {
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
		"thumbnail":  {Vector: v, FaceThumb: []byte{1}},
		"length":     {Vector: v, Length: float32(math.NaN())},
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
