package embed

import "github.com/facesieve/facesieve/schemas"

// unit gives the unit vector of the outputs for a face, one or, with its mirror image,
// two whose sum counts, as a vectors object gives it back (schemas.RoundVector), and the
// length of an output before that: of two, half their sum's. The vector is nil where it
// is not finite or has no length.
func unit(outputs []float32, dim int) (v []float32, length float32) {
	v = make([]float32, dim)
	copy(v, outputs)
	half := float32(1)
	if len(outputs) > dim {
		half = .5
		for i, x := range outputs[dim : 2*dim] {
			v[i] += x
		}
	}
	length = half * schemas.Length(v)
	if schemas.RoundVector(v) != nil {
		return nil, 0
	}
	return v, length
}
