package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// tables reads what a run has in the store.
type tables struct {
	store store.Store
	run   schemas.RunID
	spec  schemas.Spec
	plan  schemas.Plan
	kind  schemas.NumericKind // in the names of vectors; empty until it is known
}

// exists says whether a store has an object.
func exists(ctx context.Context, st store.Store, name string) (bool, error) {
	_, err := st.Stat(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// get is a whole object's bytes.
func get(ctx context.Context, st store.Store, name string) (_ []byte, err error) {
	r, err := st.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.ReadAll(r)
}

// getJSON reads an object into v.
func getJSON(ctx context.Context, st store.Store, name string, v any) error {
	data, err := get(ctx, st, name)
	if err != nil {
		return err
	}
	if err := schemas.Unmarshal(data, v); err != nil {
		return fmt.Errorf("pipeline: %s in %s: %w", name, st, err)
	}
	return nil
}

// put creates an object. One that exists is as good: its name follows from its
// content or from the task that makes it, and both give the same bytes.
func put(ctx context.Context, st store.Store, name string, data []byte) error {
	err := st.Put(ctx, name, bytes.NewReader(data), int64(len(data)))
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

func putJSON(ctx context.Context, st store.Store, name string, v any) error {
	data, err := schemas.Marshal(v)
	if err != nil {
		return err
	}
	return put(ctx, st, name, data)
}

// putTable creates an object that write writes.
func putTable(ctx context.Context, st store.Store, name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return fmt.Errorf("pipeline: write %s: %w", name, err)
	}
	return put(ctx, st, name, b.Bytes())
}

// getTable reads an object with read.
func getTable[T any](ctx context.Context, st store.Store, name string, read func(io.Reader) (T, error)) (T, error) {
	var zero T
	data, err := get(ctx, st, name)
	if err != nil {
		return zero, err
	}
	v, err := read(bytes.NewReader(data))
	if err != nil {
		return zero, fmt.Errorf("pipeline: %s in %s is damaged (delete it and run the same command again): %w", name, st, err)
	}
	return v, nil
}

// loadTables reads a run's Spec and Plan.
func loadTables(ctx context.Context, st store.Store, run schemas.RunID) (tables, error) {
	t := tables{store: st, run: run}
	if err := getJSON(ctx, st, schemas.SpecObject(run), &t.spec); err != nil {
		return t, err
	}
	if err := getJSON(ctx, st, schemas.PlanObject(run), &t.plan); err != nil {
		return t, err
	}
	return t, t.loadKind(ctx)
}

// loadKind reads the run's kind where it stands already.
func (t *tables) loadKind(ctx context.Context) error {
	if t.spec.Judge.Mixed {
		t.kind = kindMixed
		return nil
	}
	data, err := get(ctx, t.store, schemas.NumericKindObject(t.run))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	t.kind = schemas.NumericKind(bytes.TrimSpace(data))
	return err
}

// kindMixed stands for the kind in the names of a --mixed run's vectors.
const kindMixed schemas.NumericKind = "mixed"

// source is a source's plan.
func (t *tables) source(name schemas.Source) (*schemas.PlanSource, error) {
	for i := range t.plan.Sources {
		if t.plan.Sources[i].Name == name {
			return &t.plan.Sources[i], nil
		}
	}
	return nil, fmt.Errorf("pipeline: run %s has no source %q", t.run, name)
}

// shard is a shard's plan.
func (t *tables) shard(name schemas.Source, k int) (schemas.Shard, error) {
	src, err := t.source(name)
	if err != nil {
		return schemas.Shard{}, err
	}
	if k < 0 || k >= len(src.Shards) {
		return schemas.Shard{}, fmt.Errorf("pipeline: run %s: source %s has no shard %d", t.run, name.Token(), k)
	}
	return src.Shards[k], nil
}

// rows is a shard's part of the manifest.
func (t *tables) rows(ctx context.Context, sh schemas.Shard) ([]schemas.Image, error) {
	rows, err := getTable(ctx, t.store, schemas.RowsObject(sh.Rows), schemas.ReadRows)
	if err == nil && len(rows) != sh.Images {
		err = fmt.Errorf("pipeline: %s has %d rows; the plan says %d", schemas.RowsObject(sh.Rows), len(rows), sh.Images)
	}
	return rows, err
}

// pointer is the name of the pointer to a part's vectors.
func (t *tables) pointer(name schemas.Source, p schemas.Part) string {
	kind := t.kind
	if t.given(name) {
		kind = KindGiven
	}
	return schemas.EmbedPointer(schemas.EmbedID(t.spec.Embed, kind, t.aligned(name), p.Listed))
}

// sourceSpec is the Spec's part about a source.
func (t *tables) sourceSpec(name schemas.Source) schemas.SourceSpec {
	for _, r := range t.spec.Data.References {
		if r.Name == name {
			return r
		}
	}
	return t.spec.Data.Set
}

// aligned says whether a source's images are aligned already.
func (t *tables) aligned(name schemas.Source) bool { return t.sourceSpec(name).Aligned }

// given says whether a source's vectors were computed elsewhere.
func (t *tables) given(name schemas.Source) bool { return t.sourceSpec(name).Vectors }

// shardVectors is what embedding a shard gave, row by row.
type shardVectors struct {
	rows    []schemas.Image
	embs    []schemas.Embedding // embs[i] is about rows[i]
	objects []string            // of each part of the shard
	parts   []schemas.Part
}

// at is where row i's vector stands.
func (v *shardVectors) at(i int) (object string, row int32) {
	for k, p := range v.parts {
		if i < p.End {
			return v.objects[k], int32(i - p.Start)
		}
	}
	return "", 0
}

// vectors reads a shard's rows and embeddings.
func (t *tables) vectors(ctx context.Context, sh schemas.Shard) (*shardVectors, error) {
	rows, err := t.rows(ctx, sh)
	if err != nil {
		return nil, err
	}
	v := &shardVectors{rows: rows, parts: sh.Parts, embs: make([]schemas.Embedding, 0, len(rows))}
	for _, p := range sh.Parts {
		var ptr schemas.Pointer
		if err := getJSON(ctx, t.store, t.pointer(sh.Source, p), &ptr); err != nil {
			return nil, err
		}
		embs, err := getTable(ctx, t.store, ptr.Object(), schemas.ReadVectors)
		if err != nil {
			return nil, err
		}
		if len(embs) != p.End-p.Start {
			return nil, fmt.Errorf("pipeline: %s has %d rows; its part has %d", ptr.Object(), len(embs), p.End-p.Start)
		}
		v.objects = append(v.objects, ptr.Object())
		v.embs = append(v.embs, embs...)
	}
	return v, nil
}
