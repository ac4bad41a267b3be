package embed

import (
	"crypto/sha256"
	_ "embed" // the generated pictures
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"math"

	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/schemas"
)

//go:embed canary/canary.jpg
var canaryJPEG []byte

//go:embed canary/canary.png
var canaryPNG []byte

// errKinds means that devices of one engine compute different bits.
var errKinds = errors.New("the devices differ in their numeric kind: name devices of one model with --device")

// canary gives the numeric kind of an engine on these lanes: the first 128 bits
// of the SHA-256 of all that is computed on the generated pictures, step by step.
func canary(lanes []*lane, limits photo.Limits) (schemas.NumericKind, error) {
	var kind schemas.NumericKind
	for _, l := range lanes {
		k, err := l.kind(limits)
		if err != nil {
			return "", fmt.Errorf("numeric kind: %w", err)
		}
		if kind != "" && k != kind {
			return "", errKinds
		}
		kind = k
	}
	return kind, nil
}

func (l *lane) kind(limits photo.Limits) (schemas.NumericKind, error) {
	sum := sha256.New()
	for _, data := range [][]byte{canaryJPEG, canaryPNG} {
		image, err := photo.Decode(data, limits)
		if err != nil {
			return "", err
		}
		sum.Write(image.Pix)
		if err := l.kindOfDetection(sum, image); err != nil {
			return "", err
		}
		if err := l.kindOfEmbedding(sum, image); err != nil {
			return "", err
		}
	}
	return schemas.NumericKind(hex.EncodeToString(sum.Sum(nil)[:16])), nil
}

func (l *lane) kindOfDetection(sum hash.Hash, image *photo.Image) error {
	if l.detector == nil {
		return nil
	}
	k := l.contract
	in := l.detector.Input()[:3*k.size*k.size]
	scale := photo.Letterbox(image, k.size, in)
	hashFloats(sum, in)
	out, err := l.run(l.detector, 1, l.batch)
	if err != nil {
		return err
	}
	for i, head := range out {
		n := headSize(i, k.size)
		if len(head) < n {
			return fmt.Errorf("%w: the detector's output %s has %d numbers, not %d", ErrContract, heads[i], len(head), n)
		}
		hashFloats(sum, head[:n])
	}
	// Any threshold low enough to give boxes will do: their decoding counts too.
	for _, f := range scaled(decodeHeads(out, 0, k.size, 1e-3, k.nms), scale) {
		hashFloats(sum, f.box[:])
		hashFloats(sum, f.landmarks[:])
	}
	return nil
}

func (l *lane) kindOfEmbedding(sum hash.Hash, image *photo.Image) error {
	k := l.contract
	w, h := float32(image.Width), float32(image.Height)
	it := &item{image: image, landmarks: [10]float32{.4 * w, .42 * h, .6 * w, .43 * h, .5 * w, .55 * h, .43 * w, .7 * h, .58 * w, .71 * h}}
	if !l.prepare(it, 0) {
		return fmt.Errorf("%w: the canary's landmarks can't be aligned", ErrContract)
	}
	sum.Write(it.face)
	hashFloats(sum, l.embedder.Input()[:6*k.width*k.height])
	out, err := l.run(l.embedder, 2, 2*l.batch)
	if err != nil {
		return err
	}
	rows := 2
	if l.whole {
		rows = 2 * l.batch
	}
	if len(out) == 0 || len(out[0]) != rows*k.dim {
		return fmt.Errorf("%w: the model does not give vectors of %d numbers", ErrContract, k.dim)
	}
	vectors := out[0][:2*k.dim]
	hashFloats(sum, vectors)
	hashFloats(sum, sumOf(vectors, k.dim))
	return nil
}

func sumOf(vectors []float32, dim int) []float32 { return sum(vectors[:dim], vectors[dim:2*dim]) }

func hashFloats(sum hash.Hash, values []float32) {
	b := make([]byte, 0, 4*len(values))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	sum.Write(b)
}
