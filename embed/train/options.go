package train

import (
	"errors"
	"fmt"
	"math"
)

// ErrOptions means that options ask for what can't be done.
var ErrOptions = errors.New("impossible options")

// Options are all that changes what is learned from pictures.
type Options struct {
	Network      Network      `json:"network"`
	Loss         string       `json:"loss"`
	Epochs       int          `json:"epochs"`
	Batch        int          `json:"batch"`
	Rate         float64      `json:"rate"`  // the highest learning rate
	Warm         int          `json:"warm"`  // optimizer steps until then
	Decay        float64      `json:"decay"` // of weights, for each unit of the learning rate
	Ramp         float64      `json:"ramp"`  // share of the training over which the loss's margin grows from 0
	Seed         uint64       `json:"seed"`
	Augmentation Augmentation `json:"augmentation"`
}

// Validate says what is wrong with options. Errors wrap ErrOptions, ErrNetwork or
// ErrLoss.
func (o Options) Validate() error {
	if _, err := findLoss(o.Loss); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	switch {
	case o.Epochs < 1 || o.Batch < 2 || o.Batch > 4096:
		return fmt.Errorf("train: %w: %d epochs with batches of %d: at least one epoch, and batches of 2 to 4096",
			ErrOptions, o.Epochs, o.Batch)
	case !(o.Ramp >= 0 && o.Ramp <= 1):
		return fmt.Errorf("train: %w: the margin grows over a share of %g of the training: it lies between 0 and 1",
			ErrOptions, o.Ramp)
	case !(o.Rate > 0) || math.IsInf(o.Rate, 0) || o.Warm < 0 || !(o.Decay >= 0) || math.IsInf(o.Decay, 0):
		return fmt.Errorf("train: %w: rate %g, %d steps to warm up, decay %g: "+
			"the rate must be above 0, the others at least 0, and all finite", ErrOptions, o.Rate, o.Warm, o.Decay)
	}
	return o.Network.validate()
}
