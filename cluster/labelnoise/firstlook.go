package labelnoise

const (
	firstLookRidge = 1.0 // holds the weights to 0: enough for them to be finite
	// An image is doubtful as if the set were as noisy as this, whatever it is: whom the
	// first look misses, no second one finds.
	firstLookFlips    = .05
	firstLookOutliers = .05
)

// FitFirstLook returns a model of evidence without images around: cosines to centroids,
// the detector's score, the length. It leans on no weights of others, for these are
// learnt with an image's neighbours: it is fitted to the noise that is simulated in this
// set alone, and says which images are doubtful, not which are wrong.
func FitFirstLook(s Sample, p Prior) Model {
	p.Calibration = Calibration{Slope: 1}
	p.WithoutDetector = p.Calibration
	m := emptyModel(s, p)
	m.Basis = "fitted to noise simulated in this set, as the first look sees it"
	m.Shares = Shares{Clean: 1 - firstLookFlips - firstLookOutliers, Flip: firstLookFlips, Outlier: firstLookOutliers}
	examples := spread(s.Examples, fitExamples)
	if m.Images = len(examples); m.Images > 0 {
		o := simulate(examples, &m).observations()
		o.ridge = firstLookRidge
		fitted := o.minimum()
		m.Weights = fitted.weights()
	}
	m.Rate = m.meanNoise(s.Examples)
	return m
}
