package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/facesieve/facesieve/embed/train"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/store"
)

// next is what to do about a folder that is no set.
const next = "coordinator synth --clean --out DIR makes one"

// sources lists a set by its manifest; keys are what a list of pairs names the
// pictures by.
func sources(ctx context.Context, folder, manifest string) (out []train.Source, keys []string, err error) {
	set, err := dataset.Open(ctx, dataset.Options{URL: folder, Manifest: manifest})
	if err != nil {
		return nil, nil, fmt.Errorf("%w; %s", err, next)
	}
	reader, err := dataset.OpenReader(ctx, set.URL(), store.S3Options{})
	if err != nil {
		return nil, nil, err
	}
	for row, err := range set.Rows(ctx) {
		if err != nil {
			return nil, nil, fmt.Errorf("%w; %s", err, next)
		}
		out = append(out, train.Source{
			Name: row.Path, Identity: row.Identity, Landmarks: row.Landmarks,
			Read: func(ctx context.Context) ([]byte, error) { return reader.Read(ctx, row) },
		})
		keys = append(keys, dataset.PortraitKey(row.Identity, row.Path))
	}
	return out, keys, nil
}

// loadSet reads the pictures to learn from.
func loadSet(ctx context.Context, dir string, s *screen) (*train.Pictures, error) {
	list, _, err := sources(ctx, filepath.Join(dir, "faces"), filepath.Join(dir, "faces.csv"))
	if err != nil {
		return nil, err
	}
	w := s.loading("training pictures")
	defer s.loaded()
	return train.Load(ctx, list, train.Margin, w)
}

// loadHeldOut reads a reference and its lists of pairs.
func loadHeldOut(ctx context.Context, dir string, s *screen) (*train.HeldOut, error) {
	folder := filepath.Join(dir, "reference")
	list, keys, err := sources(ctx, folder, filepath.Join(dir, "reference.csv"))
	if err != nil {
		return nil, err
	}
	key := make(map[string]string, len(list)) // of a path
	index := make(map[string]int, len(list))  // by key; -1: the picture can't be used
	for i, source := range list {
		key[source.Name], index[keys[i]] = keys[i], -1
	}
	w := s.loading("held-out pictures")
	pictures, err := train.Load(ctx, list, 0, w)
	s.loaded()
	if err != nil {
		return nil, err
	}
	if pictures.Len() == 0 {
		return nil, fmt.Errorf("%s: none of its %d pictures can be used; draw it anew with coordinator synth",
			folder, len(list))
	}
	for i, name := range pictures.Names {
		index[key[name]] = i
	}
	h := &train.HeldOut{Pictures: pictures}
	if h.Pairs, err = comparisons(ctx, filepath.Join(folder, "pairs.txt"), index, s); err != nil {
		return nil, fmt.Errorf("%w; coordinator synth --references 600 --pairs 3000 makes a list", err)
	}
	h.Siblings, err = comparisons(ctx, filepath.Join(folder, "pairs-siblings.txt"), index, s)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return h, nil
}

// comparisons reads a list of pairs by the indexes of their pictures. Pairs of
// pictures that the folder does not have are left out, and the screen says so.
func comparisons(
	ctx context.Context, path string, index map[string]int, s *screen,
) (out []train.Comparison, err error) {
	p, err := dataset.OpenProtocol(ctx, path, dataset.Options{})
	if err != nil {
		return nil, err
	}
	first := "" // picture that is absent
	for _, c := range p.Comparisons {
		a, hasA := index[c.A.Key()]
		b, hasB := index[c.B.Key()]
		switch {
		case hasA && hasB:
			out = append(out, train.Comparison{A: a, B: b, Same: c.Same, Fold: c.Fold})
		case first == "" && !hasA:
			first = c.A.Key()
		case first == "":
			first = c.B.Key()
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: none of its %d pairs is of pictures in the folder (first: %s)",
			path, len(p.Comparisons), first)
	}
	if absent := len(p.Comparisons) - len(out); absent > 0 {
		s.line("%s: %d of %d pairs are left out: the folder does not have their pictures (first: %s)",
			path, absent, len(p.Comparisons), first)
	}
	return out, nil
}
