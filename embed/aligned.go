package embed

import "github.com/facesieve/facesieve/embed/photo"

// fill returns a picture of an aligned source as RGB of w x h pixels: as it is where it
// has that size, else scaled (bilinear) to fill it, what sticks out cut off evenly.
func fill(picture *photo.Picture, w, h int) []byte {
	if picture.Width == w && picture.Height == h {
		return picture.Pix
	}
	scale := max(float64(w)/float64(picture.Width), float64(h)/float64(picture.Height))
	// Pixel centres are at .5: the picture's middle goes to the face's middle.
	dx := (float64(w)-1)/2 - scale*(float64(picture.Width)-1)/2
	dy := (float64(h)-1)/2 - scale*(float64(picture.Height)-1)/2
	face := make([]byte, 3*w*h)
	scaled := photo.Similarity{float32(scale), 0, float32(dx), 0, float32(scale), float32(dy)}
	photo.Warp(picture, scaled, w, h, face)
	return face
}

// cut cuts a face out of a picture by its landmarks, RGB of the model's size; nil where
// they can't be aligned.
func (p parameters) cut(picture *photo.Picture, landmarks [10]float32) []byte {
	sim, err := photo.Align(landmarks, p.points)
	if err != nil {
		return nil
	}
	face := make([]byte, 3*p.width*p.height)
	photo.Warp(picture, sim, p.width, p.height, face)
	return face
}
