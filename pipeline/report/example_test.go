package report_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/pipeline/report/reporttest"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// exampleStore returns a store with the report of a run. A program opens one with
// store.Open(ctx, "s3://bucket/prefix", store.Options{}).
func exampleStore(ctx context.Context) store.Store {
	st, err := store.Open(ctx, "mem:", store.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := reporttest.Put(ctx, st, run, reporttest.Example()); err != nil {
		log.Fatal(err)
	}
	return st
}

// The images that are most likely not of their identity, read part by part.
func ExampleReport_Images() {
	ctx := context.Background()
	r, err := report.Open(ctx, exampleStore(ctx), run, report.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for row, err := range r.Images(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		if row.Type.WrongLabel() && *row.PNoise > .97 {
			fmt.Printf("%s: %s with p %.2f\n", schemas.EscapePath(row.Embedding.Path), row.Type, *row.PNoise)
		}
	}
	// Output:
	// ann/2.jpg: flip with p 0.99
	// ann/4.jpg: flip with p 0.98
}

// The people of a benchmark who are in the set, by the faces alone.
func ExampleReport_Overlaps() {
	ctx := context.Background()
	r, err := report.Open(ctx, exampleStore(ctx), run, report.Options{})
	if err != nil {
		log.Fatal(err)
	}
	overlaps, err := r.Overlaps(ctx)
	if err != nil {
		log.Fatal(err)
	}
	sure := 0
	for _, o := range overlaps {
		if o.Tier.Sure() {
			sure++
		}
	}
	fmt.Println(sure, "of", len(overlaps))
	// Output:
	// 12 of 13
}

// A report that was copied out of its store is read from its folder.
func ExampleOpenFolder() {
	ctx := context.Background()
	r, err := report.Open(ctx, exampleStore(ctx), run, report.Options{})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "report")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := r.CopyTo(ctx, dir); err != nil {
		log.Fatal(err)
	}
	copied, err := report.OpenFolder(ctx, dir)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(copied.Summary().Images, "images,", copied.Summary().Types[schemas.TypeFlip], "flips")
	// Output:
	// 7 images, 4 flips
}

// The bytes of an image that a row is about come from where the run read them.
func ExampleReport_OpenImage() {
	ctx := context.Background()
	st := exampleStore(ctx)
	data, err := os.MkdirTemp("", "faces")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(data) }()
	if err := putFaces(ctx, st, data); err != nil {
		log.Fatal(err)
	}
	r, err := report.Open(ctx, st, run, report.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for row, err := range r.Images(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		if row.Type == schemas.TypeFlip {
			image, err := r.OpenImage(ctx, row)
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("%s has %d bytes\n", schemas.EscapePath(row.Embedding.Path), len(image))
			break
		}
	}
	// Output:
	// ann/1.jpg has 9 bytes
}

// putFaces writes a folder of one image, and stores that a run has listed it.
func putFaces(ctx context.Context, st store.Store, dir string) error {
	if err := os.Mkdir(filepath.Join(dir, "ann"), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "ann", "1.jpg"), []byte("jpeg data"), 0o644); err != nil {
		return err
	}
	rows := []schemas.Image{{Path: "ann/1.jpg", Identity: "ann", Object: "ann/1.jpg", Length: -1, Size: 9}}
	return reporttest.PutSource(ctx, st, run, dir, [][]schemas.Image{rows})
}
