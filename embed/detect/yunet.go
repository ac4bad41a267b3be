package detect

import (
	"fmt"
	"math"

	"github.com/facesieve/facesieve/embed/photo"
)

// YuNet is the detector of Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face
// Detector" (2023): without anchors, at three strides. It decodes the outputs as
// libfacedetection does.
type YuNet struct{}

// yunetStrides are the input's pixels, along one side, of a cell of each level.
var yunetStrides = [3]int{8, 16, 32}

// yunetOutputs are the names, less the stride, and the values of one cell: how
// likely a face is there, how good its box is, the box, five landmarks.
var yunetOutputs = []Output{{"cls", 1}, {"obj", 1}, {"bbox", 4}, {"kps", 10}}

// Name returns "yunet-1".
func (YuNet) Name() string { return "yunet-1" }

// CheckSize refuses a size that the largest stride does not divide.
func (YuNet) CheckSize(size int) error {
	if size < 32 || size%32 != 0 {
		return fmt.Errorf("size %d: 32 must divide it", size)
	}
	return nil
}

// Outputs lists, for each kind of output, that of each stride: "cls_8", "cls_16",
// "cls_32", "obj_8", ...; a cell has 1 class score, 1 objectness, 4 numbers of its
// box and 10 of its landmarks.
func (YuNet) Outputs(size int) []Output {
	var outputs []Output
	for _, o := range yunetOutputs {
		for _, stride := range yunetStrides {
			side := size / stride
			outputs = append(outputs, Output{fmt.Sprintf("%s_%d", o.Name, stride), side * side * o.Values})
		}
	}
	return outputs
}

// Prepare scales a picture to fit the square, at its upper left corner; planes of
// blue, green and red, 0 to 255.
func (YuNet) Prepare(picture *photo.Picture, size int, input []float32) Placement {
	return Placement{Scale: photo.Letterbox(picture, size, input)}
}

// Faces decodes every cell. Its score is the geometric mean of class and
// objectness, each limited to 0 to 1.
func (YuNet) Faces(outputs [][]float32, size int, t Thresholds) []Face {
	var faces []Face
	for s, stride := range yunetStrides {
		side := size / stride
		cls, obj, box, kps := outputs[s], outputs[3+s], outputs[6+s], outputs[9+s]
		for c := range side * side {
			product := min(max(cls[c], 0), 1) * min(max(obj[c], 0), 1)
			if !(product >= t.Score*t.Score) { // NaN is no face
				continue
			}
			f := yunetCell(box[c*4:c*4+4], kps[c*10:c*10+10], c%side, c/side, stride)
			f.Score = float32(math.Sqrt(float64(product)))
			faces = append(faces, f)
		}
	}
	return Suppress(faces, t.NMS)
}

// yunetCell decodes a cell's box and landmarks: the box's centre is the cell's column
// and row plus an offset, width and height are exponentials, all times the stride.
func yunetCell(box, kps []float32, col, row, stride int) Face {
	var f Face
	s, x, y := float32(stride), float32(col), float32(row)
	w := float32(math.Exp(float64(box[2]))) * s
	h := float32(math.Exp(float64(box[3]))) * s
	f.Box = [4]float32{(x+box[0])*s - w/2, (y+box[1])*s - h/2, w, h}
	for k := range 5 {
		f.Landmarks[2*k] = (kps[2*k] + x) * s
		f.Landmarks[2*k+1] = (kps[2*k+1] + y) * s
	}
	return f
}
