package simulate

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// result lists the set that was made, and its truth.
func (m *maker) result() (*Result, error) {
	all := m.entries
	for _, n := range m.names {
		all = append(all, m.labels[n].entries...)
	}
	r := &Result{Truth: m.truth, Identities: len(m.names), HeldBack: slices.Sorted(slices.Values(m.held))}
	for _, e := range all {
		r.Entries = append(r.Entries, Entry{Path: m.path(e), Identity: e.under.name, Image: e.image,
			Stranger: e.stranger, Referent: e.referent, Change: e.change})
		if e.issue == "" {
			continue
		}
		row := truth.Row{Issue: e.issue, Path: m.path(e), Identity: e.under.name}
		switch e.issue {
		case truth.Flip, truth.HardFlip:
			row.Other = e.home.name
		case truth.Duplicate:
			row.Other, row.Detail = m.path(e.copies), truth.Exact
			if e.change != Unchanged {
				row.Detail = truth.Reencoded
			}
		}
		r.Truth = append(r.Truth, row)
	}
	slices.SortFunc(r.Entries, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.Identity, b.Identity), strings.Compare(a.Path, b.Path))
	})
	for i := 1; i < len(r.Entries); i++ {
		if r.Entries[i].Path == r.Entries[i-1].Path {
			return nil, fmt.Errorf("%q and %q would have one name: take another seed",
				r.Entries[i-1].Image.Path, r.Entries[i].Image.Path)
		}
	}
	r.Reference = m.left()
	rank := map[truth.Issue]int{}
	for i, issue := range truth.Issues() {
		rank[issue] = i
	}
	slices.SortFunc(r.Truth, func(a, b truth.Row) int {
		return cmp.Or(cmp.Compare(rank[a.Issue], rank[b.Issue]), strings.Compare(a.Identity, b.Identity),
			strings.Compare(a.Path, b.Path))
	})
	return r, nil
}

// path returns where an entry stands below the set's folder: under its label, with a
// name that tells nothing. A copy comes after what it is a copy of.
func (m *maker) path(e *entry) string {
	what := "name"
	switch {
	case e.stranger:
		what = "name of a stranger"
	case e.referent:
		what = "name in the reference"
	}
	name := fmt.Sprintf("%0*x", nameDigits, draw(m.options.Seed, what, e.image.Path))
	if e.copies != nil {
		name += "_2"
	}
	if e.change != Unchanged {
		return e.under.name + "/" + name + ".jpg"
	}
	return e.under.name + "/" + name + strings.ToLower(path.Ext(e.image.Path))
}

// Counts returns the number of rows of each issue in a truth.
func (r *Result) Counts() map[truth.Issue]int {
	n := map[truth.Issue]int{}
	for _, t := range r.Truth {
		n[t.Issue]++
	}
	return n
}
