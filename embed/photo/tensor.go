package photo

// Tensor turns a crop of RGB bytes, w*h*3, into the planes that a network
// reads, 3*w*h values in dst: (v*scale - mean[c]) / std[c]. The planes are
// red, green, blue, or, with bgr, blue, green, red; mean and std are in the
// order of the planes.
func Tensor(rgb []uint8, w, h int, bgr bool, scale float32, mean, std [3]float32, dst []float32) {
	var table [3][256]float32
	for c := range 3 {
		for v := range 256 {
			table[c][v] = (float32(v)*scale - mean[c]) / std[c]
		}
	}
	n := w * h
	first, second, last := dst[:n], dst[n:2*n], dst[2*n:3*n]
	red, green, blue := &table[0], &table[1], &table[2]
	if bgr {
		first, last, red, blue = last, first, blue, red
	}
	second, last, rgb = second[:len(first)], last[:len(first)], rgb[:3*n]
	for i := range first {
		if len(rgb) < 3 {
			break
		}
		first[i], second[i], last[i] = red[rgb[0]], green[rgb[1]], blue[rgb[2]]
		rgb = rgb[3:]
	}
}

// Mirror writes the planes of a crop of width w flipped left to right.
func Mirror(planes []float32, w int, dst []float32) {
	for len(planes) >= w && len(dst) >= w {
		row := planes[:w]
		to := dst[:len(row)]
		for x, v := range row {
			to[len(to)-1-x] = v
		}
		planes, dst = planes[w:], dst[w:]
	}
}
