package photo

import (
	"bytes"
	"image/jpeg"
	"testing"
)

// photograph is a generated JPEG with detail, of the size of an LFW picture.
func photograph(b *testing.B) []byte {
	im := smooth(250, 250)
	for i := range im.Pix {
		im.Pix[i] += uint8(i * 7919 >> 8 % 13)
	}
	return encoded(b, func(w *bytes.Buffer) error { return jpeg.Encode(w, asRGBA(im), &jpeg.Options{Quality: 90}) })
}

func BenchmarkDecode(b *testing.B) {
	data := photograph(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(data, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLetterbox(b *testing.B) {
	im, dst := smooth(250, 250), make([]float32, 3*320*320)
	b.ReportAllocs()
	for b.Loop() {
		Letterbox(im, 320, dst)
	}
}

func BenchmarkWarp(b *testing.B) {
	im, dst := smooth(250, 250), make([]uint8, 3*112*112)
	s := Similarity{.9, .1, -40, -.1, .9, -40}
	b.ReportAllocs()
	for b.Loop() {
		Warp(im, s, 112, 112, dst)
	}
}

func BenchmarkTensor(b *testing.B) {
	rgb, dst := make([]uint8, 3*112*112), make([]float32, 3*112*112)
	b.ReportAllocs()
	for b.Loop() {
		Tensor(rgb, 112, 112, false, 1, [3]float32{}, [3]float32{1, 1, 1}, dst)
	}
}
