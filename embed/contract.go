package embed

import (
	"errors"
	"fmt"

	"github.com/facesieve/facesieve/embed/detect"
	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/schemas"
)

// ErrContract means that a Spec can't be computed by this engine, or a model is
// not what its contract says.
var ErrContract = errors.New("contract")

// The versions of what this package does to an image; part of a Spec.
const (
	Alignment     = "umeyama-1" // similarity to the contract's points, bilinear, border 0
	FlipNone      = "none-1"    // the output for a face alone, then schemas.RoundVector
	FlipSum       = "sum-2"     // the outputs for a face and its mirror are summed, then schemas.RoundVector
	Decode        = "1"         // photo.Decode
	PointsArcFace = "arcface-112"
)

// parameters are a schemas.EmbedSpec in numbers.
type parameters struct {
	width, height int
	bgr           bool
	scale         float32
	mean, std     [3]float32
	dim           int
	inputs        int         // inputs of one face: 1, or 2 with its mirror image
	points        [10]float32 // where the landmarks go

	detector   detect.Detector // nil: none
	size       int             // side of the detector's input, pixels
	outputs    []detect.Output // of the detector's model
	thresholds detect.Thresholds
}

// outputNames are the names of the detector's outputs.
func (p parameters) outputNames() []string {
	var names []string
	for _, o := range p.outputs {
		names = append(names, o.Name)
	}
	return names
}

// outputsOf are image i's values of the detector's outputs for a batch.
func (p parameters) outputsOf(batch [][]float32, i int) [][]float32 {
	one := make([][]float32, len(p.outputs))
	for k, o := range p.outputs {
		one[k] = batch[k][i*o.Values : (i+1)*o.Values]
	}
	return one
}

func newParameters(s schemas.EmbedSpec) (parameters, error) {
	m := s.Contract
	p := parameters{
		width: m.Width, height: m.Height, bgr: m.Channels == "bgr", scale: float32(m.Scale.Float()), dim: m.Dim,
		inputs: 1,
	}
	if s.Flip == FlipSum {
		p.inputs = 2
	}
	for i := range 3 {
		p.mean[i], p.std[i] = float32(m.Mean[i].Float()), float32(m.Std[i].Float())
	}
	const least, most = 16, 1024
	switch {
	case m.Width < least || m.Height < least || m.Width > most || m.Height > most:
		return p, fmt.Errorf("%w: width %d and height %d must be %d to %d pixels",
			ErrContract, m.Width, m.Height, least, most)
	case m.Channels != "rgb" && m.Channels != "bgr":
		return p, fmt.Errorf("%w: channels %q must be rgb or bgr", ErrContract, m.Channels)
	case p.scale == 0 || p.std[0] == 0 || p.std[1] == 0 || p.std[2] == 0:
		return p, fmt.Errorf("%w: scale and std must not be 0", ErrContract)
	case m.Dim < 1:
		return p, fmt.Errorf("%w: dim %d must be at least 1", ErrContract, m.Dim)
	case m.Points != PointsArcFace:
		return p, fmt.Errorf("%w: points %q are unknown; known are %s", ErrContract, m.Points, PointsArcFace)
	case s.Alignment != Alignment || s.Flip != FlipNone && s.Flip != FlipSum || s.Decode != Decode:
		return p, fmt.Errorf("%w: this program computes alignment %s, flip %s or %s, decode %s; the run wants %s, %s, %s",
			ErrContract, Alignment, FlipNone, FlipSum, Decode, s.Alignment, s.Flip, s.Decode)
	}
	p.points = arcFacePoints(m.Width, m.Height)
	if s.Detector == "" {
		return p, nil
	}
	return p, p.setDetection(s.Detection)
}

// setDetection takes how faces are found.
func (p *parameters) setDetection(d schemas.Detection) error {
	detector, err := detect.ByName(d.Decoding)
	if err != nil {
		return fmt.Errorf("%w: detection: %w", ErrContract, err)
	}
	p.detector, p.size = detector, d.Size
	p.thresholds = detect.Thresholds{Score: float32(d.Score.Float()), NMS: float32(d.NMS.Float())}
	if err := detector.CheckSize(d.Size); err != nil {
		return fmt.Errorf("%w: detection: %w", ErrContract, err)
	}
	if p.thresholds.Score <= 0 || p.thresholds.NMS <= 0 {
		return fmt.Errorf("%w: detection needs a score and nms above 0", ErrContract)
	}
	p.outputs = detector.Outputs(d.Size)
	return nil
}

// arcFacePoints are ArcFace's reference landmarks for 112 x 112 pixels (x, y of
// left eye, right eye, nose, left and right mouth corner), for w x h. Heights
// that 128 divides have ArcFace's own wider frame: scaled by h/128 and moved by
// 8 of these units. A face narrower than high loses both sides alike (SphereFace
// 112 x 96).
func arcFacePoints(w, h int) [10]float32 {
	points := photo.ArcFace112()
	side, move := 112, 0
	if h%128 == 0 {
		side, move = 128, 8
	}
	scale := float32(h) / float32(side)
	for k := range points {
		if k%2 == 0 {
			points[k] += float32(move)
		}
		points[k] *= scale
		if k%2 == 0 {
			points[k] -= float32(h-w) / 2
		}
	}
	return points
}
