// Package diversity says what taking the flagged images out would do to a set: which
// strata of its images lose clearly more than the others, which labels are left with
// little, and which images that are alike would all be gone. It changes no verdict.
package diversity

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/facesieve/facesieve/cluster/facequality"
	"github.com/facesieve/facesieve/schemas"
)

// mostExamples is how many labels, or modes, a summary names.
const mostExamples = 10

// Counts says whether an image is counted: it is usable, and no near-duplicate, whose
// photograph stays when it goes.
func Counts(v *schemas.Verdict) bool {
	switch v.Type {
	case schemas.TypeUnreadable, schemas.TypeNoFace, schemas.TypeDuplicate, schemas.TypeNearDuplicate:
		return false
	}
	return v.Embedding.Error == schemas.FaultNone
}

// band is one of the strata of a grouping.
type band struct {
	name  string
	below float64 // the first number that is too large; 0: none is
	said  string  // which images these are, for people
}

// unknown is the band of images of whom a grouping knows nothing.
func unknown(of string) band { return band{schemas.StratumUnknown, 0, "images of unknown " + of} }

// grouping is a way to group images.
type grouping struct {
	name  schemas.GroupingName
	bands []band // the last is for unknown ones, if any can be
	of    func(v *schemas.Verdict, label int) int
}

// find returns the band of a number.
func find(bands []band, x float64) int {
	return slices.IndexFunc(bands, func(b band) bool { return b.below == 0 || x < b.below })
}

// SizeEdges returns where bands of the usable images of a label begin.
func SizeEdges() []float64 { return []float64{2, 5, 10, 20, 50} }

// EyeDistanceEdges returns where bands of the distance of the eyes begin, in pixels.
func EyeDistanceEdges() []float64 { return []float64{16, 32, 64} }

// SharpnessEdges returns where bands of sharpness begin.
func SharpnessEdges() []float64 { return []float64{.2, .25, .3, .35} }

// QualityEdges returns where bands of quality begin; the first one is of low quality.
func QualityEdges() []float64 { return []float64{facequality.Low, .6, .7, .8} }

// groupings are all that a summary groups images by.
func groupings() []grouping {
	sizes := []band{{"1", 2, "images that are alone under their label"}}
	for i, name := range []string{"2-4", "5-9", "10-19", "20-49", "50 and more"} {
		b := band{name: name, said: "images of labels with " + name + " images"}
		if i+1 < len(SizeEdges()) {
			b.below = SizeEdges()[i+1]
		}
		sizes = append(sizes, b)
	}
	poses := []band{{schemas.PoseFrontal, 0, "frontal faces"}, {schemas.PoseHalfTurned, 0, "half-turned faces"},
		{schemas.PoseProfile, 0, "faces in profile"}, unknown("pose")}
	eyes := append(ranges("faces whose eyes are %s px apart", EyeDistanceEdges()...), unknown("size"))
	sharp := append(ranges("faces of a sharpness %s", SharpnessEdges()...), unknown("sharpness"))
	quality := append(ranges("faces of a quality %s", QualityEdges()...), unknown("quality"))
	return []grouping{
		{schemas.GroupingSize, sizes, func(_ *schemas.Verdict, label int) int { return find(sizes, float64(label)) }},
		{schemas.GroupingPose, poses, func(v *schemas.Verdict, _ int) int {
			pose := Pose(&v.Embedding)
			return slices.IndexFunc(poses, func(b band) bool { return b.name == pose })
		}},
		{schemas.GroupingEyeDistance, eyes, func(v *schemas.Verdict, _ int) int {
			if d, known := facequality.EyeDistance(&v.Embedding.Landmarks); known {
				return find(eyes, d)
			}
			return len(eyes) - 1
		}},
		{schemas.GroupingSharpness, sharp, func(v *schemas.Verdict, _ int) int {
			if x := v.Embedding.Sharpness; x > 0 {
				return find(sharp, float64(x))
			}
			return len(sharp) - 1
		}},
		{schemas.GroupingQuality, quality, func(v *schemas.Verdict, _ int) int {
			if v.Quality != nil {
				return find(quality, float64(*v.Quality))
			}
			return len(quality) - 1
		}},
	}
}

// ranges returns the bands between edges.
func ranges(said string, edges ...float64) (bands []band) {
	for i := range len(edges) + 1 {
		b := band{name: BandName(edges, i)}
		if i < len(edges) {
			b.below = edges[i]
		}
		b.said = fmt.Sprintf(said, b.name)
		bands = append(bands, b)
	}
	return bands
}

