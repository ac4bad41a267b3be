package embed

import (
	"crypto/sha256"
	_ "embed" // the probe pictures
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"math"

	"github.com/facesieve/facesieve/embed/detect"
	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/schemas"
)

//go:embed probe/probe.jpg
var probeJPEG []byte

//go:embed probe/probe.png
var probePNG []byte

// ErrDevices means that devices of one engine compute different bits.
var ErrDevices = errors.New("the devices differ in their numeric kind")

// numericKind gives the numeric kind of device workers: the first 128 bits of the
// SHA-256 of all that is computed on the probe pictures, from pixels to vectors.
func numericKind(workers []*deviceWorker, limits photo.Limits) (schemas.NumericKind, error) {
	var all schemas.NumericKind
	for _, w := range workers {
		one, err := w.numericKind(limits)
		if err != nil {
			return "", fmt.Errorf("numeric kind: %w", err)
		}
		if all != "" && one != all {
			return "", ErrDevices
		}
		all = one
	}
	return all, nil
}

func (w *deviceWorker) numericKind(limits photo.Limits) (schemas.NumericKind, error) {
	digest := sha256.New()
	for _, data := range [][]byte{probeJPEG, probePNG} {
		image, err := photo.Decode(data, limits)
		if err != nil {
			return "", err
		}
		digest.Write(image.Pix)
		if err := w.probeDetector(digest, image); err != nil {
			return "", err
		}
		if err := w.probeViews(digest, image); err != nil {
			return "", err
		}
		if err := w.probeEmbedder(digest, image); err != nil {
			return "", err
		}
	}
	return schemas.NumericKind(hex.EncodeToString(digest.Sum(nil)[:16])), nil
}

// probeScore is the least score of a probe picture's face: low enough to give boxes,
// whose decoding counts, too.
const probeScore = 1e-3

// probeDetector digests what the detector computes on a probe picture.
func (w *deviceWorker) probeDetector(digest hash.Hash, picture *photo.Picture) error {
	if w.detector == nil {
		return nil
	}
	whole := laidView{view: view{name: schemas.ViewWhole}, picture: picture}
	return w.probeView(digest, whole)
}

// probeViews digests one view of a probe picture of each kind, but for the whole, and
// what the detector computes on it.
func (w *deviceWorker) probeViews(digest hash.Hash, picture *photo.Picture) error {
	if w.detector == nil {
		return nil
	}
	x, y := float32(picture.Width), float32(picture.Height)
	first := schemas.Embedding{Box: [4]float32{.3 * x, .3 * y, .4 * x, .5 * y}, Landmarks: probeLandmarks(picture)}
	size := w.parameters.size
	all := append(firstViews(&first, size), wholeViews(picture.Width, picture.Height, size)...)
	done := map[schemas.View]bool{}
	for _, v := range w.lay(&job{picture: picture}, all) {
		if done[v.name] {
			continue
		}
		done[v.name] = true
		if err := w.probeView(digest, v); err != nil {
			return err
		}
	}
	return nil
}

// probeView digests what the detector computes on a view.
func (w *deviceWorker) probeView(digest hash.Hash, v laidView) error {
	p := w.parameters
	in := w.detector.Input()[:3*p.size*p.size]
	placement := v.prepare(p, in)
	hashFloats(digest, in)
	out, err := w.run(w.detector, 1, w.batch)
	if err != nil {
		return err
	}
	for i, o := range p.outputs {
		if len(out[i]) < o.Values {
			return fmt.Errorf("%w: the detector's output %s has %d numbers, not %d",
				ErrContract, o.Name, len(out[i]), o.Values)
		}
		hashFloats(digest, out[i][:o.Values])
	}
	faces := p.detector.Faces(p.outputsOf(out, 0), p.size,
		detect.Thresholds{Score: probeScore, NMS: p.thresholds.NMS})
	detect.ToPicture(faces, placement)
	v.ofPicture(faces)
	for _, f := range faces {
		hashFloats(digest, f.Box[:])
		hashFloats(digest, f.Landmarks[:])
	}
	return nil
}

// probeEmbedder digests what the embedding model computes on a probe picture.
func (w *deviceWorker) probeEmbedder(digest hash.Hash, picture *photo.Picture) error {
	p := w.parameters
	j := &job{
		call: &call{results: make([]schemas.Embedding, 1)}, picture: picture, landmarks: probeLandmarks(picture),
	}
	if !w.prepare(j, 0) {
		return fmt.Errorf("%w: the probe picture's landmarks can't be aligned", ErrContract)
	}
	digest.Write(j.face)
	hashFloats(digest, w.embedder.Input()[:p.inputs*3*p.width*p.height])
	out, err := w.run(w.embedder, p.inputs, p.inputs*w.batch)
	if err != nil {
		return err
	}
	rows := p.inputs
	if w.whole {
		rows = p.inputs * w.batch
	}
	if len(out) == 0 || len(out[0]) != rows*p.dim {
		return fmt.Errorf("%w: the model does not give vectors of %d numbers", ErrContract, p.dim)
	}
	outputs := out[0][:p.inputs*p.dim]
	hashFloats(digest, outputs)
	vector, length := unit(outputs, p.dim)
	hashFloats(digest, append(vector, length))
	r := j.result()
	digest.Write(binary.LittleEndian.AppendUint64(r.ImageThumb, r.ImageHash))
	digest.Write(binary.LittleEndian.AppendUint64(r.FaceThumb, r.FaceHash))
	hashFloats(digest, []float32{r.Sharpness})
	return nil
}

// probeLandmarks are those of the face that a probe picture is taken to show.
func probeLandmarks(picture *photo.Picture) [10]float32 {
	x, y := float32(picture.Width), float32(picture.Height)
	return [10]float32{.4 * x, .42 * y, .6 * x, .43 * y, .5 * x, .55 * y, .43 * x, .7 * y, .58 * x, .71 * y}
}

// hashFloats digests the bits of values.
func hashFloats(digest hash.Hash, values []float32) {
	b := make([]byte, 0, 4*len(values))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	digest.Write(b)
}
