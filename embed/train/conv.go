package train

import (
	"fmt"

	"github.com/facesieve/facesieve/embed/matmul"
	"gorgonia.org/gorgonia"
)

// convolution is a 3x3 convolution with a border of one pixel of zeros, without
// a bias: a normalization follows.
type convolution struct {
	batch      int // pictures
	size       int // width and height of the input
	in, out    int // channels
	stride     int
	firstLayer bool // the gradient of the input is asked for by nobody
}

const kernel = 3

// outSize is the width and height of the result.
func (c convolution) outSize() int { return (c.size-1)/c.stride + 1 }

// patch is the number of values that one output pixel looks at.
func (c convolution) patch() int { return kernel * kernel * c.in }

// chunk is how many pictures' patches are held at a time: as many as stay in a
// processor's second cache.
func (c convolution) chunk() int {
	const cache = 48 << 10 // values
	return max(1, cache/(c.outSize()*c.outSize()*c.patch()))
}

// chunks cuts pictures from..end and gives each chunk the memory for its patches.
func (c convolution) chunks(from, end int, memory *[]float32, f func(from, end int, patches matmul.Matrix)) {
	pixels, step := c.outSize()*c.outSize(), c.chunk()
	if *memory == nil {
		*memory = make([]float32, step*pixels*c.patch())
	}
	for ; from < end; from += step {
		to := min(from+step, end)
		f(from, to, matmul.Of((to-from)*pixels, c.patch(), *memory))
	}
}

// node is the convolution of x, pixels by c.in, with w, patch by c.out. A row of
// w belongs to one position in the kernel, row by row, and one channel.
func (c convolution) node(x, w *gorgonia.Node) (*gorgonia.Node, error) {
	pixels := c.outSize() * c.outSize()
	var memory [parts][]float32
	o := &operation{
		name: fmt.Sprintf("convolution%+v", c), rows: c.batch * pixels, cols: c.out, operands: 2,
		wrt: []bool{!c.firstLayer, true},
	}
	o.run = func(out []float32, in [][]float32) {
		weights := matmul.Of(c.patch(), c.out, in[1])
		share(c.batch, func(part, from, end int) {
			clear(out[from*pixels*c.out : end*pixels*c.out])
			c.chunks(from, end, &memory[part], func(from, end int, patches matmul.Matrix) {
				c.gather(patches.Data, in[0], from, end)
				matmul.Add(matmul.Of(patches.Rows, c.out, out[from*pixels*c.out:]), patches, weights)
			})
		})
	}
	o.diff = func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
		dw, err := c.weightGradient().apply(in[0], grad)
		if err != nil || c.firstLayer {
			return gorgonia.Nodes{nil, dw}, err
		}
		dx, err := c.inputGradient().apply(in[1], grad)
		return gorgonia.Nodes{dx, dw}, err
	}
	return o.apply(x, w)
}

// weightGradient is of the input and the result's gradient.
func (c convolution) weightGradient() *operation {
	pixels := c.outSize() * c.outSize()
	var memory, sums [parts][]float32
	for p := range sums {
		sums[p] = make([]float32, c.patch()*c.out)
	}
	return &operation{
		name: fmt.Sprintf("weights of convolution%+v", c), rows: c.patch(), cols: c.out, operands: 2,
		run: func(out []float32, in [][]float32) {
			share(c.batch, func(part, from, end int) {
				sum := matmul.Of(c.patch(), c.out, sums[part])
				clear(sum.Data)
				c.chunks(from, end, &memory[part], func(from, end int, patches matmul.Matrix) {
					c.gather(patches.Data, in[0], from, end)
					matmul.AddTransposed(sum, patches, matmul.Of(patches.Rows, c.out, in[1][from*pixels*c.out:]))
				})
			})
			for i := range out {
				out[i] = sums[0][i] + sums[1][i] + sums[2][i] + sums[3][i]
			}
		},
	}
}

// inputGradient is of the weights and the result's gradient.
func (c convolution) inputGradient() *operation {
	pixels, area := c.outSize()*c.outSize(), c.size*c.size
	var memory [parts][]float32
	transposed := make([]float32, c.patch()*c.out)
	return &operation{
		name: fmt.Sprintf("input of convolution%+v", c), rows: c.batch * area, cols: c.in, operands: 2,
		run: func(out []float32, in [][]float32) {
			transpose(transposed, in[0], c.patch(), c.out)
			weights := matmul.Of(c.out, c.patch(), transposed)
			share(c.batch, func(part, from, end int) {
				clear(out[from*area*c.in : end*area*c.in])
				c.chunks(from, end, &memory[part], func(from, end int, patches matmul.Matrix) {
					clear(patches.Data)
					matmul.Add(patches, matmul.Of(patches.Rows, c.out, in[1][from*pixels*c.out:]), weights)
					c.scatter(out, patches.Data, from, end)
				})
			})
		},
	}
}

// gather copies what each output pixel of some pictures looks at into its row of
// patches.
func (c convolution) gather(patches, x []float32, from, end int) {
	c.walk(patches, x, from, end, func(row, seen []float32, first int) {
		clear(row[:first])
		clear(row[first+copy(row[first:], seen):])
	})
}

// scatter adds each row of patches to the pixels that it was gathered from.
func (c convolution) scatter(x, patches []float32, from, end int) {
	c.walk(patches, x, from, end, func(row, seen []float32, first int) {
		row = row[first : first+len(seen)]
		for i, v := range row {
			seen[i] += v
		}
	})
}

// walk visits the rows of patches of some pictures in their order: each with the
// pixels that it holds, of which the first stands at first. Beyond a picture's edge
// it holds none.
func (c convolution) walk(patches, x []float32, from, end int, visit func(row, seen []float32, first int)) {
	width, side := kernel*c.in, c.outSize()
	for picture := from; picture < end; picture++ {
		plane := x[picture*c.size*c.size*c.in : (picture+1)*c.size*c.size*c.in]
		for y := range side {
			for column := range side {
				for ky := range kernel {
					row := patches[:width:width]
					patches = patches[width:]
					if first, last, at, inside := c.window(y, column, ky); inside {
						visit(row, plane[at:at+last-first], first)
					} else {
						visit(row, nil, 0)
					}
				}
			}
		}
	}
}

// window finds one row of the kernel over an output pixel: which of its values,
// first up to last, lie inside the picture, and where they begin there.
func (c convolution) window(y, column, ky int) (first, last, at int, inside bool) {
	row, left := y*c.stride+ky-1, column*c.stride-1
	if row < 0 || row >= c.size {
		return 0, 0, 0, false
	}
	first, last = 0, kernel*c.in
	if left < 0 {
		first, left = c.in, 0
	}
	if over := column*c.stride - 1 + kernel - c.size; over > 0 {
		last -= over * c.in
	}
	return first, last, (row*c.size + left) * c.in, true
}

// transpose writes a matrix of so many rows and columns turned.
func transpose(to, from []float32, rows, cols int) {
	for i := range rows {
		for j, v := range from[i*cols : (i+1)*cols] {
			to[j*rows+i] = v
		}
	}
}
