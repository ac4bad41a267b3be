package simulate

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
)

// draw returns the number that stands for a thing in a draw: 64 bits of a hash of the
// seed, of what is drawn, and of the thing's names.
func draw(seed uint64, what string, names ...string) uint64 {
	b := append([]byte("facesieve simulate 1 "), what...)
	b = binary.LittleEndian.AppendUint64(append(b, 0), seed)
	for _, n := range names {
		b = binary.LittleEndian.AppendUint64(b, uint64(len(n)))
		b = append(b, n...)
	}
	sum := sha256.Sum256(b)
	return binary.LittleEndian.Uint64(sum[:])
}

// fraction returns a drawn number as one from 0 to 1, without 1.
func fraction(x uint64) float64 { return float64(x>>11) / (1 << 53) }

// drawn is a thing with its number.
type drawn[T any] struct {
	thing  T
	number uint64
	name   string // decides between equal numbers
}

func compareDrawn[T any](a, b drawn[T]) int {
	return cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.name, b.name))
}

// shuffled returns things in the order of a draw.
func shuffled[T any](things []T, number func(T) uint64, name func(T) string) []T {
	all := make([]drawn[T], 0, len(things))
	for _, t := range things {
		all = append(all, drawn[T]{t, number(t), name(t)})
	}
	slices.SortFunc(all, compareDrawn[T])
	out := make([]T, 0, len(all))
	for _, d := range all {
		out = append(out, d.thing)
	}
	return out
}

// shuffledNames returns names in the order of a draw.
func (m *maker) shuffledNames(what string, names []string) []string {
	return shuffled(names, func(n string) uint64 { return draw(m.options.Seed, what, n) },
		func(n string) string { return n })
}

// shuffledEntries returns entries in the order of a draw.
func (m *maker) shuffledEntries(what string, all []*entry) []*entry {
	return shuffled(all, func(e *entry) uint64 { return draw(m.options.Seed, what, e.image.Path) },
		func(e *entry) string { return e.image.Path })
}

// circle holds the entries of a set at their numbers. A label is drawn as that of the
// entry that follows a number: labels are drawn as often as they have images.
type circle struct{ at []drawn[*entry] }

func (m *maker) newCircle() *circle {
	c := &circle{}
	for _, e := range m.plainEntries() {
		c.at = append(c.at, drawn[*entry]{e, draw(m.options.Seed, "circle", e.image.Path), e.image.Path})
	}
	slices.SortFunc(c.at, compareDrawn[*entry])
	return c
}

// label returns the first label after a number that fits; nil where none does.
func (c *circle) label(number uint64, fits func(*label) bool) *label {
	start, _ := slices.BinarySearchFunc(c.at, number, func(d drawn[*entry], n uint64) int {
		return cmp.Compare(d.number, n)
	})
	for i := range c.at {
		l := c.at[(start+i)%len(c.at)].thing.home
		if fits(l) {
			return l
		}
	}
	return nil
}
