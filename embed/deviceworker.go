package embed

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/facesieve/facesieve/embed/detect"
	"github.com/facesieve/facesieve/embed/onnx"
	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// deviceWorker computes one batch at a time, from decoded images to vectors, on one
// device.
type deviceWorker struct {
	parameters parameters
	detector   network  // nil: none
	embedder   network  // its batches hold faces, each followed by its mirror image where the Spec adds it
	batch      int      // images of one batch; halved where memory ends
	preparers  int      // goroutines that prepare a batch
	observer   Observer // nil: nobody
	whole      bool     // always run full batches: a device's algorithm follows the size
}

// serve takes jobs until the channel is closed, opens each, and computes them in
// batches of what is there.
func (w *deviceWorker) serve(jobs <-chan *job, open func(*job) bool) {
	for j := range jobs {
		batch := make([]*job, 0, w.batch)
		for more := true; more; {
			switch {
			case j.cancelled():
				j.drop()
			case open(j):
				batch = append(batch, j)
			}
			more = false
			if len(batch) < w.batch {
				select {
				case j, more = <-jobs:
				default:
				}
			}
		}
		w.compute(batch)
	}
}

// opened opens a job whose image a decoder has decoded.
func opened(*job) bool { return true }

// compute takes every job of a batch to its end, and tells how long it took.
func (w *deviceWorker) compute(batch []*job) {
	if w.observer == nil || len(batch) == 0 {
		w.process(batch)
		return
	}
	start, room := time.Now(), w.batch
	w.process(batch)
	w.observer.Computed(len(batch), room, time.Since(start))
}

// process takes every job of a batch to its end.
func (w *deviceWorker) process(batch []*job) {
	var search, align, look []*job
	for _, j := range batch {
		switch {
		case j.cancelled():
			j.drop()
		case j.call.looks != nil:
			look = append(look, j)
		case j.face != nil:
			align = append(align, j)
		case w.detector != nil:
			search = append(search, j)
		case j.takeShipped():
			align = append(align, j)
		default:
			j.shrinkPicture()
			j.finish(schemas.FaultNoFace)
		}
	}
	w.look(look)
	err := w.split(len(search), func(from, to int) error { return w.detect(search[from:to]) })
	if err != nil {
		fail(append(search, align...), origin.Errorf("detect", "%w", err))
		return
	}
	for _, j := range search {
		if j.result().Faces > 0 || j.takeShipped() {
			align = append(align, j)
		} else {
			j.finish(schemas.FaultNoFace)
		}
	}
	left := 0
	err = w.split(len(align), func(from, to int) error {
		err := w.embed(align[from:to])
		if err == nil {
			left = to
		}
		return err
	})
	if err != nil {
		fail(align[left:], origin.Errorf("embed", "%w", err))
	}
}

// fail ends jobs, and their calls, because of the machine.
func fail(jobs []*job, err error) {
	for _, j := range jobs {
		j.call.fail(err)
		j.drop()
	}
}

// split does n images in batches, and in smaller ones from where memory ends.
func (w *deviceWorker) split(n int, do func(from, to int) error) error {
	for from := 0; from < n; {
		to := min(n, from+w.batch)
		err := do(from, to)
		if errors.Is(err, onnx.ErrMemory) && w.batch > 1 {
			w.batch /= 2
			continue
		}
		if err != nil {
			return err
		}
		from = to
	}
	return nil
}

// run runs a network on n inputs, or on as many as whole where batches are full.
func (w *deviceWorker) run(net network, n, whole int) ([][]float32, error) {
	if w.whole {
		n = whole
	}
	return net.Run(n)
}

// detect finds the faces of every job's image and chooses one.
func (w *deviceWorker) detect(jobs []*job) error {
	p := w.parameters
	one := 3 * p.size * p.size
	placements := make([]detect.Placement, len(jobs))
	each(w.preparers, len(jobs), func(i int) {
		jobs[i].shrinkPicture()
		placements[i] = p.detector.Prepare(jobs[i].picture, p.size, w.detector.Input()[i*one:(i+1)*one])
	})
	out, err := w.run(w.detector, len(jobs), w.batch)
	if err != nil {
		return err
	}
	for i, j := range jobs {
		faces := p.detector.Faces(p.outputsOf(out, i), p.size, p.thresholds)
		detect.ToPicture(faces, placements[i])
		r := j.result()
		r.Faces = int32(len(faces))
		if len(faces) == 0 {
			continue
		}
		f := choose(faces, j.picture.Width, j.picture.Height, j.shipped())
		r.Box, r.Landmarks, r.DetScore, r.HasDetScore = f.Box, f.Landmarks, f.Score, true
		j.landmarks = f.Landmarks
	}
	return nil
}

// embed makes every job's vector and finishes it. On an error no job is finished.
func (w *deviceWorker) embed(jobs []*job) error {
	dim, inputs := w.parameters.dim, w.parameters.inputs
	bad := make([]bool, len(jobs))
	each(w.preparers, len(jobs), func(i int) { bad[i] = !w.prepare(jobs[i], i) })
	out, err := w.run(w.embedder, inputs*len(jobs), inputs*w.batch)
	if err != nil {
		return err
	}
	for i, j := range jobs {
		if bad[i] {
			j.finish(schemas.FaultNoFace)
			continue
		}
		v, length := unit(out[0][inputs*i*dim:inputs*(i+1)*dim], dim)
		r := j.result()
		if v == nil {
			r.FaceHash, r.FaceThumb, r.Sharpness = 0, nil, 0
			j.finish(schemas.FaultNotFinite)
			continue
		}
		r.Vector, r.Length = v, length
		j.finish(schemas.FaultNone)
	}
	return nil
}

// prepare writes a job's aligned face into the model's input as its face i, and makes
// the hashes and thumbnails. It says whether the landmarks could be aligned.
func (w *deviceWorker) prepare(j *job, i int) bool {
	p := w.parameters
	j.shrinkPicture()
	if j.face == nil {
		if j.face = p.cut(j.picture, j.landmarks); j.face == nil {
			return false
		}
	}
	j.shrinkFace(p.width, p.height)
	w.feed(j.face, i)
	return true
}

// feed writes an aligned face into the model's input as its face i, where the Spec adds
// it with its mirror image.
func (w *deviceWorker) feed(face []byte, i int) {
	p := w.parameters
	one := 3 * p.width * p.height
	in := w.embedder.Input()[p.inputs*i*one : p.inputs*(i+1)*one]
	photo.Tensor(face, p.width, p.height, p.bgr, p.scale, p.mean, p.std, in[:one])
	if p.inputs > 1 {
		photo.Mirror(in[:one], p.width, in[one:])
	}
}

// each calls do for 0 to n-1, on up to so many goroutines.
func each(goroutines, n int, do func(i int)) {
	if goroutines = min(goroutines, n); goroutines <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	all.Wait()
}
