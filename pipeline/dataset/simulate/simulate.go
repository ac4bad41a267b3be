// Package simulate makes, of the listing of a real set, a set with simulated noise
// whose truth is known: images under the labels of others, images of people whom the
// set then lacks, people under two labels, two people under one. Make decides what
// stands where, as a function of a listing and a seed; Write makes the folder, of
// links to the images.
package simulate

import (
	"fmt"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// FlipMode says how an image comes under the label of somebody else.
type FlipMode string

// The modes.
const (
	// Swap exchanges the labels of flips among them: labels keep their sizes.
	Swap FlipMode = "swap"
	// Add moves each flip by itself: labels grow and shrink.
	Add FlipMode = "add"
)

// Options say what is simulated. The zero value copies a set.
type Options struct {
	Seed uint64 `json:"seed"`

	// Shares of the images of the set that is made, 0..1.
	Flips     float64 `json:"flips"`      // show somebody else of the set
	HardFlips float64 `json:"hard_flips"` // show the identity that is nearest to their label's
	Outliers  float64 `json:"outliers"`   // show somebody whom the set does not have

	FlipMode FlipMode `json:"flip_mode"`
	// HoldBack is the number of identities that leave the set: outliers are images of
	// theirs, where no other collection gives them.
	HoldBack int   `json:"hold_back"`
	Mates    Range `json:"mates"`

	Collisions     int     `json:"collisions"`      // labels with a guest who has no label
	CollisionShare float64 `json:"collision_share"` // the guest's share of such a label's images
	// AlikeGuests is the share of collisions whose guest is the identity nearest to the
	// label's, where that one is free.
	AlikeGuests float64 `json:"alike_guests,omitempty"`
	Merges      int     `json:"merges"`     // labels that take in all images of another, which goes
	Splits      int     `json:"splits"`     // labels of which half the images get a second one
	Duplicates  int     `json:"duplicates"` // images with an exact copy under the same label

	// NearDuplicates are images with a copy in other bytes under the same label.
	NearDuplicates int `json:"near_duplicates,omitempty"`

	PerIdentity int `json:"per_identity"` // images that an identity keeps at most; 0: all
	Least       int `json:"least"`        // images that an identity has at least; with fewer it stays out
	Identities  int `json:"identities"`   // identities that stay, of those not held back; 0: all

	Overlap int `json:"overlap,omitempty"` // people of the reference who stand in the set, too
}

// Range is a share that is drawn evenly between two. Of mates: the share of the other
// images of an outlier's person that are in the set too, each an outlier under a
// label of its own; at 0 the outliers show as many persons as there are.
type Range struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Image is an image of a collection.
type Image struct {
	Path     string // in its collection
	Identity string // its label there
	Name     string // of its label's person, as the collection ships it; "": it ships none
	Size     int64  // of its object in a bucket; there alone
	Tag      string // likewise
	// Landmarks are those that the collection ships; nil: none.
	Landmarks *[10]float32
}

// Source is what a set is made of.
type Source struct {
	Images    []Image           // of the set, ordered by (identity, path) bytewise
	Strangers []Image           // of another collection, for outliers; none: identities are held back
	Nearest   map[string]string // of an identity, the nearest other one; for hard flips and guests who look alike
	Reference []Image           // of another collection, for overlaps; ordered as Images
}

// Entry is an image of the set that is made.
type Entry struct {
	Path     string // below the set's folder
	Identity string // label
	Image    Image  // which image of the source it is, and its label there
	Stranger bool   // it is one of Source.Strangers
	Referent bool   // it is one of Source.Reference
	Change   Change // how it is changed; Unchanged: it is a link
}

// Result is a set with simulated noise.
type Result struct {
	Entries    []Entry     // ordered by (identity, path)
	Truth      []truth.Row // ordered as Format wants it
	Identities int         // labels of the set
	HeldBack   []string    // identities that left it, ordered
	Reference  []Image     // of Source.Reference, what is left there; ordered as it
}

// The limits of Options.
const (
	mostNoise    = .6  // above it most labels have no person
	mostShare    = .5  // of a guest, who is a guest no more beyond it
	leastHalved  = 4   // images of a label that is split
	leastMembers = 2   // images of a label that takes part in collisions and merges
	leastShared  = 2   // images of a person who stands in the set and in the reference
	nameDigits   = 16  // hexadecimal, of a file's name
	labelDigits  = 12  // hexadecimal, of the label of a person of the reference
	mostAsked    = 1e6 // that any of the numbers may ask for
)

// Validate says what is wrong with options.
func (o Options) Validate() error {
	for _, s := range []struct {
		what  string
		value float64
	}{{"flips", o.Flips}, {"hard flips", o.HardFlips}, {"outliers", o.Outliers},
		{"mates", o.Mates.Low}, {"mates", o.Mates.High}, {"a collision", o.CollisionShare},
		{"guests who look alike", o.AlikeGuests}} {
		if !(s.value >= 0 && s.value <= 1) {
			return origin.Errorf("simulate", "a share of %g of %s: it lies between 0 and 1", s.value, s.what)
		}
	}
	for _, n := range []struct {
		what  string
		value int
	}{{"held back", o.HoldBack}, {"collisions", o.Collisions}, {"merges", o.Merges}, {"splits", o.Splits},
		{"duplicates", o.Duplicates}, {"near-duplicates", o.NearDuplicates}, {"images of an identity", o.PerIdentity},
		{"images of an identity at least", o.Least}, {"identities", o.Identities},
		{"people of the reference", o.Overlap}} {
		if n.value < 0 || n.value > mostAsked {
			return origin.Errorf("simulate", "%d %s: give a number from 0 to %d", n.value, n.what, int(mostAsked))
		}
	}
	switch {
	case o.Flips+o.HardFlips+o.Outliers > mostNoise:
		return origin.Errorf("simulate", "flips, hard flips and outliers are %.3g of the images: together at "+
			"most %.3g, so that a label still has a person", o.Flips+o.HardFlips+o.Outliers, mostNoise)
	case o.Mates.Low > o.Mates.High:
		return origin.Errorf("simulate", "mates from %g to %g: the first is the least", o.Mates.Low, o.Mates.High)
	case o.FlipMode != Swap && o.FlipMode != Add:
		return origin.Errorf("simulate", "flip mode %.40q: %s or %s", string(o.FlipMode), Swap, Add)
	case o.Collisions > 0 && !(o.CollisionShare > 0 && o.CollisionShare <= mostShare):
		return origin.Errorf("simulate", "a collision's share of %g: above 0, at most %g", o.CollisionShare, mostShare)
	}
	return nil
}

// Make decides what stands where in the set. Equal sources and options give equal
// results; every draw follows a hash of the seed and of what is drawn, so that a few
// images more or less leave most draws as they are.
func Make(src Source, o Options) (*Result, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	m, err := newMaker(src, o)
	if err == nil {
		err = m.make()
	}
	if err != nil {
		return nil, origin.Errorf("simulate", "%w", err)
	}
	return m.result()
}

// make takes the steps in their order: what changes labels as a whole goes first,
// and noise then falls on the labels that are left as they are.
func (m *maker) make() error {
	for _, step := range []func() error{m.holdBack, m.overlap, m.collide, m.merge, m.split, m.settle, m.hardFlips,
		m.flips, m.outliers, m.duplicates, m.nearDuplicates} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// tooFew is the error of a set that has not enough of something.
func tooFew(wanted int, what string, have int, advice string) error {
	return fmt.Errorf("%d %s wanted, and the set has %d that can be: %s", wanted, what, have, advice)
}