// BandName returns the name of the numbers before edge i of some ascending edges, from
// the one before it on.
func BandName(edges []float64, i int) string {
	switch {
	case len(edges) == 0:
		return "all"
	case i == 0:
		return "below " + edge(edges, 0)
	case i == len(edges):
		return edge(edges, i-1) + " and more"
	}
	return edge(edges, i-1) + " to below " + edge(edges, i)
}

// edge returns an edge with four digits or, where another one would read alike, with all.
func edge(edges []float64, i int) string {
	short := fmt.Sprintf("%.4g", edges[i])
	for k, x := range edges {
		if k != i && fmt.Sprintf("%.4g", x) == short {
			return strconv.FormatFloat(edges[i], 'f', -1, 64)
		}
	}
	return short
}

// Counter counts what the images of a set lose. Its memory does not grow with the set.
type Counter struct {
	// Unwarned is the grouping whose losses are asked for, so that nobody is warned of them.
	Unwarned schemas.GroupingName

	groupings []grouping
	all       Loss
	losses    [][]Loss // by grouping and band
	labels    schemas.LabelLosses
}

// NewCounter returns a counter that has counted nothing.
func NewCounter() *Counter {
	c := &Counter{groupings: groupings()}
	for _, g := range c.groupings {
		c.losses = append(c.losses, make([]Loss, len(g.bands)))
	}
	return c
}

// Add counts the verdicts on one label.
func (c *Counter) Add(rows []schemas.Verdict) {
	var label Loss
	for i := range rows {
		if Counts(&rows[i]) {
			label.Add(rows[i].Decision, rows[i].Identity)
		}
	}
	for i := range rows {
		v := &rows[i]
		if !Counts(v) {
			continue
		}
		c.all.Add(v.Decision, v.Identity)
		for k, g := range c.groupings {
			c.losses[k][g.of(v, label.Images)].Add(v.Decision, v.Identity)
		}
	}
	if label.Removed > 0 {
		c.addLabel(schemas.LabelLoss{Identity: schemas.EscapePath(rows[0].Identity), Images: label.Images,
			Left: label.Images - label.Removed})
	}
}

// addLabel counts a label that loses images.
func (c *Counter) addLabel(l schemas.LabelLoss) {
	if l.Left == 0 {
		c.labels.Emptied++
	}
	falls := false
	for _, x := range []struct {
		least int
		count *int
	}{{2, &c.labels.BelowTwo}, {5, &c.labels.BelowFew}, {10, &c.labels.BelowTen}} {
		if l.Images >= x.least && l.Left < x.least {
			*x.count++
			falls = true
		}
	}
	if l.Left > 0 && !falls {
		return
	}
	c.labels.Examples = insert(c.labels.Examples, l, func(a, b schemas.LabelLoss) int {
		return cmp.Or(cmp.Compare(a.Left, b.Left), cmp.Compare(b.Images, a.Images))
	})
}

// insert puts an example behind those that order puts before it, or that are equal, and
// keeps as many as are named.
func insert[T any](all []T, x T, order func(a, b T) int) []T {
	at := len(all)
	for at > 0 && order(x, all[at-1]) < 0 {
		at--
	}
	all = slices.Insert(all, at, x)
	return all[:min(len(all), mostExamples)]
}

// Summary returns what was counted, and warnings of the strata that are thinned.
func (c *Counter) Summary() (*schemas.Diversity, []schemas.Warning) {
	d := &schemas.Diversity{Images: c.all.Images, Removed: c.all.Removed, Review: c.all.Review, Identities: c.labels}
	var warnings []schemas.Warning
	for k, g := range c.groupings {
		by := schemas.Grouping{Name: g.name, Strata: []schemas.StratumLoss{}}
		for i, l := range c.losses[k] {
			if l.Images == 0 {
				continue
			}
			s := schemas.StratumLoss{Name: g.bands[i].name, Images: l.Images, Removed: l.Removed, Review: l.Review,
				Share: l.Share(), Thinned: Thinned(l, c.all)}
			if s.Thinned && g.name != c.Unwarned {
				warnings = append(warnings, schemas.Warning{Code: schemas.WarnThinned, Count: l.Removed,
					Text: thinnedText(g.bands[i].said, l, c.all)})
			}
			by.Strata = append(by.Strata, s)
		}
		d.Groupings = append(d.Groupings, by)
	}
	return d, warnings
}

// thinnedText says what a stratum loses beside the others.
func thinnedText(said string, l, all Loss) string {
	others := Loss{Images: all.Images - l.Images, Removed: all.Removed - l.Removed}
	return fmt.Sprintf("of %d %s %d (%.1f %%) would be removed, of the other %d images %d (%.1f %%): "+
		"look at some of them before they go, or the set loses such images", l.Images, said, l.Removed, 100*l.Share(),
		others.Images, others.Removed, 100*others.Share())
}
