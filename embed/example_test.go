package embed_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"log"

	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/schemas"
)

// An engine with the model that is part of this program and no detector: landmarks
// come with the images.
func Example() {
	ctx := context.Background()
	model, err := embed.Resolve(embed.BuiltinModel)
	if err != nil {
		log.Fatal(err)
	}
	spec := embed.Spec(model, embed.Model{})
	engine, err := embed.Open(ctx, embed.Config{Spec: spec, Backend: embed.BackendGorgonia})
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 100, 100))); err != nil {
		log.Fatal(err)
	}
	files := [][]byte{file.Bytes(), []byte("no picture")}
	images := []schemas.Image{
		{Path: "ann/1.png", Landmarks: &[10]float32{30, 40, 70, 40, 50, 60, 35, 80, 65, 80}},
		{Path: "ann/2.png"},
	}
	read := func(_ context.Context, i int) ([]byte, error) { return files[i], nil }
	rows, err := engine.Embed(ctx, images, false, read, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range rows {
		fmt.Printf("%s: %d numbers, fault %q\n", r.Path, len(r.Vector), r.Error)
	}
	if err := engine.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// ann/1.png: 64 numbers, fault ""
	// ann/2.png: 0 numbers, fault "unknown-format"
}
