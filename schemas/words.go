package schemas

import "slices"

// The closed lists of words in a report stand here, each word once with what it
// implies. A table that is written with a word of no list is refused, so that a
// word which was forgotten here cannot reach a report.

// Type says what an image was found to be: the first of Types that fits.
type Type string

// The types of an image.
const (
	TypeUnreadable    Type = "unreadable"     // its bytes could not be read or decoded
	TypeNoFace        Type = "no-face"        // decoded, without a face
	TypePoorFace      Type = "poor-face"      // what was taken for a face is hardly one
	TypeDuplicate     Type = "duplicate"      // equal in every byte to an earlier image
	TypeNearDuplicate Type = "near-duplicate" // the photograph of another image of its label, in other bytes
	TypeUnjudged      Type = "unjudged"       // too few usable images stand under its label
	TypeWrongFace     Type = "wrong-face"     // another face of the picture is its label's
	TypeFlip          Type = "flip"           // somebody else of the set
	TypeOutlier       Type = "outlier"        // nobody of the set
	TypeLowQuality    Type = "low-quality"    // of its label, and hard to tell by its face
	TypeHardClean     Type = "hard-clean"     // of its label, which a second look decided
	TypeClean         Type = "clean"          // of its label
)

// Types returns the types of an image in order of precedence.
func Types() []Type {
	return []Type{TypeUnreadable, TypeNoFace, TypePoorFace, TypeDuplicate, TypeNearDuplicate, TypeUnjudged, TypeWrongFace,
		TypeFlip, TypeOutlier, TypeLowQuality, TypeHardClean, TypeClean}
}

// Known says whether t is one of Types.
func (t Type) Known() bool { return slices.Contains(Types(), t) }

// WrongLabel says whether an image of this type shows another person than its
// label says.
func (t Type) WrongLabel() bool { return t == TypeFlip || t == TypeOutlier }

// RightLabel says whether an image of this type shows the person of its label.
func (t Type) RightLabel() bool {
	return t == TypeClean || t == TypeHardClean || t == TypeLowQuality
}

// Decision says what to do with an image.
type Decision string

// The decisions about an image.
const (
	Keep    Decision = "keep"
	Drop    Decision = "drop"
	Relabel Decision = "relabel"
	Review  Decision = "review" // a person should look
)

// Decisions returns the decisions, in the order in which summaries show them.
func Decisions() []Decision { return []Decision{Keep, Drop, Relabel, Review} }

// Known says whether d is one of Decisions.
func (d Decision) Known() bool { return slices.Contains(Decisions(), d) }

// Tier says how sure it is that an identity of the set and a person of a
// reference, or two identities of the set, are one person.
type Tier string

// The tiers of a match.
const (
	TierSameImage Tier = "same-image" // they share a picture
	TierCertain   Tier = "certain"    // by the faces: next to no false one in the whole run
	TierProbable  Tier = "probable"   // by the faces: hardly a false one in the whole run
	TierReview    Tier = "review"     // one name, the faces leave it open
	TierRefused   Tier = "refused"    // one name, the faces say no
)

// TierNone is the tier of a pair that is not worth a row.
const TierNone Tier = ""

// tierMeaning is a tier and what it implies.
type tierMeaning struct {
	tier Tier
	sure bool
	text string
}

// tierMeanings lists the tiers, surest first.
func tierMeanings() []tierMeaning {
	return []tierMeaning{
		{TierSameImage, true, "the same picture is in both"},
		{TierCertain, true, "the same person"},
		{TierProbable, true, "very likely the same person"},
		{TierReview, false, "the same name; the faces don't decide"},
		{TierRefused, false, "the same name; the faces say two people"},
	}
}

// Tiers returns the tiers of a match, surest first.
func Tiers() []Tier {
	var all []Tier
	for _, m := range tierMeanings() {
		all = append(all, m.tier)
	}
	return all
}

// Rank returns the position of a tier in Tiers, from 0, the surest; what is not one
// of them comes after all.
func (t Tier) Rank() int {
	if i := slices.Index(Tiers(), t); i >= 0 {
		return i
	}
	return len(Tiers())
}

// Known says whether t is one of Tiers.
func (t Tier) Known() bool { return slices.Contains(Tiers(), t) }

// Sure says whether the images alone, without any name, say that it is one
// person: such an identity is flagged and belongs on the list to leave out.
func (t Tier) Sure() bool { return t.meaning().sure }

// Meaning returns what a pair of the tier is, in a few words for people; "" for what
// is not one of Tiers.
func (t Tier) Meaning() string { return t.meaning().text }

// meaning returns the row of a tier; the zero value for what is not one of Tiers.
func (t Tier) meaning() tierMeaning {
	for _, m := range tierMeanings() {
		if m.tier == t {
			return m
		}
	}
	return tierMeaning{}
}

// PairKind says what a row of the pairs table is about.
type PairKind string

// The kinds of Pair.
const (
	PairSplit         PairKind = "split"          // two labels, one person
	PairDuplicate     PairKind = "duplicate"      // two images, one picture
	PairNearDuplicate PairKind = "near-duplicate" // two images, one picture in other bytes
)

// PairKinds returns the kinds of Pair.
func PairKinds() []PairKind { return []PairKind{PairSplit, PairDuplicate, PairNearDuplicate} }

// Known says whether k is one of PairKinds.
func (k PairKind) Known() bool { return slices.Contains(PairKinds(), k) }

// Flag says why a person should look at an identity.
type Flag string

// The flags of an identity.
const (
	FlagNone     Flag = ""
	FlagMerged   Flag = "merged"   // two people stand under it
	FlagSplit    Flag = "split"    // its person stands under another label too
	FlagOverlap  Flag = "overlap"  // its person is in a reference
	FlagNoisy    Flag = "noisy"    // many of its images are wrong
	FlagUnjudged Flag = "unjudged" // it has too few usable images
)

// Flags returns the flags of an identity, strongest first, FlagNone left out: an
// identity has the first that fits.
func Flags() []Flag { return []Flag{FlagMerged, FlagSplit, FlagOverlap, FlagNoisy, FlagUnjudged} }

// Known says whether f is FlagNone or one of Flags.
func (f Flag) Known() bool { return f == FlagNone || slices.Contains(Flags(), f) }

// NeighbourKind says what a Neighbour's two sides have in common.
type NeighbourKind string

// The kinds of Neighbour.
const (
	// NeighbourIdentity says that B is another identity of the set.
	NeighbourIdentity NeighbourKind = "identity"
	// NeighbourReference says that B is an identity of a reference.
	NeighbourReference NeighbourKind = "reference"
	// NeighbourCopy says that BPath of Source equals APath of Source, the first copy, in
	// every byte.
	NeighbourCopy NeighbourKind = "copy"
	// NeighbourImage says that BPath of a reference equals APath of the set in every
	// byte.
	NeighbourImage NeighbourKind = "image"
	// NeighbourNearest says that B is the nearest other identity of the set, however far.
	NeighbourNearest NeighbourKind = "nearest"
)

// NeighbourKinds returns the kinds of Neighbour.
func NeighbourKinds() []NeighbourKind {
	return []NeighbourKind{
		NeighbourIdentity, NeighbourReference, NeighbourCopy, NeighbourImage, NeighbourNearest,
	}
}

// Known says whether k is one of NeighbourKinds.
func (k NeighbourKind) Known() bool { return slices.Contains(NeighbourKinds(), k) }
