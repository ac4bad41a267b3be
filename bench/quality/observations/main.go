// Command observations writes what the judge's model of each finished run is fitted to, as CSV
// to standard output: a line for each image of the sample in each variant, with its
// features. prior.py learns the shipped weights from them.
package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"

	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/calibrate"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: observations STORE RUN > FILE.csv")
		os.Exit(2)
	}
	if err := write(ctx, os.Stdout, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "observations:", err)
		os.Exit(1)
	}
}

// write writes the observations of a run.
func write(ctx context.Context, w io.Writer, url, id string) error {
	st, err := store.Open(ctx, url, store.Options{Existing: true})
	if err != nil {
		return err
	}
	run, err := runstore.Load(ctx, st, schemas.RunID(id))
	if err != nil {
		return err
	}
	sample, err := calibrate.Sample(ctx, runstore.NewShards(run))
	if err != nil {
		return err
	}
	prior, err := labelnoise.ShippedPrior()
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(w)
	out := csv.NewWriter(buffered)
	row := append([]string{"path", "kind", "share"}, labelnoise.FeatureNames()...)
	if err := out.Write(row); err != nil {
		return err
	}
	for _, o := range labelnoise.Observations(sample, prior) {
		row[0] = sample.Examples[o.Example].Path
		row[1], row[2] = strconv.Itoa(int(o.Kind)), strconv.FormatFloat(o.Share, 'g', -1, 64)
		for i, x := range o.Features {
			row[3+i] = strconv.FormatFloat(x, 'g', -1, 64)
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return buffered.Flush()
}
