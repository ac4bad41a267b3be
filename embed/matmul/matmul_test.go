package matmul

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// filled is a matrix of random numbers with a gap after each row.
func filled(r *rand.Rand, rows, cols, gap int) Matrix {
	m := Matrix{Rows: rows, Cols: cols, Stride: cols + gap, Data: make([]float32, rows*(cols+gap))}
	for i := range m.Data {
		m.Data[i] = r.Float32()*2 - 1
	}
	return m
}

func clone(m Matrix) Matrix {
	m.Data = slices.Clone(m.Data)
	return m
}

func transposed(m Matrix, gap int) Matrix {
	t := Matrix{Rows: m.Cols, Cols: m.Rows, Stride: m.Rows + gap, Data: make([]float32, m.Cols*(m.Rows+gap))}
	for i := range m.Rows {
		for j := range m.Cols {
			t.Data[j*t.Stride+i] = m.Data[i*m.Stride+j]
		}
	}
	return t
}

// want is c + a·b in float64.
func want(c, a, b Matrix) Matrix {
	out := clone(c)
	for i := range c.Rows {
		for j := range c.Cols {
			sum := float64(c.Data[i*c.Stride+j])
			for l := range a.Cols {
				sum += float64(a.Data[i*a.Stride+l]) * float64(b.Data[l*b.Stride+j])
			}
			out.Data[i*c.Stride+j] = float32(sum)
		}
	}
	return out
}

func near(t *testing.T, what string, got, want Matrix) {
	t.Helper()
	for i, v := range got.Data {
		if !(math.Abs(float64(v-want.Data[i])) < 1e-4) { // gaps must be as they were, too
			t.Fatalf("%s: element %d is %v, want %v", what, i, v, want.Data[i])
		}
	}
}

func TestAdd(t *testing.T) {
	for _, s := range [][3]int{{1, 1, 1}, {6, 16, 5}, {7, 17, 3}, {49, 96, 57}, {48, 15, 9}, {97, 33, 2}, {5, 64, 100}, {130, 200, 70}, {9, 20, 1}, {1, 20, 9}} {
		for _, gap := range []int{0, 3} {
			r := rand.New(rand.NewPCG(1, uint64(s[0])))
			a, b, c := filled(r, s[0], s[2], gap), filled(r, s[2], s[1], gap), filled(r, s[0], s[1], gap)
			expected := want(c, a, b)
			what := fmt.Sprint(s, " with gap ", gap)
			got := clone(c)
			Add(got, a, b)
			near(t, what, got, expected)
			second := clone(c)
			AddTransposed(second, transposed(a, gap), b)
			if !slices.Equal(second.Data, got.Data) {
				t.Errorf("%s: the product with a turned matrix has other bits", what)
			}
			third := clone(c)
			add(third, a, false, b, false)
			near(t, what+" without the processor's help", third, expected)
			third = clone(c)
			add(third, transposed(a, gap), true, b, false)
			near(t, what+" without the processor's help, turned", third, expected)
		}
	}
}

// The bits of an element do not depend on which rows are computed together.
func TestRowsAreIndependent(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	a, b := filled(r, 300, 37, 0), filled(r, 37, 240, 0)
	for name, f := range map[string]func(c, a, b Matrix){
		"add":                                  Add,
		"without the processor's help":         func(c, a, b Matrix) { add(c, a, false, b, false) },
		"without the processor's help, turned": func(c, a, b Matrix) { add(c, transposed(a, 0), true, b, false) },
	} {
		all := Of(300, 240, make([]float32, 300*240))
		f(all, a, b)
		for from := 0; from < 300; from += 7 {
			n := min(7, 300-from)
			part := Of(n, 240, make([]float32, n*240))
			f(part, Of(n, 37, a.Data[from*37:]), b)
			if !slices.Equal(part.Data, all.Data[from*240:(from+n)*240]) {
				t.Fatalf("%s: rows from %d have other bits alone", name, from)
			}
		}
	}
}

// A product stays in the caller's goroutine, however large it is: to start others
// would allocate.
func TestProductsAllocateNothing(t *testing.T) {
	c, a, b := Of(300, 240, make([]float32, 300*240)), Of(300, 37, make([]float32, 300*37)), Of(37, 240, make([]float32, 37*240))
	for name, f := range map[string]func(){
		"add":                          func() { Add(c, a, b) },
		"without the processor's help": func() { add(c, a, false, b, false) },
	} {
		if n := testing.AllocsPerRun(3, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestNothing(t *testing.T) {
	c := Of(2, 2, []float32{1, 2, 3, 4})
	Add(c, Of(2, 0, nil), Of(0, 2, nil))
	Add(Of(0, 2, nil), Of(0, 3, nil), Of(3, 2, make([]float32, 6)))
	if !slices.Equal(c.Data, []float32{1, 2, 3, 4}) {
		t.Errorf("a product over nothing added %v", c.Data)
	}
}

// A Matrix whose data ends before the product does is a panic, not a stray write.
func TestShortMatrix(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a matrix of 5 rows was read from memory for 4")
		}
	}()
	a := Matrix{Rows: 5, Cols: 16, Stride: 16, Data: make([]float32, 64)}
	Add(Of(5, 16, make([]float32, 80)), a, Of(16, 16, make([]float32, 256)))
}

func BenchmarkAdd(b *testing.B) {
	for _, s := range [][3]int{{784, 16, 27}, {196, 48, 288}, {49, 96, 576}, {196, 288, 48}} {
		m, n, k := s[0], s[1], s[2]
		x, y, z := Of(m, k, make([]float32, m*k)), Of(k, n, make([]float32, k*n)), Of(m, n, make([]float32, m*n))
		for i := range x.Data {
			x.Data[i] = 1
		}
		run := func(name string, f func()) {
			b.Run(fmt.Sprintf("%s %dx%dx%d", name, m, n, k), func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(2*float64(m*n*k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
		run("add", func() { Add(z, x, y) })
		run("turned", func() { AddTransposed(z, Of(k, m, x.Data), y) })
		run("gonum", func() { add(z, x, false, y, false) })
	}
}
