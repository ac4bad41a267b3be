package labelnoise

// FitFirstLook returns a model of evidence without images around: cosines to centroids,
// the detector's score, the length. It leans on no weights of others, for these are
// learnt with an image's neighbours: it is fitted to the noise that is simulated in this
// set alone, and says which images are doubtful, not which are wrong.
func FitFirstLook(s Sample, p Prior) Model {
	p.Name = "of this set alone"
	p.Many, p.Few = Weights{}, Weights{}
	p.Calibration = Calibration{Slope: 1}
	p.WithoutDetector = p.Calibration
	return Fit(s, p)
}
