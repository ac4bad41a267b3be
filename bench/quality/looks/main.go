// Command looks looks at every image of a finished run again, and writes what that gave of
// the face that the first look chose, as CSV to standard output: path, detector's score,
// then the vector. With it a bench can give any image of a simulated set its second look
// without a picture.
package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/engine"
)

func main() {
	url := flag.String("store", "", "store of the run")
	id := flag.String("run", "", "id of the run")
	data := flag.String("data", "", "folder of its set")
	var flags engine.Flags
	flag.StringVar(&flags.Models, "models", "", "folder of model files")
	flag.StringVar(&flags.Runtime, "onnxruntime", "", "ONNX Runtime library or its folder")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := write(ctx, os.Stdout, &flags, *url, schemas.RunID(*id), *data); err != nil {
		fmt.Fprintln(os.Stderr, "looks:", err)
		os.Exit(1)
	}
}

// write writes the looks of a run whose store has its models.
func write(ctx context.Context, w io.Writer, flags *engine.Flags, url string, id schemas.RunID, data string) (err error) {
	st, err := store.Open(ctx, url, store.Options{Existing: true})
	if err != nil {
		return err
	}
	run, err := runstore.Load(ctx, st, id)
	if err != nil {
		return err
	}
	e, err := flags.Open(ctx, st, run.Spec.Embed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	reader, err := dataset.OpenReader(ctx, data, store.S3Options{})
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(w)
	out := csv.NewWriter(buffered)
	for _, sh := range run.Set().Shards {
		v, err := run.FirstVectors(ctx, sh)
		if err != nil {
			return err
		}
		looks, err := e.Look(ctx, v.Rows, v.Embeddings, func(ctx context.Context, i int) ([]byte, error) {
			return reader.Read(ctx, v.Rows[i])
		}, nil)
		if err != nil {
			return err
		}
		for i := range looks {
			if err := writeRow(out, &v.Embeddings[i], &looks[i]); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return errors.Join(out.Error(), buffered.Flush())
}

// writeRow writes a look, unless it lacks the face that was chosen first.
func writeRow(out *csv.Writer, first *schemas.Embedding, look *schemas.SecondLook) error {
	if first.Vector == nil {
		return nil
	}
	face := runstore.SameFace(first, look.Faces)
	if face == nil {
		return nil
	}
	row := []string{look.Path, strconv.FormatFloat(float64(face.DetScore), 'g', -1, 32)}
	for _, x := range face.Vector {
		row = append(row, strconv.FormatFloat(float64(x), 'g', -1, 32))
	}
	return out.Write(row)
}
