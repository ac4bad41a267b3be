package embed

import (
	"context"
	"errors"
	"fmt"
	"image"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/facesieve/facesieve/embed/onnx"
	"github.com/facesieve/facesieve/schemas"
)

// rowsOf makes a manifest's rows for contents, and their reader.
func rowsOf(contents [][]byte) ([]schemas.Image, Read) {
	images := make([]schemas.Image, len(contents))
	for i, c := range contents {
		images[i] = schemas.Image{Path: fmt.Sprintf("a/%d", i), Length: int64(len(c)), Size: int64(len(c))}
	}
	return images, func(_ context.Context, i int) ([]byte, error) { return contents[i], nil }
}

func TestEmbedGivesARowForEveryImage(t *testing.T) {
	e := start(t, tinyConfig(t))
	face := picture(t, 320, 320, image.Pt(128, 128))
	contents := [][]byte{
		face, picture(t, 160, 100, image.Pt(64, 32)), picture(t, 320, 320, image.Pt(0, 0), image.Pt(160, 128)),
		picture(t, 320, 320), nil, []byte("This is text."), face[:len(face)/2],
	}
	images, read := rowsOf(contents)
	var done atomic.Int32
	rows, err := e.Embed(t.Context(), images, false, read, func() { done.Add(1) })
	if err != nil {
		t.Fatal(err)
	}
	if int(done.Load()) != len(images) {
		t.Errorf("done was called %d times for %d images", done.Load(), len(images))
	}
	wantFaults := []schemas.Fault{"", "", "", schemas.FaultNoFace, schemas.FaultEmpty, schemas.FaultFormat, schemas.FaultTruncated}
	wantFaces := []int32{1, 2, 2, 0, -1, -1, -1}
	for i, r := range rows {
		if r.Path != images[i].Path || r.Error != wantFaults[i] || r.Faces != wantFaces[i] || !r.Hashed {
			t.Errorf("row %d is %q, fault %q, %d faces, hashed %t", i, r.Path, r.Error, r.Faces, r.Hashed)
		}
		if (r.Vector == nil) != (r.Error != "") {
			t.Errorf("row %d: fault %q and a vector of %d", i, r.Error, len(r.Vector))
		}
	}
	if want := [4]float32{112, 112, 64, 64}; rows[0].Box != want {
		t.Errorf("box %v, want %v", rows[0].Box, want)
	}
	// Doubled, its square covers four cells, of which two do not overlap enough.
	if r := rows[1]; r.Width != 160 || r.Height != 100 || r.Box[2] != 32 || r.Box[3] != 32 || r.Box[0] < 40 || r.Box[0] > 90 {
		t.Errorf("%d x %d, box %v; want a box of 32 x 32 pixels of the image itself",
			r.Width, r.Height, r.Box)
	}
	if rows[2].Box[0] != 144 {
		t.Errorf("of two faces the one at %v was chosen, not the one in the middle", rows[2].Box)
	}
	again := slices.Clone(rows[0].Vector)
	if err := schemas.RoundVector(again); err != nil || !slices.Equal(again, rows[0].Vector) {
		t.Error("a vector changes when it is rounded once more")
	}
}

func TestAlignedImagesPassThrough(t *testing.T) {
	e := start(t, tinyConfig(t))
	images, read := rowsOf([][]byte{picture(t, 112, 112, image.Pt(20, 50)), picture(t, 224, 224, image.Pt(40, 100)), picture(t, 112, 96)})
	rows, err := e.Embed(t.Context(), images, true, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if r.Error != "" || r.Faces != -1 || r.Box != [4]float32{} || r.DetScore != 0 || len(r.Vector) != 16 {
			t.Errorf("row %d: %+v", i, r)
		}
	}
}

