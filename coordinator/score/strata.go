package score

import (
	"cmp"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/coordinator/strata"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/schemas"
)

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
	column   strata.Column
	byHand   map[string]bool
	all      []measured
	seen     map[string]bool
	leftOut  map[string]int
	unjudged map[truth.Issue]int
}

func newCollector(rows []truth.Row, ids []schemas.IdentityVerdict, c strata.Column, byHand map[string]bool) *collector {
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
	m.stratum = c.column.Of(&v, c.usable[v.Identity])
	c.all = append(c.all, m)
}

// strata measures the groups, in the order of their bands or names.
func (c *collector) strata() (all []Stratum) {
	values := make([]strata.Value, len(c.all))
	for i, m := range c.all {
		values[i] = m.stratum
	}
	edges := c.column.Edges(values)
	by, order := map[string][]measured{}, map[string]int{}
	for _, m := range c.all {
		name, position := m.stratum.Stratum(edges)
		by[name], order[name] = append(by[name], m), position
	}
	for name, images := range by {
		all = append(all, Stratum{name, measure(images)})
	}
	slices.SortFunc(all, func(a, b Stratum) int {
		return cmp.Or(cmp.Compare(order[a.Name], order[b.Name]), strings.Compare(a.Name, b.Name))
	})
	return all
}

// showsSomebody says whether an image shows another identity of the set.
func (m measured) showsSomebody() bool { return m.issue == truth.Flip || m.issue == truth.HardFlip }
