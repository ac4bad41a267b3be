package simulate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// entry is an image on its way into the set.
type entry struct {
	image    Image
	stranger bool
	referent bool
	home     *label      // whose person it shows; nil: nobody's of the set
	under    *label      // where it stands
	issue    truth.Issue // what is wrong with it; "": nothing
	copies   *entry      // of which it is a copy; nil: none
	change   Change      // how it is changed
}

// label is a label of the set that is made.
type label struct {
	name    string
	entries []*entry // that stand under it at first, by draw
	right   int      // entries that show its person
	wrong   int
	plain   bool // no collision, merge, split or overlap has it: noise may fall on it
}

// spare says whether a label can lose a right image and take a wrong one: as many of
// its images are right as are wrong, at least.
func (l *label) spare(lost, taken int) bool { return l.plain && l.right-lost >= l.wrong+taken }

// maker makes a set.
type maker struct {
	options Options
	source  Source
	labels  map[string]*label
	names   []string // of labels, ordered bytewise; those that left are not among them
	held    []string
	whole   []string // names of labels as they are, by draw: what collisions, merges and splits take
	entries []*entry // all but those of labels, which come last
	total   int      // images that the set will have
	truth   []truth.Row
	moved   map[string]bool // paths of the reference's images that stand in the set instead
}

// newMaker sorts a source's images by identity, and draws those that stay.
func newMaker(src Source, o Options) (*maker, error) {
	if (o.HardFlips > 0 || o.AlikeGuests > 0) && src.Nearest == nil {
		return nil, errors.New("hard flips and guests who look alike are of the nearest identity, " +
			"and no report says which that is")
	}
	m := &maker{options: o, source: src, labels: map[string]*label{}}
	for _, im := range src.Images {
		if strings.ContainsFunc(im.Identity, unicode.IsControl) {
			return nil, fmt.Errorf("identity %q has a control character, which a truth can't hold: rename its folder",
				im.Identity)
		}
		l := m.labels[im.Identity]
		if l == nil {
			l = &label{name: im.Identity, plain: true}
			m.labels[im.Identity] = l
			m.names = append(m.names, im.Identity)
		}
		l.entries = append(l.entries, &entry{image: im, home: l, under: l})
	}
	slices.Sort(m.names)
	m.names = slices.DeleteFunc(m.names, func(n string) bool { return len(m.labels[n].entries) < o.Least })
	if len(m.names) == 0 {
		return nil, errNobody
	}
	for _, l := range m.labels {
		if len(l.entries) < o.Least {
			delete(m.labels, l.name)
			continue
		}
		l.entries = m.shuffledEntries("images", l.entries)
		if o.PerIdentity > 0 {
			l.entries = l.entries[:min(o.PerIdentity, len(l.entries))]
		}
		l.right = len(l.entries)
	}
	return m, nil
}

// errNobody is the error of a source of which no identity stays.
var errNobody = errors.New("no identity stays: leave out fewer images, and ask for a smaller least number of them")

// leave takes a label out of the set.
func (m *maker) leave(name string) {
	m.names = slices.DeleteFunc(m.names, func(n string) bool { return n == name })
}

// holdBack takes out the identities whose images become outliers, and those that are
// more than the set shall have.
func (m *maker) holdBack() error {
	if m.options.HoldBack > len(m.names)-2 && m.options.HoldBack > 0 {
		return fmt.Errorf("%d identities held back of %d: two at least stay", m.options.HoldBack, len(m.names))
	}
	by := m.shuffledNames("hold back", m.names)
	m.held = by[:m.options.HoldBack]
	stay := by[m.options.HoldBack:]
	if n := m.options.Identities; n > len(stay) {
		return tooFew(n, "identities", len(stay), "ask for fewer, or hold fewer back")
	} else if n > 0 {
		stay = stay[:n]
	}
	m.names = slices.Sorted(slices.Values(stay))
	m.whole = m.shuffledNames("labels", m.names)
	return nil
}

