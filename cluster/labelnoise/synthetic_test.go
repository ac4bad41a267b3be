package labelnoise

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/facesieve/facesieve/cluster"
)

// faces is a made-up set: identities are random directions, images lie around
// them, some far away, as hard photographs do.
type faces struct {
	v        cluster.Matrix
	identity []int // label, ascending
	wrong    []int // 0 right, 1 flip, 2 outlier
	n        int   // identities
}

// drawFaces makes identities*size images, of which a share is noise, half of
// them flips and half outliers.
func drawFaces(seed uint64, identities, size int, share float64) faces {
	const dim = 64
	r := rand.New(rand.NewPCG(seed, 7))
	centres := cluster.NewMatrix(identities, dim)
	for i := range centres.Rows {
		direction(r, centres.Row(i))
	}
	f := faces{v: cluster.NewMatrix(identities*size, dim), n: identities}
	noise, stranger := make([]float32, dim), make([]float32, dim)
	for i := range f.v.Rows {
		own := i / size
		kind, centre := 0, centres.Row(own)
		if r.Float64() < share {
			kind = 1 + r.IntN(2)
		}
		switch kind {
		case 1:
			centre = centres.Row(RandomIndex(r.Uint64(), own, identities))
		case 2:
			direction(r, stranger)
			centre = stranger
		}
		direction(r, noise)
		spread := float32(.5 + float64(.25*r.ExpFloat64()))
		for j := range noise {
			f.v.Row(i)[j] = centre[j] + float32(spread*noise[j])
		}
		cluster.Normalize(f.v.Row(i))
		f.identity, f.wrong = append(f.identity, own), append(f.wrong, kind)
	}
	return f
}

func direction(r *rand.Rand, v []float32) {
	for j := range v {
		v[j] = float32(r.NormFloat64())
	}
	cluster.Normalize(v)
}

// judged is everything that the judge says about a set.
type judged struct {
	sample   Sample
	model    Model
	opinions []Opinion
}

// judgeFaces measures a set image by image, as the definitions say, and judges it.
func judgeFaces(t *testing.T, f faces) judged {
	t.Helper()
	prior, err := ShippedPrior()
	if err != nil {
		t.Fatal(err)
	}
	m := measuring{faces: f, centroids: cluster.NewMatrix(f.n, f.v.Cols), own: make([]float32, f.v.Rows),
		typical: make([]float32, f.n)}
	m.measure()
	out := judged{sample: Sample{Identities: f.n}}
	for i := range f.v.Rows {
		out.sample.Examples = append(out.sample.Examples, m.example(i))
		r := RandomIndex(uint64(i)+99, f.identity[i], f.n)
		out.sample.Random = append(out.sample.Random, cluster.Dot(f.v.Row(i), m.centroids.Row(r)))
	}
	out.model = Fit(out.sample, prior)
	for i := range out.sample.Examples {
		out.opinions = append(out.opinions, out.model.Judge(&out.sample.Examples[i].As[AsItStands]))
	}
	return out
}

// measuring is a set with its centroids.
type measuring struct {
	faces     faces
	centroids cluster.Matrix
	own       []float32
	typical   []float32
}

func (m *measuring) measure() {
	f := m.faces
	for first := 0; first < f.v.Rows; {
		end := first
		for end < f.v.Rows && f.identity[end] == f.identity[first] {
			end++
		}
		sub := cluster.Matrix{Rows: end - first, Cols: f.v.Cols, Data: f.v.Data[first*f.v.Cols : end*f.v.Cols]}
		c := cluster.IdentityCentroid(sub)
		copy(m.centroids.Row(f.identity[first]), c.Vector)
		scores := c.Scores(sub)
		copy(m.own[first:], scores)
		slices.Sort(scores)
		m.typical[f.identity[first]] = scores[len(scores)/2]
		first = end
	}
}

// example measures image i in all variants.
func (m *measuring) example(i int) Example {
	own, seed := m.faces.identity[i], uint64(i)*16
	near, best := -1, float32(-2)
	for k := range m.faces.n {
		if s := m.score(i, k); k != own && s > best {
			near, best = k, s
		}
	}
	e := Example{Identity: own}
	e.As[AsItStands] = m.under(i, own, -1, 0)
	e.As[RandomFlip] = m.under(i, RandomIndex(seed, own, m.faces.n), -1, 0)
	e.As[NearFlip] = m.under(i, near, -1, 0)
	e.As[Stranger] = m.under(i, RandomIndex(seed+1, own, m.faces.n), own, 0)
	e.As[StrangerInCompany] = m.under(i, RandomIndex(seed+2, own, m.faces.n), own, MostCompany*RandomShare(seed+3))
	e.As[Guest] = m.under(i, RandomIndex(seed+4, own, m.faces.n), own, 0)
	guests := m.under(i, own, -1, 0).OwnImages
	e.As[Guest].OwnImages = append(slices.Clone(guests[:min(3, len(guests))]), e.As[Guest].OwnImages[:max(0, min(7, len(e.As[Guest].OwnImages)))]...)
	return e
}

func (m *measuring) score(i, k int) float32 {
	if k == m.faces.identity[i] {
		return m.own[i]
	}
	return cluster.Dot(m.faces.v.Row(i), m.centroids.Row(k))
}

// under measures image i under a label, with an identity taken away but for a share.
func (m *measuring) under(i, label, gone int, share float64) Evidence {
	e := Evidence{Own: m.score(i, label), Other: float32(math.NaN()), Typical: m.typical[label], Detector: .9, Length: 10}
	for k := range m.faces.n {
		if s := m.score(i, k); k != label && k != gone && !(s <= e.Other) {
			e.Other = s
		}
	}
	for j, k := range m.faces.identity {
		stays := k != gone || RandomShare(uint64(i*len(m.faces.identity)+j)) < share
		d := cluster.Dot(m.faces.v.Row(i), m.faces.v.Row(j))
		switch {
		case j == i:
		case k == label:
			e.OwnImages = append(e.OwnImages, d)
		case stays:
			e.OtherImages = append(e.OtherImages, d)
		}
	}
	for _, x := range []*[]float32{&e.OwnImages, &e.OtherImages} {
		slices.SortFunc(*x, func(a, b float32) int { return int(math.Copysign(1, float64(b-a))) })
		*x = (*x)[:min(len(*x), Neighbours)]
	}
	return e
}
