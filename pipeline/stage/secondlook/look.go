package secondlook

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Engine looks at images again. It may be called concurrently.
type Engine interface {
	// Look finds the faces of each image again, by what the first look gave of it, and
	// embeds every one; read and done are those of an embedder.
	Look(ctx context.Context, images []schemas.Image, first []schemas.Embedding,
		read func(ctx context.Context, i int) ([]byte, error), done func()) ([]schemas.SecondLook, error)
}

// Input is what Doubtful and Shard need.
type Input struct {
	Run  *runstore.Run // its NumericKind is known
	Task schemas.Task
	// Engine returns the engine; Shard calls it where images have to be looked at.
	Engine func(ctx context.Context) (Engine, error)
	// Reader returns the reader of a source's images.
	Reader func(ctx context.Context, source schemas.Source) (*dataset.Reader, error)
	// Tables returns what Fit wrote; Doubtful calls it where it wrote anything.
	Tables func(ctx context.Context) (*Tables, error)
	Done   func() // called once for every image that was looked at
}

// looker is one task at work.
type looker struct {
	in    Input
	shard schemas.Shard
	read  atomic.Int64 // bytes of images
}

func newLooker(ctx context.Context, in Input) (*looker, *runstore.Vectors, error) {
	sh, err := in.Run.Shard(runstore.ShardKey{Source: in.Task.Source, Shard: in.Task.Shard})
	if err != nil {
		return nil, nil, err
	}
	v, err := in.Run.FirstVectors(ctx, sh)
	return &looker{in: in, shard: sh}, v, err
}

// Shard looks again at the doubtful images of a shard, and writes what that gave
// (schemas.SecondLookObject), in the order of the rows; it sets in cost what it took.
// Looks that other runs have stored are not taken again.
func Shard(ctx context.Context, in Input, cost *schemas.TaskTiming) error {
	l, v, err := newLooker(ctx, in)
	if err != nil {
		return err
	}
	doubts, err := in.Run.Doubts(ctx, l.shard)
	if err != nil {
		return err
	}
	looks, missing, err := l.known(ctx, v, doubts)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		if err := l.look(ctx, v, looks, doubts, missing); err != nil {
			return err
		}
	}
	cost.Reused = len(missing) == 0
	cost.Images, cost.Read = len(missing), l.read.Load()
	return l.keep(ctx, looks)
}

// keep writes the shard's second looks.
func (l *looker) keep(ctx context.Context, looks []schemas.SecondLook) error {
	run := l.in.Run
	name := schemas.SecondLookObject(run.ID, l.shard.Source, l.shard.Index)
	return runstore.PutTable(ctx, run.Store, name, func(w io.Writer) error {
		return schemas.WriteSecondLooks(w, max(1, run.Spec.Embed.Contract.Dim), looks)
	})
}

// known returns the second looks that nobody need take, those of precomputed vectors or in
// the store, and the positions among doubts of those that are not there.
func (l *looker) known(
	ctx context.Context, v *runstore.Vectors, doubts []schemas.Doubt,
) (looks []schemas.SecondLook, missing []int, err error) {
	if l.in.Run.Precomputed(l.shard.Source) {
		looks, err = l.given(ctx, v, doubts)
		return looks, nil, err
	}
	return l.stored(ctx, v, doubts)
}

// given returns the second looks that came with precomputed vectors.
func (l *looker) given(ctx context.Context, v *runstore.Vectors, doubts []schemas.Doubt) ([]schemas.SecondLook, error) {
	all, err := l.in.Run.GivenLooks(ctx, l.shard)
	if err != nil {
		return nil, err
	}
	var looks []schemas.SecondLook
	for _, d := range doubts {
		if look, ok := all[v.Rows[d.Row].Path]; ok {
			looks = append(looks, look)
		}
	}
	return looks, nil
}

// stored returns the second looks that are in the store, and the positions of those that
// are not.
func (l *looker) stored(
	ctx context.Context, v *runstore.Vectors, doubts []schemas.Doubt,
) (looks []schemas.SecondLook, missing []int, err error) {
	looks = make([]schemas.SecondLook, len(doubts))
	lacks := make([]bool, len(doubts))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(lookups)
	for k, d := range doubts {
		g.Go(func() error {
			found, err := runstore.GetTable(gctx, l.in.Run.Store, l.in.Run.LookObject(&v.Embeddings[d.Row]), schemas.ReadSecondLooks)
			if errors.Is(err, fs.ErrNotExist) {
				lacks[k] = true
				return nil
			}
			if err != nil {
				return err
			}
			e := &v.Embeddings[d.Row]
			if len(found) != 1 || found[0].SHA256 != e.SHA256 {
				return origin.Errorf("pipeline", "%s is of another image (delete it and run the same command again)",
					l.in.Run.LookObject(e))
			}
			looks[k] = found[0]
			looks[k].Path = v.Rows[d.Row].Path
			return nil
		})
	}
	err = g.Wait()
	for k, lack := range lacks {
		if lack {
			missing = append(missing, k)
		}
	}
	return looks, missing, err
}

// look looks at the images at some positions of doubts, and stores what concerns an
// image's bytes: what kept it from being read may be gone another time.
func (l *looker) look(
	ctx context.Context, v *runstore.Vectors, looks []schemas.SecondLook, doubts []schemas.Doubt, missing []int,
) error {
	engine, err := l.in.Engine(ctx)
	if err != nil {
		return err
	}
	reader, err := l.in.Reader(ctx, l.shard.Source)
	if err != nil {
		return err
	}
	images, first := make([]schemas.Image, len(missing)), make([]schemas.Embedding, len(missing))
	for i, k := range missing {
		images[i], first[i] = v.Rows[doubts[k].Row], v.Embeddings[doubts[k].Row]
	}
	found, err := engine.Look(ctx, images, first, func(ctx context.Context, i int) ([]byte, error) {
		data, err := reader.Read(ctx, images[i])
		l.read.Add(int64(len(data)))
		return data, err
	}, l.in.Done)
	if err != nil {
		return err
	}
	if err := checkRead(found); err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(lookups)
	for i, k := range missing {
		looks[k] = found[i]
		if found[i].Error.NotRead() {
			continue
		}
		one := found[i]
		one.Path = "" // equal images share it
		g.Go(func() error {
			return runstore.PutTable(gctx, l.in.Run.Store, l.in.Run.LookObject(&first[i]), func(w io.Writer) error {
				return schemas.WriteSecondLooks(w, max(1, l.in.Run.Spec.Embed.Contract.Dim), []schemas.SecondLook{one})
			})
		})
	}
	return g.Wait()
}

// checkRead refuses looks of which none could read its image.
func checkRead(looks []schemas.SecondLook) error {
	faults := map[schemas.Fault]int{}
	for i := range looks {
		faults[looks[i].Error]++
	}
	return dataset.CheckRead(len(looks), faults, looks[0].Path, looks[0].Error)
}
