package demo

import (
	"github.com/facesieve/facesieve/pipeline/dataset/synth"
	"github.com/facesieve/facesieve/schemas"
)

// Score is a line of the table: one issue, what was planted of it and what the
// report holds.
type Score struct {
	Issue   string `json:"issue"`
	Planted int    `json:"planted"`
	Found   int    `json:"found"`           // of the planted
	Missed  int    `json:"missed"`          // planted and not found
	Wrong   *int   `json:"wrong"`           // called so and not planted; null where nothing is called so
	Named   *int   `json:"named,omitempty"` // of the found: the report suggests the person whom they show
}

// Names of issues that are shown otherwise than the rest.
const (
	Noise           = "flips and outliers" // the sum of flips, flips to a look-alike and outliers
	ReencodedCopies = "re-encoded copies"  // no report looks for them
)

// Comparison is a report beside what was planted.
type Comparison struct {
	Scores    []Score `json:"scores"`
	Precision float64 `json:"precision"` // of flips, hard flips and outliers together; 1 where nothing is flagged
	Recall    float64 `json:"recall"`    // the same; 1 where none is planted
	Faceless  int     `json:"faceless"`  // pictures without a face, which are in no line
	Flagged   int     `json:"faceless_flagged"`
	Rowless   int     `json:"without_row"` // planted images that the report has no row of
}

// comparer holds truth and report by what they are looked up with.
type comparer struct {
	plants  map[synth.Issue][]synth.Truth
	of      map[string][]synth.Truth   // by path of the image
	report  *Report                    // what was found
	verdict map[string]schemas.Verdict // by path
	person  *classes                   // labels of one person
	copies  *classes                   // paths of one picture, by the truth
}

// newComparer looks through what was planted and what was found.
func newComparer(plants []synth.Truth, r *Report) *comparer {
	c := &comparer{plants: map[synth.Issue][]synth.Truth{}, of: map[string][]synth.Truth{}, report: r, verdict: map[string]schemas.Verdict{},
		person: newClasses(), copies: newClasses()}
	for _, p := range plants {
		c.plants[p.Issue] = append(c.plants[p.Issue], p)
		if p.Path != "" {
			c.of[p.Path] = append(c.of[p.Path], p)
		}
		switch p.Issue {
		case synth.Split:
			c.person.join(p.Identity, p.Other)
		case synth.Duplicate, synth.DuplicateAcross:
			if p.Detail == synth.Exact {
				c.copies.join(p.Path, p.Other)
			}
		}
	}
	for _, v := range r.Images {
		c.verdict[v.Path] = v
	}
	return c
}

// Compare sets a report beside what was planted.
func Compare(plants []synth.Truth, r *Report) *Comparison {
	c := newComparer(plants, r)
	out := &Comparison{Faceless: len(c.plants[synth.Faceless])}
	for _, p := range c.plants[synth.Faceless] {
		if c.flagged(p.Path) {
			out.Flagged++
		}
	}
	for p := range c.of {
		if _, ok := c.verdict[p]; !ok {
			out.Rowless++
		}
	}
	c.noise(out)
	c.labels(out)
	c.duplicates(out)
	c.reference(out)
	c.broken(out)
	return out
}

// add appends a line and gives it for more to be said; wrong below 0: nothing is
// called so.
func (c *Comparison) add(issue string, planted, found, wrong int) *Score {
	s := Score{Issue: issue, Planted: planted, Found: found, Missed: planted - found}
	if wrong >= 0 {
		s.Wrong = &wrong
	}
	c.Scores = append(c.Scores, s)
	return &c.Scores[len(c.Scores)-1]
}

// flagged says whether an image is called a flip or an outlier.
func (c *comparer) flagged(path string) bool {
	v, ok := c.verdict[path]
	return ok && noisy(v.Type)
}

func noisy(t schemas.Type) bool { return t == schemas.TypeFlip || t == schemas.TypeOutlier }

// noise compares flips and outliers.
func (c *comparer) noise(out *Comparison) {
	wrong := map[schemas.Type]int{}
	for _, v := range c.report.Images {
		if noisy(v.Type) && !c.excused(v) {
			wrong[v.Type]++
		}
	}
	planted, found := 0, 0
	for _, x := range []struct {
		issue synth.Issue
		name  string
		wrong int
	}{
		{synth.Flip, "flips", wrong[schemas.TypeFlip]},
		{synth.HardFlip, "flips to a look-alike", -1},
		{synth.Outlier, "outliers", wrong[schemas.TypeOutlier]},
	} {
		flagged, right := 0, 0
		for _, p := range c.plants[x.issue] {
			if !c.flagged(p.Path) {
				continue
			}
			flagged++
			if s := c.verdict[p.Path].SuggestedIdentity; s != nil && p.Other != "" && c.person.same(*s, p.Other) {
				right++
			}
		}
		line := out.add(x.name, len(c.plants[x.issue]), flagged, x.wrong)
		if x.issue != synth.Outlier {
			line.Named = &right
		}
		planted, found = planted+len(c.plants[x.issue]), found+flagged
	}
	all := wrong[schemas.TypeFlip] + wrong[schemas.TypeOutlier]
	out.Precision, out.Recall = share(found, found+all), share(found, planted)
	out.add(Noise, planted, found, all)
}

// share is a part of a whole; 1 where there is no whole.
func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// excused says whether flagging an image is no mistake: it was planted as noise,
// its label does hold another person or picture, or it is flagged as the second
// label of its own person.
func (c *comparer) excused(v schemas.Verdict) bool { return c.why(v) != "" }

// Explain gives a function that says, of a flagged image, what was planted that it
// is flagged for; "" where nothing was.
func Explain(plants []synth.Truth) func(schemas.Verdict) string {
	return newComparer(plants, &Report{}).why
}

func (c *comparer) why(v schemas.Verdict) string {
	for _, p := range c.of[v.Path] {
		switch p.Issue {
		case synth.Flip, synth.HardFlip:
			return "it shows " + schemas.EscapePath(p.Other)
		case synth.Outlier:
			return "it shows nobody of the set"
		case synth.Merge:
			return "a guest under the label"
		case synth.DuplicateAcross:
			return "a copy of " + schemas.EscapePath(p.Other)
		case synth.Faceless:
			return "it shows no face"
		}
	}
	if v.OtherIdentity != nil && c.person.same(v.Identity, *v.OtherIdentity) {
		return "two labels of one person"
	}
	return ""
}

// classes are sets of names that mean one thing.
type classes struct{ first map[string]string }

func newClasses() *classes { return &classes{map[string]string{}} }

// join says that two names mean one thing.
func (c *classes) join(a, b string) { c.first[c.root(a)] = c.root(b) }

// same says whether two names mean one thing.
func (c *classes) same(a, b string) bool { return c.root(a) == c.root(b) }

func (c *classes) root(name string) string {
	for {
		next, ok := c.first[name]
		if !ok || next == name {
			return name
		}
		name = next
	}
}
