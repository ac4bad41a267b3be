package embed

import "github.com/facesieve/facesieve/embed/photo"

// fill gives an image of an aligned source as RGB of w x h pixels: as it is where it has that
// size, else scaled (bilinear) to fill it, what sticks out cut off evenly.
func fill(image *photo.Image, w, h int) []byte {
	if image.Width == w && image.Height == h {
		return image.Pix
	}
	scale := max(float64(w)/float64(image.Width), float64(h)/float64(image.Height))
	// Pixel centres are at .5: the image's middle goes to the face's middle.
	dx := (float64(w)-1)/2 - scale*(float64(image.Width)-1)/2
	dy := (float64(h)-1)/2 - scale*(float64(image.Height)-1)/2
	face := make([]byte, 3*w*h)
	photo.Warp(image, photo.Similarity{float32(scale), 0, float32(dx), 0, float32(scale), float32(dy)}, w,
		h, face)
	return face
}
