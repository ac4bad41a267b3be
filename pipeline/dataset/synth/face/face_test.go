package face_test

import (
	"bytes"
	"image"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/synth/face"
)

func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 77)) }

// Equal seeds give equal pictures, and the picture depends on nothing but its
// person and its shot.
func TestDrawIsAFunction(t *testing.T) {
	a, b := source(1), source(1)
	for i := range 40 {
		p, q := face.NewPerson(a), face.NewPerson(b)
		s, u := face.NewShot(a), face.NewShot(b)
		if p != q || s != u {
			t.Fatalf("%d: equal seeds gave another person or shot", i)
		}
		one, two := face.Draw(p, s), face.Draw(q, u)
		if !bytes.Equal(one.Image.Pix, two.Image.Pix) || one.Landmarks != two.Landmarks {
			t.Fatalf("%d: the same shot drew two pictures", i)
		}
		other := face.Draw(p.Sibling(a, 1), s)
		p.Sibling(b, 1)
		if bytes.Equal(one.Image.Pix, other.Image.Pix) {
			t.Fatalf("%d: a sibling has the same picture", i)
		}
	}
}

func TestDrawConcurrently(t *testing.T) {
	r := source(2)
	p, s := face.NewPerson(r), face.NewShot(r)
	want := face.Draw(p, s)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 5 {
				if got := face.Draw(p, s); !bytes.Equal(got.Image.Pix, want.Image.Pix) {
					t.Error("a concurrent draw gave other bytes")
				}
			}
		})
	}
	wait.Wait()
}

// Every picture can be aligned: five points inside, in their order, the eyes
// well apart.
func TestLandmarks(t *testing.T) {
	r := source(3)
	for i := range 3000 {
		p, s := face.NewPerson(r), face.NewShot(r)
		pic := face.Draw(p, s)
		l, box := pic.Landmarks, pic.Image.Bounds()
		for j := 0; j < 10; j += 2 {
			if at := image.Pt(int(math.Floor(float64(l[j]))), int(math.Floor(float64(l[j+1])))); !at.In(box.Inset(4)) {
				t.Fatalf("%d: landmark %d at %v of %v", i, j/2, at, box)
			}
		}
		if d := math.Hypot(float64(l[2]-l[0]), float64(l[3]-l[1])); d < 22 {
			t.Errorf("%d: eyes %.1f pixels apart", i, d)
		}
		if l[0] >= l[2] || l[6] >= l[8] || l[7] <= l[1] || l[9] <= l[3] {
			t.Errorf("%d: landmarks out of order: %v", i, l)
		}
		if s.Quality < 40 || s.Quality > 95 {
			t.Errorf("%d: quality %d", i, s.Quality)
		}
	}
}

// The landmarks are where the drawing has the features: with a plain light the
// pupils are the darkest positions near the eyes' points.
func TestLandmarksAreOnTheEyes(t *testing.T) {
	r := source(4)
	for i := range 200 {
		p, s := face.NewPerson(r), face.NewShot(r)
		s.Glasses, s.Hat, s.Cover, s.Blink, s.GazeX, s.GazeY = face.NoGlasses, face.NoHat, face.NoCover, 0, 0, 0
		s.Noise, s.Blur, s.Exposure, s.Contrast, s.Grey = 0, 0, 1, 1, false
		p.Hair, s.Roll = face.Short, 0
		pic := face.Draw(p, s)
		for e := 0; e < 4; e += 2 {
			x, y := int(pic.Landmarks[e]), int(pic.Landmarks[e+1])
			if here := darkest(pic.Image, x, y, 3); here > 120 {
				t.Errorf("%d: no pupil at eye %d (%d, %d): the darkest pixel is %d", i, e/2, x, y, here)
			}
		}
	}
}

func darkest(im *image.RGBA, x, y, reach int) int {
	least := 255
	for dy := -reach; dy <= reach; dy++ {
		for dx := -reach; dx <= reach; dx++ {
			c := im.RGBAAt(x+dx, y+dy)
			least = min(least, int(max(c.R, c.G, c.B)))
		}
	}
	return least
}

// distance returns how far apart two people are: the root of the mean squared
// difference of traits, plus .05 for each of hair and beard that differs.
// Strangers are about .48 apart, siblings about .15 (.24 where they are 1.5 apart).
func distance(p, o face.Person) float64 {
	var sum float64
	for i, v := range p.Traits {
		d := v - o.Traits[i]
		sum += d * d
	}
	d := math.Sqrt(sum / float64(len(p.Traits)))
	if p.Hair != o.Hair {
		d += .05
	}
	if p.Beard != o.Beard {
		d += .05
	}
	return d
}

// Siblings are nearer to each other than any two strangers of a crowd, and
// never the same person.
func TestSiblings(t *testing.T) {
	r := source(5)
	people := make([]face.Person, 120)
	stranger := math.Inf(1)
	for i := range people {
		people[i] = face.NewPerson(r)
		for _, o := range people[:i] {
			stranger = math.Min(stranger, distance(people[i], o))
		}
	}
	closer, farther := 0., 0.
	for _, p := range people {
		near, s := p.Sibling(r, 1), p.Sibling(r, 1.5)
		for _, d := range []float64{distance(p, near), distance(p, s)} {
			if d == 0 || d >= stranger {
				t.Errorf("a sibling is %.3f away, the nearest strangers %.3f", d, stranger)
			}
		}
		closer += distance(p, near) / float64(len(people))
		farther += distance(p, s) / float64(len(people))
		if s.Hair != p.Hair || s.Beard != p.Beard {
			t.Error("a sibling wears hair or beard in another way")
		}
	}
	t.Logf("siblings are %.3f away, those farther apart %.3f", closer, farther)
	if closer >= farther {
		t.Errorf("siblings are %.3f away, those farther apart %.3f", closer, farther)
	}
}

func TestScenery(t *testing.T) {
	a, b := source(6), source(6)
	seen := map[string]bool{}
	for range 30 {
		one, two := face.Scenery(a), face.Scenery(b)
		if !bytes.Equal(one.Pix, two.Pix) || one.Rect != two.Rect {
			t.Fatal("equal seeds gave two pictures")
		}
		seen[string(one.Pix)] = true
	}
	if len(seen) != 30 {
		t.Errorf("%d of 30 pictures differ", len(seen))
	}
}
