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

// simulator puts label noise and faulty files into a plan.
type simulator struct {
	plan     *plan
	r        *rand.Rand
	room     []int // labels, each once for every wrong image that it may still take
	outliers int   // so far
}

// addNoise simulates label noise and injects faulty files, those with the least
// choice first.
func (p *plan) addNoise(r *rand.Rand) error {
	s := &simulator{plan: p, r: r}
	s.merges()
	for i, l := range p.labels {
		if !l.merged {
			for range max(1, int(mostWrong*float64(l.images))) {
				s.room = append(s.room, i)
			}
		}
	}
	r.Shuffle(len(s.room), func(i, j int) { s.room[i], s.room[j] = s.room[j], s.room[i] })
	total := p.images()
	few := grown(6, total, 1500)
	for _, f := range []struct {
		issue truth.Issue
		n     int
		next  func(k int) bool
	}{
		{truth.HardFlip, wanted(p.options.HardFlips, total), s.hardFlip},
		{truth.Flip, wanted(p.options.Flips, total), s.flip},
		{truth.Outlier, wanted(p.options.Outliers, total), s.outlier},
		{truth.DuplicateAcross, 2 * few, s.copyAcross},
		{truth.Faceless, few, s.faceless},
		{truth.Broken, few, s.broken},
		{truth.Duplicate, 2 * few, s.copyWithin},
		{truth.SameImage, s.sameImages(), s.sameImage},
	} {
		for k := range f.n {
			if !f.next(k) {
				return fmt.Errorf("no room for %d images of issue %s among %d: make more identities or images, "+
					"or lower the shares of flips and outliers", f.n, f.issue, total)
			}
		}
	}
	return nil
}

// wanted returns how many images a share comes to.
func wanted(x float64, total int) int {
	if x == 0 {
		return 0
	}
	return max(1, share(x, total))
}

// merges gives guests 30 % to 40 % of the images of merged identities.
func (s *simulator) merges() {
	guests := 0
	for i := range s.plan.labels {
		l := &s.plan.labels[i]
		if !l.merged {
			continue
		}
		n := int(math.Round((.3 + .1*s.r.Float64()) * float64(l.images)))
		for _, image := range s.r.Perm(l.images)[:n] {
			l.faults[image] = fault{issue: truth.Merge, shows: someone{ofGuest, guests, 0}}
		}
		guests++
	}
}

// take returns the label of a room that fits, and uses the room.
func (s *simulator) take(fits func(i int) bool) (int, bool) {
	for k := len(s.room) - 1; k >= 0; k-- {
		if i := s.room[k]; fits(i) {
			s.room[k] = s.room[len(s.room)-1]
			s.room = s.room[:len(s.room)-1]
			return i, true
		}
	}
	return 0, false
}

// free returns an image of a label that is right and nothing refers to.
func (s *simulator) free(i int) (int, bool) {
	l := &s.plan.labels[i]
	var free []int
	for image := range l.images {
		if _, wrong := l.faults[image]; !wrong && !l.kept[image] {
			free = append(free, image)
		}
	}
	if len(free) == 0 {
		return 0, false
	}
	return free[s.r.IntN(len(free))], true
}

// put gives a fault to an image of a label that has room and fits.
func (s *simulator) put(fits func(i int) bool, of func(i int) (fault, bool)) bool {
	i, ok := s.take(func(i int) bool {
		if !fits(i) {
			return false
		}
		_, free := s.free(i)
		return free
	})
	if !ok {
		return false
	}
	f, ok := of(i)
	image, free := s.free(i)
	if ok && free {
		s.plan.labels[i].faults[image] = f
	}
	return ok && free
}

func anywhere(int) bool { return true }

func (s *simulator) hardFlip(int) bool {
	return s.put(func(i int) bool { return s.plan.labels[i].family != nil }, func(i int) (fault, bool) {
		family := s.plan.labels[i].family
		for {
			if j := family[s.r.IntN(len(family))]; j != i {
				return fault{issue: truth.HardFlip, shows: s.plan.labels[j].who, other: j}, true
			}
		}
	})
}

// stranger returns another label whose person is under it alone and no sibling.
func (s *simulator) stranger(i int) (int, bool) {
	for range 1000 {
		if j := s.r.IntN(len(s.plan.labels)); s.plan.plain(j) &&
			!s.plan.labels[j].who.related(s.plan.labels[i].who) {
			return j, true
		}
	}
	return 0, false
}

func (s *simulator) flip(int) bool {
	return s.put(anywhere, func(i int) (fault, bool) {
		j, ok := s.stranger(i)
		return fault{issue: truth.Flip, shows: s.plan.labels[j].who, other: j}, ok
	})
}

func (s *simulator) outlier(int) bool {
	s.outliers++
	return s.put(anywhere, func(int) (fault, bool) {
		return fault{issue: truth.Outlier, shows: someone{ofOutlier, s.outliers, 0}}, true
	})
}

func (s *simulator) faceless(int) bool {
	return s.put(anywhere, func(int) (fault, bool) { return fault{issue: truth.Faceless}, true })
}

func (s *simulator) broken(k int) bool {
	sorts := brokenSorts()
	return s.put(anywhere, func(i int) (fault, bool) {
		return fault{issue: truth.Broken, detail: sorts[k%len(sorts)], shows: s.plan.labels[i].who}, true
	})
}

// copySort returns Exact and Reencoded in turn.
func copySort(k int) string { return []string{truth.Exact, truth.Reencoded}[k%2] }

// original keeps a right image of a label for a copy.
func (s *simulator) original(i int) (imageIndex, bool) {
	image, ok := s.free(i)
	if ok {
		s.plan.labels[i].kept[image] = true
	}
	return imageIndex{i, image}, ok
}

func (s *simulator) copyAcross(k int) bool {
	return s.put(anywhere, func(i int) (fault, bool) {
		for range 1000 {
			j, ok := s.stranger(i)
			if !ok {
				break
			}
			if of, ok := s.original(j); ok {
				return fault{issue: truth.DuplicateAcross, of: of, detail: copySort(k)}, true
			}
		}
		return fault{}, false
	})
}

// copyWithin makes a copy of an image of the same label: the later in the list
// is the copy. It shows the right person, so it takes no room.
func (s *simulator) copyWithin(k int) bool {
	for range 1000 {
		i := s.r.IntN(len(s.plan.labels))
		of, ok := s.original(i)
		if !ok {
			continue
		}
		if image, ok := s.free(i); ok {
			if image < of.image {
				delete(s.plan.labels[i].kept, of.image)
				image, of.image = of.image, image
				s.plan.labels[i].kept[of.image] = true
			}
			s.plan.labels[i].faults[image] = fault{issue: truth.Duplicate, of: of, detail: copySort(k)}
			return true
		}
	}
	return false
}
