package embed

import (
	"bytes"
	"image/jpeg"
	"math/rand/v2"
	"testing"

	portrait "github.com/facesieve/facesieve/pipeline/dataset/synth/face"
	"github.com/facesieve/facesieve/schemas"
)

// drawn are pictures of as many people, with the landmarks that a manifest would
// list.
func drawn(t *testing.T, n int) ([]schemas.Image, Read) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var files [][]byte
	var landmarks [][10]float32
	for range n {
		shot := portrait.NewShot(r)
		p := portrait.Draw(portrait.NewPerson(r), shot)
		var b bytes.Buffer
		if err := jpeg.Encode(&b, p.Image, &jpeg.Options{Quality: shot.Quality}); err != nil {
			t.Fatal(err)
		}
		files, landmarks = append(files, b.Bytes()), append(landmarks, p.Landmarks)
	}
	images, read := rowsOf(files)
	for i := range images {
		images[i].Landmarks = &landmarks[i]
	}
	return images, read
}

// Both backends give the built-in model's vectors of drawn faces, from the files'
// bytes on.
func TestBackendsAgreeOnDrawnFaces(t *testing.T) {
	needLibrary(t)
	images, read := drawn(t, 200)
	var vectors [2][]schemas.Embedding
	for i, name := range []string{BackendGorgonia, BackendONNXRuntime} {
		e, err := Open(t.Context(), builtinConfig(name))
		if err != nil {
			t.Fatal(err)
		}
		if e.Backend() != name {
			t.Errorf("the engine is %q, not %q", e.Backend(), name)
		}
		if vectors[i], err = e.Embed(t.Context(), images, false, read, nil); err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
	least := 1.0
	for i := range images {
		a, b := vectors[0][i], vectors[1][i]
		if a.Error != schemas.FaultNone || b.Error != schemas.FaultNone {
			t.Fatalf("picture %d: %q and %q", i, a.Error, b.Error)
		}
		dot := 0.0
		for k := range a.Vector {
			dot += float64(a.Vector[k]) * float64(b.Vector[k])
		}
		least = min(least, dot)
	}
	t.Logf("the least cosine of %d pictures is %.9f", len(images), least)
	if least < .9999 {
		t.Errorf("the backends differ: cosine %.6f", least)
	}
}
