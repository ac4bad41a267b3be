package score

import (
	"cmp"
	"slices"
)

const (
	bins           = 20  // of p_noise, for the calibration error
	askedPrecision = .95 // at which the recall is told
)

// measure measures some images.
func measure(all []measured) Measures {
	m := Measures{Images: len(all)}
	var hits, decidedHits, right, relabelRight, given, givenRight int
	var sum float64
	for _, x := range all {
		m.Wrong += one(x.wrong())
		m.Flagged += one(x.flagged)
		m.Decided += one(x.decided)
		m.Relabelled += one(x.relabelled)
		hits += one(x.flagged && x.wrong())
		decidedHits += one(x.decided && x.wrong())
		relabelRight += one(x.relabelled && x.rightly)
		right += one(!x.wrong())
		m.CleanLost += one(x.decided && !x.wrong())
		if flip := x.wrong() && x.showsSomebody(); flip {
			m.Flips++
			given += one(x.suggested)
			givenRight += one(x.suggested && x.rightly)
		}
		sum += float64(x.p)
	}
	m.Precision, m.Recall = ratio(hits, m.Flagged), ratio(hits, m.Wrong)
	m.DecidedPrecision, m.DecidedRecall = ratio(decidedHits, m.Decided), ratio(decidedHits, m.Wrong)
	m.TrueRate, m.CleanShare = ratio(m.Wrong, m.Images), ratio(m.CleanLost, right)
	m.RelabelRight = ratio(relabelRight, m.Relabelled)
	m.Suggested, m.SuggestedRight = ratio(given, m.Flips), ratio(givenRight, given)
	m.AUPRC, m.RecallAt95 = areaUnder(all), recallAt(all, askedPrecision)
	if len(all) > 0 {
		mean, calibration := sum/float64(len(all)), calibrationError(all)
		m.MeanP, m.Calibration = &mean, &calibration
	}
	return m
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// count counts the images that are so.
func count(all []measured, so func(measured) bool) (n int) {
	for _, m := range all {
		n += one(so(m))
	}
	return n
}

// ratio returns a part of a whole; nil where there is no whole.
func ratio(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	return new(float64(part) / float64(whole))
}

// recallAt returns the greatest recall of p_noise at a precision; nil where nothing is
// wrong. Images of one p enter together.
func recallAt(all []measured, precision float64) *float64 {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b measured) int { return cmp.Compare(b.p, a.p) })
	wrong := count(all, measured.wrong)
	if wrong == 0 {
		return nil
	}
	best, hits := 0, 0
	for i, m := range sorted {
		hits += one(m.wrong())
		last := i+1 == len(sorted) || sorted[i+1].p != m.p
		if last && float64(hits) >= precision*float64(i+1) {
			best = hits
		}
	}
	return ratio(best, wrong)
}

// bands returns the images by their p_noise, in bins of equal width.
func bands(all []measured) []Band {
	out := make([]Band, bins)
	for _, m := range all {
		b := &out[min(bins-1, int(m.p*bins))]
		b.Images++
		b.MeanP += float64(m.p)
		b.Wrong += float64(one(m.wrong()))
	}
	for i := range out {
		if n := float64(out[i].Images); n > 0 {
			out[i].MeanP /= n
			out[i].Wrong /= n
		}
	}
	return out
}

// calibrationError returns how far p_noise is from the share of wrong images, in the
// mean over images: they are put into bins by p_noise, and each bin's mean is compared
// with its share.
func calibrationError(all []measured) (sum float64) {
	for _, b := range bands(all) {
		d := b.MeanP - b.Wrong
		sum += max(d, -d) * float64(b.Images) / float64(len(all))
	}
	return sum
}
