package synth

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"golang.org/x/image/draw"

	"github.com/facesieve/facesieve/pipeline/dataset/synth/face"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// picture is a file of the set or the reference with its landmarks: x, y of left
// eye, right eye, nose, left and right mouth corner, pixels.
type picture struct {
	data      []byte
	size      image.Point
	drawn     [10]float32 // where they are
	landmarks [10]float32 // where the lists have them
}

// setPicture makes an image of the set.
func (p *plan) setPicture(at imageIndex) (picture, error) {
	l := p.labels[at.label]
	f, wrong := l.faults[at.image]
	r := stream(p.options.Seed, "picture of the set", at.label, at.image)
	if !wrong {
		return p.portrait(r, l.who)
	}
	switch f.issue {
	case truth.Duplicate, truth.DuplicateAcross:
		of, err := p.setPicture(f.of)
		if err == nil && f.detail != truth.Exact {
			of, err = of.encodedAgain(r)
		}
		return of.noticed(r), err
	case truth.Faceless:
		return p.scenery(r)
	case truth.Broken:
		whole, err := p.portrait(r, f.shows)
		whole.data = breakFile(r, f.detail, whole.data)
		return whole, err
	}
	return p.portrait(r, f.shows)
}

// referencePicture makes an image of the reference.
func (p *plan) referencePicture(at imageIndex) (picture, error) {
	person := p.reference[at.label]
	r := stream(p.options.Seed, "picture of the reference", at.label, at.image)
	if same, ok := person.same[at.image]; ok {
		c, err := p.setPicture(same)
		return c.noticed(r), err
	}
	return p.portrait(r, person.who)
}

// portrait draws somebody.
func (p *plan) portrait(r *rand.Rand, who someone) (picture, error) {
	shot := face.NewShot(r)
	drawn := face.Draw(p.person(who), shot)
	data, err := encode(drawn.Image, shot.Quality)
	return picture{data: data, size: drawn.Image.Bounds().Size(), drawn: drawn.Landmarks}.noticed(r), err
}

// imprecision is the standard deviation of a listed landmark, in distances of the
// eyes: that of a good detector.
const imprecision = .02

// noticed returns the picture with landmarks as somebody would note them down, who does
// not know where else it stands: copies have other landmarks.
func (c picture) noticed(r *rand.Rand) picture {
	eyes := math.Hypot(float64(c.drawn[2]-c.drawn[0]), float64(c.drawn[3]-c.drawn[1]))
	for k, at := range c.drawn {
		most := float32(c.size.X - 1)
		if k%2 == 1 {
			most = float32(c.size.Y - 1)
		}
		c.landmarks[k] = min(max(at+float32(imprecision*eyes*r.NormFloat64()), 0), most)
	}
	return c
}

// scenery draws a picture without a face. It is listed with the landmarks of some
// portrait, so that the list does not tell.
func (p *plan) scenery(r *rand.Rand) (picture, error) {
	shot := face.NewShot(r)
	drawn := face.Draw(face.NewPerson(r), shot)
	im := face.Scenery(r)
	data, err := encode(im, shot.Quality)
	to, from := im.Bounds().Size(), drawn.Image.Bounds().Size()
	return picture{data: data, size: to, drawn: scaled(drawn.Landmarks, from, to)}.noticed(r), err
}

// encodedAgain decodes a picture and encodes it with another quality, half the
// time with another size as well.
func (c picture) encodedAgain(r *rand.Rand) (picture, error) {
	im, err := jpeg.Decode(bytes.NewReader(c.data))
	if err != nil {
		return picture{}, fmt.Errorf("decode a drawn picture: %w", err)
	}
	if r.IntN(2) == 0 {
		b := im.Bounds()
		by := .85 + .1*r.Float64()
		small := image.NewRGBA(image.Rect(0, 0, int(by*float64(b.Dx())+.5), int(by*float64(b.Dy())+.5)))
		draw.CatmullRom.Scale(small, small.Bounds(), im, b, draw.Src, nil)
		c.size = small.Bounds().Size()
		c.drawn = scaled(c.drawn, b.Size(), c.size)
		im = small
	}
	quality := 60 + r.IntN(15)
	if r.IntN(2) == 0 {
		quality = 90 + r.IntN(6)
	}
	c.data, err = encode(im, quality)
	return c, err
}

// scaled returns landmarks in a picture that was scaled. Positions count from the
// middle of the first pixel.
func scaled(points [10]float32, from, to image.Point) [10]float32 {
	for i := range points {
		by := float64(to.X) / float64(from.X)
		if i%2 == 1 {
			by = float64(to.Y) / float64(from.Y)
		}
		points[i] = float32((float64(points[i])+.5)*by - .5)
	}
	return points
}

func encode(im image.Image, quality int) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, im, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("encode a drawn picture: %w", err)
	}
	return b.Bytes(), nil
}
