// Package embed is the stage that brings images to vectors. A task does one part of
// a shard, with an engine that it knows by the interface Embedder alone.
package embed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// Embedder turns encoded images into embeddings. It may be called concurrently.
type Embedder interface {
	// Embed returns the embedding of every image, in their order; read returns the
	// encoded bytes of image i. aligned says that the images are aligned already. A
	// schemas.Fault that read returns becomes the embedding's Error; any other error
	// of read, and any failure of the machine, ends the call. done is called once for
	// every finished image.
	Embed(ctx context.Context, images []schemas.Image, aligned bool,
		read func(ctx context.Context, i int) ([]byte, error), done func()) ([]schemas.Embedding, error)

	// Look finds the faces of each image again, by what the first look gave of it, and
	// embeds every one: see embed.Engine.
	Look(ctx context.Context, images []schemas.Image, first []schemas.Embedding,
		read func(ctx context.Context, i int) ([]byte, error), done func()) ([]schemas.SecondLook, error)

	// NumericKind returns the numeric kind of this machine: a digest of what it
	// computes on fixed inputs.
	NumericKind(ctx context.Context) (schemas.NumericKind, error)
}

// Input is what Part needs.
type Input struct {
	Run  *runstore.Run // its NumericKind is known
	Task schemas.Task
	// Engine returns the engine; it is called where images have to be embedded.
	Engine func(ctx context.Context) (Embedder, error)
	// Reader returns the reader of a source's images.
	Reader func(ctx context.Context, source schemas.Source) (*dataset.Reader, error)
	Done   func() // called once for every finished image
	// Kept is called once the vectors that were computed stand in the store, with their
	// number and how many of them have each fault. May be nil.
	Kept func(images int, faults map[schemas.Fault]int)
}

// Part brings one part of a shard, that of the task, to its vectors and a pointer to
// them, and sets in cost what it took. Vectors of the same images that are in the store
// are only pointed to (cost.Reused).
func Part(ctx context.Context, in Input, cost *schemas.TaskTiming) error {
	run, t := in.Run, in.Task
	sh, err := run.Shard(runstore.ShardKey{Source: t.Source, Shard: t.Shard})
	if err != nil {
		return err
	}
	p := part{run: run, aligned: run.Aligned(t.Source), pointer: run.Pointer(t.Source, sh.Parts[t.Part])}
	if ok, err := runstore.Exists(ctx, run.Store, p.pointer); err != nil || ok {
		cost.Reused = ok
		return err
	}
	all, err := run.Rows(ctx, sh)
	if err != nil {
		return err
	}
	p.rows = all[sh.Parts[t.Part].Start:sh.Parts[t.Part].End]
	p.family = schemas.FamilyID(run.Spec.Embed, run.NumericKind, p.aligned, p.rows)
	if p.reader, err = in.Reader(ctx, t.Source); err != nil {
		return err
	}
	if cost.Reused, err = p.reuse(ctx); err != nil || cost.Reused {
		return err
	}
	embs, err := p.compute(ctx, in)
	if err != nil {
		return err
	}
	cost.Images, cost.Read = len(p.rows), p.read.Load()
	cost.Requests = map[string]int64{"get": int64(len(p.rows))}
	var faults map[schemas.Fault]int
	if cost.Written, faults, err = p.keep(ctx, embs); err != nil {
		return err
	}
	if in.Kept != nil {
		in.Kept(len(embs), faults)
	}
	return nil
}

// part is one part on its way to its vectors.
type part struct {
	run     *runstore.Run
	pointer string
	family  string
	aligned bool
	rows    []schemas.Image
	reader  *dataset.Reader
	read    atomic.Int64 // bytes of images
}

func (p *part) compute(ctx context.Context, in Input) ([]schemas.Embedding, error) {
	engine, err := in.Engine(ctx)
	if err != nil {
		return nil, err
	}
	return engine.Embed(ctx, p.rows, p.aligned, func(ctx context.Context, i int) ([]byte, error) {
		data, err := p.reader.Read(ctx, p.rows[i])
		p.read.Add(int64(len(data)))
		return data, err
	}, in.Done)
}

