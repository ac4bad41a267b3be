package nearduplicate

import "math"

// side is the width and height of a thumbnail.
const side = 16

// margins returns what crops leave out on a side, in hundredths.
func margins() []int { return []int{0, 2, 4, 6} }

// mostSkewed is how much more a crop leaves out of one direction than of the other.
const mostSkewed = 4

// blurred is a thumbnail, or a crop of one, after a blur in both directions with the weights
// 1, 2, 1. It evens out what the cells of two pictures differ in where their grids do not
// fall together. Numbers are whole, so that all processors give the same.
type blurred struct {
	cells [side * side]int64 // 256 to a grey
}

// filter is what blurring a crop takes of the cells of a thumbnail, in one direction: for
// each cell that results, the first one taken and the weights of it and those that follow.
// Weights add up to 800.
type filter [side]struct {
	first   int
	weights [4]int64
}

const filterUnit = 800

// newFilter returns the filter of a crop that leaves out margins before and after.
func newFilter(before, after int) (f filter) {
	var dense [side][side]int64
	for i := range side {
		for step, weight := range [...]int64{1, 2, 1} {
			at := min(max(i+step-1, 0), side-1)
			// In units of 1/200 cell, where the middle of the crop's cell falls.
			x := 2*side*before + (100-before-after)*(2*at+1) - 100
			x = min(max(x, 0), 200*(side-1))
			k := min(x/200, side-2)
			dense[i][k] += weight * int64(200*(k+1)-x)
			dense[i][k+1] += weight * int64(x-200*k)
		}
	}
	for i := range f {
		first := 0
		for first < side-len(f[i].weights) && dense[i][first] == 0 {
			first++
		}
		f[i].first = first
		copy(f[i].weights[:], dense[i][first:])
	}
	return f
}

// across filters a thumbnail from left to right.
func (f *filter) across(thumb []byte) *[side * side]int64 {
	out := new([side * side]int64)
	for y := range side {
		row := thumb[y*side : (y+1)*side]
		for x := range f {
			c := &f[x]
			for k, w := range c.weights {
				out[y*side+x] += w * int64(row[c.first+k])
			}
		}
	}
	return out
}

// down filters what across gave from top to bottom.
func (f *filter) down(from *[side * side]int64) *blurred {
	out := new(blurred)
	for y := range f {
		c := &f[y]
		for x := range side {
			var sum int64
			for k, w := range c.weights {
				sum += w * from[(c.first+k)*side+x]
			}
			out.cells[y*side+x] = (sum*256 + filterUnit*filterUnit/2) / (filterUnit * filterUnit)
		}
	}
	return out
}

// whole returns a thumbnail blurred.
func whole(thumb []byte) *blurred { return crop(thumb, 0, 0, 0, 0) }

// crop returns a part of a thumbnail blurred: all but margins in hundredths of its width and height.
func crop(thumb []byte, left, right, top, bottom int) *blurred {
	x, y := newFilter(left, right), newFilter(top, bottom)
	return y.down(x.across(thumb))
}

// bestCrop returns the best correlation of a crop of a thumbnail with another picture.
func bestCrop(thumb []byte, with *blurred) float64 {
	best := -1.0
	for _, left := range margins() {
		for _, right := range margins() {
			x := newFilter(left, right)
			across := x.across(thumb)
			for _, top := range margins() {
				for _, bottom := range margins() {
					if skew := left + right - top - bottom; skew > mostSkewed || -skew > mostSkewed {
						continue
					}
					y := newFilter(top, bottom)
					best = max(best, correlation(y.down(across), with))
				}
			}
		}
	}
	return best
}

// leastContrast is the variance of a thumbnail, in squared greys, below which nothing
// can be told from it.
const leastContrast = 9

// correlation returns Pearson's correlation of the cells of two pictures; 0 where one of
// them is nearly of one grey.
func correlation(a, b *blurred) float64 {
	const n = side * side
	var sumA, sumB, squaresA, squaresB, products int64
	for i := range n {
		x, y := a.cells[i], b.cells[i]
		sumA, sumB = sumA+x, sumB+y
		squaresA, squaresB, products = squaresA+x*x, squaresB+y*y, products+x*y
	}
	// n^2 times variances and covariance: below 2^49.
	varA, varB, cov := n*squaresA-sumA*sumA, n*squaresB-sumB*sumB, n*products-sumA*sumB
	const least = leastContrast * 256 * 256 * n * n
	if varA < least || varB < least {
		return 0
	}
	return float64(cov) / math.Sqrt(float64(varA)*float64(varB))
}
