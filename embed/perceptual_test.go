package embed

import (
	"context"
	"image"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/schemas"
)

// Hashes and thumbnails are of the upright picture and of the aligned face: known where
// these are.
func TestHashesAndThumbnails(t *testing.T) {
	e := start(t, tinyConfig(t))
	contents := [][]byte{picture(t, 320, 320, image.Pt(160, 128)), picture(t, 160, 160, image.Pt(64, 32)), picture(t, 320, 320), []byte("This is text.")}
	images, read := rowsOf(contents)
	rows, err := e.Embed(t.Context(), images, false, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		p, err := photo.Decode(contents[i], photo.Limits{})
		if err != nil {
			if r.Hashes || r.ImageThumb != nil || r.FaceThumb != nil || r.Length != 0 || r.HasDetScore {
				t.Errorf("of what is no picture: %+v", r)
			}
			continue
		}
		small := photo.Shrink(p)
		if !r.Hashes || r.ImageHash != small.Hash() || !slices.Equal(r.ImageThumb, small.Thumbnail(schemas.ThumbnailSide)) {
			t.Errorf("row %d: the hash or thumbnail is not the picture's: %+v", i, r)
		}
		face := r.Error == ""
		if (r.FaceThumb != nil) != face || (r.FaceHash != 0) != face || (r.Length > 0) != face || r.HasDetScore != face {
			t.Errorf("row %d: fault %q, face hash %x, length %g", i, r.Error, r.FaceHash, r.Length)
		}
		if face && slices.Equal(r.FaceThumb, r.ImageThumb) {
			t.Errorf("row %d: the face's thumbnail is the picture's", i)
		}
	}
	c := tinyConfig(t)
	c.ModelFile = "testdata/nan.onnx"
	nan, err := start(t, c).Embed(t.Context(), images[:1], false, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := nan[0]; r.Error != schemas.FaultNotFinite || !r.Hashes || r.ImageThumb == nil || r.FaceHash != 0 || r.FaceThumb != nil || r.Length != 0 {
		t.Errorf("a face without a finite vector: %+v", r)
	}
	aligned, err := e.Embed(t.Context(), images[:1], true, func(context.Context, int) ([]byte, error) { return picture(t, 112, 112, image.Pt(20, 50)), nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := aligned[0]; !r.Hashes || r.ImageHash == 0 || r.FaceHash != r.ImageHash || !slices.Equal(r.FaceThumb, r.ImageThumb) {
		t.Errorf("an aligned face's hashes are %x and %x", r.ImageHash, r.FaceHash)
	}
}
