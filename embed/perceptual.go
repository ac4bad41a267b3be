package embed

import (
	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/schemas"
)

// shrinkPicture makes the hash and the thumbnail of a job's picture, once.
func (j *job) shrinkPicture() {
	if j.shrunk {
		return
	}
	small, r := photo.Shrink(j.picture), j.result()
	r.Hashes, r.ImageHash, r.ImageThumb = true, small.Hash(), small.Thumbnail(schemas.ThumbnailSide)
	j.shrunk = true
}

// shrinkFace makes those of a job's aligned face of w x h pixels, and its sharpness. Where the picture is
// the face they are the picture's.
func (j *job) shrinkFace(w, h int) {
	r := j.result()
	face := &photo.Picture{Width: w, Height: h, Pix: j.face}
	r.Sharpness = photo.Sharpness(face)
	if &j.face[0] == &j.picture.Pix[0] {
		r.FaceHash, r.FaceThumb = r.ImageHash, r.ImageThumb
		return
	}
	small := photo.Shrink(face)
	r.FaceHash, r.FaceThumb = small.Hash(), small.Thumbnail(schemas.ThumbnailSide)
}
