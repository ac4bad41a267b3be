package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/embed/train"
	"github.com/facesieve/facesieve/pipeline/dataset/synth"
)

// commandLine is the command as the model's description has it: flags that were
// given and change the model, by name.
func commandLine(cmd *cobra.Command) string {
	words := []string{cmd.Name()}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if !slices.Contains([]string{"out", "every", "fresh", "name"}, f.Name) {
			words = append(words, "--"+f.Name, f.Value.String())
		}
	})
	return strings.Join(words, " ")
}

// usageError is an error about flags.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// check refuses flags that make no sense, and completes the training's options.
func (o *options) check() error {
	network, err := train.ParseNetwork(o.layers, o.dim)
	o.training.Network, o.training.Augmentation = network, train.DefaultAugmentation()
	if err == nil {
		err = o.training.Validate()
	}
	switch {
	case err != nil:
	case o.data == "" || o.heldout == "" || o.out == "":
		err = errors.New("--data, --heldout and --out each name a folder")
	case o.name == "" || o.name != filepath.Base(o.name):
		err = fmt.Errorf("--name %q: give the files' name without a folder and an ending", o.name)
	case o.every < 0:
		err = fmt.Errorf("--every %d: give the steps between checkpoints, or 0 for one after each epoch alone",
			o.every)
	}
	if err != nil {
		return usageError{err}
	}
	return nil
}

// run trains a model and writes it.
func (o *options) run(ctx context.Context, command string) error {
	if err := o.check(); err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	drawn, err := o.drawnWith()
	if err != nil {
		return err
	}
	s := o.screen
	pictures, err := loadSet(ctx, o.data, s)
	if err != nil {
		return err
	}
	heldOut, err := loadHeldOut(ctx, o.heldout, s)
	if err != nil {
		return err
	}
	// Not before: a mistake above costs no training.
	if o.fresh {
		if err := train.Clear(o.out); err != nil {
			return err
		}
	}
	s.line("%d pictures of %d identities; measured on %d pictures of others",
		pictures.Len(), len(pictures.Identities), heldOut.Pictures.Len())
	model, state, err := train.Train(ctx, o.training, pictures, heldOut, train.Run{
		Dir: o.out, Every: o.every, Watch: s.step, Epoch: s.epoch,
	})
	if err != nil {
		return err
	}
	return o.write(model, state, pictures, heldOut, command, drawn)
}

// drawnWith reads what the two sets were drawn with. One that is half drawn is an
// error.
func (o *options) drawnWith() (d train.Drawn, err error) {
	if d.Data, err = synth.DrawnWith(o.data); err != nil {
		return d, err
	}
	d.HeldOut, err = synth.DrawnWith(o.heldout)
	return d, err
}

// write exports the model, tries it out, and writes its two files.
func (o *options) write(
	m *train.Model, state train.State, p *train.Pictures, h *train.HeldOut, command string, drawn train.Drawn,
) error {
	onnx, err := m.ONNX()
	if err != nil {
		return err
	}
	cosine, err := m.Check(onnx, h, 200)
	if err != nil {
		return err
	}
	text, err := train.Describe(m, state, p, h, command, drawn)
	if err != nil {
		return err
	}
	path := filepath.Join(o.out, o.name+".onnx")
	if err := train.WriteModel(path, onnx, text); err != nil {
		return err
	}
	o.screen.line("%s: %d bytes; the engine gorgonia computes the same, the least cosine is %.6f", path,
		len(onnx), cosine)
	o.screen.line("Next: coordinator run --model %s --detector none --data ... --manifest ...", path)
	return nil
}
