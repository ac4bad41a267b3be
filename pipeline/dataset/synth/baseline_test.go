package synth

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"testing"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/mat"

	"github.com/facesieve/facesieve/cluster/verification"
	"github.com/facesieve/facesieve/embed/photo"
)

// TestWeakBaselinesFail holds that faces can't be told apart by what needs no
// recognition: the mean colour, and the pixels' principal components.
func TestWeakBaselinesFail(t *testing.T) {
	o := Defaults()
	o.Seed, o.Clean, o.Identities, o.Images, o.Siblings, o.References, o.Pairs = 11, true, 200, 5, .3, 320, 3000
	p := planOf(t, o)
	var train, test []imageIndex
	for i, l := range p.labels {
		for k := range l.images {
			train = append(train, imageIndex{i, k})
		}
	}
	at := map[imageIndex]int{}
	for i, r := range p.reference {
		for k := range r.images {
			at[imageIndex{i, k}] = len(test)
			test = append(test, imageIndex{i, k})
		}
	}
	trained, tested := p.looks(t, train, p.setPicture), p.looks(t, test, p.referencePicture)
	for crop, name := range []string{"whole pictures", "aligned faces"} {
		colour := p.accuracy(at, func(a, b int) float64 {
			return -distance(meanColour(tested[a][crop]), meanColour(tested[b][crop]))
		})
		t.Logf("%s: mean colour %.1f %%", name, 100*colour)
		if colour > .65 {
			t.Errorf("%s: the mean colour tells %.1f %% of pairs", name, 100*colour)
		}
		vectors, err := principal(grey(trained, crop), grey(tested, crop), 400)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{25, 50, 100, 200, 400} {
			pca := p.accuracy(at, func(a, b int) float64 { return cosine(vectors[a][:n], vectors[b][:n]) })
			t.Logf("%s: %d principal components %.1f %%", name, n, 100*pca)
			if pca > .8 {
				t.Errorf("%s: %d principal components tell %.1f %% of pairs", name, n, 100*pca)
			}
		}
	}
}

// accuracy is the mean accuracy of a score over the folds of pairs.txt.
func (p *plan) accuracy(at map[imageIndex]int, score func(a, b int) float64) float64 {
	var trials []verification.Trial
	for k, f := range p.pairs.folds {
		for _, c := range f.same {
			trials = append(trials, verification.Trial{Score: score(at[c.a], at[c.b]), Same: true, Fold: k})
		}
		for _, c := range f.different {
			trials = append(trials, verification.Trial{Score: score(at[c.a], at[c.b]), Fold: k})
		}
	}
	mean, _ := verification.MeanAccuracy(verification.CrossValidate(trials))
	return mean
}

// looks are pictures as 32 by 32 colours: whole, and as the aligned face.
func (p *plan) looks(t *testing.T, indexes []imageIndex, draw func(imageIndex) (picture, error)) [][2][]float64 {
	t.Helper()
	out := make([][2][]float64, len(indexes))
	var g errgroup.Group
	g.SetLimit(4)
	for i, at := range indexes {
		g.Go(func() error {
			c, err := draw(at)
			if err != nil {
				return err
			}
			out[i], err = look(c)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	return out
}

func look(c picture) (out [2][]float64, err error) {
	colour := func(rgb [3]float64) []float64 { return rgb[:] }
	whole, err := jpeg.Decode(bytes.NewReader(c.data))
	if err != nil {
		return out, err
	}
	out[0] = shrink(whole, colour)
	im, err := photo.Decode(c.data, photo.Limits{})
	if err != nil {
		return out, err
	}
	s, err := photo.Align(c.landmarks, photo.ArcFace112())
	if err != nil {
		return out, fmt.Errorf("landmarks %v: %w", c.landmarks, err)
	}
	const n = 112
	rgb := make([]uint8, 3*n*n)
	photo.Warp(im, s, n, n, rgb)
	face := image.NewRGBA(image.Rect(0, 0, n, n))
	for i := range n * n {
		face.SetRGBA(i%n, i/n, color.RGBA{rgb[3*i], rgb[3*i+1], rgb[3*i+2], 255})
	}
	out[1] = shrink(face, colour)
	return out, nil
}

// grey are the grey levels of looks in one crop: they tell people apart a little
// better than colours do.
func grey(looks [][2][]float64, crop int) [][]float64 {
	out := make([][]float64, len(looks))
	for i, l := range looks {
		out[i] = make([]float64, len(l[crop])/3)
		for j := range out[i] {
			out[i][j] = (l[crop][3*j] + l[crop][3*j+1] + l[crop][3*j+2]) / 3
		}
	}
	return out
}

// principal fits principal components to rows and gives other rows projected onto
// the first of them, each scaled to unit variance. With fewer rows than pixels they come from the rows' products
// (Turk and Pentland 1991).
func principal(train, test [][]float64, components int) (projected [][]float64, err error) {
	n, d := len(train), len(train[0])
	mean := make([]float64, d)
	for _, x := range train {
		for j, v := range x {
			mean[j] += v / float64(n)
		}
	}
	centred := func(rows [][]float64) *mat.Dense {
		m := mat.NewDense(len(rows), d, nil)
		for i, x := range rows {
			for j, v := range x {
				m.Set(i, j, v-mean[j])
			}
		}
		return m
	}
	x := centred(train)
	var products mat.SymDense
	products.SymOuterK(1, x)
	var e mat.EigenSym
	if !e.Factorize(&products, true) {
		return nil, errors.New("no eigenvectors")
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	values := e.Values(nil) // ascending
	// Column k of u is an eigenvector of the rows' products to the value v: x'u/v has
	// the length 1/sqrt(v), so that training rows projected onto it have one variance.
	u := mat.NewDense(n, components, nil)
	for k := range components {
		for i := range n {
			u.Set(i, k, vectors.At(i, n-1-k)/values[n-1-k])
		}
	}
	var axes, out mat.Dense
	axes.Mul(x.T(), u)
	out.Mul(centred(test), &axes)
	for i := range test {
		projected = append(projected, out.RawRowView(i))
	}
	return projected, nil
}

func meanColour(x []float64) []float64 {
	sum := make([]float64, 3)
	for i, v := range x {
		sum[i%3] += v * 3 / float64(len(x))
	}
	return sum
}

func distance(a, b []float64) (d float64) {
	for i := range a {
		d += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(d)
}

func cosine(a, b []float64) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab, aa, bb = ab+a[i]*b[i], aa+a[i]*a[i], bb+b[i]*b[i]
	}
	return ab / math.Sqrt(aa*bb)
}
