package synth

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// mostWrong is the greatest share of an identity's images that show somebody else
// or nobody, merges aside: the rest must say who the identity is.
const mostWrong = .2

// planter puts faults into a plan.
type planter struct {
	*plan
	r      *rand.Rand
	room   []int // labels, each once for every wrong image that it may still take
	nobody int   // outliers so far
}

// plant puts all faults into the plan, those with the least choice first.
func (p *plan) plant(r *rand.Rand) error {
	t := &planter{plan: p, r: r}
	t.merges()
	for i, l := range p.labels {
		if !l.merged {
			for range max(1, int(mostWrong*float64(l.images))) {
				t.room = append(t.room, i)
			}
		}
	}
	r.Shuffle(len(t.room), func(i, j int) { t.room[i], t.room[j] = t.room[j], t.room[i] })
	total := p.images()
	few := grown(6, total, 1500)
	for _, s := range []struct {
		issue truth.Issue
		n     int
		next  func(k int) bool
	}{
		{truth.HardFlip, wanted(p.HardFlips, total), t.hardFlip},
		{truth.Flip, wanted(p.Flips, total), t.flip},
		{truth.Outlier, wanted(p.Outliers, total), t.outlier},
		{truth.DuplicateAcross, 2 * few, t.copyAcross},
		{truth.Faceless, few, t.faceless},
		{truth.Broken, few, t.broken},
		{truth.Duplicate, 2 * few, t.copyWithin},
		{truth.SameImage, t.sameImages(), t.sameImage},
	} {
		for k := range s.n {
			if !s.next(k) {
				return fmt.Errorf("no room for %d images of issue %s among %d: make more identities or images, or lower the shares of flips and outliers", s.n, s.issue, total)
			}
		}
	}
	return nil
}

// wanted is how many images of a share are planted.
func wanted(x float64, total int) int {
	if x == 0 {
		return 0
	}
	return max(1, share(x, total))
}

// merges gives guests 30 % to 40 % of the images of merged identities.
func (t *planter) merges() {
	guests := 0
	for i := range t.labels {
		l := &t.labels[i]
		if !l.merged {
			continue
		}
		n := int(math.Round((.3 + .1*t.r.Float64()) * float64(l.images)))
		for _, image := range t.r.Perm(l.images)[:n] {
			l.faults[image] = fault{issue: truth.Merge, shows: someone{ofGuest, guests, 0}}
		}
		guests++
	}
}

// take gives the label of a room that fits, and uses the room.
func (t *planter) take(fits func(i int) bool) (int, bool) {
	for k := len(t.room) - 1; k >= 0; k-- {
		if i := t.room[k]; fits(i) {
			t.room[k] = t.room[len(t.room)-1]
			t.room = t.room[:len(t.room)-1]
			return i, true
		}
	}
	return 0, false
}

// free is an image of a label that nothing is planted in and nothing refers to.
func (t *planter) free(i int) (int, bool) {
	l := &t.labels[i]
	var free []int
	for image := range l.images {
		if _, wrong := l.faults[image]; !wrong && !l.kept[image] {
			free = append(free, image)
		}
	}
	if len(free) == 0 {
		return 0, false
	}
	return free[t.r.IntN(len(free))], true
}

// put plants a fault into a label that has room and fits.
func (t *planter) put(fits func(i int) bool, of func(i int) (fault, bool)) bool {
	i, ok := t.take(func(i int) bool {
		if !fits(i) {
			return false
		}
		_, free := t.free(i)
		return free
	})
	if !ok {
		return false
	}
	f, ok := of(i)
	image, free := t.free(i)
	if ok && free {
		t.labels[i].faults[image] = f
	}
	return ok && free
}

func anywhere(int) bool { return true }

func (t *planter) hardFlip(int) bool {
	return t.put(func(i int) bool { return t.labels[i].family != nil }, func(i int) (fault, bool) {
		family := t.labels[i].family
		for {
			if j := family[t.r.IntN(len(family))]; j != i {
				return fault{issue: truth.HardFlip, shows: t.labels[j].who, other: j}, true
			}
		}
	})
}

// stranger is another label whose person is under it alone and no sibling.
func (t *planter) stranger(i int) (int, bool) {
	for range 1000 {
		if j := t.r.IntN(len(t.labels)); t.plain(j) && !t.labels[j].who.related(t.labels[i].who) {
			return j, true
		}
	}
	return 0, false
}

func (t *planter) flip(int) bool {
	return t.put(anywhere, func(i int) (fault, bool) {
		j, ok := t.stranger(i)
		return fault{issue: truth.Flip, shows: t.labels[j].who, other: j}, ok
	})
}

func (t *planter) outlier(int) bool {
	t.nobody++
	return t.put(anywhere, func(int) (fault, bool) {
		return fault{issue: truth.Outlier, shows: someone{ofOutlier, t.nobody, 0}}, true
	})
}

func (t *planter) faceless(int) bool {
	return t.put(anywhere, func(int) (fault, bool) { return fault{issue: truth.Faceless}, true })
}

func (t *planter) broken(k int) bool {
	sorts := brokenSorts()
	return t.put(anywhere, func(i int) (fault, bool) {
		return fault{issue: truth.Broken, detail: sorts[k%len(sorts)], shows: t.labels[i].who}, true
	})
}

// copySort is exact and re-encoded in turn.
func copySort(k int) string { return []string{truth.Exact, truth.Reencoded}[k%2] }

// original keeps a right image of a label for a copy.
func (t *planter) original(i int) (place, bool) {
	image, ok := t.free(i)
	if ok {
		t.labels[i].kept[image] = true
	}
	return place{i, image}, ok
}

func (t *planter) copyAcross(k int) bool {
	return t.put(anywhere, func(i int) (fault, bool) {
		for range 1000 {
			j, ok := t.stranger(i)
			if !ok {
				break
			}
			if of, ok := t.original(j); ok {
				return fault{issue: truth.DuplicateAcross, of: of, detail: copySort(k)}, true
			}
		}
		return fault{}, false
	})
}

// copyWithin plants a copy of an image of the same label: the later in the list
// is the copy. It shows the right person, so it takes no room.
func (t *planter) copyWithin(k int) bool {
	for range 1000 {
		i := t.r.IntN(len(t.labels))
		of, ok := t.original(i)
		if !ok {
			continue
		}
		if image, ok := t.free(i); ok {
			if image < of.image {
				delete(t.labels[i].kept, of.image)
				image, of.image = of.image, image
				t.labels[i].kept[of.image] = true
			}
			t.labels[i].faults[image] = fault{issue: truth.Duplicate, of: of, detail: copySort(k)}
			return true
		}
	}
	return false
}
