package train

import (
	"math"
	"math/rand/v2"
)

// Augmentation is how training pictures are varied. Each picture of each epoch
// has its own draws, so that they depend on the seed alone.
type Augmentation struct {
	Turn    float64 `json:"turn"`    // greatest rotation, degrees
	Zoom    float64 `json:"zoom"`    // greatest change of scale
	Shift   float64 `json:"shift"`   // greatest shift, pixels of the averaged picture
	Gain    float64 `json:"gain"`    // greatest change of contrast; half of it of one channel alone
	Light   float64 `json:"light"`   // greatest change of brightness, of a range from -1 to 1
	Grey    float64 `json:"grey"`    // share of pictures whose colour is taken away
	Noise   float64 `json:"noise"`   // greatest standard deviation of noise
	Cutout  float64 `json:"cutout"`  // share of pictures with a rectangle painted over
	Mirror  float64 `json:"mirror"`  // share of pictures that are turned left to right
	Largest int     `json:"largest"` // greatest width and height of such a rectangle
}

// DefaultAugmentation returns moderate options: the set varies its pictures itself.
func DefaultAugmentation() Augmentation {
	return Augmentation{
		Turn: 6, Zoom: .06, Shift: 2, Gain: .3, Light: .15, Grey: .1, Noise: .06, Cutout: .4, Mirror: .5,
		Largest: 20,
	}
}

// Margin is how many pixels around the crop the augmentation may look at.
const Margin = 4

// augmenter varies pictures.
type augmenter struct {
	options Augmentation
	seed    uint64
	noise   []float32 // normal, its length a power of two
}

func newAugmenter(a Augmentation, seed uint64) *augmenter {
	out := &augmenter{options: a, seed: seed, noise: make([]float32, 1<<16)}
	r := rand.New(rand.NewPCG(seed, 0x6e6f697365))
	for i := range out.noise {
		out.noise[i] = float32(r.NormFloat64())
	}
	return out
}

// apply writes picture i of an epoch, varied.
func (a *augmenter) apply(p *Pictures, epoch, i int, to []float32) {
	r := rand.New(rand.NewPCG(a.seed, uint64(epoch)<<40^uint64(i)))
	a.warp(p, i, r, to)
	a.colour(r, to)
	if r.Float64() < a.options.Cutout {
		a.cut(r, to)
	}
}

// between is even between -most and most.
func between(r *rand.Rand, most float64) float64 { return (2*r.Float64() - 1) * most }

// warp turns, scales, shifts and mirrors, with bilinear sampling; positions
// outside the kept margin show its edge.
func (a *augmenter) warp(p *Pictures, i int, r *rand.Rand, to []float32) {
	sin, cos := math.Sincos(between(r, a.options.Turn) * math.Pi / 180)
	zoom := 1 + between(r, a.options.Zoom)
	dx, dy := between(r, a.options.Shift), between(r, a.options.Shift)
	flip := 1.
	if r.Float64() < a.options.Mirror {
		flip = -1
	}
	if r.IntN(3) == 0 { // as sharp as it came
		sin, cos, zoom, dx, dy = 0, 1, 1, math.Round(dx), math.Round(dy)
	}
	const middle, one = (Side - 1) / 2., 1 << 16
	sums, side := p.picture(i), p.side()
	edge := (side - 1) * one
	center := middle + float64(p.Margin)
	deltaX, deltaY := int(zoom*cos*flip*one), int(zoom*sin*flip*one)
	for y := range Side {
		v := float64(y) - middle
		u := -middle * flip
		fx := int(math.Round((center + dx + zoom*(cos*u-sin*v)) * one))
		fy := int(math.Round((center + dy + zoom*(sin*u+cos*v)) * one))
		row := to[y*Side*3 : (y+1)*Side*3]
		for len(row) >= 3 {
			cx, cy := min(max(fx, 0), edge), min(max(fy, 0), edge)
			x0, y0 := min(cx>>16, side-2), min(cy>>16, side-2)
			ax, ay := float32(cx-x0<<16)*(1./one), float32(cy-y0<<16)*(1./one)
			up := sums[(y0*side+x0)*3:][:6]
			down := sums[((y0+1)*side+x0)*3:][:6]
			for c := range 3 {
				top := float32(up[c]) + (float32(up[c+3])-float32(up[c]))*ax
				low := float32(down[c]) + (float32(down[c+3])-float32(down[c]))*ax
				row[c] = (top+(low-top)*ay)*(1/510.) - 1
			}
			row, fx, fy = row[3:], fx+deltaX, fy+deltaY
		}
	}
}

// colour changes contrast, brightness and colour, and adds noise.
func (a *augmenter) colour(r *rand.Rand, to []float32) {
	gain, light := between(r, a.options.Gain), between(r, a.options.Light)
	var scale, shift [3]float32
	for c := range 3 {
		scale[c] = float32((1 + gain) * (1 + between(r, a.options.Gain/2)))
		shift[c] = float32(light)
	}
	grey := r.Float64() < a.options.Grey
	sigma := float32(r.Float64() * a.options.Noise)
	at, mask := r.IntN(len(a.noise)), len(a.noise)-1
	for px := to; len(px) >= 3; px = px[3:] {
		red, green, blue := px[0], px[1], px[2]
		if grey {
			red = .299*red + .587*green + .114*blue
			green, blue = red, red
		}
		px[0] = clamp(red*scale[0] + shift[0] + sigma*a.noise[at&mask])
		px[1] = clamp(green*scale[1] + shift[1] + sigma*a.noise[(at+1)&mask])
		px[2] = clamp(blue*scale[2] + shift[2] + sigma*a.noise[(at+2)&mask])
		at += 3
	}
}

func clamp(v float32) float32 { return min(max(v, -1), 1) }

// cut paints a rectangle over.
func (a *augmenter) cut(r *rand.Rand, to []float32) {
	if a.options.Largest < 1 {
		return
	}
	w, h := 1+r.IntN(min(a.options.Largest, Side)), 1+r.IntN(min(a.options.Largest, Side))
	left, top := r.IntN(Side-w+1), r.IntN(Side-h+1)
	colour := [3]float32{float32(between(r, 1)), float32(between(r, 1)), float32(between(r, 1))}
	for y := top; y < top+h; y++ {
		for x := left; x < left+w; x++ {
			copy(to[(y*Side+x)*3:], colour[:])
		}
	}
}
