package simulate

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// A copy in other bytes is a file beside links, changed as its number among the copies says, and
// the truth names what it is a copy of.
func TestNearDuplicatesAreFiles(t *testing.T) {
	root, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	var src Source
	for _, name := range []string{"a/1.jpg", "a/2.jpg", "a/3.jpg", "b/1.jpg", "b/2.jpg", "b/3.jpg"} {
		im := image.NewRGBA(image.Rect(0, 0, 50, 100))
		for i := range im.Pix {
			im.Pix[i] = uint8(i * len(name) / 7)
		}
		im.Set(3, 3, color.RGBA{255, 0, 0, 255})
		var b bytes.Buffer
		if err := jpeg.Encode(&b, im, nil); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		src.Images = append(src.Images, Image{Path: name, Identity: name[:1]})
	}
	o := Options{Seed: 1, FlipMode: Swap, Duplicates: 1, NearDuplicates: 4}
	made, err := Make(src, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Write(t.Context(), out, made, Origin{Data: root}, o); err != nil {
		t.Fatal(err)
	}
	sizes := map[Change][2]int{Encoded: {50, 100}, Resized: {35, 70}, Cropped: {46, 92}, Grey: {50, 100}}
	for _, e := range made.Entries {
		if e.Change == Unchanged {
			continue
		}
		data, err := os.ReadFile(filepath.Join(out, FacesFolder, e.Path))
		if err != nil {
			t.Fatal(err)
		}
		im, err := photo.Decode(data, photo.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if want, ok := sizes[e.Change]; !ok || want != [2]int{im.Width, im.Height} {
			t.Errorf("%s is %d x %d", e.Change, im.Width, im.Height)
		}
		delete(sizes, e.Change)
		if i := slices.IndexFunc(made.Truth, func(r truth.Row) bool { return r.Path == e.Path }); i < 0 ||
			made.Truth[i].Issue != truth.Duplicate || made.Truth[i].Detail != truth.Reencoded || made.Truth[i].Other == "" {
			t.Errorf("%s: %+v", e.Path, made.Truth)
		}
	}
	if len(sizes) > 0 {
		t.Errorf("not made: %v", sizes)
	}
	if _, err := Make(src, Options{Seed: 1, FlipMode: Swap, Duplicates: 3, NearDuplicates: 4}); err == nil {
		t.Error("an image was copied twice")
	}
}
