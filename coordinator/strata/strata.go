package strata

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/diversity"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/schemas"
)

// Losses is what the strata of a report's images lose with the flagged ones.
type Losses struct {
	Column  string    `json:"column"`
	Strata  []Stratum `json:"strata"`
	All     Stratum   `json:"all"`
	LeftOut int       `json:"left_out"` // images that are not counted (diversity.Counts)
	// UnknownRows are rows of the table of attributes about images, or labels, that the
	// report does not have; null without such a table.
	UnknownRows *int `json:"unknown_rows,omitempty"`
}

// Stratum is what some images lose.
type Stratum struct {
	Name    string  `json:"name"`
	Images  int     `json:"images"`
	Kept    int     `json:"kept"`
	Removed int     `json:"removed"` // to be dropped or relabelled
	Review  int     `json:"review"`
	Share   float64 `json:"share"` // removed of images
	Low     float64 `json:"low"`   // of its 95 % interval
	High    float64 `json:"high"`
	Thinned bool    `json:"thinned"` // it loses clearly more than the others
}

// ErrOtherSet means that a table of attributes and a report are not of one set.
var ErrOtherSet = errors.New("none of the table's rows is about an image of the report")

// Source says what the images of a report are grouped by.
type Source interface {
	// Of returns what an image is grouped by; usable is the number of usable images of its
	// label.
	Of(v *schemas.Verdict, usable int32) Value
	// Edges returns where bands of numbers begin.
	Edges(values []Value) []float64
}

// ByColumn counts what the strata of a report lose by a column (Find).
func ByColumn(ctx context.Context, r *report.Report, name string) (*Losses, error) {
	c, err := Find(name)
	if err != nil {
		return nil, err
	}
	return measure(ctx, r, c.Name, c)
}

// ByAttributes counts what the strata of a report lose by a table of attributes. Numbers
// of more than mostNumbers values are grouped in quarters of the images. The error is
// ErrOtherSet where no row is about an image of the report.
func ByAttributes(ctx context.Context, r *report.Report, a *dataset.Attributes) (*Losses, error) {
	t := newTable(a)
	out, err := measure(ctx, r, a.Column, t)
	if err != nil {
		return nil, err
	}
	if len(t.seen) == 0 {
		return nil, ErrOtherSet
	}
	out.UnknownRows = new(len(a.Values) - len(t.seen))
	return out, nil
}

// mostNumbers is how many numbers are a stratum each.
const mostNumbers = 12

// table groups images by attributes.
type table struct {
	attributes *dataset.Attributes
	numbers    bool            // in bands
	seen       map[string]bool // rows about images of the report
}

func newTable(a *dataset.Attributes) *table {
	distinct := map[string]bool{}
	for _, x := range a.Values {
		distinct[x] = true
	}
	delete(distinct, "")
	t := &table{attributes: a, seen: map[string]bool{}, numbers: len(distinct) > mostNumbers}
	for x := range distinct {
		_, is := finite(x)
		t.numbers = t.numbers && is
	}
	return t
}

// Of returns what the table says of an image.
func (t *table) Of(v *schemas.Verdict, _ int32) Value {
	key := v.Identity
	if t.attributes.ByPath {
		key = v.Embedding.Path
	}
	x, ok := t.attributes.Values[key]
	if ok {
		t.seen[key] = true
	}
	if n, is := finite(x); t.numbers && is {
		return Value{Number: n}
	}
	return Value{Name: cmp.Or(x, schemas.StratumUnknown)}
}

// Edges returns the quarters of the values.
func (t *table) Edges(values []Value) []float64 {
	if t.numbers {
		return quarters(values)
	}
	return nil
}

// counted is an image that is counted.
type counted struct {
	label    int
	decision schemas.Decision
}

// measure counts images by what they are grouped by.
func measure(ctx context.Context, r *report.Report, column string, by Source) (*Losses, error) {
	ids, err := r.Identities(ctx)
	if err != nil {
		return nil, err
	}
	usable := map[string]int32{}
	for _, id := range ids {
		usable[id.Identity] = id.Usable
	}
	out := &Losses{Column: column, Strata: []Stratum{}}
	var images []counted
	var values []Value
	last, labels := "", 0
	for v, err := range r.Images(ctx) {
		if err != nil {
			return nil, err
		}
		x := by.Of(&v, usable[v.Identity])
		if !diversity.Counts(&v) {
			out.LeftOut++
			continue
		}
		if labels == 0 || v.Identity != last {
			last = v.Identity
			labels++
		}
		images, values = append(images, counted{labels, v.Decision}), append(values, x)
	}
	out.count(images, values, by.Edges(values))
	return out, nil
}

// count sums up.
func (out *Losses) count(images []counted, values []Value, edges []float64) {
	var all diversity.Loss
	by := map[stratumKey]*diversity.Loss{}
	for i, im := range images {
		name, position := values[i].Stratum(edges)
		at := stratumKey{position, name}
		if by[at] == nil {
			by[at] = &diversity.Loss{}
		}
		label := strconv.Itoa(im.label)
		by[at].Add(im.decision, label)
		all.Add(im.decision, label)
	}
	for _, at := range slices.SortedFunc(maps.Keys(by), stratumKey.compare) {
		out.Strata = append(out.Strata, stratum(at.name, *by[at], all))
	}
	out.All = stratum("all", all, all)
}

// stratumKey is where a stratum stands among the others: bands by their position, then names,
// numbers before texts.
type stratumKey struct {
	position int
	name     string
}

func (a stratumKey) compare(b stratumKey) int {
	x, isX := finite(a.name)
	y, isY := finite(b.name)
	kind := 0
	switch {
	case isX && !isY:
		kind = -1
	case isY && !isX:
		kind = 1
	case isX && isY:
		kind = cmp.Compare(x, y)
	}
	return cmp.Or(cmp.Compare(a.position, b.position), kind, strings.Compare(a.name, b.name))
}

// finite returns the finite number that a text is; false: it is none.
func finite(s string) (float64, bool) {
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && !math.IsNaN(x) && !math.IsInf(x, 0)
}

func stratum(name string, l, all diversity.Loss) Stratum {
	s := Stratum{Name: name, Images: l.Images, Kept: l.Images - l.Removed - l.Review, Removed: l.Removed,
		Review: l.Review, Share: l.Share(), Thinned: diversity.Thinned(l, all)}
	s.Low, s.High = l.Interval()
	return s
}
