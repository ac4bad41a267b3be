package train

import (
	"errors"
	"path/filepath"
	"time"
)

// curveSteps is how many optimizer steps a point of the curves is the mean of.
const curveSteps = 20

// Window sums optimizer steps up to the next point of the curves.
type Window struct {
	Steps    int     `json:"steps"`
	Loss     float64 `json:"loss"`
	Right    int     `json:"right"`
	Pictures int     `json:"pictures"`
}

func (w *Window) add(loss float64, right, pictures int) {
	w.Steps++
	w.Loss += loss
	w.Right += right
	w.Pictures += pictures
}

func (w *Window) loss() float64 { return w.Loss / float64(w.Steps) }

func (w *Window) correct() float64 { return float64(w.Right) / float64(w.Pictures) }

// Point is one of the curves: of a few optimizer steps, or, with Measured, of an epoch's
// end.
type Point struct {
	Epoch    int       `json:"epoch"`
	Step     int       `json:"step"` // optimizer steps of the whole training, done
	Time     int64     `json:"time"` // seconds since 1970
	Loss     float64   `json:"loss,omitempty"`
	Correct  float64   `json:"correct,omitempty"` // share of pictures whose class is on top
	Rate     float64   `json:"rate,omitempty"`
	Measured *Measured `json:"measured,omitempty"`
}

// History is a training's curves, by optimizer step.
type History struct {
	Points []Point `json:"points"`
}

// take makes a point of a window and empties it.
func (h *History) take(w *Window, step, epoch int, rate float64) {
	h.Points = append(h.Points, Point{
		Epoch: epoch, Step: step, Time: time.Now().Unix(), Loss: w.loss(), Correct: w.correct(), Rate: rate,
	})
	*w = Window{}
}

// last is the newest measurement, nil before the first.
func (h *History) last() *Measured {
	for i := len(h.Points) - 1; i >= 0; i-- {
		if m := h.Points[i].Measured; m != nil {
			return m
		}
	}
	return nil
}

// Names of the files that show the curves.
const (
	CurvesFile = "curves.png"
	EventsFile = "events.out.tfevents.facetrain"
)

// write writes curves and event file anew.
func (h *History) write(dir string) error {
	if len(h.Points) == 0 {
		return nil
	}
	picture, err := h.plot()
	if err != nil {
		return err
	}
	return errors.Join(
		writeFile(filepath.Join(dir, CurvesFile), picture),
		writeFile(filepath.Join(dir, EventsFile), h.events()),
	)
}
