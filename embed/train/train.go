// Package train makes embedding models: a small convolutional network on
// Gorgonia's graphs, differentiation and tape machine, with arithmetic of its own
// (operation); losses, Adam, augmentation, evaluation by LFW's protocol,
// checkpoints, and the finished model as an ONNX file.
//
// Everything is drawn from the options' seed and every sum has one order, so that
// two trainings of equal options and pictures give equal bytes on one machine,
// stopped and resumed or not.
package train

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"
)

// Run says where a training's files are and who looks on.
type Run struct {
	Dir string // checkpoint, curves and event file; it must be there
	// Every is the number of optimizer steps between checkpoints; 0: at the end of epochs.
	Every int
	// Watch, where not nil, sees every optimizer step, Epoch every measured epoch.
	Watch func(Progress)
	Epoch func(Point)
}

// Progress is where a training stands after an optimizer step.
type Progress struct {
	Epoch, Epochs int // from 0
	Step, Steps   int // done, of the epoch
	Done, Total   int // optimizer steps of the whole training
	Resumed       int // optimizer steps that were done when this process began
	Loss, Correct float64
	Rate          float64
	Measured      *Measured
	Pictures      int // of an optimizer step
	Since         time.Time
}

// training is one at work.
type training struct {
	run       Run
	model     *Model
	loss      lossFunction
	adam      *adam
	augmenter *augmenter
	learner   *learner
	pictures  *Pictures
	state     State
	began     time.Time
	resumed   int
}

// CheckpointFile is the checkpoint's name in Run.Dir.
const CheckpointFile = "checkpoint"

// Train trains a model, from the folder's checkpoint where it has one of the same
// options and pictures. When ctx is cancelled it writes a checkpoint and returns
// ctx's error, or why it could not write it.
func Train(ctx context.Context, o Options, p *Pictures, h *HeldOut, run Run) (*Model, State, error) {
	t, err := begin(o, p, run)
	if err != nil {
		return nil, State{}, err
	}
	embedder, err := NewEmbedder(t.model, min(64, max(2, h.Pictures.Len())))
	if err != nil {
		return nil, State{}, err
	}
	if t.state.Epoch == o.Epochs {
		if err := t.measureAgain(h, embedder); err != nil {
			return nil, State{}, err
		}
	}
	for t.state.Epoch < o.Epochs {
		if err := t.epoch(ctx); err != nil {
			return nil, State{}, err
		}
		measured, err := h.Measure(embedder)
		if err != nil {
			return nil, State{}, err
		}
		if err := t.endEpoch(measured); err != nil {
			return nil, State{}, err
		}
	}
	return t.model, t.state, nil
}

// begin makes a training at its first optimizer step, or where its checkpoint stands.
func begin(o Options, p *Pictures, run Run) (*training, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if p.Len() < o.Batch || len(p.Identities) < 2 {
		return nil, fmt.Errorf("train: %w: %d pictures of %d identities: "+
			"at least 2 identities and a batch of %d pictures are needed", ErrOptions, p.Len(),
			len(p.Identities), o.Batch)
	}
	l, err := findLoss(o.Loss)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	m := NewModel(o.Network, len(p.Identities), o.Seed)
	t := &training{
		run: run, model: m, loss: l, adam: newAdam(m, o.Decay), pictures: p,
		augmenter: newAugmenter(o.Augmentation, o.Seed),
		state:     State{Options: o, Data: p.Digest(), Classes: m.Classes}, began: time.Now(),
	}
	c, err := loadCheckpoint(filepath.Join(run.Dir, CheckpointFile))
	if err == nil && c != nil {
		err = t.restore(c)
	}
	if err != nil {
		return nil, err
	}
	t.resumed = t.adam.steps
	t.learner, err = newLearner(m, l, o.Batch)
	return t, err
}

// stepsPerEpoch leaves out the pictures that fill no batch; they are others in
// each epoch.
func (t *training) stepsPerEpoch() int { return t.pictures.Len() / t.state.Options.Batch }

// epoch does the epoch's optimizer steps that are left.
func (t *training) epoch(ctx context.Context) error {
	o, steps := t.state.Options, t.stepsPerEpoch()
	order := rand.New(rand.NewPCG(o.Seed, 0x6f72646572+uint64(t.state.Epoch))).Perm(t.pictures.Len())
	for t.state.Step < steps {
		if err := ctx.Err(); err != nil {
			if err := t.save(); err != nil {
				return fmt.Errorf("%w; what was learnt since the last checkpoint may be lost", err)
			}
			return fmt.Errorf("train: stopped: %w", err)
		}
		if err := t.step(order[t.state.Step*o.Batch:][:o.Batch]); err != nil {
			return err
		}
		t.state.Step++
		if t.state.Step < steps && t.run.Every > 0 && t.adam.steps%t.run.Every == 0 {
			if err := t.save(); err != nil {
				return err
			}
		}
	}
	return nil
}

// step does an optimizer step: it learns from one batch.
func (t *training) step(batch []int) error {
	const size = Side * Side * 3
	share(len(batch), func(_, from, end int) {
		for i := from; i < end; i++ {
			t.augmenter.apply(t.pictures, t.state.Epoch, batch[i], t.learner.pixels[i*size:(i+1)*size])
			t.learner.classes[i] = float32(t.pictures.Classes[batch[i]])
		}
	})
	o, perEpoch := t.state.Options, t.stepsPerEpoch()
	total := perEpoch * o.Epochs
	t.learner.margin[0] = t.loss.margin * ramp(t.adam.steps, o.Ramp*float64(total))
	gradients, loss, right, err := t.learner.step()
	if err != nil {
		return err
	}
	rate := schedule(o.Rate, t.adam.steps, o.Warm, total)
	t.adam.update(t.model, gradients, rate)
	if !finite(loss) {
		return fmt.Errorf("train: %w: the loss is no longer a finite number at step %d; a lower rate than %g may help",
			ErrOptions, t.adam.steps, o.Rate)
	}
	t.state.Window.add(float64(loss), right, len(batch))
	if t.run.Watch != nil {
		t.run.Watch(Progress{
			Epoch: t.state.Epoch, Epochs: o.Epochs, Step: t.state.Step + 1, Steps: perEpoch,
			Done: t.adam.steps, Total: total, Resumed: t.resumed, Pictures: o.Batch,
			Loss: t.state.Window.loss(), Correct: t.state.Window.correct(), Rate: rate,
			Measured: t.state.History.last(), Since: t.began,
		})
	}
	if t.state.Window.Steps == curveSteps {
		t.state.History.take(&t.state.Window, t.adam.steps, t.state.Epoch, rate)
	}
	return nil
}

// endEpoch keeps what the epoch came to.
func (t *training) endEpoch(measured Measured) error {
	point := Point{Epoch: t.state.Epoch, Step: t.adam.steps, Time: time.Now().Unix(), Measured: &measured}
	t.state.History.Points = append(t.state.History.Points, point)
	t.state.Epoch, t.state.Step = t.state.Epoch+1, 0
	if t.run.Epoch != nil {
		t.run.Epoch(point)
	}
	return t.save()
}

// save writes the checkpoint and, of its history, curves and event file.
func (t *training) save() error {
	data, err := t.checkpoint().Bytes()
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(t.run.Dir, CheckpointFile), data); err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	if err := t.state.History.write(t.run.Dir); err != nil {
		return fmt.Errorf("train: curves: %w", err)
	}
	return nil
}
