package score

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/schemas"
)

// StrataSize groups images by the usable images of their label.
const StrataSize = "size"

// column is what images are grouped by: text, or a number in bands.
type column struct {
	name   string
	text   func(schemas.Verdict) string
	number func(schemas.Verdict) *float32
	edges  []float64 // of bands; nil: quarters of the images
}

// columns are all that images can be grouped by, but for the size of their label.
func columns() []column {
	e := func(get func(*schemas.Embedding) *float32) func(schemas.Verdict) *float32 {
		return func(v schemas.Verdict) *float32 { return get(&v.Embedding) }
	}
	whole := func(get func(*schemas.Embedding) int32, least int32) func(schemas.Verdict) *float32 {
		return e(func(x *schemas.Embedding) *float32 {
			if n := get(x); n >= least {
				return new(float32(n))
			}
			return nil
		})
	}
	return []column{
		{name: StrataSize, edges: []float64{3, 5, 10, 20, 50}},
		{name: "det_score", edges: []float64{.7, .8, .85, .9}, number: e(func(x *schemas.Embedding) *float32 {
			if x.HasDetScore {
				return new(x.DetScore)
			}
			return nil
		})},
		{name: "length", number: e(func(x *schemas.Embedding) *float32 {
			if x.Length > 0 {
				return new(x.Length)
			}
			return nil
		})},
		{name: "quality", edges: []float64{.4, .6, .7, .8}, number: func(v schemas.Verdict) *float32 { return v.Quality }},
		{name: "width", number: whole(func(x *schemas.Embedding) int32 { return int32(x.Width) }, 1)},
		{name: "height", number: whole(func(x *schemas.Embedding) int32 { return int32(x.Height) }, 1)},
		{name: "faces", edges: []float64{1, 2, 3}, number: whole(func(x *schemas.Embedding) int32 { return int32(x.Faces) }, 0)},
		{name: "score", number: func(v schemas.Verdict) *float32 { return v.Score }},
		{name: "other_score", number: func(v schemas.Verdict) *float32 { return v.OtherScore }},
		{name: "p_suggested", number: func(v schemas.Verdict) *float32 { return v.PSuggested }},
		{name: "identity", text: func(v schemas.Verdict) string { return schemas.EscapePath(v.Identity) }},
		{name: "type", text: func(v schemas.Verdict) string { return string(v.Type) }},
		{name: "decision", text: func(v schemas.Verdict) string { return string(v.Decision) }},
	}
}

// ColumnError means that images can't be grouped by a column.
type ColumnError struct{ Name string }

// Error returns which columns there are.
func (e *ColumnError) Error() string {
	var names []string
	for _, c := range columns() {
		names = append(names, c.name)
	}
	return fmt.Sprintf("no column %.40q: one of %s", e.Name, strings.Join(names, ", "))
}

func findColumn(name string) (column, error) {
	name = cmp.Or(name, StrataSize)
	for _, c := range columns() {
		if c.name == name {
			return c, nil
		}
	}
	return column{}, &ColumnError{name}
}

// unknown is the stratum of images that a column has nothing for.
const unknown = "unknown"

// The images that are not measured, by why.
const (
	leftOutByHand  = "named to leave out"
	leftOutByTruth = "neither right nor noise by the truth"
	leftOutNoP     = "without a probability"
	leftOutPartner = "called the other label of their person"
)

// collector holds the images that are measured.
type collector struct {
	truth    *comparer
	usable   map[string]int32
	column   column
	byHand   map[string]bool
	all      []measured
	seen     map[string]bool
	leftOut  map[string]int
	unjudged map[truth.Issue]int
}

func newCollector(rows []truth.Row, ids []schemas.IdentityVerdict, c column, byHand map[string]bool) *collector {
	x := &collector{truth: newComparer(rows), usable: map[string]int32{}, column: c, byHand: byHand,
		seen: map[string]bool{}, leftOut: map[string]int{}, unjudged: map[truth.Issue]int{}}
	for _, id := range ids {
		x.usable[id.Identity] = id.Usable
	}
	return x
}

