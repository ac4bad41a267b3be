package score

import (
	"slices"

	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/schemas"
)

// leastGuests is how many images of one guest make a label one of two people, where the
// truth says so of single images.
const leastGuests = 2

// MergeQuality is how well a report tells labels of two people.
type MergeQuality struct {
	Labels    int      `json:"labels"` // of two people, by the truth
	Found     int      `json:"found"`  // of these, flagged as merged
	Wrong     []string `json:"wrong"`  // flagged as merged, and not so by the truth, escaped
	Precision *float64 `json:"precision"`
	Recall    *float64 `json:"recall"`
	AUPRC     *float64 `json:"auprc"` // of p_merged
}

// mergeQuality compares the flags of labels with the truth. A label with several images of one other person is called so
// rightly, whatever brought them there, and not missed where it is not.
func mergeQuality(rows map[truth.Issue][]truth.Row, labels []schemas.IdentityVerdict) *MergeQuality {
	faults, guests, excused := map[string]bool{}, map[[2]string]int{}, map[string]bool{}
	for _, r := range rows[truth.Merge] {
		faults[r.Identity] = true
	}
	for _, r := range slices.Concat(rows[truth.Flip], rows[truth.HardFlip]) {
		pair := [2]string{r.Identity, r.Other}
		if guests[pair]++; guests[pair] >= leastGuests {
			excused[r.Identity] = true
		}
	}
	q := &MergeQuality{Labels: len(faults), Wrong: []string{}}
	var p []float32
	var merged []bool
	for _, l := range labels {
		if !faults[l.Identity] && excused[l.Identity] {
			continue
		}
		if l.PMerged != nil {
			p, merged = append(p, *l.PMerged), append(merged, faults[l.Identity])
		}
		switch {
		case l.Flag != schemas.FlagMerged:
		case faults[l.Identity]:
			q.Found++
		default:
			q.Wrong = append(q.Wrong, schemas.EscapePath(l.Identity))
		}
	}
	q.Precision, q.Recall = ratio(q.Found, q.Found+len(q.Wrong)), ratio(q.Found, q.Labels)
	if slices.Contains(merged, true) {
		q.AUPRC = new(labelnoise.AveragePrecision(p, merged))
	}
	return q
}