func TestShippedLandmarks(t *testing.T) {
	e := start(t, tinyConfig(t))
	at := func(x, y float32) *[10]float32 {
		return &[10]float32{x, y, x + 26, y, x + 13, y + 13, x + 3, y + 26, x + 22, y + 26}
	}
	two := picture(t, 320, 320, image.Pt(0, 0), image.Pt(160, 128))
	none := picture(t, 320, 320)
	images, read := rowsOf([][]byte{two, two, none, none, none})
	images[0].Landmarks = at(3, 3)                                             // near the face in the corner
	images[1].Landmarks = at(280, 280)                                         // near none
	images[2].Landmarks = at(100, 100)                                         // believable
	images[3].Landmarks = at(300, 100)                                         // sticks out
	images[4].Landmarks = &[10]float32{50, 50, 57, 50, 54, 54, 51, 57, 56, 57} // eyes too close
	rows, err := e.Embed(t.Context(), images, false, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	if rows[0].Box[0] != -16 || rows[1].Box[0] != 144 {
		t.Errorf("chose %v with landmarks at the corner, %v with wrong ones", rows[0].Box, rows[1].Box)
	}
	if rows[2].Error != "" || rows[2].Faces != 0 || rows[2].Landmarks != *images[2].Landmarks || rows[2].Vector == nil {
		t.Errorf("landmarks that can be true aligned nothing: %+v", rows[2])
	}
	for _, r := range rows[3:] {
		if r.Error != schemas.FaultNoFace {
			t.Errorf("%s: landmarks that can't be true were used (%q)", r.Path, r.Error)
		}
	}
}

func TestReadErrors(t *testing.T) {
	e := nullEngine(t, 2, 4, nil)
	face := picture(t, 64, 64)
	images, _ := rowsOf(make([][]byte, 40))
	broken := errors.New("the disk is on fire")
	rows, err := e.Embed(t.Context(), images, false, func(_ context.Context, i int) ([]byte, error) {
		if i%2 == 1 {
			return nil, fmt.Errorf("reading: %w", schemas.FaultMissing)
		}
		return face, nil
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if want := i%2 == 1; (r.Error == schemas.FaultMissing) != want || r.Hashed == want {
			t.Errorf("row %d: fault %q, hashed %t", i, r.Error, r.Hashed)
		}
	}
	_, err = e.Embed(t.Context(), images, false, func(_ context.Context, i int) ([]byte, error) {
		if i == 17 {
			return nil, broken
		}
		return face, nil
	}, nil)
	if !errors.Is(err, broken) {
		t.Errorf("a reader's error gives %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = e.Embed(ctx, images, false, func(_ context.Context, i int) ([]byte, error) {
		if i == 5 {
			cancel()
		}
		return face, nil
	}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled call gives %v", err)
	}
}

func TestOutOfMemoryHalvesTheBatch(t *testing.T) {
	e := nullEngine(t, 1, 8, func(w *deviceWorker) {
		w.detector.(*nullDetector).fits = 3
		w.embedder.(*nullEmbedder).fits = 1
	})
	face := picture(t, 64, 64)
	contents := make([][]byte, 50)
	for i := range contents {
		contents[i] = face
	}
	images, read := rowsOf(contents)
	rows, err := e.Embed(t.Context(), images, false, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Error != "" || r.Vector == nil {
			t.Fatalf("%s: %q", r.Path, r.Error)
		}
	}
	if e.workers[0].batch != 1 {
		t.Errorf("the batch is %d where only one face fits", e.workers[0].batch)
	}
}

func TestNoMemoryForOneImageIsTheMachines(t *testing.T) {
	e := nullEngine(t, 1, 2, nil)
	e.workers[0].detector.(*nullDetector).fits = 0
	images, read := rowsOf([][]byte{picture(t, 64, 64)})
	if _, err := e.Embed(t.Context(), images, false, read, nil); !errors.Is(err, onnx.ErrMemory) {
		t.Errorf("gives %v, not an ErrMemory", err)
	}
}

func TestCallsShareTheEngine(t *testing.T) {
	e := start(t, tinyConfig(t))
	var contents [][]byte
	for i := range 30 {
		contents = append(contents, picture(t, 320, 320, image.Pt(32*(i%9), 32*(i/9+2))))
	}
	images, read := rowsOf(contents)
	alone, err := e.Embed(t.Context(), images, false, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	var calls sync.WaitGroup
	for range 4 {
		calls.Go(func() {
			rows, err := e.Embed(t.Context(), images, false, read, nil)
			if err != nil || !reflect.DeepEqual(rows, alone) {
				t.Errorf("a call among others gives other rows (%v)", err)
			}
		})
	}
	calls.Wait()
}

func TestNotFiniteVectors(t *testing.T) {
	c := tinyConfig(t)
	c.ModelFile = "testdata/nan.onnx"
	e := start(t, c)
	images, read := rowsOf([][]byte{picture(t, 320, 320, image.Pt(128, 128))})
	rows, err := e.Embed(t.Context(), images, false, read, nil)
	if err != nil || rows[0].Error != schemas.FaultNotFinite || rows[0].Vector != nil {
		t.Errorf("a model that gives NaN: %+v, %v", rows, err)
	}
}

func TestClosedEngine(t *testing.T) {
	e := nullEngine(t, 1, 1, nil)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Embed(t.Context(), nil, false, nil, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed engine gives %v", err)
	}
}
