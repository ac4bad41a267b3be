package dataset

import "math"

// secondLook reads what a second look gave. One that is not finite counts as none.
func (v *vectors) secondLook(r record, row *VectorRow) error {
	x, err := r.floats(v.second)
	if err != nil || x == nil || row.Vector == nil {
		return err
	}
	if len(x) != v.dim {
		return r.failed("%q has a second_vector of %d numbers, others have %d", row.Path, len(x), v.dim)
	}
	score, err := r.float(v.secondScore)
	if err != nil {
		return err
	}
	if score < 0 || score > 1 {
		return r.failed("%q has the second_det_score %g, want 0 to 1", row.Path, score)
	}
	if hasDirection(x) {
		row.Second = x
		if !math.IsNaN(score) {
			row.SecondScore = float32(score)
		}
	}
	return nil
}