// take returns the next label of the draw that has some images and no part in a
// collision, merge or split; nil where there is none.
func (m *maker) take(least int) *label {
	for i, n := range m.whole {
		if l := m.labels[n]; len(l.entries) >= least {
			m.whole = slices.Delete(m.whole, i, i+1)
			l.plain = false
			return l
		}
	}
	return nil
}

// takeNamed returns the label of a name where it is still to be had; else nil.
func (m *maker) takeNamed(name string) *label {
	i := slices.Index(m.whole, name)
	if i < 0 || len(m.labels[name].entries) < leastMembers {
		return nil
	}
	m.whole = slices.Delete(m.whole, i, i+1)
	m.labels[name].plain = false
	return m.labels[name]
}

// collide gives labels a guest, who loses his own.
func (m *maker) collide() error {
	for k := range m.options.Collisions {
		host := m.take(leastMembers)
		var guest *label
		if x := m.options.AlikeGuests; host != nil && rounded(x*float64(k+1)) > rounded(x*float64(k)) {
			guest = m.takeNamed(m.source.Nearest[host.name])
		}
		if guest == nil {
			guest = m.take(leastMembers)
		}
		if guest == nil {
			return tooFew(m.options.Collisions, "collisions", k, "each takes two labels")
		}
		share := m.options.CollisionShare
		n := max(1, rounded(share/(1-share)*float64(len(host.entries))))
		m.invite(host, guest, guest.entries[:min(n, len(guest.entries))])
	}
	return nil
}

// merge puts all images of one label under another.
func (m *maker) merge() error {
	for k := range m.options.Merges {
		host, guest := m.take(leastMembers), m.take(leastMembers)
		if guest == nil {
			return tooFew(m.options.Merges, "merges", k, "each takes two labels")
		}
		if len(guest.entries) > len(host.entries) {
			host, guest = guest, host
		}
		m.invite(host, guest, guest.entries)
	}
	return nil
}

// invite puts a guest's images under a host's label.
func (m *maker) invite(host, guest *label, images []*entry) {
	m.leave(guest.name)
	for _, e := range images {
		e.home, e.under, e.issue = nil, host, truth.Merge
	}
	m.entries = append(m.entries, images...)
}

// split gives half a label's images a second one.
func (m *maker) split() error {
	for k := range m.options.Splits {
		l := m.take(leastHalved)
		if l == nil {
			return tooFew(m.options.Splits, "splits", k, fmt.Sprintf("each takes a label of %d images", leastHalved))
		}
		name := l.name + "-2"
		for m.labels[name] != nil {
			name += "-2"
		}
		half := len(l.entries) / 2
		other := &label{name: name, entries: l.entries[half:], right: len(l.entries) - half}
		l.entries, l.right = l.entries[:half], half
		for _, e := range other.entries {
			e.home, e.under = other, other
		}
		m.labels[name] = other
		m.names = append(m.names, name)
		m.truth = append(m.truth, truth.Row{Issue: truth.Split, Identity: l.name, Other: name})
	}
	slices.Sort(m.names)
	return nil
}

// plainEntries returns the images of labels that noise may fall on.
func (m *maker) plainEntries() (all []*entry) {
	for _, n := range m.names {
		if l := m.labels[n]; l.plain {
			all = append(all, l.entries...)
		}
	}
	return all
}

// settle counts the images that the set will have, of which flips and outliers are
// shares.
func (m *maker) settle() error {
	n := len(m.entries) + m.options.Duplicates + m.options.NearDuplicates
	for _, name := range m.names {
		n += len(m.labels[name].entries)
	}
	m.total = rounded(float64(n) / (1 - m.options.Outliers))
	return nil
}

// share returns a share of the set's images, rounded.
func (m *maker) share(x float64) int { return rounded(x * float64(m.total)) }

// rounded returns the nearest whole number. The conversion keeps a product that is given
// from being fused with the sum, which some processors would round otherwise.
func rounded(x float64) int { return int(float64(x) + .5) }
