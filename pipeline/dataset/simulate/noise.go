package simulate

import (
	"errors"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// file puts an entry under another label than its own.
func (m *maker) file(e *entry, under *label, issue truth.Issue) {
	if e.home != nil {
		e.home.right--
	}
	under.wrong++
	e.under, e.issue = under, issue
}

// hardFlips puts images under the label of the nearest identity, and where labels are
// swapped, one of that identity's under theirs.
func (m *maker) hardFlips() error {
	wanted, done := m.share(m.options.HardFlips), 0
	if wanted == 0 {
		return nil
	}
	swap := m.options.FlipMode == Swap
	for _, e := range m.shuffledEntries("hard flips", m.plainEntries()) {
		near := m.labels[m.source.Nearest[e.home.name]]
		switch {
		case done >= wanted:
			return nil
		case e.issue != "" || near == nil || near == e.home || !m.stays(near.name):
		case swap && e.home.spare(1, 1) && near.spare(1, 1):
			i := slices.IndexFunc(near.entries, func(x *entry) bool { return x.issue == "" })
			if i < 0 {
				continue
			}
			m.file(near.entries[i], e.home, truth.HardFlip)
			m.file(e, near, truth.HardFlip)
			done += 2
		case !swap && e.home.spare(1, 0) && near.spare(0, 1):
			m.file(e, near, truth.HardFlip)
			done++
		}
	}
	if done < wanted {
		return tooFew(wanted, "hard flips", done, "ask for a smaller share; the report has to be of this very set")
	}
	return nil
}

// stays says whether a label is one of the set that is made.
func (m *maker) stays(name string) bool {
	_, found := slices.BinarySearch(m.names, name)
	return found
}

// flips puts images under the labels of others.
func (m *maker) flips() error {
	wanted := m.share(m.options.Flips)
	if wanted == 0 {
		return nil
	}
	circle := m.newCircle()
	var chosen []*entry
	of := map[*label]int{} // flips of a label: with more than half of all, they could not be swapped
	for _, e := range m.shuffledEntries("flips", m.plainEntries()) {
		if len(chosen) == wanted {
			break
		}
		if e.issue != "" {
			continue
		}
		if m.options.FlipMode == Swap {
			if e.home.spare(1, 1) && (wanted == 1 || 2*(of[e.home]+1) <= wanted) {
				m.file(e, e.home, truth.Flip) // another takes its label, and it another's
				chosen = append(chosen, e)
				of[e.home]++
			}
			continue
		}
		to := circle.label(draw(m.options.Seed, "flip to", e.image.Path), func(l *label) bool {
			return l != e.home && l.spare(0, 1)
		})
		if to != nil && e.home.spare(1, 0) {
			m.file(e, to, truth.Flip)
			chosen = append(chosen, e)
		}
	}
	if len(chosen) < wanted {
		return tooFew(wanted, "flips", len(chosen), "ask for a smaller share")
	}
	if m.options.FlipMode == Swap {
		return m.swap(chosen)
	}
	return nil
}

// swap exchanges the labels of images, so that each gets another's: in the order that
// they were drawn in, each takes that of the next one, and where this is its own, the
// one of the first with which it can change.
func (m *maker) swap(chosen []*entry) error {
	n := len(chosen)
	if n == 1 {
		return errors.New("a single flip has none to exchange labels with: take flip mode add, or a larger share")
	}
	under := make([]*label, n)
	for i := range chosen {
		under[i] = chosen[(i+1)%n].home
	}
	for i, e := range chosen {
		for k := 1; k < n && under[i] == e.home; k++ {
			if j := (i + k) % n; under[j] != e.home && under[i] != chosen[j].home {
				under[i], under[j] = under[j], under[i]
			}
		}
		if under[i] == e.home {
			return errors.New("flips can't be swapped: most of them are of one label; " +
				"take another seed or flip mode, or ask for another share")
		}
	}
	for i, e := range chosen {
		e.under = under[i]
	}
	return nil
}

// outliers puts images of persons whom the set does not have under labels.
func (m *maker) outliers() error {
	wanted := m.share(m.options.Outliers)
	if wanted == 0 {
		return nil
	}
	circle := m.newCircle()
	used := map[string]map[*label]bool{} // labels with an image of a person
	chosen := m.strangers(wanted)
	if len(chosen) < wanted {
		return tooFew(wanted, "outliers", len(chosen), "hold back more identities, or name a collection of others")
	}
	for i, e := range chosen {
		person := e.image.Identity
		if used[person] == nil {
			used[person] = map[*label]bool{}
		}
		to := circle.label(draw(m.options.Seed, "outlier to", e.image.Path), func(l *label) bool {
			return l.spare(0, 1) && !used[person][l]
		})
		if to == nil {
			return tooFew(wanted, "outliers", i, "ask for a smaller share")
		}
		used[person][to] = true
		m.file(e, to, truth.Outlier)
	}
	m.entries = append(m.entries, chosen...)
	return nil
}

// strangers returns images of persons whom the set does not have: at most as many as
// are wanted.
func (m *maker) strangers(wanted int) (chosen []*entry) {
	by, names := m.pool()
	if m.options.Mates.High > 0 {
		for _, n := range names {
			r := m.options.Mates
			share := r.Low + float64((r.High-r.Low)*fraction(draw(m.options.Seed, "mates", n)))
			k := 1 + rounded(share*float64(len(by[n])-1))
			chosen = append(chosen, by[n][:k]...)
			if len(chosen) >= wanted {
				return chosen[:wanted]
			}
		}
		return chosen
	}
	for round, more := 0, true; more; round++ {
		more = false
		for _, n := range names {
			if round >= len(by[n]) {
				continue
			}
			more = true
			if chosen = append(chosen, by[n][round]); len(chosen) == wanted {
				return chosen
			}
		}
	}
	return chosen
}

// pool returns the persons whom the set does not have, by draw, and their images, by
// draw. Somebody of another collection whose label the set has may be the same person,
// and is left out; so is who has the name of somebody of the reference.
func (m *maker) pool() (by map[string][]*entry, names []string) {
	by = map[string][]*entry{}
	if len(m.source.Strangers) == 0 {
		for _, n := range m.held {
			for _, e := range m.labels[n].entries {
				by[n] = append(by[n], &entry{image: e.image})
			}
		}
		return by, m.held
	}
	known := map[string]bool{}
	for name := range m.labels {
		known[strings.ToLower(name)] = true
	}
	referents := newPersons(m.source.Reference)
	for _, im := range m.source.Strangers {
		if known[strings.ToLower(im.Identity)] || referents.has(im) {
			continue
		}
		if by[im.Identity] == nil {
			names = append(names, im.Identity)
		}
		by[im.Identity] = append(by[im.Identity], &entry{image: im, stranger: true})
	}
	for n := range by {
		by[n] = m.shuffledEntries("strangers", by[n])
	}
	return by, m.shuffledNames("strangers", names)
}

// duplicates enters images a second time.
func (m *maker) duplicates() error {
	all := m.shuffledEntries("duplicates", m.plainEntries())
	all = slices.DeleteFunc(all, func(e *entry) bool { return e.issue != "" })
	if len(all) < m.options.Duplicates {
		return tooFew(m.options.Duplicates, "duplicates", len(all), "ask for fewer")
	}
	for _, e := range all[:m.options.Duplicates] {
		m.entries = append(m.entries, &entry{image: e.image, home: e.home, under: e.under, copies: e,
			issue: truth.Duplicate})
	}
	return nil
}
