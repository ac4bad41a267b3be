package detect

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/embed/photo"
)

func TestByName(t *testing.T) {
	for _, name := range Names() {
		if d, err := ByName(name); err != nil || d.Name() != name {
			t.Errorf("%s gives %v, %v", name, d, err)
		}
	}
	if _, err := ByName("yunet"); !errors.Is(err, ErrUnknown) {
		t.Errorf("a name without a version gives %v", err)
	}
}

func TestNamesDiffer(t *testing.T) {
	names := Names()
	slices.Sort(names)
	if len(slices.Compact(names)) != len(Detectors()) {
		t.Errorf("two detectors have one name: %q", names)
	}
}

func TestSuppress(t *testing.T) {
	faces := []Face{
		{Score: .5, Box: [4]float32{0, 0, 10, 10}},
		{Score: .9, Box: [4]float32{1, 0, 10, 10}},  // overlaps the first by 9/11
		{Score: .7, Box: [4]float32{20, 0, 10, 10}}, // touches none
		{Score: .8, Box: [4]float32{7, 0, 10, 10}},  // overlaps the second by 4/16
	}
	kept := Suppress(slices.Clone(faces), .3)
	if want := []Face{faces[1], faces[3], faces[2]}; !slices.Equal(kept, want) {
		t.Errorf("%v remain of %v", kept, faces)
	}
	if kept := Suppress(slices.Clone(faces), .2); !slices.Equal(kept, []Face{faces[1], faces[2]}) {
		t.Errorf("with a lower limit %v remain", kept)
	}
	if kept := Suppress(slices.Clone(faces), 1); len(kept) != len(faces) {
		t.Errorf("with limit 1 %v remain", kept)
	}
}

// yunetZeros are outputs without a face, and the names' positions.
func yunetZeros(size int) (values [][]float32, at map[string]int) {
	at = map[string]int{}
	for i, o := range (YuNet{}).Outputs(size) {
		values, at[o.Name] = append(values, make([]float32, o.Values)), i
	}
	return values, at
}

func TestYuNetDecodesACell(t *testing.T) {
	const size, side, col, row = 64, 4, 3, 2 // of stride 16
	out, at := yunetZeros(size)
	cell := row*side + col
	out[at["cls_16"]][cell], out[at["obj_16"]][cell] = .64, 2 // limited to 1
	copy(out[at["bbox_16"]][4*cell:], []float32{.5, .25, float32(math.Log(2)), 0})
	copy(out[at["kps_16"]][10*cell:], []float32{0, 0, 1, 0, .5, .5, 0, 1, 1, 1})
	faces := YuNet{}.Faces(out, size, Thresholds{Score: .5, NMS: .3})
	want := Face{
		Score: .8, Box: [4]float32{40, 28, 32, 16},
		Landmarks: [10]float32{48, 32, 64, 32, 56, 40, 48, 48, 64, 48},
	}
	if len(faces) != 1 || faces[0] != want {
		t.Errorf("%v; want %v", faces, want)
	}
	if faces := (YuNet{}).Faces(out, size, Thresholds{Score: .81, NMS: .3}); len(faces) != 0 {
		t.Errorf("%v is above a threshold of .81", faces)
	}
	out[at["cls_16"]][cell] = float32(math.NaN())
	if faces := (YuNet{}).Faces(out, size, Thresholds{Score: .5, NMS: .3}); len(faces) != 0 {
		t.Errorf("a score that is no number gives %v", faces)
	}
}

func TestYuNetSizes(t *testing.T) {
	for size, good := range map[int]bool{0: false, 16: false, 32: true, 100: false, 320: true, 640: true} {
		if err := (YuNet{}).CheckSize(size); (err == nil) != good {
			t.Errorf("size %d gives %v", size, err)
		}
	}
}

// A position found in the input comes back to where it is in the picture.
func TestToPicture(t *testing.T) {
	picture := &photo.Picture{Width: 128, Height: 64, Pix: make([]byte, 3*128*64)}
	p := YuNet{}.Prepare(picture, 64, make([]float32, 3*64*64))
	if want := (Placement{Scale: .5}); p != want {
		t.Fatalf("placed at %v, not %v", p, want)
	}
	for _, p := range []Placement{p, {Scale: 2, X: 3, Y: 5}} {
		want := Face{Box: [4]float32{10, 20, 30, 40}, Landmarks: [10]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}
		f := want
		f.Box = [4]float32{10*p.Scale + p.X, 20*p.Scale + p.Y, 30 * p.Scale, 40 * p.Scale}
		for k := range f.Landmarks {
			f.Landmarks[k] = f.Landmarks[k]*p.Scale + [2]float32{p.X, p.Y}[k%2]
		}
		faces := []Face{f}
		if ToPicture(faces, p); faces[0] != want {
			t.Errorf("%v gives %v, not %v", p, faces[0], want)
		}
	}
}
