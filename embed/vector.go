package embed

import "github.com/facesieve/facesieve/schemas"

// sum adds the outputs for a face and for its mirror image and gives the unit
// vector as a vectors object gives it back (schemas.RoundVector); nil where it is
// not finite or has no length.
func sum(face, mirror []float32) []float32 {
	v := make([]float32, len(face))
	for i := range v {
		v[i] = face[i] + mirror[i]
	}
	if schemas.RoundVector(v) != nil {
		return nil
	}
	return v
}
