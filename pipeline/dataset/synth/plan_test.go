package synth

import (
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

func planOf(t *testing.T, o Options) *plan {
	t.Helper()
	o.Out = t.TempDir()
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	p, err := newPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDefaultPlan(t *testing.T) {
	for seed := range uint64(20) {
		o := Defaults()
		o.Seed = seed
		p := planOf(t, o)
		m := p.made()
		if m.Images != 1500 || m.ReferencePeople != 40 || m.Pairs < 200 || m.Pairs%20 != 0 {
			t.Errorf("seed %d: %+v", seed, m)
		}
		for issue, want := range map[truth.Issue]int{truth.Flip: 45, truth.HardFlip: 11, truth.Outlier: 45, truth.Split: 1, truth.Duplicate: 12, truth.DuplicateAcross: 12,
			truth.Faceless: 6, truth.Broken: 6, truth.Overlap: 12, truth.Homonym: 1, truth.SameImage: 3} {
			if m.Issues[issue] != want {
				t.Errorf("seed %d: %d of issue %s, want %d", seed, m.Issues[issue], issue, want)
			}
		}
		p.check(t)
	}
}

// check holds what is true of every plan against one.
func (p *plan) check(t *testing.T) {
	t.Helper()
	siblings, names := 0, map[string]int{}
	for i, l := range p.labels {
		names[l.name]++
		if l.images < p.options.Images*3/5 || l.images > p.options.Images*7/5 {
			t.Errorf("%s has %d images", identity(i), l.images)
		}
		if l.family != nil {
			siblings++
		}
		guests, wrong := 0, 0
		for image, f := range l.faults {
			if l.kept[image] {
				t.Errorf("%s is wrong, and something refers to it", imageIndex{i, image}.path())
			}
			switch f.issue {
			case truth.Merge:
				guests++
			case truth.Flip:
				if !p.plain(f.other) || p.labels[f.other].who.related(l.who) {
					t.Errorf("%s is a flip of a relative or of an odd identity", imageIndex{i, image}.path())
				}
			case truth.HardFlip:
				if other := p.labels[f.other].who; other == l.who || !other.related(l.who) {
					t.Errorf("%s is a hard flip of no sibling", imageIndex{i, image}.path())
				}
			case truth.Duplicate, truth.DuplicateAcross:
				if p.labels[f.of.label].faults[f.of.image].issue != "" || !p.labels[f.of.label].kept[f.of.image] {
					t.Errorf("%s is a copy of a wrong image", imageIndex{i, image}.path())
				}
			}
			if f.issue != truth.Merge && f.issue != truth.Duplicate {
				wrong++
			}
		}
		if l.merged && (wrong > 0 || 10*guests < 3*l.images-5 || 10*guests > 4*l.images+5) {
			t.Errorf("%s has %d guests and %d other faults among %d images", identity(i), guests, wrong, l.images)
		}
		if !l.merged && wrong > max(1, l.images/5) {
			t.Errorf("%s has %d faults among %d images", identity(i), wrong, l.images)
		}
	}
	if want := share(p.options.Siblings, p.options.Identities); siblings < want-1 || siblings > want {
		t.Errorf("%d identities have a sibling, want %d", siblings, want)
	}
	for _, r := range p.reference {
		names[strings.ReplaceAll(r.name, "_", " ")]++
	}
	met := p.made().Issues
	for name, n := range names {
		if n > 2 {
			t.Errorf("%d people are called %s", n, name)
		}
	}
	if twice := len(p.labels) + len(p.reference) - len(names); twice != met[truth.Overlap]+met[truth.Homonym] {
		t.Errorf("%d names are in the set and the reference", twice)
	}
}

func TestSmallestAndOddPlans(t *testing.T) {
	for seed := range uint64(50) {
		o := Defaults()
		o.Seed, o.Identities, o.Images, o.References = seed, leastIdentities, leastImages, leastReferences
		planOf(t, o).check(t)
		o.Flips, o.HardFlips, o.Outliers = 0, 0, 0
		planOf(t, o).check(t)
	}
	o := Defaults()
	o.Identities, o.Images, o.References, o.Siblings, o.ReferenceSiblings = 500, 30, 200, 1, 1
	o.Siblings = .9
	planOf(t, o).check(t)
}

func TestCleanPlan(t *testing.T) {
	o := Defaults()
	o.Clean, o.Identities, o.Images, o.References, o.ReferenceSiblings, o.Pairs = true, 200, 20, 600, .3, 3000
	p := planOf(t, o)
	m := p.made()
	if len(m.Issues) > 0 || m.Pairs != 3000 || m.SiblingPairs == 0 {
		t.Errorf("%+v", m)
	}
	known := map[someone]bool{}
	for _, l := range p.labels {
		known[l.who] = true
	}
	for _, r := range p.reference {
		if known[r.who] || r.label >= 0 {
			t.Errorf("%s of the reference is in the set", r.name)
		}
	}
}

// The lists follow LFW's protocol, and only the second compares siblings.
func TestPairs(t *testing.T) {
	o := Defaults()
	o.Clean, o.References, o.ReferenceSiblings, o.Pairs = true, 100, .5, 400
	p := planOf(t, o)
	if err := p.writeProtocol(); err != nil {
		t.Fatal(err)
	}
	who := map[string]someone{}
	for _, r := range p.reference {
		who[r.name] = r.who
	}
	for file, want := range map[string]int{"pairs.txt": 0, "pairs-siblings.txt": p.siblingPairs.siblings} {
		list, err := dataset.OpenProtocol(t.Context(), p.at(referenceDir, file), dataset.Options{})
		if err != nil {
			t.Fatal(err)
		}
		siblings, fold := 0, map[string]int{}
		seen := map[[2]string]bool{}
		for _, c := range list.Comparisons {
			key := [2]string{c.A.Key(), c.B.Key()}
			if key[0] == key[1] || seen[key] {
				t.Errorf("%s: %v stands twice, or is no pair", file, key)
			}
			seen[key] = true
			for _, person := range []string{c.A.Person, c.B.Person} {
				if before, known := fold[person]; known && before != c.Fold {
					t.Errorf("%s: %s is in folds %d and %d", file, person, before, c.Fold)
				}
				fold[person] = c.Fold
			}
			if !c.Same && who[c.A.Person].related(who[c.B.Person]) {
				siblings++
			}
		}
		if list.Folds != foldCount || len(list.Comparisons) != 400 || siblings != want || file != "pairs.txt" && siblings == 0 {
			t.Errorf("%s: %d folds, %d pairs, %d of siblings, want %d", file, list.Folds, len(list.Comparisons), siblings, want)
		}
	}
}

func TestExample(t *testing.T) {
	o := Defaults()
	o.Out = "x"
	rows, err := Example(o, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3 || len(rows[0].Pictures) != 2 || !strings.Contains(rows[1].Caption, "family") {
		t.Errorf("%d rows, the first two %q, %q", len(rows), rows[0].Caption, rows[1].Caption)
	}
}
