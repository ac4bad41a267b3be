package embed

import (
	"errors"
	"fmt"

	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/schemas"
)

// ErrContract means that a Spec can't be computed by this engine, or a model is
// not what its contract says.
var ErrContract = errors.New("contract")

// The versions of what this package does to an image; part of a Spec.
const (
	Alignment     = "umeyama-1" // similarity to the contract's points, bilinear, border 0
	Flip          = "sum-1"     // the outputs for a face and its mirror are summed, then normalised
	Decode        = "1"         // photo.Decode
	PointsArcFace = "arcface-112"
)

// contract is a schemas.ModelContract in numbers.
type contract struct {
	width, height int
	bgr           bool
	scale         float32
	mean, std     [3]float32
	dim           int
	points        [10]float32 // where the landmarks go
	size          int         // side of the detector's input; 0: no detector
	score, nms    float32
}

func newContract(s schemas.EmbedSpec) (contract, error) {
	m := s.Contract
	c := contract{
		width: m.Width, height: m.Height, bgr: m.Channels == "bgr",
		scale: float32(m.Scale.Float()), dim: m.Dim,
		score: float32(s.Detection.Score.Float()), nms: float32(s.Detection.NMS.Float()),
	}
	for i := range 3 {
		c.mean[i], c.std[i] = float32(m.Mean[i].Float()), float32(m.Std[i].Float())
	}
	if s.Detector != "" {
		c.size = s.Detection.Size
	}
	const least, most = 16, 1024
	switch {
	case m.Width < least || m.Height < least || m.Width > most || m.Height > most:
		return c, fmt.Errorf("%w: width %d and height %d must be %d to %d pixels", ErrContract, m.Width, m.Height, least, most)
	case m.Channels != "rgb" && m.Channels != "bgr":
		return c, fmt.Errorf("%w: channels %q must be rgb or bgr", ErrContract, m.Channels)
	case c.scale == 0 || c.std[0] == 0 || c.std[1] == 0 || c.std[2] == 0:
		return c, fmt.Errorf("%w: scale and std must not be 0", ErrContract)
	case m.Dim < 1:
		return c, fmt.Errorf("%w: dim %d must be at least 1", ErrContract, m.Dim)
	case m.Points != PointsArcFace:
		return c, fmt.Errorf("%w: points %q are unknown; known are %s", ErrContract, m.Points, PointsArcFace)
	case s.Alignment != Alignment || s.Flip != Flip || s.Decode != Decode:
		return c, fmt.Errorf("%w: this program computes alignment %s, flip %s, decode %s; the run wants %s, %s, %s",
			ErrContract, Alignment, Flip, Decode, s.Alignment, s.Flip, s.Decode)
	case s.Detector != "" && (c.size < 32 || c.size%32 != 0 || c.score <= 0 || c.nms <= 0):
		return c, fmt.Errorf("%w: detection needs a size that 32 divides (it is %d) and a score and nms above 0", ErrContract, c.size)
	}
	c.points = arcFacePoints(m.Width, m.Height)
	return c, nil
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
