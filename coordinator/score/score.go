// Package score sets a run's report beside the truth about the set that the run has
// cleaned: how many of its faults were found, and what else was called a fault.
package score

import (
	"context"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/schemas"
)

// Score is what became of one issue.
type Score struct {
	Issue  string `json:"issue"`
	Faults int    `json:"planted"`         // that the truth has
	Found  int    `json:"found"`           // of these
	Missed int    `json:"missed"`          // of these, not found
	Wrong  *int   `json:"wrong"`           // called so without being so; null where nothing is called so
	Named  *int   `json:"named,omitempty"` // of the found: the report suggests the person whom they show
}

// Names of issues that are shown otherwise than the rest.
const (
	Noise           = "flips and outliers" // the sum of flips, flips to a look-alike and outliers
	ReencodedCopies = "re-encoded copies"  // under one label and under two
)

// Comparison is a report beside the truth.
type Comparison struct {
	Scores    []Score `json:"scores"`
	Precision float64 `json:"precision"` // of all wrong labels together; 1 where nothing is flagged
	Recall    float64 `json:"recall"`    // the same; 1 where there is none
	Faceless  int     `json:"faceless"`  // pictures without a face, which are in no line
	Flagged   int     `json:"faceless_flagged"`
	Rowless   int     `json:"without_row"` // images with a fault that the report has no row of
}

// comparer holds truth and report by what they are looked up with.
type comparer struct {
	rows     map[truth.Issue][]truth.Row
	of       map[string][]truth.Row     // by path of the image
	person   *classes                   // labels of one person
	copies   *classes                   // paths of equal bytes, by the truth
	pictures *classes                   // paths of one picture, re-encoded ones too, by the truth
	verdict  map[string]schemas.Verdict // of the images that the truth has rows of, by path
	wrong    map[schemas.Type]int       // images called so that are not
	pairs    []schemas.Pair
	labels   []schemas.IdentityVerdict
	overlaps []schemas.Overlap
}

// newComparer looks through the truth.
func newComparer(rows []truth.Row) *comparer {
	c := &comparer{rows: map[truth.Issue][]truth.Row{}, of: map[string][]truth.Row{},
		person: newClasses(), copies: newClasses(), pictures: newClasses(),
		verdict: map[string]schemas.Verdict{}, wrong: map[schemas.Type]int{}}
	for _, r := range rows {
		c.rows[r.Issue] = append(c.rows[r.Issue], r)
		if r.Path != "" {
			c.of[r.Path] = append(c.of[r.Path], r)
		}
		switch r.Issue {
		case truth.Split:
			c.person.join(r.Identity, r.Other)
		case truth.Duplicate, truth.DuplicateAcross:
			c.pictures.join(r.Path, r.Other)
			if r.Detail == truth.Exact {
				c.copies.join(r.Path, r.Other)
			}
		}
	}
	return c
}

// Compare sets a report beside the truth. It holds as many of the report's rows as
// the truth has.
func Compare(ctx context.Context, r *report.Report, rows []truth.Row) (*Comparison, error) {
	c := newComparer(rows)
	for v, err := range r.Images(ctx) {
		if err != nil {
			return nil, err
		}
		c.image(v)
	}
	var err error
	if c.pairs, err = r.Pairs(ctx); err != nil {
		return nil, err
	}
	if c.labels, err = r.Identities(ctx); err != nil {
		return nil, err
	}
	if c.overlaps, err = r.Overlaps(ctx); err != nil {
		return nil, err
	}
	return c.compare(), nil
}

// image takes a row of the report's images.
func (c *comparer) image(v schemas.Verdict) {
	if _, known := c.of[v.Embedding.Path]; known {
		c.verdict[v.Embedding.Path] = v
	}
	switch {
	case v.Type.WrongLabel() && !c.excused(v), v.Type == schemas.TypeUnreadable && !c.broken(v.Embedding.Path):
		c.wrong[v.Type]++
	}
}

// compare counts what was found.
func (c *comparer) compare() *Comparison {
	out := &Comparison{Faceless: len(c.rows[truth.Faceless])}
	for _, r := range c.rows[truth.Faceless] {
		if c.flagged(r.Path) {
			out.Flagged++
		}
	}
	for p := range c.of {
		if _, ok := c.verdict[p]; !ok {
			out.Rowless++
		}
	}
	c.wrongLabels(out)
	c.merges(out)
	c.wholeLabels(out)
	c.duplicates(out)
	c.reference(out)
	c.brokenFiles(out)
	return out
}

// add appends a line and gives it for more to be said; wrong below 0: nothing is
// called so.
func (c *Comparison) add(issue string, faults, found, wrong int) *Score {
	s := Score{Issue: issue, Faults: faults, Found: found, Missed: faults - found}
	if wrong >= 0 {
		s.Wrong = &wrong
	}
	c.Scores = append(c.Scores, s)
	return &c.Scores[len(c.Scores)-1]
}

// flagged says whether an image is called a flip or an outlier.
func (c *comparer) flagged(path string) bool {
	v, ok := c.verdict[path]
	return ok && v.Type.WrongLabel()
}

// wrongLabels compares flips and outliers.
func (c *comparer) wrongLabels(out *Comparison) {
	faults, found := 0, 0
	for _, x := range []struct {
		issue truth.Issue
		name  string
		wrong int
	}{
		{truth.Flip, "flips", c.wrong[schemas.TypeFlip]},
		{truth.HardFlip, "flips to a look-alike", -1},
		{truth.Outlier, "outliers", c.wrong[schemas.TypeOutlier]},
	} {
		flagged, right := 0, 0
		for _, p := range c.rows[x.issue] {
			if !c.flagged(p.Path) {
				continue
			}
			flagged++
			if s := c.verdict[p.Path].SuggestedIdentity; s != nil && p.Other != "" &&
				c.person.same(*s, p.Other) {
				right++
			}
		}
		line := out.add(x.name, len(c.rows[x.issue]), flagged, x.wrong)
		if x.issue != truth.Outlier {
			line.Named = &right
		}
		faults, found = faults+len(c.rows[x.issue]), found+flagged
	}
	all := c.wrong[schemas.TypeFlip] + c.wrong[schemas.TypeOutlier]
	out.Precision, out.Recall = share(found, found+all), share(found, faults)
	out.add(Noise, faults, found, all)
}

// share is a part of a whole; 1 where there is no whole.
func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// excused says whether flagging an image is no mistake: it has a fault,
// its label does hold another person or picture, or it is flagged as the second
// label of its own person.
func (c *comparer) excused(v schemas.Verdict) bool { return c.why(v) != "" }

// Explain returns a function that says which fault of the truth an image is flagged
// for; "" where it has none.
func Explain(rows []truth.Row) func(schemas.Verdict) string { return newComparer(rows).why }

func (c *comparer) why(v schemas.Verdict) string {
	for _, p := range c.of[v.Embedding.Path] {
		switch p.Issue {
		case truth.Flip, truth.HardFlip:
			return "it shows " + schemas.EscapePath(p.Other)
		case truth.Outlier:
			return "it shows nobody of the set"
		case truth.Merge:
			return "a guest under the label"
		case truth.DuplicateAcross:
			return "a copy of " + schemas.EscapePath(p.Other)
		case truth.Faceless:
			return "it shows no face"
		}
	}
	if v.OtherIdentity != nil && c.person.same(v.Identity, *v.OtherIdentity) {
		return "two labels of one person"
	}
	return ""
}