// take takes a row of the report's images.
func (c *collector) take(v schemas.Verdict) {
	path := v.Embedding.Path
	rows := c.truth.of[path]
	if rows != nil {
		c.seen[path] = true
	}
	m := measured{flagged: v.Type.WrongLabel(), wrongFace: v.Type == schemas.TypeWrongFace,
		suggested: v.SuggestedIdentity != nil}
	for _, row := range rows {
		switch {
		case slices.Contains(noisy(), row.Issue):
			m.issue = row.Issue
			m.rightly = m.suggested && row.Other != "" && c.truth.person.same(*v.SuggestedIdentity, row.Other)
		case row.Issue.OfImage() && row.Issue != truth.Duplicate:
			c.leftOut[leftOutByTruth]++
			return
		}
	}
	m.decided = m.flagged && (v.Decision == schemas.Drop || v.Decision == schemas.Relabel)
	m.relabelled = m.decided && v.Decision == schemas.Relabel
	switch {
	case c.byHand[path]:
		c.leftOut[leftOutByHand]++
		return
	case v.PNoise == nil:
		c.leftOut[leftOutNoP]++
		if m.issue != "" {
			c.unjudged[m.issue]++
		}
		return
	case m.issue == "" && m.flagged && c.truth.why(v) != "":
		c.leftOut[leftOutPartner]++
		return
	}
	m.p = *v.PNoise
	c.group(&m, v)
	c.all = append(c.all, m)
}

// group says which stratum an image is of.
func (c *collector) group(m *measured, v schemas.Verdict) {
	switch {
	case c.column.name == StrataSize:
		m.number = float64(c.usable[v.Identity])
	case c.column.text != nil:
		m.stratum = c.column.text(v)
	default:
		if x := c.column.number(v); x != nil {
			m.number = float64(*x)
		} else {
			m.stratum = unknown
		}
	}
}

// strata measures the groups, in the order of their bands or names.
func (c *collector) strata() (all []Stratum) {
	by := map[string][]measured{}
	order := map[string]int{unknown: len(c.all) + bins}
	edges := c.column.edges
	if edges == nil && c.column.text == nil {
		edges = quarters(c.all)
	}
	for _, m := range c.all {
		name := m.stratum
		if name == "" {
			i, _ := slices.BinarySearchFunc(edges, m.number, func(e, x float64) int {
				if e <= x {
					return -1
				}
				return 1
			})
			name = bandName(edges, i)
			order[name] = i
		}
		by[name] = append(by[name], m)
	}
	for name, images := range by {
		all = append(all, Stratum{name, measure(images)})
	}
	slices.SortFunc(all, func(a, b Stratum) int {
		return cmp.Or(cmp.Compare(order[a.Name], order[b.Name]), strings.Compare(a.Name, b.Name))
	})
	return all
}

// bandName returns the name of the band before an edge.
func bandName(edges []float64, i int) string {
	switch {
	case len(edges) == 0:
		return "all"
	case i == 0:
		return fmt.Sprintf("below %.4g", edges[0])
	case i == len(edges):
		return fmt.Sprintf("%.4g and more", edges[i-1])
	}
	return fmt.Sprintf("%.4g to below %.4g", edges[i-1], edges[i])
}

// quarters returns the numbers at which a quarter of the images begins.
func quarters(all []measured) (edges []float64) {
	var sorted []float64
	for _, m := range all {
		if m.stratum == "" {
			sorted = append(sorted, m.number)
		}
	}
	slices.Sort(sorted)
	for k := 1; k < 4 && len(sorted) > 0; k++ {
		edges = append(edges, sorted[k*len(sorted)/4])
	}
	return slices.Compact(edges)
}

// showsSomebody says whether an image shows another identity of the set.
func (m measured) showsSomebody() bool { return m.issue == truth.Flip || m.issue == truth.HardFlip }
