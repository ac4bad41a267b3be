package nearduplicate

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// scene is a smooth random picture, a function of a place in it, 0 to 1 in each direction.
func scene(seed uint64) func(x, y float64) float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	type wave struct{ fx, fy, phase, size float64 }
	var all []wave
	for i := range 40 { // the finer the weaker, as in photographs
		fine := 3 + float64(i)*.8
		all = append(all, wave{(r.Float64()*2 - 1) * fine, (r.Float64()*2 - 1) * fine, r.Float64() * 7, 6 / (4 + fine)})
	}
	return func(x, y float64) float64 {
		v := 128.0
		for _, w := range all {
			v += 22 * w.size * math.Sin(w.fx*x+w.fy*y+w.phase)
		}
		return min(max(v, 0), 255)
	}
}

// thumbnail draws a part of a scene.
func thumbnail(f func(x, y float64) float64, left, right, top, bottom float64) []byte {
	const fine = 8
	out := make([]byte, side*side)
	for i := range out {
		var sum float64
		for k := range fine * fine {
			u := (float64(i%side) + (float64(k%fine)+.5)/fine) / side
			v := (float64(i/side) + (float64(k/fine)+.5)/fine) / side
			sum += f(left+(1-left-right)*u, top+(1-top-bottom)*v)
		}
		out[i] = byte(sum/(fine*fine) + .5)
	}
	return out
}

func TestCropsOfAPictureAreTheSame(t *testing.T) {
	for seed := range uint64(30) {
		f := scene(seed)
		a := &Picture{Image: thumbnail(f, 0, 0, 0, 0)}
		for _, m := range [][4]float64{{0, 0, 0, 0}, {.04, .04, .04, .04}, {0, .05, .02, .02}, {.06, 0, 0, .04}, {.03, .03, .03, .03}} {
			b := &Picture{Image: thumbnail(f, m[0], m[1], m[2], m[3])}
			for _, l := range []Likeness{Compare(a, b, 0), Compare(b, a, 0)} {
				if !l.Same() {
					t.Errorf("scene %d without %v: %+v", seed, m, l)
				}
			}
		}
		other := &Picture{Image: thumbnail(scene(seed+100), 0, 0, 0, 0)}
		if l := Compare(a, other, .99); l.Same() {
			t.Errorf("scene %d and another: %+v", seed, l)
		}
	}
}

// Whole pictures that are nearly the same need faces that are, too: shots of one minute.
func TestNearlyTheSameNeedsTheCosine(t *testing.T) {
	for l, want := range map[Likeness]bool{
		{Image: .995}:                       true,
		{Image: .995, Cosine: .55}:          true,
		{Image: .9999, Cosine: .45}:         false,
		{Image: .9999, Cosine: -.1}:         false,
		{Image: .98, Face: .97, Cosine: .8}: false,
		{Image: .98, Cosine: .93}:           true,
		{Image: .6, Face: .99, Cosine: .96}: true,
		{Image: .6, Face: .99, Cosine: .94}: false,
		{Image: .6, Face: .95, Cosine: .99}: false,
	} {
		if l.Same() != want {
			t.Errorf("%+v: %v", l, !want)
		}
	}
}

func TestPicturesOfOneGreyTellNothing(t *testing.T) {
	grey := func(v byte) *Picture { return &Picture{Image: slices.Repeat([]byte{v}, side*side)} }
	if l := Compare(grey(7), grey(7), 0); l.Same() || l.Image != 0 {
		t.Errorf("%+v", l)
	}
	if l := Compare(&Picture{}, grey(7), .99); l != (Likeness{Cosine: .99}) {
		t.Errorf("%+v", l)
	}
}

func TestHashesOfCropsAreNearThoseOfCrops(t *testing.T) {
	for seed := range uint64(30) {
		f := scene(seed)
		own := hashCrop(thumbnail(f, 0, 0, 0, 0), 0)
		cropped := hashCrop(thumbnail(f, .04, .04, .04, .04), 0)
		nearest := 64
		for _, h := range Hashes(own, thumbnail(f, 0, 0, 0, 0)) {
			nearest = min(nearest, bits.OnesCount64(h^cropped))
		}
		if nearest > 8 {
			t.Errorf("scene %d: %d bits", seed, nearest)
		}
	}
	if got := Hashes(5, nil); got != [Crops]uint64{5, 5, 5} {
		t.Errorf("%v", got)
	}
}

func TestIndexFindsWhatComparingAllFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	hashes := make([]uint64, 3000)
	for i := range hashes {
		hashes[i] = r.Uint64()
		if i > 0 && i%3 == 0 { // near an earlier one
			hashes[i] = hashes[r.IntN(i)]
			for range r.IntN(14) {
				hashes[i] ^= 1 << r.IntN(64)
			}
		}
	}
	for _, distance := range []int{0, 3, 7, MaxDistance} {
		x := NewIndex(hashes, distance)
		for i, h := range hashes {
			var want []int32
			for j, other := range hashes {
				if bits.OnesCount64(h^other) <= distance {
					want = append(want, int32(j))
				}
			}
			slices.SortStableFunc(want, func(a, b int32) int {
				return cmp.Compare(bits.OnesCount64(h^hashes[a]), bits.OnesCount64(h^hashes[b]))
			})
			if got := x.Near(h, distance, len(hashes), nil); !slices.Equal(got, want) {
				t.Fatalf("distance %d, hash %d: %v; want %v", distance, i, got, want)
			}
			if got := x.Near(h, distance, 1, nil); !slices.Equal(got, want[:1]) {
				t.Fatalf("distance %d, hash %d: %v; want the nearest", distance, i, got)
			}
		}
	}
}

// A chain of near pictures, each like the next, is no group of all of them.
func TestGroupsDoNotDrift(t *testing.T) {
	near := func(a, b int32) bool { return max(a, b)-min(a, b) <= 2 }
	groups := func(pairs [][2]int32, compare func(a, b int32) int) [][]int32 {
		t.Helper()
		got, err := Groups(t.Context(), 14, pairs, compare, near)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	var pairs [][2]int32
	for i := range int32(9) {
		pairs = append(pairs, [2]int32{i, i + 1})
	}
	pairs = append(pairs, [2]int32{11, 12})
	got := groups(pairs, cmp.Compare[int32])
	want := [][]int32{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {11, 12}}
	if !slices.EqualFunc(got, want, slices.Equal[[]int32]) {
		t.Errorf("%v; want %v", got, want)
	}
	slices.Reverse(pairs)
	for i := range pairs {
		pairs[i][0], pairs[i][1] = pairs[i][1], pairs[i][0]
	}
	if again := groups(pairs, cmp.Compare[int32]); !slices.EqualFunc(again, want, slices.Equal[[]int32]) {
		t.Errorf("in another order: %v", again)
	}
	down := func(a, b int32) int { return cmp.Compare(b, a) }
	if got := groups(pairs, down); got[0][0] != 12 || got[1][0] != 9 {
		t.Errorf("the first of compare represents: %v", got)
	}
}

// A long chain is settled with a few comparisons a picture, and grouping ends with its
// context.
func TestGroupsOfALongChain(t *testing.T) {
	const n = 3000
	var pairs [][2]int32
	for i := range int32(n - 1) {
		pairs = append(pairs, [2]int32{i, i + 1})
	}
	asked := 0
	near := func(a, b int32) bool {
		asked++
		return max(a, b)-min(a, b) <= 2
	}
	got, err := Groups(t.Context(), n, pairs, cmp.Compare[int32], near)
	if err != nil || len(got) != n/3 || asked > 2*n {
		t.Errorf("%d groups after %d comparisons, %v", len(got), asked, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Groups(ctx, n, pairs, cmp.Compare[int32], near); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func BenchmarkIndex(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 4))
	hashes := make([]uint64, 100_000)
	for i := range hashes {
		hashes[i] = r.Uint64()
	}
	for b.Loop() {
		x := NewIndex(hashes, 10)
		var near []int32
		for _, h := range hashes {
			for range Crops {
				near = x.Near(h, 10, 64, near[:0])
			}
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	f := scene(1)
	x, y := &Picture{Image: thumbnail(f, 0, 0, 0, 0)}, &Picture{Image: thumbnail(f, .07, 0, 0, .07)}
	for b.Loop() {
		Compare(x, y, 0)
	}
}
