package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// TestDrawFlips: each flip has a row with its pictures in frames; one that can't be
// read is a blank, and fewer pictures leave paper.
func TestDrawFlips(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"person-0/0.png", "person-0/1.png", "person-0/2.png", "person-1/0.png",
		"person-1/1.png", "person-1/2.png"} {
		writePicture(t, filepath.Join(dir, name))
	}
	flip := func(name string, other ...string) schemas.Verdict {
		v := schemas.Verdict{Identity: "person-0", Type: schemas.TypeFlip, Score: new(float32(.1)),
			OtherIdentity: new("person-1"),
			OtherScore:    new(float32(.8)), EvidenceAgainst: other}
		v.Embedding.Path = name
		return v
	}
	flips := []schemas.Verdict{
		flip("person-0/0.png", "person-1/0.png", "person-1/1.png", "person-1/2.png", "person-1/3.png"),
		flip("person-0/gone.png"),
	}
	e := &Evidence{Flips: flips, Typical: map[string][]string{"person-0": {"person-0/2.png", "person-0/1.png"}},
		Names: map[string]string{"person-0": "Ann %\n"}}
	file := filepath.Join(t.TempDir(), "flagged.jpg")
	read := func(identity, name string) ([]byte, error) {
		if path.Dir(name) != identity {
			t.Errorf("%s is read as one of %s", name, identity)
		}
		return os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	}
	if err := DrawFlips(file, e, read); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	im, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil || len(data) > sheetBytes {
		t.Fatalf("%d bytes, %v", len(data), err)
	}
	const step, row = sheetCell + 2*sheetFrame, sheetCell + 2*sheetFrame + 2*sheetLine + sheetGap
	left, top := sheetMargin, sheetMargin+sheetLine+sheetGap/2
	own, other := left+step+sheetGroup, left+4*step+2*sheetGap+2*sheetGroup
	for _, x := range []struct {
		what string
		at   image.Point
		want color.RGBA
	}{
		{"the frame of the flagged image", image.Pt(left+1, top+step/2), frameWrong},
		{"the frame of its label's first", image.Pt(own+1, top+step/2), frameOwn},
		{"the frame of its label's second", image.Pt(own+step+sheetGap+1, top+step/2), frameOwn},
		{"the place of its label's third", image.Pt(own+2*(step+sheetGap)+step/2, top+step/2), sheetPaper},
		{"the frame of the other's third", image.Pt(other+2*(step+sheetGap)+1, top+step/2), frameOther},
		{"the middle of a picture that is gone", image.Pt(left+step/2, top+row+step/2), sheetBlank},
	} {
		if !near(im.At(x.at.X, x.at.Y), x.want) {
			t.Errorf("%s is %v, want %v", x.what, im.At(x.at.X, x.at.Y), x.want)
		}
	}
	if near(im.At(left+step/2, top+step/2), sheetBlank) || near(im.At(left+step/2, top+step/2), sheetPaper) {
		t.Error("the flagged image is not drawn")
	}
}

// writePicture writes a picture in two colours that no frame has.
func writePicture(t *testing.T, name string) {
	t.Helper()
	im := image.NewPaletted(image.Rect(0, 0, 40, 60), color.Palette{color.RGBA{120, 60, 200, 255},
		color.RGBA{30, 30, 160, 255}})
	for i := range im.Pix {
		im.Pix[i] = uint8(i / 600 % 2)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// near allows for what JPEG does to a colour.
func near(a color.Color, b color.RGBA) bool {
	r, g, bl, _ := a.RGBA()
	far := func(x uint32, y uint8) bool { return max(int(x>>8), int(y))-min(int(x>>8), int(y)) > 40 }
	return !far(r, b.R) && !far(g, b.G) && !far(bl, b.B)
}
