package face_test

import (
	"bytes"
	"image/jpeg"
	"math/rand/v2"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/synth/face"
)

func BenchmarkDraw(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	var out bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		s := face.NewShot(r)
		pic := face.Draw(face.NewPerson(r), s)
		out.Reset()
		if err := jpeg.Encode(&out, pic.Image, &jpeg.Options{Quality: s.Quality}); err != nil {
			b.Fatal(err)
		}
	}
}
