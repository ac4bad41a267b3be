package sheet

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

func TestSheetOfRows(t *testing.T) {
	red := image.NewRGBA(image.Rect(0, 0, 40, 80))
	for i := 0; i < len(red.Pix); i += 4 {
		red.Pix[i], red.Pix[i+3] = 255, 255
	}
	var b bytes.Buffer
	if err := OfRows([]Row{{"one", []image.Image{red}}, {"two", []image.Image{red, red}}}).PNG(&b); err != nil {
		t.Fatal(err)
	}
	im, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if want := image.Rect(0, 0, gap+2*(cell+gap), gap+2*(captionHigh+cell+gap)); im.Bounds() != want {
		t.Fatalf("the sheet is %v, want %v", im.Bounds(), want)
	}
	y := gap + captionHigh + cell/2
	for k, want := range []color.Color{color.RGBA{255, 0, 0, 255}, color.RGBA{250, 250, 250, 255}} {
		if got := im.At(gap+k*(cell+gap)+cell/2, y); got != want {
			t.Errorf("picture %d of the first row has the colour %v, want %v", k, got, want)
		}
	}
}
