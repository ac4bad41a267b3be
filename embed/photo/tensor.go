package photo

// Tensor turns a crop of RGB bytes, w*h*3, into the planes that a network
// reads, 3*w*h values in dst: (v*scale - mean[c]) / std[c]. The planes are
// red, green, blue, or, with bgr, blue, green, red; mean and std are in the
// order of the planes. With mirror the crop is flipped left to right.
func Tensor(rgb []uint8, w, h int, bgr bool, scale float32, mean, std [3]float32, mirror bool, dst []float32) {
	var table [3][256]float32
	for c := range 3 {
		for v := range 256 {
			table[c][v] = (float32(v)*scale - mean[c]) / std[c]
		}
	}
	first, last := 0, 2
	if bgr {
		first, last = 2, 0
	}
	n := w * h
	for y := range h {
		row := rgb[3*y*w : 3*(y+1)*w]
		a, b, c := dst[y*w:(y+1)*w], dst[n+y*w:n+(y+1)*w], dst[2*n+y*w:2*n+(y+1)*w]
		at, step := 0, 1
		if mirror {
			at, step = w-1, -1
		}
		for range w {
			p := row[:3:3]
			a[at], b[at], c[at] = table[0][p[first]], table[1][p[1]], table[2][p[last]]
			row = row[3:]
			at += step
		}
	}
}
