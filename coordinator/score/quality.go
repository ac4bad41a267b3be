package score

import (
	"context"
	"errors"

	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/coordinator/strata"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/schemas"
)

// Options say which images are measured, and in which groups.
type Options struct {
	Strata   string          // a column of the images table, or strata.Size; "": that
	LeaveOut map[string]bool // paths that count neither as right nor as wrong
}

// Quality is how well a report tells wrong labels from right ones, where the truth is
// known. A measure is null where there is nothing that it could be measured on.
type Quality struct {
	Measures Measures            `json:"all"`
	Issues   []IssueQuality      `json:"issues"`
	Expected []Expectation       `json:"false_flags"`
	Rate     Rate                `json:"noise_rate"`
	Column   string              `json:"strata_column"`
	Strata   []Stratum           `json:"strata"`
	LeftOut  map[string]int      `json:"left_out"` // images that are not measured, by why
	Absent   int                 `json:"absent"`   // images of the truth without a row in the report
	Unjudged map[truth.Issue]int `json:"unjudged"` // wrong labels without a probability

	Overlaps *OverlapQuality `json:"overlaps,omitempty"` // where the truth has some
	Copies   *CopyQuality    `json:"copies,omitempty"`   // likewise
	Merges   *MergeQuality   `json:"merges,omitempty"`   // likewise
}

// Measures are those of some images that have a probability.
type Measures struct {
	Images int `json:"images"`
	Wrong  int `json:"wrong"` // of these, by the truth

	Flagged   int      `json:"flagged"`   // called flip or outlier
	Precision *float64 `json:"precision"` // of the flagged
	Recall    *float64 `json:"recall"`    // likewise

	Decided          int      `json:"decided"` // of the flagged: drop or relabel
	DecidedPrecision *float64 `json:"decided_precision"`
	DecidedRecall    *float64 `json:"decided_recall"`

	AUPRC       *float64 `json:"auprc"`               // of p_noise
	RecallAt95  *float64 `json:"recall_at_precision"` // greatest recall of p_noise at a precision of .95
	Calibration *float64 `json:"calibration_error"`   // of p_noise, 20 bins
	MeanP       *float64 `json:"mean_p"`              // of p_noise: the noise rate as the images have it
	TrueRate    *float64 `json:"true_rate"`

	CleanLost  int      `json:"clean_lost"`  // right images that are decided drop or relabel
	CleanShare *float64 `json:"clean_share"` // of the right images

	Relabelled     int      `json:"relabelled"`      // decided relabel
	RelabelRight   *float64 `json:"relabel_right"`   // of these, to the person whom they show
	Flips          int      `json:"flips"`           // flips and hard flips
	Suggested      *float64 `json:"suggested"`       // of these, with a suggested label
	SuggestedRight *float64 `json:"suggested_right"` // of the suggested ones, the person whom they show
	FlaggedByBands []Band   `json:"bands,omitempty"` // of p_noise, for a reliability diagram
}

// Band is the images whose p_noise lies in one of the bins.
type Band struct {
	Images int     `json:"images"`
	MeanP  float64 `json:"mean_p"`
	Wrong  float64 `json:"wrong"` // share
}

// IssueQuality is what became of one issue.
type IssueQuality struct {
	Issue   truth.Issue `json:"issue"`
	Images  int         `json:"images"`  // with a probability
	Flagged int         `json:"flagged"` // called flip or outlier
	Decided int         `json:"decided"` // drop or relabel
	AUPRC   *float64    `json:"auprc"`   // beside the right images alone
}

// Expectation is a threshold of the report with what it was expected to let through.
type Expectation struct {
	Threshold string  `json:"threshold"`
	Expected  float64 `json:"expected"` // false flags, as the report states them
	Low       float64 `json:"low"`      // of its 95 % interval
	High      float64 `json:"high"`
	Real      int     `json:"real"`
}

// Rate is the stated noise rate beside the true one.
type Rate struct {
	Stated *schemas.Estimate `json:"stated"` // null where the report states none
	True   *float64          `json:"true"`
	Within *bool             `json:"within"` // the true one lies in the stated interval
}

// Stratum is some of the images.
type Stratum struct {
	Name     string   `json:"name"`
	Measures Measures `json:"measures"`
}

// ErrOtherSet means that a truth and a report are not of one set.
var ErrOtherSet = errors.New("none of the truth's images has a row in the report")

