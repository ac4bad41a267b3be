// Package facequality says how well a face can be told from others by what it looks
// like: how well it should agree with its own identity, from what is known of its picture
// and of its embedding (face image quality, ISO/IEC 29794-1). It does no I/O.
package facequality

import (
	"math"

	"github.com/facesieve/facesieve/cluster"
)

// Face is what is known of an embedded face.
type Face struct {
	// Landmarks are x and y of left eye, right eye, nose, left and right mouth corner in
	// pixels of the source; all zero: unknown.
	Landmarks [10]float32
	Sharpness float32 // of the aligned face (photo.Sharpness); 0: unknown
	Detector  float32 // the detector's score, 0..1; 0: unknown
	Length    float32 // of the embedding before it was scaled to 1; 0: unknown
}

// Usual is what faces of the same set have in the median: another detector's scores, and
// another model's lengths, are of another scale.
type Usual struct {
	Detector  float64 // detector's score, 0..1
	LogLength float64 // natural logarithm of the embedding's length
}

// Component is one of the things that a quality is made of.
type Component string

// The components of a quality.
const (
	Size      Component = "size"      // distance of the eyes
	Sharpness Component = "sharpness" // of the aligned face
	Yaw       Component = "yaw"       // turned to a side
	Pitch     Component = "pitch"     // looking up or down
	Roll      Component = "roll"      // leaning to a side
	Detector  Component = "detector"  // score of the detector
	Length    Component = "length"    // of the embedding
)

// Part is what one component says of a face.
type Part struct {
	Component Component
	// Value is the component as a person reads it: pixels of Size, degrees of Yaw, Pitch
	// and Roll, the detector's score, the embedding's length as a multiple of the usual one.
	Value float64
	Share float64 // log-odds that it adds to the quality of a usual face
	Low   bool    // it is worse than that of nearly all faces (model's low)
}

// Quality is how good a face is.
type Quality struct {
	// Score is the cosine that such a face has to its identity's centroid, as expected,
	// 0..1. Without Parts it is not known.
	Score float32
	Parts []Part // what is known, in the order of the components
}

// Known says whether anything is known of the face.
func (q Quality) Known() bool { return len(q.Parts) > 0 }

// Lowest returns the parts that are low or, where none is, the one that takes most away;
// nothing of a face of which nothing takes away.
func (q Quality) Lowest() []Part {
	var low []Part
	worst := -1
	for i, p := range q.Parts {
		if p.Low {
			low = append(low, p)
		}
		if p.Share < 0 && (worst < 0 || p.Share < q.Parts[worst].Share) {
			worst = i
		}
	}
	if len(low) == 0 && worst >= 0 {
		low = append(low, q.Parts[worst])
	}
	return low
}

// Measure returns the quality of a face. A component that is not known, or no number that
// such a component can be, counts as that of a usual face. A better component never makes
// a quality worse.
func Measure(f Face, u Usual) Quality {
	var q Quality
	odds := constant
	for _, t := range model() {
		x, value, ok := t.measure(&f, &u)
		if !ok || math.IsNaN(x) {
			continue
		}
		x = min(max(x, t.least), t.most)
		share := float64(t.weight * (x - t.usual))
		odds += share
		q.Parts = append(q.Parts, Part{Component: t.component, Value: value, Share: share, Low: x <= t.low})
	}
	if q.Known() {
		q.Score = float32(1 / (1 + cluster.Exp(-odds)))
	}
	return q
}

// known says whether x is a number above zero.
func known(x float32) bool { return x > 0 && !math.IsInf(float64(x), 1) }

func size(f *Face, _ *Usual) (x, value float64, ok bool) {
	p, ok := poseOf(&f.Landmarks)
	return cluster.Log(p.eyes), p.eyes, ok
}

func sharpness(f *Face, _ *Usual) (x, value float64, ok bool) {
	s := float64(f.Sharpness)
	return cluster.Log(s), s, known(f.Sharpness)
}

func yaw(f *Face, _ *Usual) (x, value float64, ok bool) {
	p, ok := poseOf(&f.Landmarks)
	return -p.yaw, degrees(p.yaw), ok
}

func pitch(f *Face, _ *Usual) (x, value float64, ok bool) {
	p, ok := poseOf(&f.Landmarks)
	return -p.pitch, degrees(p.pitch), ok
}

func roll(f *Face, _ *Usual) (x, value float64, ok bool) {
	p, ok := poseOf(&f.Landmarks)
	value = degrees(p.roll)
	if p.inverted {
		return -1, 180 - value, ok
	}
	return -p.roll, value, ok
}

func detector(f *Face, u *Usual) (x, value float64, ok bool) {
	s := float64(f.Detector)
	return s - u.Detector, s, known(f.Detector) && s <= 1
}

func length(f *Face, u *Usual) (x, value float64, ok bool) {
	x = cluster.Log(float64(f.Length)) - u.LogLength
	return x, cluster.Exp(x), known(f.Length)
}
