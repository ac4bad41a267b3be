package pipeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// tellingRows is the number of rows from which a task of missing and forbidden
// images alone says that the machine cannot read the source.
const tellingRows = 16

// embed brings one part of a shard to its vectors, and says what it cost.
func (s *session) embed(ctx context.Context, t schemas.Task, cost *schemas.TaskTiming) error {
	var err error
	if cost.NumericKind, err = s.joinKind(ctx); err != nil {
		return err
	}
	sh, err := s.shard(t.Source, t.Shard)
	if err != nil {
		return err
	}
	p := embedding{session: s, aligned: s.aligned(t.Source)}
	part := sh.Parts[t.Part]
	p.pointer = s.pointer(t.Source, part)
	if ok, err := exists(ctx, s.store, p.pointer); err != nil || ok {
		cost.Reused = ok
		return err
	}
	all, err := s.rows(ctx, sh)
	if err != nil {
		return err
	}
	p.rows = all[part.Start:part.End]
	p.family = schemas.FamilyID(s.spec.Embed, s.kind, p.aligned, p.rows)
	if p.reader, err = s.reader(ctx, t.Source); err != nil {
		return err
	}
	if cost.Reused, err = p.reuse(ctx); err != nil || cost.Reused {
		return err
	}
	embs, err := p.compute(ctx)
	if err != nil {
		return err
	}
	cost.Images, cost.Read = len(p.rows), p.read.Load()
	cost.Requests = map[string]int64{"get": int64(len(p.rows))}
	err = p.keep(ctx, embs)
	cost.Written = p.written
	return err
}

// embedding is one part on its way to its vectors.
type embedding struct {
	*session
	pointer string
	family  string
	aligned bool
	rows    []schemas.Image
	reader  *dataset.Reader
	read    atomic.Int64 // bytes of images
	written int64        // bytes of vectors
}

func (p *embedding) compute(ctx context.Context) ([]schemas.Embedding, error) {
	engine, err := p.open(ctx)
	if err != nil {
		return nil, err
	}
	return engine.Embed(ctx, p.rows, p.aligned, func(ctx context.Context, i int) ([]byte, error) {
		data, err := p.reader.Read(ctx, p.rows[i])
		p.read.Add(int64(len(data)))
		return data, err
	}, func() { p.w.Images.Add(1) })
}

// keep stores the vectors, then the pointer to them.
func (p *embedding) keep(ctx context.Context, embs []schemas.Embedding) error {
	faults := map[schemas.Fault]int{}
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
	if n := faults[schemas.FaultMissing] + faults[schemas.FaultForbidden]; n == len(embs) && n >= tellingRows {
		return fmt.Errorf("pipeline: none of the %d images of a task could be read (first: %s, %s); check the source's URL and permissions on this machine",
			n, schemas.EscapePath(p.rows[0].Path), string(embs[0].Error))
	}
	cid := schemas.ContentID(p.spec.Embed, p.kind, p.aligned, p.rows, sums)
	var object bytes.Buffer
	if err := schemas.WriteVectors(&object, p.spec.Embed.Contract.Dim, embs); err != nil {
		return fmt.Errorf("pipeline: vectors of %s: %w", p.pointer, err)
	}
	if err := put(ctx, p.store, schemas.VectorsObject(p.family, cid), object.Bytes()); err != nil {
		return err
	}
	p.written += int64(object.Len())
	return putJSON(ctx, p.store, p.pointer, schemas.Pointer{Family: p.family, Vectors: cid, Images: len(p.rows), Faults: faults})
}

// reuse points to vectors of the same images that a run from another place, or
// with other tags, has made. Only where the family has vectors are the images
// hashed.
func (p *embedding) reuse(ctx context.Context) (bool, error) {
	any := false
	for _, err := range p.store.List(ctx, schemas.VectorsFamily(p.family)) {
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
	cid := schemas.ContentID(p.spec.Embed, p.kind, p.aligned, p.rows, sums)
	object := schemas.VectorsObject(p.family, cid)
	if ok, err := exists(ctx, p.store, object); err != nil || !ok {
		return false, err
	}
	embs, err := getTable(ctx, p.store, object, schemas.ReadVectorSums)
	if err != nil {
		return false, err
	}
	faults := map[schemas.Fault]int{}
	for i := range embs {
		if f := embs[i].Error; f != schemas.FaultNone {
			faults[f]++
		}
	}
	return true, putJSON(ctx, p.store, p.pointer, schemas.Pointer{Family: p.family, Vectors: cid, Images: len(p.rows), Faults: faults})
}

// unreadSum stands for the hash of an image whose bytes could not be read: it
// tells one reason from another, and from every image.
func unreadSum(f schemas.Fault) [32]byte {
	return sha256.Sum256([]byte("facesieve unread " + string(f)))
}

// sums hashes the images.
func (p *embedding) sums(ctx context.Context) ([][32]byte, error) {
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

// reader opens the source's images where this start of the run says they are.
func (s *session) reader(ctx context.Context, name schemas.Source) (*dataset.Reader, error) {
	var file schemas.SourceFile
	if err := getJSON(ctx, s.w.Store, schemas.SourceObject(s.run), &file); err != nil {
		return nil, err
	}
	for _, src := range file.Sources {
		if src.Name == name {
			return dataset.OpenReader(ctx, src.URL, s.w.S3)
		}
	}
	return nil, fmt.Errorf("pipeline: %s names no URL for source %s", schemas.SourceObject(s.run), name.Token())
}

// create is put that tells whether the object is new.
func create(ctx context.Context, st store.Store, name string, data []byte) (bool, error) {
	err := st.Put(ctx, name, bytes.NewReader(data), int64(len(data)))
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	return err == nil, err
}
