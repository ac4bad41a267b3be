// Crops writes the aligned faces of a set's finished report as a set of its own: what
// the program cuts out of each photograph before it embeds the face. With them a bench
// can ask how well aligned faces are judged, which have no detector's score.
package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/schemas"
)

// side is the side of an aligned face, in pixels.
const side = 112

func main() {
	reportDir := flag.String("report", "", "folder of the set's finished report")
	data := flag.String("data", "", "folder of the set")
	out := flag.String("out", "", "folder to write to: OUT/IDENTITY/NAME.png")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	n, err := writeCrops(ctx, *reportDir, *data, *out)
	if err != nil {
		fmt.Fprintln(os.Stderr, "crops:", err)
		os.Exit(1)
	}
	fmt.Printf("%d aligned faces in %s\n", n, *out)
}

// writeCrops writes the aligned face of every image that has landmarks, and counts them.
func writeCrops(ctx context.Context, reportDir, data, out string) (n int, err error) {
	r, err := report.OpenFolder(ctx, reportDir)
	if err != nil {
		return 0, err
	}
	for v, err := range r.Images(ctx) {
		if err != nil {
			return n, err
		}
		if v.Embedding.Error != schemas.FaultNone || v.Embedding.Landmarks == [10]float32{} {
			continue
		}
		path := v.Embedding.Path
		name := strings.TrimSuffix(path, filepath.Ext(path)) + ".png"
		if err := writeCrop(filepath.Join(data, path), v.Embedding.Landmarks, filepath.Join(out, name)); err != nil {
			return n, fmt.Errorf("%s: %w", path, err)
		}
		n++
	}
	return n, nil
}

// writeCrop cuts one face out of a photograph and writes it without loss.
func writeCrop(from string, landmarks [10]float32, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	picture, err := photo.Decode(data, photo.Limits{})
	if err != nil {
		return err
	}
	s, err := photo.Align(landmarks, photo.ArcFace112())
	if err != nil {
		return err
	}
	rgb := make([]uint8, side*side*3)
	photo.Warp(picture, s, side, side, rgb)
	crop := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		crop.SetNRGBA(i%side, i/side, color.NRGBA{R: rgb[3*i], G: rgb[3*i+1], B: rgb[3*i+2], A: 255})
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	if err := png.Encode(file, crop); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