// measured is an image that is measured.
type measured struct {
	p                  float32
	issue              truth.Issue // "": its label is right
	flagged, decided   bool
	wrongFace          bool
	relabelled         bool
	suggested, rightly bool // a label is suggested; it is the person's
	stratum            strata.Value
}

func (m measured) wrong() bool { return m.issue != "" }

// noisy are the issues that are a wrong label of one image.
func noisy() []truth.Issue { return []truth.Issue{truth.Flip, truth.HardFlip, truth.Outlier} }

// Measure sets a report beside the truth, image by image. Images whose label is
// neither right nor noise by the truth are left out: guests, copies, pictures without
// a face.
func Measure(ctx context.Context, r *report.Report, rows []truth.Row, o Options) (*Quality, error) {
	column, err := strata.Find(o.Strata)
	if err != nil {
		return nil, err
	}
	ids, err := r.Identities(ctx)
	if err != nil {
		return nil, err
	}
	c := newCollector(rows, ids, column, o.LeaveOut)
	for v, err := range r.Images(ctx) {
		if err != nil {
			return nil, err
		}
		c.take(v)
	}
	q, err := c.quality(r.Summary())
	if err != nil {
		return nil, err
	}
	overlaps, err := r.Overlaps(ctx)
	if err != nil {
		return nil, err
	}
	q.Column = column.Name
	pairs, err := r.Pairs(ctx)
	if err != nil {
		return nil, err
	}
	q.Copies = copyQuality(c.truth, pairs)
	q.Overlaps = overlapQuality(c.truth.rows, overlaps, len(r.Summary().Sources) > 1)
	if len(c.truth.rows[truth.Merge]) > 0 {
		labels, err := r.Identities(ctx)
		if err != nil {
			return nil, err
		}
		q.Merges = mergeQuality(c.truth.rows, labels)
	}
	return q, nil
}

// quality sums up.
func (c *collector) quality(s *schemas.Summary) (*Quality, error) {
	q := &Quality{Measures: measure(c.all), LeftOut: c.leftOut, Unjudged: c.unjudged}
	known, labels := 0, 0
	for p := range c.truth.of {
		if c.seen[p] {
			known++
		}
	}
	for _, row := range c.truth.rows[truth.Overlap] {
		if _, labelled := c.usable[row.Identity]; labelled {
			labels++
		}
	}
	q.Absent = len(c.truth.of) - known
	if known+labels == 0 && q.Absent+len(c.truth.rows[truth.Overlap]) > 0 {
		return nil, ErrOtherSet
	}
	q.Measures.FlaggedByBands = bands(c.all)
	for _, issue := range noisy() {
		q.Issues = append(q.Issues, ofIssue(c.all, issue))
	}
	for _, t := range s.Thresholds {
		real := 0
		switch t.Name {
		case "drop":
			real = q.Measures.CleanLost
		case "review":
			real = count(c.all, func(m measured) bool { return (m.flagged || m.wrongFace) && !m.wrong() })
		default:
			continue
		}
		q.Expected = append(q.Expected, Expectation{t.Name, t.ExpectedFalse, t.ExpectedLow, t.ExpectedHigh, real})
	}
	q.Rate = Rate{Stated: s.NoiseRate, True: q.Measures.TrueRate}
	if s.NoiseRate != nil && q.Rate.True != nil {
		within := s.NoiseRate.Low <= *q.Rate.True && *q.Rate.True <= s.NoiseRate.High
		q.Rate.Within = &within
	}
	q.Strata = c.strata()
	return q, nil
}

// ofIssue measures the images of one issue beside the right ones.
func ofIssue(all []measured, issue truth.Issue) IssueQuality {
	q := IssueQuality{Issue: issue}
	var beside []measured
	for _, m := range all {
		if m.issue == issue {
			q.Images++
			q.Flagged += one(m.flagged)
			q.Decided += one(m.decided)
		}
		if m.issue == issue || !m.wrong() {
			beside = append(beside, m)
		}
	}
	q.AUPRC = areaUnder(beside)
	return q
}

// areaUnder returns the area under the precision-recall curve of p_noise; nil where
// nothing is wrong.
func areaUnder(all []measured) *float64 {
	score, positive := make([]float32, len(all)), make([]bool, len(all))
	any := false
	for i, m := range all {
		score[i], positive[i] = m.p, m.wrong()
		any = any || positive[i]
	}
	if !any {
		return nil
	}
	return new(labelnoise.AveragePrecision(score, positive))
}
