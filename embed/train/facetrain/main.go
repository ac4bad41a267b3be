// Command facetrain trains an embedding model on a drawn set and writes it as an
// ONNX file with its description.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/embed/train"
)

// The exit codes, as the coordinator's.
const (
	exitError       = 1
	exitUsage       = 64
	exitInterrupted = 130
)

func main() { os.Exit(execute(context.Background(), os.Args[1:], os.Stderr)) }

// execute runs the command with arguments; what it tells goes to a file.
func execute(ctx context.Context, args []string, to *os.File) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, ran := &options{screen: newScreen(to)}, false
	cmd := o.command(&ran)
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(ctx)
	o.screen.end()
	var usage usageError
	switch {
	case err == nil:
		return 0
	case !ran, errors.As(err, &usage):
		_, _ = fmt.Fprintf(to, "facetrain: %v; see facetrain --help\n", err)
		return exitUsage
	case errors.Is(err, context.Canceled):
		_, _ = fmt.Fprintln(to, "facetrain: interrupted; the same command goes on from here")
		return exitInterrupted
	case errors.Is(err, train.ErrCheckpoint):
		_, _ = fmt.Fprintf(to, "facetrain: %v; --fresh begins anew\n", err)
		return exitError
	default:
		_, _ = fmt.Fprintln(to, "facetrain:", err)
		return exitError
	}
}

// options are the command's flags.
type options struct {
	data, heldout, out string
	layers             string
	dim                int
	training           train.Options
	every              int
	fresh              bool
	name               string
	screen             *screen
}

func (o *options) command(ran *bool) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "facetrain --data DIR --heldout DIR --out DIR",
		Short: "Trains an embedding model on a drawn set",
		Long: `facetrain learns to tell faces apart from a set that coordinator synth draws,
and measures the model after every epoch on people that it never saw, as LFW's
protocol does: ten folds, each judged by the threshold that is best on the others.

It writes into --out: NAME.onnx and NAME.onnx.json, the finished model and its
description; checkpoint, from which the same command goes on after any
interruption and ends with the same bytes; curves.png; and an event file for
TensorBoard. The same command on the same set gives the same bytes on one
machine.`,
		Example: `  coordinator synth --out .train/set --clean --seed 1 --identities 2000 --images 16 --references 0
  coordinator synth --out .train/heldout --clean --seed 2 --identities 2 --images 2 \
    --references 600 --reference-siblings .3 --pairs 3000
  facetrain --data .train/set --heldout .train/heldout --out .train/model`,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			*ran = true
			return o.run(cmd.Context(), commandLine(cmd))
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.data, "data", "", "folder of the set to learn from: faces/ and faces.csv are in it")
	f.StringVar(&o.heldout, "heldout", "",
		"folder of another set, whose reference is measured on: reference/, with pairs.txt, and reference.csv "+
			"are in it")
	f.StringVar(&o.out, "out", "", "folder to write to; it is made")
	f.StringVar(&o.name, "name", "builtin", "of the model's two files")
	f.StringVar(&o.layers, "layers", "16/2,32/2,64,80/2,96",
		"convolutions: channels, and /2 where the stride is 2")
	f.IntVar(&o.dim, "dim", 64, "numbers of an embedding")
	f.StringVar(&o.training.Loss, "head", "amsoftmax", "loss: amsoftmax, normface or softmax")
	f.IntVar(&o.training.Epochs, "epochs", 30, "times that every picture is seen")
	f.IntVar(&o.training.Batch, "batch", 64, "pictures of an optimizer step")
	f.Float64Var(&o.training.Rate, "rate", .002, "highest learning rate, of Adam")
	f.IntVar(&o.training.Warm, "warm", 500,
		"optimizer steps over which the learning rate rises; then it falls along a cosine")
	f.Float64Var(&o.training.Decay, "decay", .05, "weight decay, for each unit of the learning rate")
	f.Float64Var(&o.training.Ramp, "ramp", .3,
		"share of the training over which the margin of amsoftmax grows from 0")
	f.Uint64Var(&o.training.Seed, "seed", 1, "of everything that is drawn")
	f.IntVar(&o.every, "every", 1000,
		"optimizer steps between checkpoints; there is one after each epoch, too; 0: these alone")
	f.BoolVar(&o.fresh, "fresh", false, "begin anew, whatever checkpoint is in --out")
	return cmd
}
