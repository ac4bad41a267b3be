// Package synth makes a set of drawn faces whose truth is known: people, some of
// them look-alikes, under labels of which some are wrong, and a benchmark that
// shares a few of the people. It writes the set as VGGFace2 is laid out, the
// benchmark as LFW is, a manifest of each, and apart from both a table of every
// fault that it holds.
package synth

import (
	"context"
	"math"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// Options say what set is made. Equal options give equal bytes, whatever Parallel
// is, in one build of the program; builds for other processors may round otherwise,
// and a folder says which of them drew it.
type Options struct {
	Out        string  `json:"-"` // folder that is made, or completed
	Seed       uint64  `json:"seed"`
	Identities int     `json:"identities"` // labels of the set
	Images     int     `json:"images"`     // of an identity on average; each has 60 % to 140 % of it
	Siblings   float64 `json:"siblings"`   // share of identities with a look-alike in the set, 0..1
	Apart      float64 `json:"apart"`      // of look-alikes, see face.Person.Sibling; above 0, at most 3
	Clean      bool    `json:"clean"`      // no fault, and nobody of the reference, is in the set

	// Shares of the set's images that are wrong, 0..1; at least one image each
	// where the share is not 0. The other faults grow with the set.
	Flips     float64 `json:"flips"`      // show another identity of the set
	HardFlips float64 `json:"hard_flips"` // show a sibling of their identity
	Outliers  float64 `json:"outliers"`   // show nobody of the set

	References        int     `json:"references"`         // people of the reference; 0: there is none
	ReferenceSiblings float64 `json:"reference_siblings"` // share of them with a look-alike there, 0..1
	// Pairs is the number of comparisons in pairs.txt, half of them of one person; 0: as
	// many as it can hold, at most 6000.
	Pairs int `json:"pairs"`

	Parallel int `json:"-"` // pictures drawn at a time; 0: one per processor
	// Progress is told of images of set and reference, by one goroutine at a time; nil:
	// nobody looks.
	Progress func(done, total int) `json:"-"`
}

// Defaults returns the options of the set that the demo cleans, without a folder.
func Defaults() Options {
	return Options{Seed: 1, Identities: 60, Images: 25, Siblings: .3, Apart: 1.5,
		Flips: .03, HardFlips: .007, Outliers: .03, References: 40}
}

// The limits of Options. The least sizes leave room for one fault of each sort
// among rightly labelled images; layouts bound the greatest.
const (
	leastIdentities = 10
	leastImages     = 10
	leastReferences = 4
	mostIdentities  = 999_999
	mostImages      = 7_000 // 140 % of it has four digits
	mostNoise       = .1
	mostPairs       = 6000
	mostApart       = 3
	mostParallel    = 4096
)

// Made is what a set holds.
type Made struct {
	Reused          bool                `json:"reused"` // it was there, complete
	Identities      int                 `json:"identities"`
	Images          int                 `json:"images"`
	ReferencePeople int                 `json:"reference_people"`
	ReferenceImages int                 `json:"reference_images"`
	Pairs           int                 `json:"pairs"`
	SiblingPairs    int                 `json:"sibling_pairs"` // mismatched, in pairs-siblings.txt
	Issues          map[truth.Issue]int `json:"planted"`       // rows of the truth by issue, but for zeros

	Data              string `json:"data"` // these are paths
	Manifest          string `json:"manifest"`
	Reference         string `json:"reference,omitempty"`
	ReferenceManifest string `json:"reference_manifest,omitempty"`
	Truth             string `json:"truth"`
}

// Validate says what is wrong with options, the folder aside.
func (o Options) Validate() error {
	least, each, faults := leastIdentities, leastImages, "with faults"
	if o.Clean {
		least, each, faults = 2, 2, "without faults"
	}
	switch {
	case o.Out == "":
		return origin.Errorf("synth", "no folder to write to")
	case strings.Index(o.Out, ":/") > 1: // C:/faces is a folder
		return origin.Errorf("synth", "%s: a set is drawn into a folder of this machine", o.Out)
	case o.Identities < least || o.Identities > mostIdentities:
		return origin.Errorf("synth", "%d identities: a set %s has %d to %d", o.Identities, faults, least,
			mostIdentities)
	case o.Images < each || o.Images > mostImages:
		return origin.Errorf("synth", "%d images of an identity: in a set %s they are %d to %d on average",
			o.Images, faults, each, mostImages)
	case o.References != 0 && o.References < leastReferences || o.References > mostIdentities:
		return origin.Errorf("synth", "a reference of %d people: it has none, or %d to %d",
			o.References, leastReferences, mostIdentities)
	case o.Pairs < 0 || o.Pairs%2 != 0:
		return origin.Errorf("synth", "%d pairs: half of them are of one person, so their number is even", o.Pairs)
	case o.Pairs > 0 && o.References == 0:
		return origin.Errorf("synth", "%d pairs of no reference: a list of pairs needs reference people", o.Pairs)
	case !(o.Apart > 0 && o.Apart <= mostApart):
		return origin.Errorf("synth", "look-alikes that are %g apart: give a number above 0, up to %d",
			o.Apart, mostApart)
	case o.Parallel < 0 || o.Parallel > mostParallel:
		return origin.Errorf("synth",
			"%d pictures at a time: give a number from 1 to %d, or 0 for one per processor",
			o.Parallel, mostParallel)
	}
	for _, s := range []struct {
		name  string
		value float64
	}{{"identities with siblings", o.Siblings}, {"reference people with siblings", o.ReferenceSiblings},
		{"flips", o.Flips}, {"hard flips", o.HardFlips}, {"outliers", o.Outliers}} {
		if !(s.value >= 0 && s.value <= 1) {
			return origin.Errorf("synth", "a share of %g of %s: it lies between 0 and 1", s.value, s.name)
		}
	}
	if sum := o.Flips + o.HardFlips + o.Outliers; !o.Clean && sum > mostNoise {
		return origin.Errorf("synth",
			"flips, hard flips and outliers are %.3g of the images: together at most %.3g, so "+
				"that most images of each identity are right", sum, mostNoise)
	}
	if !o.Clean && o.HardFlips > 0 && share(o.Siblings, o.Identities) < 2 {
		return origin.Errorf("synth",
			"hard flips without siblings in the set: a hard flip shows a sibling, so at least "+
				"two identities need one")
	}
	if o.ReferenceSiblings > 0 && share(o.ReferenceSiblings, o.References) < 2 {
		return origin.Errorf("synth", "siblings are %g of %d reference people: that is less than two",
			o.ReferenceSiblings, o.References)
	}
	return nil
}

// share returns a share of n, rounded.
func share(x float64, n int) int { return int(math.Round(x * float64(n))) }

// Make writes a set. In a folder that holds the same set half made, by a call
// that ended early, it goes on; where the set is complete it writes nothing. Any
// other folder must be empty or absent.
func Make(ctx context.Context, o Options) (Made, error) {
	if err := o.Validate(); err != nil {
		return Made{}, err
	}
	if o.Parallel == 0 {
		o.Parallel = runtime.GOMAXPROCS(0)
	}
	m, err := o.build(ctx)
	if err != nil {
		return Made{}, origin.Errorf("synth", "%w", err)
	}
	return m, nil
}

func (o Options) build(ctx context.Context) (Made, error) {
	p, err := newPlan(o)
	if err != nil {
		return Made{}, err
	}
	m := p.made()
	complete, err := p.enter()
	if err != nil {
		return m, err
	}
	if complete {
		m.Reused = true
		return m, p.present()
	}
	if err := p.write(ctx); err != nil {
		return m, err
	}
	return m, p.finish()
}

// made counts what a plan comes to.
func (p *plan) made() Made {
	m := Made{Identities: len(p.labels), Images: p.images(),
		ReferencePeople: len(p.reference), Issues: map[truth.Issue]int{},
		Pairs: len(p.pairs.all()), SiblingPairs: p.siblingPairs.siblings,
		Data: p.at(facesDir), Manifest: p.at(facesTable), Truth: p.at(truthDir, truthTable)}
	for _, r := range p.reference {
		m.ReferenceImages += r.images
	}
	for _, t := range p.truth() {
		m.Issues[t.Issue]++
	}
	if len(p.reference) > 0 {
		m.Reference, m.ReferenceManifest = p.at(referenceDir), p.at(referenceTable)
	}
	return m
}

// at returns a path below the set's folder.
func (p *plan) at(parts ...string) string {
	return filepath.Join(append([]string{p.options.Out}, parts...)...)
}

// grown returns how many of something a set has that has n at the default size of
// 60 identities with 25 images, at least one.
func grown(n, size, ordinary int) int {
	return max(1, int(math.Round(float64(n)*float64(size)/float64(ordinary))))
}
