package cluster

// Dots fills out with the inner products of x and the rows of a matrix from first on,
// as many as out has elements. Each is what Dot gives, to the bit.
func Dots(out, x []float32, rows Matrix, first int) {
	for i := range out {
		out[i] = Dot(x, rows.Row(first+i))
	}
}
