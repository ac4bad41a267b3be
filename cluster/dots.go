package cluster

// Dots fills out with the inner products of x and the rows of a matrix from first on,
// as many as out has elements. Each is what Dot gives, to the bit.
func Dots(out, x []float32, rows Matrix, first int) {
	done := 0
	if n := rows.Cols; eightAtOnce() && n > 0 && n%8 == 0 && len(x) == n && len(out) >= 8 {
		all := rows.Data[first*n : (first+len(out))*n]
		for ; done+8 <= len(out); done += 8 {
			dots8(&x[0], &all[done*n], n/8, uintptr(4*n), &out[done])
		}
	}
	for i := done; i < len(out); i++ {
		out[i] = Dot(x, rows.Row(first+i))
	}
}
