package score

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/schemas"
)

// reportCase is a truth and a report with a known score in every line.
type reportCase struct {
	truth    []truth.Row
	images   []schemas.Verdict
	pairs    []schemas.Pair
	overlaps []schemas.Overlap
}

// image adds an image of a report, and what was planted in it.
func (c *reportCase) image(path string, typ schemas.Type, more ...any) {
	label, _, _ := strings.Cut(path, "/")
	v := schemas.Verdict{Identity: label, Type: typ, Decision: schemas.Keep, Reason: "because"}
	v.Embedding.Path, v.Embedding.Faces = path, -1
	for _, m := range more {
		switch m := m.(type) {
		case string:
			v.SuggestedIdentity, v.OtherIdentity = new(m), new(m)
		case truth.Row:
			m.Path, m.Identity = path, label
			c.truth = append(c.truth, m)
		}
	}
	c.images = append(c.images, v)
}

func (c *reportCase) copies(a, b string) {
	la, _, _ := strings.Cut(a, "/")
	lb, _, _ := strings.Cut(b, "/")
	c.pairs = append(c.pairs, schemas.Pair{Kind: schemas.PairDuplicate, AIdentity: la, BIdentity: lb, APath: a, BPath: b, Score: 1, P: 1})
}

func (c *reportCase) overlap(label, name string, t schemas.Tier) {
	c.overlaps = append(c.overlaps, schemas.Overlap{Identity: label, Reference: "lfw", ReferenceIdentity: name, Tier: t})
}

// compare counts the report without a store.
func (c *reportCase) compare() *Comparison {
	x := newComparer(c.truth)
	for _, v := range c.images {
		x.image(v)
	}
	x.pairs, x.overlaps = c.pairs, c.overlaps
	x.labels = []schemas.IdentityVerdict{{Identity: "cy", Flag: schemas.FlagMerged},
		{Identity: "ann", Flag: schemas.FlagMerged}, // three images of one other person
		{Identity: "bob", Flag: schemas.FlagMerged}, // wrong
		{Identity: "dan"}}
	return x.compare()
}

func newReportCase() *reportCase {
	c := &reportCase{}
	flip := truth.Row{Issue: truth.Flip, Other: "bob"}
	c.image("ann/1", schemas.TypeFlip, "bob", flip)
	c.image("ann/2", schemas.TypeFlip, "cy", flip) // the wrong person is suggested
	c.image("ann/3", schemas.TypeOutlier, flip)    // found, as the other sort
	c.image("ann/4", schemas.TypeClean, flip)
	c.image("ann/5", schemas.TypeUnjudged, flip)
	c.image("ann/10%\n\xff", schemas.TypeFlip, "bob", flip) // a name that is escaped in the report
	c.truth = append(c.truth, truth.Row{Issue: truth.Flip, Path: "gone/1", Identity: "gone", Other: "ann"})
	c.image("bob/1", schemas.TypeFlip, "two", truth.Row{Issue: truth.HardFlip, Other: "one"}) // one and two are one person
	c.image("bob/2", schemas.TypeOutlier, truth.Row{Issue: truth.Outlier})
	c.image("bob/3", schemas.TypeFlip, "cy", truth.Row{Issue: truth.Outlier})
	c.image("bob/4", schemas.TypeFlip, "cy") // wrong
	c.image("bob/5", schemas.TypeOutlier)    // wrong
	c.image("bob/6", schemas.TypeOutlier)    // wrong
	c.image("bob/7", schemas.TypeNoFace)     // no word on its label
	c.image("bob/8", schemas.TypeUnreadable) // wrong
	c.image("bob/9", schemas.TypeUnreadable, truth.Row{Issue: truth.Broken, Detail: "empty"})
	c.image("bob/a", schemas.TypeClean, truth.Row{Issue: truth.Broken, Detail: "text"})
	c.truth = append(c.truth, truth.Row{Issue: truth.Broken, Path: "gone/2", Identity: "gone"})
	c.image("cy/1", schemas.TypeOutlier, truth.Row{Issue: truth.Faceless})
	c.image("cy/2", schemas.TypeClean, truth.Row{Issue: truth.Faceless})
	c.image("cy/3", schemas.TypeFlip, "ann", truth.Row{Issue: truth.Merge})
	c.image("cy/4", schemas.TypeClean, truth.Row{Issue: truth.Merge})

	c.truth = append(c.truth, truth.Row{Issue: truth.Split, Identity: "one", Other: "two"}, truth.Row{Issue: truth.Split, Identity: "six", Other: "ten"})
	c.pairs = append(c.pairs, schemas.Pair{Kind: schemas.PairSplit, AIdentity: "two", BIdentity: "one"}, schemas.Pair{Kind: schemas.PairSplit, AIdentity: "ann", BIdentity: "cy"})
	c.image("one/1", schemas.TypeFlip, "two") // its person's other label
	c.image("six/1", schemas.TypeFlip, "two") // wrong

	exact := func(i truth.Issue, of string) truth.Row {
		return truth.Row{Issue: i, Other: of, Detail: truth.Exact}
	}
	// The report's first copy is the truth's second, and 3 is found by way of it.
	c.image("dan/1", schemas.TypeClean, exact(truth.Duplicate, "dan/2"))
	c.image("dan/2", schemas.TypeDuplicate)
	c.image("dan/3", schemas.TypeDuplicate, exact(truth.Duplicate, "dan/2"))
	c.image("dan/4", schemas.TypeClean, exact(truth.Duplicate, "dan/5"))
	c.image("dan/5", schemas.TypeClean)
	c.image("dan/6", schemas.TypeFlip, "bob", exact(truth.DuplicateAcross, "bob/9")) // it is first, and does show bob
	c.image("dan/7", schemas.TypeClean, truth.Row{Issue: truth.Duplicate, Other: "dan/5", Detail: truth.Reencoded})
	c.image("dan/8", schemas.TypeFlip, "bob", truth.Row{Issue: truth.DuplicateAcross, Other: "bob/7", Detail: truth.Reencoded})
	c.copies("dan/1", "dan/2")
	c.copies("dan/1", "dan/3")
	c.copies("bob/9", "dan/6")
	c.copies("ann/4", "ann/5") // wrong
	c.copies("ann/4", "bob/a") // wrong
	c.pairs = append(c.pairs, schemas.Pair{Kind: schemas.PairNearDuplicate, AIdentity: "bob", BIdentity: "dan", APath: "bob/7", BPath: "dan/8"},
		schemas.Pair{Kind: schemas.PairNearDuplicate, AIdentity: "ann", BIdentity: "bob", APath: "ann/4", BPath: "bob/b"}) // wrong

	for _, x := range []struct {
		label, name string
		tier        schemas.Tier
	}{{"ann", "Ann", schemas.TierCertain}, {"bob", "Bob", schemas.TierProbable}, {"cy", "Cy", schemas.TierReview}, {"one", "One", schemas.TierSameImage},
		{"six", "Six", schemas.TierSameImage}, {"dan", "Dan", ""}} {
		c.truth = append(c.truth, truth.Row{Issue: truth.Overlap, Identity: x.label, Other: x.name})
		if x.tier != "" {
			c.overlap(x.label, x.name, x.tier)
		}
	}
	c.truth = append(c.truth, truth.Row{Issue: truth.SameImage, Path: "one/1", Identity: "one", Other: "lfw/One/One_0001.jpg"},
		truth.Row{Issue: truth.SameImage, Path: "ann/6", Identity: "ann", Other: "lfw/Ann/Ann_0001.jpg"},
		truth.Row{Issue: truth.Homonym, Identity: "two", Other: "Two"}, truth.Row{Issue: truth.Homonym, Identity: "ten", Other: "Ten"})
	c.overlap("two", "Two", schemas.TierRefused)
	c.overlap("ten", "Ten", schemas.TierCertain) // wrong
	c.overlap("two", "Ann", schemas.TierProbable)
	return c
}

