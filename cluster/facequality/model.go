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

// model returns the terms. constant, usual (the mean), weight and low (the worst 2 %) are
// those of celeba-mini's images with right labels, the even half of its labels, embedded by
// YuNet and MobileFaceNet: the expected score is fitted as a logistic of the terms, none of which may
// count against its meaning (bench/quality/facequality.py).
func model() []term {
	return []term{
		// component, measure, usual, weight, least, most, low
		{Size, size, 3.5582, .1901, 1.7918, 3.6889, 2.9840},               // 6 to 40 px; low: 20 px
		{Sharpness, sharpness, -1.2807, .1992, -1.7720, -1.2040, -1.5307}, // .17 to .3; low: .22
		{Yaw, yaw, -.2596, .0674, -1, 0, -.8853},                          // low: 62 degrees
		{Pitch, pitch, -.2203, .0969, -1, 0, -.4330},                      // low: 26 degrees
		{Roll, roll, -.0829, .3795, -1, 0, -.3005},                        // low: 17 degrees
		{Detector, detector, -.0019, 9.5268, -.4, .02, -.0309},            // beside the median
		{Length, length, -.0086, 2.7440, -.6931, .2624, -.3647},           // half to 1.3 times the median; low: .69 of it
	}
}
