package embed

import (
	"context"
	"errors"
	"image"
	"math"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// looked embeds contents and looks at all of them again.
func looked(t *testing.T, e *Engine, contents [][]byte) ([]schemas.Embedding, []schemas.SecondLook) {
	t.Helper()
	images, read := rowsOf(contents)
	first, err := e.Embed(t.Context(), images, false, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := e.Look(t.Context(), images, first, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	return first, second
}

func TestLookGivesARowForEveryImage(t *testing.T) {
	e := start(t, tinyConfig(t))
	face := picture(t, 320, 320, image.Pt(128, 128))
	contents := [][]byte{
		face, picture(t, 320, 320, image.Pt(32, 32), image.Pt(224, 224)), picture(t, 320, 320),
		nil, []byte("This is text."), face[:len(face)/2], face,
	}
	images, read := rowsOf(contents)
	first, err := e.Embed(t.Context(), images, false, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	first[6].SHA256[3]++
	for i := range first {
		first[i].Faces = max(first[i].Faces, 0) // the faulty ones are read, too
	}
	var done atomic.Int32
	second, err := e.Look(t.Context(), images, first, read, func() { done.Add(1) })
	if err != nil {
		t.Fatal(err)
	}
	if int(done.Load()) != len(images) {
		t.Errorf("done was called %d times for %d images", done.Load(), len(images))
	}
	faults := []schemas.Fault{"", "", schemas.FaultNoFace, schemas.FaultEmpty, schemas.FaultFormat, schemas.FaultTruncated, schemas.FaultChanged}
	for i, s := range second {
		if s.Path != images[i].Path || s.Error != faults[i] || (len(s.Faces) > 0) != (s.Error == "") {
			t.Errorf("row %d is %q, fault %q, %d faces", i, s.Path, s.Error, len(s.Faces))
		}
		if i < 6 && s.SHA256 != first[i].SHA256 || i == 6 && s.SHA256 != first[0].SHA256 {
			t.Errorf("row %d: digest %x", i, s.SHA256)
		}
	}
	for _, box := range [][4]float32{{16, 16, 64, 64}, {208, 208, 64, 64}} {
		near := func(f schemas.LookedFace) bool {
			return intersection(f.Box, box) > sameFace*min(area(f.Box), area(box)) && len(f.Vector) == 16
		}
		if !slices.ContainsFunc(second[1].Faces, near) {
			t.Errorf("no face at %v among %v", box, second[1].Faces)
		}
	}
	var b discard
	if err := schemas.WriteSecondLooks(&b, 16, second); err != nil {
		t.Error(err)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// What no detector has seen is not read.
func TestLookWithoutADetector(t *testing.T) {
	face := picture(t, 320, 320, image.Pt(128, 128))
	images, _ := rowsOf([][]byte{face, face})
	first := []schemas.Embedding{{Faces: -1, Hashed: true, SHA256: [32]byte{1}}, {Faces: 1, SHA256: [32]byte{2}}}
	read := func(context.Context, int) ([]byte, error) { return nil, errors.New("read") }
	with, c := start(t, tinyConfig(t)), tinyConfig(t)
	c.Spec.Detector, c.DetectorFile = "", ""
	without := start(t, c)
	for i, e := range []*Engine{with, without} {
		var done atomic.Int32
		got, err := e.Look(t.Context(), images[:i+1], first[:i+1], read, func() { done.Add(1) })
		if err != nil {
			t.Fatal(err)
		}
		for k, s := range got {
			if s.Error != "" || s.Faces != nil || s.SHA256 != first[k].SHA256 || int(done.Load()) != i+1 {
				t.Errorf("engine %d: row %d is %+v, done %d times", i, k, s, done.Load())
			}
		}
	}
	if _, err := with.Look(t.Context(), images, first[:1], read, nil); err == nil {
		t.Error("two images and one first look are looked at")
	}
	if _, err := with.Look(t.Context(), images[1:], first[1:], read, nil); err == nil {
		t.Error("the machine's error is lost")
	}
}

// A picture has no more faces than a table takes, whatever the detector finds, and
// batches get smaller where memory ends.
func TestLookIsBounded(t *testing.T) {
	e := nullEngine(t, 1, 8, func(w *deviceWorker) {
		w.detector.(*nullDetector).fits = 3
		w.embedder.(*nullEmbedder).fits = 2
	})
	contents := slices.Repeat([][]byte{picture(t, 64, 64), picture(t, 700, 1)}, 10)
	_, second := looked(t, e, contents)
	for i, s := range second {
		if s.Error != "" || !reflect.DeepEqual(s.Faces, second[i%2].Faces) {
			t.Errorf("row %d: %+v", i, s)
		}
	}
	if n := len(second[0].Faces); n != schemas.MaxFaces {
		t.Errorf("%d faces of a picture of which each part has one", n)
	}
	if e.workers[0].batch > 2 {
		t.Errorf("the batch is %d where two faces fit", e.workers[0].batch)
	}
	e.workers[0].detector.(*nullDetector).fits = 0
	images, read := rowsOf(contents[:1])
	if _, err := e.Look(t.Context(), images, make([]schemas.Embedding, 1), read, nil); err == nil {
		t.Error("a device without memory looks")
	}
}

// Nothing that a first look may have given, and no picture, is more than a view that
// shows nothing.
func TestLookAtHostileImages(t *testing.T) {
	e := start(t, tinyConfig(t))
	nan, far := float32(math.NaN()), float32(1e38)
	var images []schemas.Image
	var first []schemas.Embedding
	var contents [][]byte
	for _, data := range [][]byte{
		picture(t, 1, 1), picture(t, 3000, 1), picture(t, 1, 3000), picture(t, 2000, 1500, image.Pt(500, 700)),
	} {
		for _, f := range []schemas.Embedding{
			{}, {Faces: 3, Box: [4]float32{nan, nan, nan, nan}}, {Faces: 1, Landmarks: [10]float32{0, 0, nan}},
			{Faces: 1, Box: [4]float32{1, 1, 0, 0}, Landmarks: [10]float32{5, 5, 5, 5}, HasDetScore: true, DetScore: nan},
			{Faces: 1, Box: [4]float32{-far, far, far, far}, Landmarks: [10]float32{-far, 0, far, far}, HasDetScore: true, DetScore: 1},
			{Faces: 1, Box: [4]float32{9000, -9000, 1e-30, 1e-30}, Landmarks: [10]float32{0, 0, 1e-30}},
			{Faces: 1, Box: [4]float32{0, 0, -5, 7}, Landmarks: [10]float32{-4000, 0, 9000}},
		} {
			contents, first = append(contents, data), append(first, f)
		}
	}
	images, read := rowsOf(contents)
	second, err := e.Look(t.Context(), images, first, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := schemas.WriteSecondLooks(discard{}, 16, second); err != nil {
		t.Error(err)
	}
}

func TestLookEndsWithItsContext(t *testing.T) {
	e := start(t, tinyConfig(t))
	contents := slices.Repeat([][]byte{picture(t, 320, 320, image.Pt(128, 128))}, 200)
	images, _ := rowsOf(contents)
	ctx, cancel := context.WithCancel(t.Context())
	read := func(_ context.Context, i int) ([]byte, error) {
		if i == 20 {
			cancel()
		}
		return contents[i], nil
	}
	if _, err := e.Look(ctx, images, make([]schemas.Embedding, len(images)), read, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled call gives %v", err)
	}
	looked(t, e, contents[:2]) // the engine goes on
}

// Calls of both kinds share an engine, in any batches, and change none of each other's bits.
func TestLooksShareTheEngine(t *testing.T) {
	var contents [][]byte
	for i := range 16 {
		contents = append(contents, picture(t, 320, 320, image.Pt(32*(i%9), 32*(i/9+2)), image.Pt(17*i, 256)))
	}
	images, read := rowsOf(contents)
	var alone []schemas.Embedding
	var aloneAgain []schemas.SecondLook
	for _, batch := range []int{1, 7, 16} {
		c := tinyConfig(t)
		c.Batch = batch
		e := start(t, c)
		if alone == nil {
			alone, aloneAgain = looked(t, e, contents)
		}
		var calls sync.WaitGroup
		for range 2 {
			calls.Go(func() {
				rows, err := e.Embed(t.Context(), images, false, read, nil)
				if err != nil || !reflect.DeepEqual(rows, alone) {
					t.Errorf("batch %d: a call among others gives other rows (%v)", batch, err)
				}
			})
			calls.Go(func() {
				rows, err := e.Look(t.Context(), images, alone, read, nil)
				if err != nil || !reflect.DeepEqual(rows, aloneAgain) {
					t.Errorf("batch %d: a second look among others gives other rows (%v)", batch, err)
				}
			})
		}
		calls.Wait()
	}
}
