package train

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/embed/photo"
	"google.golang.org/protobuf/encoding/protowire"
)

// encoded is a picture of 150 pixels a side whose colours say where one is.
func encoded(t *testing.T) []byte {
	t.Helper()
	im := image.NewRGBA(image.Rect(0, 0, 150, 150))
	for y := range 150 {
		for x := range 150 {
			im.Set(x, y, color.RGBA{uint8(x), uint8(y), uint8(x * y), 255})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, im); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What the network sees is the crop that the engine cuts, scaled by the contract
// and averaged two by two, with a margin around or not; bad pictures are named.
func TestLoad(t *testing.T) {
	data := encoded(t)
	landmarks := [10]float32{60, 70, 95, 72, 78, 90, 64, 110, 92, 111}
	give := func(data []byte, err error) func(context.Context) ([]byte, error) {
		return func(context.Context) ([]byte, error) { return data, err }
	}
	flat := [10]float32{}
	sources := []Source{
		{Name: "missing", Identity: "a", Landmarks: &landmarks, Read: give(nil, errors.New("gone"))},
		{Name: "good", Identity: "b", Landmarks: &landmarks, Read: give(data, nil)},
		{Name: "text", Identity: "b", Landmarks: &landmarks, Read: give([]byte("no picture"), nil)},
		{Name: "bare", Identity: "c", Read: give(data, nil)},
		{Name: "flat", Identity: "c", Landmarks: &flat, Read: give(data, nil)},
		{Name: "second", Identity: "c", Landmarks: &landmarks, Read: give(data, nil)},
		{Name: "third", Identity: "b", Landmarks: &landmarks, Read: give(data, nil)},
	}
	for _, margin := range []int{0, Margin} {
		var bad []string
		steps := 0
		p, err := Load(t.Context(), sources, margin, Watcher{
			Progress: func(done, total int) {
				if steps++; done != steps || total != len(sources) {
					t.Errorf("progress %d of %d after %d", done, total, steps)
				}
			},
			Bad: func(name string, _ error) { bad = append(bad, name) },
		})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(bad, []string{"missing", "text", "bare", "flat"}) || !slices.Equal(p.Names, []string{"good", "second", "third"}) {
			t.Errorf("bad are %v, good %v", bad, p.Names)
		}
		if !slices.Equal(p.Classes, []int{0, 1, 0}) || !slices.Equal(p.Identities, []string{"b", "c"}) {
			t.Errorf("classes %v of %v", p.Classes, p.Identities)
		}
		sameAsEngine(t, p, data, landmarks)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Load(ctx, sources, 0, Watcher{}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

func sameAsEngine(t *testing.T, p *Pictures, data []byte, landmarks [10]float32) {
	t.Helper()
	im, err := photo.Decode(data, photo.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := photo.Align(landmarks, photo.ArcFace112())
	if err != nil {
		t.Fatal(err)
	}
	const wide = 2 * Side
	crop := make([]uint8, wide*wide*3)
	photo.Warp(im, s, wide, wide, crop)
	planes := make([]float32, len(crop))
	photo.Tensor(crop, wide, wide, false, 0.00784313725490196, [3]float32{1, 1, 1}, [3]float32{1, 1, 1}, planes)
	got, mirrored := make([]float32, Side*Side*3), make([]float32, Side*Side*3)
	p.pixels(0, false, got)
	p.pixels(0, true, mirrored)
	for i, v := range got {
		c, x, y := i%3, i/3%Side, i/3/Side
		at := planes[c*wide*wide+2*y*wide+2*x:]
		want := (at[0] + at[1] + at[wide] + at[wide+1]) / 4
		// With a margin, positions are rounded to 1/32 pixel at another place.
		tolerance := 1e-5
		if p.Margin > 0 {
			tolerance = .02
		}
		if math.Abs(float64(v-want)) > tolerance {
			t.Fatalf("margin %d: value %d is %v, the engine sees %v", p.Margin, i, v, want)
		}
		if m := mirrored[(y*Side+Side-1-x)*3+c]; m != v {
			t.Fatalf("value %d is %v mirrored, %v plain", i, m, v)
		}
	}
}

func TestDigest(t *testing.T) {
	a, b := blobs(1, 2, 2, 1), blobs(1, 2, 2, 1)
	if a.Digest() != b.Digest() {
		t.Error("equal pictures have different digests")
	}
	b.sums[len(b.sums)-1]++
	if a.Digest() == b.Digest() {
		t.Error("a value more, the same digest")
	}
	b = blobs(1, 2, 2, 1)
	b.Classes[1] = 1
	if a.Digest() == b.Digest() {
		t.Error("another identity, the same digest")
	}
}

// Augmentation depends on seed, epoch and picture alone, and with nothing to do
// gives the picture.
func TestAugment(t *testing.T) {
	p := blobs(1, 3, 2, Margin)
	draw := func(a Augmentation, seed uint64, epoch, i int) []float32 {
		out := make([]float32, Side*Side*3)
		newAugmenter(a, seed).apply(p, epoch, i, out)
		return out
	}
	full, plain := DefaultAugmentation(), make([]float32, Side*Side*3)
	base := draw(full, 1, 2, 3)
	if !slices.Equal(base, draw(full, 1, 2, 3)) {
		t.Error("the same draw gives another picture")
	}
	for what, other := range map[string][]float32{"seed": draw(full, 2, 2, 3), "epoch": draw(full, 1, 3, 3)} {
		if slices.Equal(base, other) {
			t.Errorf("another %s gives the same picture", what)
		}
	}
	for epoch := range 50 {
		for i, v := range draw(full, 1, epoch, 0) {
			if !(v >= -1 && v <= 1) {
				t.Fatalf("epoch %d: value %d is %v", epoch, i, v)
			}
		}
	}
	for _, mirror := range []bool{false, true} {
		a := Augmentation{}
		if mirror {
			a.Mirror = 1
		}
		p.pixels(4, mirror, plain)
		for i, v := range draw(a, 1, 1, 4) {
			if math.Abs(float64(v-plain[i])) > 1e-4 {
				t.Fatalf("mirrored %v: value %d is %v, of the picture %v", mirror, i, v, plain[i])
			}
		}
	}
}

func TestMeasure(t *testing.T) {
	vectors := [][]float32{{1, 0}, {.8, .6}, {0, 1}, {.6, .8}}
	var pairs []Comparison
	for fold := range 10 {
		pairs = append(pairs, Comparison{A: 0, B: 1, Same: true, Fold: fold}, Comparison{A: 0, B: 2, Fold: fold})
	}
	if a := accuracy(vectors, pairs); math.Abs(a.Mean-1) > 1e-9 || a.Error > 1e-9 || a.Pairs != 20 {
		t.Errorf("pairs that a threshold parts: %+v", a)
	}
	pairs[0].B = -1
	if a := accuracy(vectors, pairs); math.Abs(a.Mean-.95) > 1e-9 {
		t.Errorf("with one of 20 pictures missing: %+v", a)
	}
}

// Adam against its definition, in float64.
func TestAdam(t *testing.T) {
	m := &Model{Parameters: []*Parameter{{Values: []float32{1, -2, .5}, Decays: true}, {Values: []float32{3}}}}
	a := newAdam(m, .1)
	gradients := [][][]float32{{{.5, -1, 0}, {2}}, {{.1, 3, 1e-4}, {-1}}, {{-.5, 1, 2}, {0}}}
	want := [][]float64{{1, -2, .5}, {3}}
	first, second := [][]float64{make([]float64, 3), make([]float64, 1)}, [][]float64{make([]float64, 3), make([]float64, 1)}
	for step, g := range gradients {
		a.update(m, g, .01)
		for k := range want {
			for i := range want[k] {
				v := float64(g[k][i])
				first[k][i] = .9*first[k][i] + .1*v
				second[k][i] = .999*second[k][i] + .001*v*v
				n := float64(step + 1)
				move := first[k][i] / (1 - math.Pow(.9, n)) / (math.Sqrt(second[k][i]/(1-math.Pow(.999, n))) + 1e-8)
				if k == 0 {
					want[k][i] *= 1 - .01*.1
				}
				want[k][i] -= .01 * move
				if got := float64(m.Parameters[k].Values[i]); math.Abs(got-want[k][i]) > 1e-5 {
					t.Errorf("step %d: parameter %d, %d is %v, want %v", step, k, i, got, want[k][i])
				}
			}
		}
	}
}

func TestSchedule(t *testing.T) {
	for _, c := range []struct {
		step int
		want float64
	}{{0, .1}, {4, .5}, {9, 1}, {10, 1}, {60, .505}, {110, .01}} {
		if got := schedule(1, c.step, 10, 110); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("step %d: %v, want %v", c.step, got, c.want)
		}
	}
	if got := schedule(1, 0, 0, 1); got != 1 {
		t.Errorf("without warm-up: %v", got)
	}
}

// history is one of two epochs.
func history() History {
	return History{Points: []Point{
		{Step: 20, Time: 1000, Loss: 5, Correct: .25, Rate: .5},
		{Step: 30, Time: 1001, Measured: &Measured{Plain: Accuracy{Mean: .75}, Siblings: &Accuracy{Mean: .5}}},
		{Step: 40, Time: 1002, Loss: 4, Correct: .5, Rate: .25},
	}}
}

// The checksum is RFC 3720's CRC-32C, masked as TFRecord has it: an event file that
// TensorFlow writes begins with the length 24 and these bytes.
func TestMaskedSum(t *testing.T) {
	length := []byte{24, 0, 0, 0, 0, 0, 0, 0}
	if got := binary.LittleEndian.AppendUint32(nil, maskedSum(length)); !bytes.Equal(got, []byte{0xa3, 0x7f, 0x4b, 0x22}) {
		t.Errorf("%x", got)
	}
	crc := uint32(0xe3069283) // of "123456789"
	if got, want := maskedSum([]byte("123456789")), (crc>>15|crc<<17)+0xa282ead8; got != want {
		t.Errorf("digits: %#x, want %#x", got, want)
	}
}

// records takes an event file apart.
func records(t *testing.T, data []byte) (out [][]byte) {
	t.Helper()
	for len(data) > 0 {
		n := binary.LittleEndian.Uint64(data)
		if maskedSum(data[:8]) != binary.LittleEndian.Uint32(data[8:]) || maskedSum(data[12:12+n]) != binary.LittleEndian.Uint32(data[12+n:]) {
			t.Fatal("a checksum is wrong")
		}
		out = append(out, data[12:12+n])
		data = data[16+n:]
	}
	return out
}

// flat writes the fields of a message, and of those in it, as text.
func flat(t *testing.T, message []byte, inside ...protowire.Number) (out string) {
	t.Helper()
	for len(message) > 0 {
		num, kind, n := protowire.ConsumeTag(message)
		message = message[n:]
		switch kind {
		case protowire.VarintType:
			v, n := protowire.ConsumeVarint(message)
			out, message = out+fmt.Sprint(num, ":", v, " "), message[n:]
		case protowire.Fixed32Type:
			v, n := protowire.ConsumeFixed32(message)
			out, message = out+fmt.Sprint(num, ":", math.Float32frombits(v), " "), message[n:]
		case protowire.Fixed64Type:
			v, n := protowire.ConsumeFixed64(message)
			out, message = out+fmt.Sprint(num, ":", math.Float64frombits(v), " "), message[n:]
		case protowire.BytesType:
			v, n := protowire.ConsumeBytes(message)
			message = message[n:]
			if len(inside) > 0 && num == inside[0] {
				out += "{" + flat(t, v, inside[1:]...) + "}"
				continue
			}
			out += fmt.Sprint(num, ":", string(v), " ")
		default:
			t.Fatalf("field %d has kind %d", num, kind)
		}
	}
	return out
}

func TestEvents(t *testing.T) {
	h := history()
	var got []string
	for _, r := range records(t, h.events()) {
		got = append(got, flat(t, r, eventSummary, summaryValue))
	}
	want := []string{
		"1:1000 2:0 3:brain.Event:2 ",
		"1:1000 2:20 {{1:train/loss 2:5 }{1:train/correct 2:0.25 }{1:train/rate 2:0.5 }}",
		"1:1001 2:30 {{1:heldout/accuracy 2:0.75 }{1:heldout/accuracy_with_siblings 2:0.5 }}",
		"1:1002 2:40 {{1:train/loss 2:4 }{1:train/correct 2:0.5 }{1:train/rate 2:0.25 }}",
	}
	if !slices.Equal(got, want) {
		t.Errorf("events %q\nwant   %q", got, want)
	}
}

func TestCurves(t *testing.T) {
	h := history()
	data, err := h.plot()
	if err != nil {
		t.Fatal(err)
	}
	im, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	colours := map[color.Color]bool{}
	for y := range im.Bounds().Dy() {
		for x := range im.Bounds().Dx() {
			colours[color.RGBAModel.Convert(im.At(x, y))] = true
		}
	}
	for name, c := range map[string]color.RGBA{"training": {31, 119, 180, 255}, "held out": {180, 30, 40, 255}} {
		if !colours[c] {
			t.Errorf("the curve %q is not drawn", name)
		}
	}
}
