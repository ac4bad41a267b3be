package facequality

// constant is the log-odds of the quality of a face of which every component is usual.
const constant = 1.2286

// term is what a component adds to the log-odds of a quality: weight times what its
// measure, kept between least and most, has above the usual one. A measure grows as the
// face gets better.
type term struct {
	component   Component
	measure     func(*Face, *Usual) (x, value float64, ok bool)
	usual       float64
	weight      float64 // never below 0
	least, most float64
	low         float64 // below which it is named as the reason of a low quality
}

// model returns the terms. bench/quality/facequality.py computes constant, usual, weight and low.
func model() []term {
	return []term{
		// component, measure, usual, weight, least, most, low
		{Size, size, 3.5582, .1901, 1.7918, 3.6889, 2.9},
		{Sharpness, sharpness, -1.2807, .1992, -1.7720, -1.2040, -1.6},
		{Yaw, yaw, -.2596, .0674, -1, 0, -.7},
		{Pitch, pitch, -.2203, .0969, -1, 0, -.7},
		{Roll, roll, -.0829, .3795, -1, 0, -.4},
		{Detector, detector, -.0019, 9.5268, -.4, .02, -.06},
		{Length, length, -.0086, 2.7440, -.6931, .2624, -.5},
	}
}
