// Package detect knows face detectors: which outputs of a model a detector needs,
// how a picture becomes the model's input, and how the outputs become faces. It
// runs no model. A further detector is a file of its own and a line of Detectors.
package detect

import (
	"errors"
	"fmt"
	"strings"

	"github.com/facesieve/facesieve/embed/photo"
)

// ErrUnknown means that there is no detector of a name.
var ErrUnknown = errors.New("unknown detector decoding")

// Face is a detected face.
type Face struct {
	Score     float32     // how sure the detector is, 0 to 1
	Box       [4]float32  // x, y of the upper left corner, width, height; pixels
	Landmarks [10]float32 // x, y of left eye, right eye, nose, left and right mouth corner; pixels
}

// Output is an output of a detector's model.
type Output struct {
	Name   string
	Values int // number of values for one picture
}

// Thresholds says which faces a detector gives.
type Thresholds struct {
	Score float32 // least score of a face
	NMS   float32 // overlap (IoU) above which the weaker of two faces goes
}

// Placement says where a picture stands in a model's input: the picture's position
// p, in pixels, is at p*Scale + (X, Y).
type Placement struct{ Scale, X, Y float32 }

// Detector is one way to find faces with a model. Its methods may be called by
// several goroutines.
type Detector interface {
	// Name returns the name and version of the decoding, "yunet-1". Whoever changes what
	// Prepare or Faces computes gives it another version: it is part of a run's id.
	Name() string

	// CheckSize refuses a side of the input that the detector can't work with, pixels.
	CheckSize(size int) error

	// Outputs lists the model's outputs that Faces needs, for an input of size x size
	// pixels.
	Outputs(size int) []Output

	// Prepare writes a picture into the model's input: three planes of size x size
	// values, which it fills whole.
	Prepare(picture *photo.Picture, size int, input []float32) Placement

	// Faces decodes the outputs for one picture, as Outputs lists them, into faces in
	// pixels of the input: the best first, overlaps removed.
	Faces(outputs [][]float32, size int, t Thresholds) []Face
}

// Detectors lists the detectors.
func Detectors() []Detector {
	return []Detector{
		YuNet{},
	}
}

// Names lists the names of the detectors.
func Names() []string {
	var names []string
	for _, d := range Detectors() {
		names = append(names, d.Name())
	}
	return names
}

// ByName returns the detector of a name. Errors wrap ErrUnknown.
func ByName(name string) (Detector, error) {
	for _, d := range Detectors() {
		if d.Name() == name {
			return d, nil
		}
	}
	return nil, fmt.Errorf("%w %q: name one of %s", ErrUnknown, name, strings.Join(Names(), ", "))
}

// ToPicture moves faces from pixels of a model's input to pixels of the picture that
// was placed there.
func ToPicture(faces []Face, p Placement) {
	for i := range faces {
		f := &faces[i]
		f.Box[0] = (f.Box[0] - p.X) / p.Scale
		f.Box[1] = (f.Box[1] - p.Y) / p.Scale
		f.Box[2] /= p.Scale
		f.Box[3] /= p.Scale
		for k := 0; k < len(f.Landmarks); k += 2 {
			f.Landmarks[k] = (f.Landmarks[k] - p.X) / p.Scale
			f.Landmarks[k+1] = (f.Landmarks[k+1] - p.Y) / p.Scale
		}
	}
}
