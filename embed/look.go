package embed

import (
	"context"

	"github.com/facesieve/facesieve/embed/detect"
	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// Look looks again at images that are doubtful; result i is about images[i], of which
// first[i] is what Embed gave. It finds the face that the first look chose once more, with
// its eyes level; and all other faces too, at several turns and sizes, where the first
// look found several faces or none or is not sure of its own. Every face has its vector.
// read and done are as in Embed.
//
// An image to which no detector was applied (Faces of its first look is negative), or
// which an engine without a detector is given, is not read and has no faces.
func (e *Engine) Look(ctx context.Context, images []schemas.Image, first []schemas.Embedding,
	read Read, done func()) ([]schemas.SecondLook, error) {
	if len(first) != len(images) {
		return nil, origin.Errorf("embed", "look: %d images, the first look at %d", len(images), len(first))
	}
	c := &call{images: images, first: first, looks: make([]schemas.SecondLook, len(images)), done: done}
	for i := range images {
		c.looks[i].Path = images[i].Path
	}
	if err := e.do(ctx, c, read); err != nil {
		return nil, origin.Errorf("embed", "look: %w", err)
	}
	return c.looks, nil
}

// look is a job's result, of a Look.
func (j *job) look() *schemas.SecondLook { return &j.call.looks[j.index] }

// mayLook says whether there is something to look at, and takes the image's digest from
// the first look where there is not.
func (e *Engine) mayLook(j *job) bool {
	first := &j.call.first[j.index]
	if e.parameters.detector != nil && first.Faces >= 0 {
		return true
	}
	j.result().SHA256 = first.SHA256
	return false
}

// changed says whether a job's bytes are others than at the first look.
func (j *job) changed() bool {
	if j.call.looks == nil {
		return false
	}
	first := &j.call.first[j.index]
	return first.Hashed && first.SHA256 != j.result().SHA256
}

// laidView is a view of a job's picture, ready to be cut out.
type laidView struct {
	view
	job     *job
	picture *photo.Picture   // the job's, or made smaller
	crop    photo.Similarity // from picture to the square
}

// lay makes views of a job's picture ready. Those of the whole picture share a smaller
// one where it is large.
func (w *deviceWorker) lay(j *job, all []view) []laidView {
	laid := make([]laidView, len(all))
	block := max(j.picture.Width, j.picture.Height) / (2 * w.parameters.size)
	var small *photo.Picture
	for i, v := range all {
		laid[i] = laidView{view: v, job: j, picture: j.picture, crop: v.to}
		if block < 2 || v.name == schemas.ViewLevel || v.name == schemas.ViewWhole {
			continue
		}
		if small == nil {
			small = photo.Reduce(j.picture, block)
		}
		laid[i].picture, laid[i].crop = small, v.to.OfBlocks(block)
	}
	return laid
}

// searchAll finds the faces of every job's picture: in the first views, and in all others
// where these leave it unsure.
func (w *deviceWorker) searchAll(jobs []*job) error {
	size := w.parameters.size
	var laid []laidView
	for _, j := range jobs {
		laid = append(laid, w.lay(j, firstViews(&j.call.first[j.index], size))...)
	}
	search := func(from, to int) error { return w.search(laid[from:to]) }
	if err := w.split(len(laid), search); err != nil {
		return err
	}
	laid = nil
	for _, j := range jobs {
		if unsure(&j.call.first[j.index], j.found) && !j.cancelled() {
			laid = append(laid, w.lay(j, wholeViews(j.picture.Width, j.picture.Height, size))...)
		}
	}
	return w.split(len(laid), search)
}

// look takes every job of a Look to its end.
func (w *deviceWorker) look(jobs []*job) {
	if err := w.searchAll(jobs); err != nil {
		fail(jobs, origin.Errorf("detect", "%w", err))
		return
	}
	var faces []jobFace
	for _, j := range jobs {
		for _, f := range distinct(j.found, schemas.MaxFaces) {
			if !j.cancelled() {
				faces = append(faces, jobFace{j, f})
			}
		}
	}
	err := w.split(len(faces), func(from, to int) error { return w.embedFaces(faces[from:to]) })
	if err != nil {
		fail(jobs, origin.Errorf("embed", "%w", err))
		return
	}
	for _, j := range jobs {
		switch {
		case j.cancelled():
			j.drop()
		case len(j.look().Faces) == 0:
			j.finish(schemas.FaultNoFace)
		default:
			j.finish(schemas.FaultNone)
		}
	}
}

// search finds the faces in views. On an error no job has any of them.
func (w *deviceWorker) search(laid []laidView) error {
	p := w.parameters
	one := 3 * p.size * p.size
	placements := make([]detect.Placement, len(laid))
	each(w.preparers, len(laid), func(i int) {
		placements[i] = laid[i].prepare(p, w.detector.Input()[i*one:(i+1)*one])
	})
	out, err := w.run(w.detector, len(laid), w.batch)
	if err != nil {
		return err
	}
	for i, v := range laid {
		faces := p.detector.Faces(p.outputsOf(out, i), p.size, p.thresholds)
		detect.ToPicture(faces, placements[i])
		v.job.found = append(v.job.found, v.found(faces, p.size)...)
	}
	return nil
}

// prepare writes a view into the detector's input.
func (v laidView) prepare(p parameters, input []float32) detect.Placement {
	if v.name == schemas.ViewWhole {
		return p.detector.Prepare(v.picture, p.size, input)
	}
	square := &photo.Picture{Width: p.size, Height: p.size, Pix: make([]byte, 3*p.size*p.size)}
	photo.WarpSmooth(v.picture, v.crop, p.size, p.size, square.Pix)
	return p.detector.Prepare(square, p.size, input)
}

// found gives the faces of the picture that are in a view's square, of a level view the
// one that it was made for.
func (v view) found(faces []detect.Face, size int) (all []foundFace) {
	if v.name == schemas.ViewLevel {
		f, ok := own(faces, size)
		if !ok {
			return nil
		}
		faces = []detect.Face{f}
	}
	v.ofPicture(faces)
	for _, f := range faces {
		all = append(all, foundFace{f, v.name})
	}
	return all
}

// jobFace is a face of a job's picture.
type jobFace struct {
	job  *job
	face foundFace
}

// embedFaces makes the vectors of faces. On an error no job has any of them.
func (w *deviceWorker) embedFaces(faces []jobFace) error {
	p := w.parameters
	bad := make([]bool, len(faces))
	each(w.preparers, len(faces), func(i int) {
		cut := p.cut(faces[i].job.picture, faces[i].face.Landmarks)
		if bad[i] = cut == nil; !bad[i] {
			w.feed(cut, i)
		}
	})
	out, err := w.run(w.embedder, p.inputs*len(faces), p.inputs*w.batch)
	if err != nil {
		return err
	}
	for i, f := range faces {
		if bad[i] {
			continue
		}
		v, length := unit(out[0][p.inputs*i*p.dim:p.inputs*(i+1)*p.dim], p.dim)
		if v == nil {
			continue
		}
		l := f.job.look()
		l.Faces = append(l.Faces, schemas.LookedFace{
			View: f.face.view, Box: f.face.Box, Landmarks: f.face.Landmarks, DetScore: f.face.Score,
			Length: length, Vector: v,
		})
	}
	return nil
}
