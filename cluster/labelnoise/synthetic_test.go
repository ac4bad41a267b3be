package labelnoise

import (
	"math/rand/v2"

	"github.com/facesieve/facesieve/cluster"
)

// faces is a made-up set: identities are random directions, images lie around
// them, some far away, as hard photographs do.
type faces struct {
	v          cluster.Matrix
	identity   []int // label, ascending
	wrong      []int // 0 right, 1 flip, 2 outlier
	truth      []int // identity that a flip really shows
	identities int
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
	f := faces{v: cluster.NewMatrix(identities*size, dim), identities: identities}
	noise, stranger := make([]float32, dim), make([]float32, dim)
	for i := range f.v.Rows {
		own := i / size
		kind, truth := 0, own
		if r.Float64() < share {
			kind = 1 + r.IntN(2)
		}
		centre := centres.Row(own)
		switch kind {
		case 1:
			truth = RandomIdentity(r.Int(), own, identities)
			centre = centres.Row(truth)
		case 2:
			direction(r, stranger)
			centre = stranger
		}
		direction(r, noise)
		spread := float32(.6 + float64(.5*r.ExpFloat64()*.6))
		for j := range noise {
			f.v.Row(i)[j] = centre[j] + float32(spread*noise[j])
		}
		cluster.Normalize(f.v.Row(i))
		f.identity, f.wrong, f.truth = append(f.identity, own), append(f.wrong, kind), append(f.truth, truth)
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
	own, p, flip []float32
	margin       []float32 // best other minus own: the plain baseline
	other        []cluster.Neighbour
	model        Model
}

// judgeFaces runs the whole image-level judge, as the pipeline does.
func judgeFaces(f faces) judged {
	n := f.v.Rows
	row := func() []float32 { return make([]float32, n) }
	out := judged{own: row(), p: row(), flip: row(), margin: row()}
	s := Sample{Random: row(), Other: row(), N: make([]int32, n), Identities: f.identities}
	centroids := cluster.NewMatrix(f.identities, f.v.Cols)
	for first := 0; first < n; {
		end := first
		for end < n && f.identity[end] == f.identity[first] {
			end++
		}
		sub := cluster.Matrix{Rows: end - first, Cols: f.v.Cols, Data: f.v.Data[first*f.v.Cols : end*f.v.Cols]}
		c := cluster.TrimmedCentroid(sub)
		copy(centroids.Row(f.identity[first]), c.Vector)
		copy(out.own[first:], c.Scores(sub))
		for i := first; i < end; i++ {
			s.N[i] = int32(end - first)
		}
		first = end
	}
	s.Own = out.own
	out.other = cluster.Nearest(f.v, centroids, func(q, c int) bool { return f.identity[q] == c })
	for i, nb := range out.other {
		s.Other[i] = nb.Score
		out.margin[i] = nb.Score - out.own[i]
		if c := RandomIdentity(i, f.identity[i], f.identities); c >= 0 {
			s.Random[i] = cluster.Dot(f.v.Row(i), centroids.Row(c))
		}
		for step := range 50 {
			j := RandomIdentity(50*i+step, i, n)
			if j < 0 {
				break
			}
			d := cluster.Dot(f.v.Row(i), f.v.Row(j))
			if f.identity[i] == f.identity[j] {
				s.Within = append(s.Within, d)
			} else {
				s.Across = append(s.Across, d)
			}
		}
	}
	out.model = Fit(s)
	for i := range n {
		out.p[i], out.flip[i] = out.model.Judge(out.own[i], s.Other[i], int(s.N[i]))
	}
	return out
}

// decide is what the report would say: 0 keep, 1 review, 2 drop, 3 relabel.
func decide(p, flip float32) int {
	switch {
	case p < .5:
		return 0
	case p < .95:
		return 1
	case flip > p/2:
		return 3
	}
	return 2
}

// mixed is the set after every vector was mixed with one common direction.
func mixed(f faces, seed uint64, share float32) faces {
	u := make([]float32, f.v.Cols)
	direction(rand.New(rand.NewPCG(seed, 9)), u)
	v := cluster.NewMatrix(f.v.Rows, f.v.Cols)
	for i := range v.Rows {
		for j := range u {
			v.Row(i)[j] = f.v.Row(i)[j] + float32(share*u[j])
		}
		cluster.Normalize(v.Row(i))
	}
	f.v = v
	return f
}
