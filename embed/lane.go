package embed

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/facesieve/facesieve/embed/onnx"
	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/schemas"
)

// lane computes one batch at a time, from decoded images to vectors, on one
// device.
type lane struct {
	contract contract
	detector network // nil: none
	embedder network // its batches hold a face and its mirror image
	batch    int     // images of one batch; halved where memory ends
	workers  int     // goroutines that prepare a batch
	whole    bool    // always run full batches: a device's algorithm follows the size
}

// serve takes items until the channel is closed, opens each, and computes them in
// batches of what is there.
func (l *lane) serve(items <-chan *item, open func(*item) bool) {
	for it := range items {
		batch := make([]*item, 0, l.batch)
		for more := true; more; {
			switch {
			case it.cancelled():
				it.drop()
			case open(it):
				batch = append(batch, it)
			}
			more = false
			if len(batch) < l.batch {
				select {
				case it, more = <-items:
				default:
				}
			}
		}
		l.process(batch)
	}
}

// ready opens an item that a decoder has opened.
func ready(*item) bool { return true }

// process takes every item of a batch to its end.
func (l *lane) process(batch []*item) {
	var search, align []*item
	for _, it := range batch {
		switch {
		case it.cancelled():
			it.drop()
		case it.face != nil:
			align = append(align, it)
		case l.detector != nil:
			search = append(search, it)
		default:
			if l.hinted(it) {
				align = append(align, it)
			} else {
				it.finish(schemas.FaultNoFace)
			}
		}
	}
	err := l.split(len(search), func(from, to int) error { return l.detect(search[from:to]) })
	if err != nil {
		fail(append(search, align...), fmt.Errorf("detect: %w", err))
		return
	}
	for _, it := range search {
		if it.result().Faces > 0 || l.hinted(it) {
			align = append(align, it)
		} else {
			it.finish(schemas.FaultNoFace)
		}
	}
	left := 0
	err = l.split(len(align), func(from, to int) error {
		err := l.embed(align[from:to])
		if err == nil {
			left = to
		}
		return err
	})
	if err != nil {
		fail(align[left:], fmt.Errorf("embed: %w", err))
	}
}

// fail ends items, and their calls, because of the machine.
func fail(items []*item, err error) {
	for _, it := range items {
		it.call.fail(err)
		it.drop()
	}
}

// split does n images in batches, and in smaller ones from where memory ends.
func (l *lane) split(n int, do func(from, to int) error) error {
	for from := 0; from < n; {
		to := min(n, from+l.batch)
		err := do(from, to)
		if errors.Is(err, onnx.ErrMemory) && l.batch > 1 {
			l.batch /= 2
			continue
		}
		if err != nil {
			return err
		}
		from = to
	}
	return nil
}

// run runs a network on n inputs.
func (l *lane) run(net network, n, whole int) ([][]float32, error) {
	if l.whole {
		n = whole
	}
	return net.Run(n)
}

// hinted takes the landmarks that the data set ships, where they can be true.
func (l *lane) hinted(it *item) bool {
	hint := it.hint()
	if hint == nil || !usable(hint, it.image.Width, it.image.Height) {
		return false
	}
	it.landmarks = *hint
	it.result().Landmarks = *hint
	return true
}

// detect finds every item's faces and chooses one.
func (l *lane) detect(items []*item) error {
	k := l.contract
	one := 3 * k.size * k.size
	scales := make([]float32, len(items))
	each(l.workers, len(items), func(i int) {
		scales[i] = photo.Letterbox(items[i].image, k.size, l.detector.Input()[i*one:(i+1)*one])
	})
	out, err := l.run(l.detector, len(items), l.batch)
	if err != nil {
		return err
	}
	for i, it := range items {
		faces := scaled(decodeHeads(out, i, k.size, k.score, k.nms), scales[i])
		r := it.result()
		r.Faces = int32(len(faces))
		if len(faces) == 0 {
			continue
		}
		f := choose(faces, it.image.Width, it.image.Height, it.hint())
		r.Box, r.Landmarks, r.DetScore = f.box, f.landmarks, f.score
		it.landmarks = f.landmarks
	}
	return nil
}

// embed makes every item's vector and finishes it. On an error no item is
// finished.
func (l *lane) embed(items []*item) error {
	k := l.contract
	bad := make([]bool, len(items))
	each(l.workers, len(items), func(i int) { bad[i] = !l.prepare(items[i], i) })
	out, err := l.run(l.embedder, 2*len(items), 2*l.batch)
	if err != nil {
		return err
	}
	for i, it := range items {
		if bad[i] {
			it.finish(schemas.FaultNoFace)
			continue
		}
		v := sum(out[0][2*i*k.dim:(2*i+1)*k.dim], out[0][(2*i+1)*k.dim:(2*i+2)*k.dim])
		if v == nil {
			it.finish(schemas.FaultNotFinite)
			continue
		}
		it.result().Vector = v
		it.finish(schemas.FaultNone)
	}
	return nil
}

// prepare writes an item's aligned face and its mirror image into the model's
// input. It says whether the landmarks could be aligned.
func (l *lane) prepare(it *item, i int) bool {
	k := l.contract
	if it.face == nil {
		sim, err := photo.Align(it.landmarks, k.points)
		if err != nil {
			return false
		}
		it.face = make([]byte, 3*k.width*k.height)
		photo.Warp(it.image, sim, k.width, k.height, it.face)
	}
	one := 3 * k.width * k.height
	in := l.embedder.Input()[2*i*one : (2*i+2)*one]
	photo.Tensor(it.face, k.width, k.height, k.bgr, k.scale, k.mean, k.std, in[:one])
	photo.Mirror(in[:one], k.width, in[one:])
	return true
}

// each calls do for 0 to n-1, on up to workers goroutines.
func each(workers, n int, do func(i int)) {
	if workers = min(workers, n); workers <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	all.Wait()
}