// TestComparison counts a report of known faults.
func TestComparison(t *testing.T) {
	c := newReportCase()
	got := c.compare()
	want := `flips: planted 7, found 4, missed 3, wrong 2, named 2
flips to a look-alike: planted 1, found 1, missed 0, wrong -, named 1
outliers: planted 2, found 2, missed 0, wrong 2
flips and outliers: planted 10, found 7, missed 3, wrong 4
labels of two people: planted 1, found 1, missed 0, wrong 1
guests under a label: planted 2, found 1, missed 1, wrong -
people under two labels: planted 2, found 1, missed 1, wrong 1
copies under one label: planted 3, found 2, missed 1, wrong 1
copies under two labels: planted 1, found 1, missed 0, wrong 1
re-encoded copies: planted 2, found 1, missed 1, wrong 1
people of the reference: planted 6, found 4, missed 2, wrong 2
pictures of the reference: planted 2, found 1, missed 1, wrong 1
namesakes refused: planted 2, found 1, missed 1, wrong 0
broken files: planted 3, found 1, missed 2, wrong 1
`
	if text := scoreLines(got); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if got.Precision != 7./11 || got.Recall != 7./10 {
		t.Errorf("precision %v, recall %v", got.Precision, got.Recall)
	}
	if got.Faceless != 2 || got.Flagged != 1 || got.Rowless != 3 { // gone/1, gone/2, ann/6
		t.Errorf("faceless %d, flagged %d, without a row %d", got.Faceless, got.Flagged, got.Rowless)
	}
}

func scoreLines(c *Comparison) string {
	var b strings.Builder
	for _, s := range c.Scores {
		wrong := "-"
		if s.Wrong != nil {
			wrong = fmt.Sprint(*s.Wrong)
		}
		fmt.Fprintf(&b, "%s: planted %d, found %d, missed %d, wrong %s", s.Issue, s.Faults, s.Found, s.Missed, wrong)
		if s.Named != nil {
			fmt.Fprintf(&b, ", named %d", *s.Named)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// A set without faults and a report without findings give full marks, and JSON.
func TestComparisonOfNothing(t *testing.T) {
	c := (&reportCase{}).compare()
	if c.Precision != 1 || c.Recall != 1 || len(c.Scores) == 0 {
		t.Errorf("precision %v, recall %v, %d lines", c.Precision, c.Recall, len(c.Scores))
	}
	if _, err := json.Marshal(c); err != nil {
		t.Error(err)
	}
}
