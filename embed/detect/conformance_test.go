package detect

import (
	"math"
	"reflect"
	"testing"

	"github.com/facesieve/facesieve/embed/photo"
)

// TestDetectors holds every detector to the contract of Detector.
func TestDetectors(t *testing.T) {
	for _, d := range Detectors() {
		t.Run(d.Name(), func(t *testing.T) {
			if d.CheckSize(0) == nil {
				t.Error("size 0 passes")
			}
			size := leastSize(d)
			if size == 0 {
				t.Fatal("no size up to 1024 passes")
			}
			checkPrepare(t, d, size)
			checkFaces(t, d, size)
		})
	}
}

// leastSize returns the least size from 64 that a detector takes, 0 where none does.
func leastSize(d Detector) int {
	for size := 64; size <= 1024; size++ {
		if d.CheckSize(size) == nil {
			return size
		}
	}
	return 0
}

// checkPrepare fails where a part of the input is left as it was, or a picture does not
// stand inside it.
func checkPrepare(t *testing.T, d Detector, size int) {
	for _, side := range [][2]int{{1, 1}, {500, 200}, {100, 300}} {
		picture := &photo.Picture{Width: side[0], Height: side[1], Pix: make([]byte, 3*side[0]*side[1])}
		input := make([]float32, 3*size*size)
		for i := range input {
			input[i] = float32(math.NaN())
		}
		p := d.Prepare(picture, size, input)
		for i, x := range input {
			if x != x {
				t.Fatalf("value %d of the input is not set", i)
			}
		}
		for k, at := range []float32{p.X, p.Y} {
			if !(p.Scale > 0) || at < 0 || at+p.Scale*float32(side[k]) > float32(size)+.01 {
				t.Errorf("a picture of %v is placed at %v", side, p)
			}
		}
	}
}

// checkFaces fails where the names of outputs do not differ, or where faces of equal
// outputs are not equal, not ordered, or below the threshold.
func checkFaces(t *testing.T, d Detector, size int) {
	seen := map[string]bool{}
	var zeros, ones, broken [][]float32
	for _, o := range d.Outputs(size) {
		if seen[o.Name] || o.Name == "" || o.Values < 1 {
			t.Errorf("output %+v", o)
		}
		seen[o.Name] = true
		zeros, ones, broken = append(zeros, fill(o.Values, 0)), append(ones, fill(o.Values, 1)),
			append(broken, fill(o.Values, float32(math.NaN())))
	}
	thresholds := Thresholds{Score: .5, NMS: .3}
	for _, outputs := range [][][]float32{zeros, ones, broken} {
		faces := d.Faces(outputs, size, thresholds)
		if again := d.Faces(outputs, size, thresholds); !reflect.DeepEqual(faces, again) {
			t.Errorf("%v, and then %v", faces, again)
		}
		for i, f := range faces {
			if !(f.Score >= thresholds.Score && f.Score <= 1) || !(f.Box[2] > 0 && f.Box[3] > 0) {
				t.Errorf("face %+v", f)
			}
			if i > 0 && f.Score > faces[i-1].Score {
				t.Errorf("face %d is better than the one before", i)
			}
		}
	}
}

func fill(n int, x float32) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = x
	}
	return values
}
