package face

import (
	"image"
	"math"

	"golang.org/x/image/vector"
)

// point is a position on the canvas in pixels, or on the face in head units.
type point struct{ x, y float64 }

func (p point) to(q point, t float64) point { return point{p.x + (q.x-p.x)*t, p.y + (q.y-p.y)*t} }
func (p point) distance(q point) float64    { return math.Hypot(p.x-q.x, p.y-q.y) }

// path is a closed outline through points, smooth or with corners.
type path struct {
	at     []point
	smooth bool
}

// loop returns a smooth closed outline through the points.
func loop(at ...point) path { return path{at: at, smooth: true} }

// polygon returns an outline with straight edges.
func polygon(at ...point) path { return path{at: at} }

// bounds returns the pixels that the path may touch.
func (p path) bounds() image.Rectangle {
	if len(p.at) < 3 {
		return image.Rectangle{}
	}
	lo, hi := p.at[0], p.at[0]
	for _, q := range p.at {
		lo.x, lo.y = math.Min(lo.x, q.x), math.Min(lo.y, q.y)
		hi.x, hi.y = math.Max(hi.x, q.x), math.Max(hi.y, q.y)
	}
	more := 1.
	if p.smooth { // a spline leaves the hull of its points by less than this
		more += .2 * math.Max(hi.x-lo.x, hi.y-lo.y)
	}
	return image.Rect(int(math.Floor(lo.x-more)), int(math.Floor(lo.y-more)), int(math.Ceil(hi.x+more)),
		int(math.Ceil(hi.y+more)))
}

// trace gives the path, moved by -dx, -dy, to a rasterizer. A smooth path is a
// closed Catmull-Rom spline.
func (p path) trace(r *vector.Rasterizer, dx, dy float64) {
	n := len(p.at)
	get := func(i int) point { q := p.at[(i+n)%n]; return point{q.x - dx, q.y - dy} }
	first := get(0)
	r.MoveTo(float32(first.x), float32(first.y))
	for i := range n {
		b := get(i + 1)
		if !p.smooth {
			r.LineTo(float32(b.x), float32(b.y))
			continue
		}
		z, a, e := get(i-1), get(i), get(i+2)
		r.CubeTo(float32(a.x+(b.x-z.x)/6), float32(a.y+(b.y-z.y)/6),
			float32(b.x-(e.x-a.x)/6), float32(b.y-(e.y-a.y)/6), float32(b.x), float32(b.y))
	}
	r.ClosePath()
}

// spline returns n points along an open smooth curve through the given ones.
func spline(n int, at ...point) []point {
	out := make([]point, n)
	last := len(at) - 1
	for k := range n {
		f := float64(k) / float64(n-1) * float64(last)
		i := min(int(f), last-1)
		out[k] = bend(at[max(i-1, 0)], at[i], at[i+1], at[min(i+2, last)], f-float64(i))
	}
	return out
}

// bend returns Catmull and Rom's curve from b to c.
func bend(a, b, c, d point, t float64) point {
	f := func(a, b, c, d float64) float64 {
		return b + t/2*(c-a+t*(2*a-5*b+4*c-d+t*(3*(b-c)+d-a)))
	}
	return point{f(a.x, b.x, c.x, d.x), f(a.y, b.y, c.y, d.y)}
}

// ribbon returns the outline of a line with a width, in pixels, that depends on
// the position along it (0 to 1).
func ribbon(line []point, width func(t float64) float64) path {
	n := len(line)
	out := make([]point, 2*n)
	for i, q := range line {
		a, b := line[max(i-1, 0)], line[min(i+1, n-1)]
		l := math.Max(a.distance(b), 1e-9)
		w := width(float64(i)/float64(n-1)) / 2 / l
		nx, ny := -(b.y-a.y)*w, (b.x-a.x)*w
		out[i], out[2*n-1-i] = point{q.x + nx, q.y + ny}, point{q.x - nx, q.y - ny}
	}
	return polygon(out...)
}

// taper returns a ribbon's width that is w in the middle and thin at both ends.
func taper(w float64) func(float64) float64 {
	return func(t float64) float64 { return w * (.25 + .75*math.Sin(math.Pi*t)) }
}

// steady returns a ribbon's width that is the same everywhere.
func steady(w float64) func(float64) float64 { return func(float64) float64 { return w } }

// ellipse returns the outline of an ellipse.
func ellipse(at point, a, b, angle float64) path {
	const n = 10
	out := make([]point, n)
	sin, cos := math.Sincos(angle)
	for i := range out {
		s, c := math.Sincos(2 * math.Pi * float64(i) / n)
		out[i] = point{at.x + a*c*cos - b*s*sin, at.y + a*c*sin + b*s*cos}
	}
	return loop(out...)
}
