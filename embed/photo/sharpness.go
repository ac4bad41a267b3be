package photo

// sharpBlocks is how many squares an aligned face is wide for Sharpness.
const sharpBlocks = 14

// Sharpness says how fine what is seen of a picture is: the mean difference of greys
// side by side, over that of the mean greys of squares side by side, of which the picture
// is 14 wide. A face that was made large from hardly more than so many pixels has about a
// seventh, one of 30 pixels and more a fifth and more; 0 means a picture of one grey, or one
// too small to tell. It follows from whole numbers, so that all processors give the same.
func Sharpness(im *Picture) float32 {
	side := im.Width / sharpBlocks
	if side < 2 || im.Height < 2*side {
		return 0
	}
	grey := make([]int32, im.Width*im.Height)
	for i := range grey {
		p := im.Pix[3*i : 3*i+3 : 3*i+3]
		grey[i] = 77*int32(p[0]) + 150*int32(p[1]) + 29*int32(p[2])
	}
	columns, rows := im.Width/side, im.Height/side
	blocks := make([]int32, columns*rows) // means
	for i := range blocks {
		var sum int64
		for y := range side {
			for _, g := range grey[(i/columns*side+y)*im.Width+i%columns*side:][:side] {
				sum += int64(g)
			}
		}
		blocks[i] = int32(sum / int64(side*side))
	}
	fine, coarse := roughness(grey, im.Width), roughness(blocks, columns)
	if coarse == 0 {
		return 0
	}
	return float32(fine / coarse)
}

// roughness returns the mean difference of values side by side and above one another.
func roughness(values []int32, width int) float64 {
	var sum, n int64
	for i, v := range values {
		if i%width+1 < width {
			sum, n = sum+int64(max(values[i+1]-v, v-values[i+1])), n+1
		}
		if i+width < len(values) {
			sum, n = sum+int64(max(values[i+width]-v, v-values[i+width])), n+1
		}
	}
	return float64(sum) / float64(max(n, 1))
}