// keep stores the vectors, then the pointer to them, and returns how many bytes the
// vectors have, and how many images have each fault.
func (p *part) keep(
	ctx context.Context, embs []schemas.Embedding,
) (written int64, faults map[schemas.Fault]int, err error) {
	faults = map[schemas.Fault]int{}
	sums := make([][32]byte, len(embs))
	for i := range embs {
		sums[i] = embs[i].SHA256
		f := embs[i].Error
		if f != schemas.FaultNone {
			faults[f]++
		}
		if !embs[i].Hashed {
			sums[i] = unreadSum(f)
		}
	}
	if err := dataset.CheckRead(len(embs), faults, p.rows[0].Path, embs[0].Error); err != nil {
		return 0, nil, err
	}
	cid := schemas.ContentID(p.run.Spec.Embed, p.run.NumericKind, p.aligned, p.rows, sums)
	var object bytes.Buffer
	if err := schemas.WriteVectors(&object, p.run.Spec.Embed.Contract.Dim, embs); err != nil {
		return 0, nil, origin.Errorf("pipeline", "vectors of %s: %w", p.pointer, err)
	}
	if err := runstore.Put(ctx, p.run.Store, schemas.VectorsObject(p.family, cid), object.Bytes()); err != nil {
		return 0, nil, err
	}
	return int64(object.Len()), faults, p.point(ctx,
		schemas.Pointer{Family: p.family, Vectors: cid, Images: len(p.rows), Faults: faults})
}

// point writes the pointer to the part's vectors.
func (p *part) point(ctx context.Context, ptr schemas.Pointer) error {
	return p.run.PutJSON(ctx, p.pointer, ptr)
}

// reuse points to vectors of the same images that a run from another source location,
// or with other tags, has made. Only where the family has vectors are the images
// hashed.
func (p *part) reuse(ctx context.Context) (bool, error) {
	any := false
	for _, err := range p.run.Store.List(ctx, schemas.VectorsFamily(p.family)) {
		if err != nil {
			return false, err
		}
		any = true
		break
	}
	if !any {
		return false, nil
	}
	sums, err := p.sums(ctx)
	if err != nil {
		return false, err
	}
	cid := schemas.ContentID(p.run.Spec.Embed, p.run.NumericKind, p.aligned, p.rows, sums)
	object := schemas.VectorsObject(p.family, cid)
	if ok, err := runstore.Exists(ctx, p.run.Store, object); err != nil || !ok {
		return false, err
	}
	embs, err := runstore.GetTable(ctx, p.run.Store, object, schemas.ReadVectorSums)
	if err != nil {
		return false, err
	}
	faults := map[schemas.Fault]int{}
	for i := range embs {
		if f := embs[i].Error; f != schemas.FaultNone {
			faults[f]++
		}
	}
	return true, p.point(ctx, schemas.Pointer{Family: p.family, Vectors: cid, Images: len(p.rows),
		Faults: faults})
}

// unreadSum returns what stands for the hash of an image whose bytes could not be read: it
// tells one reason from another, and from every image.
func unreadSum(f schemas.Fault) [32]byte {
	return sha256.Sum256([]byte("facesieve unread " + string(f)))
}

// sums hashes the images.
func (p *part) sums(ctx context.Context) ([][32]byte, error) {
	sums := make([][32]byte, len(p.rows))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(2 * runtime.GOMAXPROCS(0))
	for i := range p.rows {
		g.Go(func() error {
			data, err := p.reader.Read(gctx, p.rows[i])
			var fault schemas.Fault
			if errors.As(err, &fault) {
				sums[i] = unreadSum(fault)
				return nil
			}
			if err == nil {
				sums[i] = sha256.Sum256(data)
			}
			return err
		})
	}
	return sums, g.Wait()
}
