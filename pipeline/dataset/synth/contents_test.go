package synth

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// listed are a data set's images by path.
func listed(t *testing.T, o dataset.Options) map[string]*[10]float32 {
	t.Helper()
	d, err := dataset.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*[10]float32{}
	for im, err := range d.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		out[im.Path] = im.Landmarks
		if d.Name(im.Identity) == "" {
			t.Errorf("%s has no name", im.Identity)
		}
	}
	return out
}

func TestSetOpensInItsLayouts(t *testing.T) {
	o := small(t)
	m := build(t, o)
	manifest := listed(t, dataset.Options{URL: m.Data, Manifest: m.Manifest})
	layout := listed(t, dataset.Options{URL: m.Data, Layout: layout.VGGFace2})
	if len(manifest) != m.Images || len(layout) != m.Images || m.Images != o.Identities*o.Images {
		t.Fatalf("%d images in the manifest, %d in the layout, %d made", len(manifest), len(layout), m.Images)
	}
	for path, landmarks := range manifest {
		if landmarks == nil || layout[path] == nil || *landmarks != *layout[path] {
			t.Errorf("%s has landmarks %v in the manifest, %v in the layout", path, landmarks, layout[path])
		}
	}
	a, err := dataset.Open(t.Context(), dataset.Options{URL: m.Data, Manifest: m.Manifest})
	if err != nil {
		t.Fatal(err)
	}
	b, err := dataset.Open(t.Context(), dataset.Options{URL: m.Data})
	if err != nil {
		t.Fatal(err)
	}
	for i := range o.Identities {
		if a.Name(identity(i)) != b.Name(identity(i)) {
			t.Errorf("%s is %q in the manifest and %q in the layout", identity(i), a.Name(identity(i)), b.Name(identity(i)))
		}
	}
	manifest = listed(t, dataset.Options{URL: m.Reference, Manifest: m.ReferenceManifest})
	layout = listed(t, dataset.Options{URL: m.Reference})
	if len(manifest) != m.ReferenceImages || len(layout) != m.ReferenceImages {
		t.Errorf("%d images in the reference's manifest, %d in its layout, %d made", len(manifest), len(layout), m.ReferenceImages)
	}
	for path, landmarks := range manifest {
		if _, there := layout[path]; !there || landmarks == nil {
			t.Errorf("%s of the reference: listed %t, landmarks %v", path, there, landmarks)
		}
	}
}

func TestTruthIsTrueOfTheFiles(t *testing.T) {
	o := small(t)
	o.Identities, o.Images = 20, 10
	m := build(t, o)
	rows, err := truth.Read(m.Truth)
	if err != nil {
		t.Fatal(err)
	}
	manifest := listed(t, dataset.Options{URL: m.Data, Manifest: m.Manifest})
	reference := listed(t, dataset.Options{URL: m.Reference, Manifest: m.ReferenceManifest})
	read := func(root, name string) []byte {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	// Copies have landmarks of their own: the lists do not tell them.
	notes := map[[10]float32]string{}
	for _, list := range []map[string]*[10]float32{manifest, reference} {
		for path, landmarks := range list {
			if other, twice := notes[*landmarks]; twice {
				t.Errorf("%s and %s have the same landmarks", path, other)
			}
			notes[*landmarks] = path
		}
	}
	wrong := map[string]int{}
	held := map[truth.Issue]int{}
	for _, r := range rows {
		held[r.Issue]++
		if _, there := manifest[r.Path]; r.Path != "" && (!there || !strings.Contains(r.Path, r.Identity)) {
			t.Errorf("%+v: no such image under that identity", r)
		}
		switch r.Issue {
		case truth.Flip, truth.HardFlip, truth.Outlier, truth.DuplicateAcross, truth.Faceless, truth.Broken:
			wrong[r.Identity]++
		}
		switch r.Issue {
		case truth.Duplicate, truth.DuplicateAcross:
			if within := filepath.Dir(r.Path) == filepath.Dir(r.Other); within != (r.Issue == truth.Duplicate) {
				t.Errorf("%+v", r)
			}
			a, b := read(m.Data, r.Path), read(m.Data, r.Other)
			if bytes.Equal(a, b) != (r.Detail == truth.Exact) {
				t.Errorf("%+v: equal bytes: %t", r, bytes.Equal(a, b))
			}
			if d := apart(t, a, b); d > 12 {
				t.Errorf("%+v: pixels lie %.1f apart", r, d)
			}
		case truth.Broken:
			if _, err := photo.Decode(read(m.Data, r.Path), photo.Limits{}); err == nil {
				t.Errorf("%+v decodes", r)
			}
		case truth.SameImage:
			if _, there := reference[r.Other]; !there || !bytes.Equal(read(m.Data, r.Path), read(m.Reference, r.Other)) {
				t.Errorf("%+v: not the same bytes", r)
			}
		default:
			if r.Path == "" {
				continue
			}
			if _, err := jpeg.Decode(bytes.NewReader(read(m.Data, r.Path))); err != nil {
				t.Errorf("%+v: %v", r, err)
			}
		}
	}
	for _, issue := range truth.Issues() {
		if held[issue] == 0 || held[issue] != m.Issues[issue] {
			t.Errorf("%s: %d held, %d told", issue, held[issue], m.Issues[issue])
		}
	}
	for id, n := range wrong {
		if images, err := os.ReadDir(filepath.Join(m.Data, "train", id)); err != nil || n > 2*len(images)/9 {
			t.Errorf("%d of %d images of %s are wrong (%v)", n, len(images), id, err)
		}
	}
}

// apart is the mean distance of two pictures' grey levels once both have been
// scaled to 32 by 32.
func apart(t *testing.T, a, b []byte) (sum float64) {
	t.Helper()
	var grey [2][]float64
	for i, data := range [][]byte{a, b} {
		im, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		grey[i] = shrink(im, func(c [3]float64) []float64 { return []float64{(c[0] + c[1] + c[2]) / 3} })
	}
	for i := range grey[0] {
		sum += max(grey[0][i]-grey[1][i], grey[1][i]-grey[0][i]) / float64(len(grey[0]))
	}
	return sum
}

// shrink averages a picture's cells in a grid of 32 by 32, and gives what of makes
// of each colour, 0 to 255.
func shrink(im image.Image, of func(rgb [3]float64) []float64) (out []float64) {
	const n = 32
	b := im.Bounds()
	for y := range n {
		for x := range n {
			var sum [3]float64
			cells := 0.
			for v := b.Min.Y + y*b.Dy()/n; v < b.Min.Y+max((y+1)*b.Dy()/n, y*b.Dy()/n+1); v++ {
				for u := b.Min.X + x*b.Dx()/n; u < b.Min.X+max((x+1)*b.Dx()/n, x*b.Dx()/n+1); u++ {
					r, g, b, _ := im.At(u, v).RGBA()
					sum[0], sum[1], sum[2] = sum[0]+float64(r>>8), sum[1]+float64(g>>8), sum[2]+float64(b>>8)
					cells++
				}
			}
			out = append(out, of([3]float64{sum[0] / cells, sum[1] / cells, sum[2] / cells})...)
		}
	}
	return out
}
