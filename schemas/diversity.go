package schemas

// Diversity is what taking the flagged images out would do to a set. It counts the
// usable images, near-duplicates left out, whose photograph stays.
type Diversity struct {
	Images     int          `json:"images"`
	Removed    int          `json:"removed"` // of them, to be dropped or relabelled
	Review     int          `json:"review"`  // of them, for a person to look at
	Groupings  []Grouping   `json:"groupings"`
	Identities LabelLosses  `json:"identities"`
	Modes      *ModesSought `json:"modes,omitempty"` // nil: nothing is removed that could be one
}

// GroupingName says what the images of a set are grouped by.
type GroupingName string

// The groupings of a set's images.
const (
	GroupingSize        GroupingName = "size"         // images of their label
	GroupingPose        GroupingName = "pose"         // how far the face is turned
	GroupingEyeDistance GroupingName = "eye_distance" // size of the face
	GroupingSharpness   GroupingName = "sharpness"
	GroupingQuality     GroupingName = "quality"
)

// GroupingNames returns the groupings in the order in which a summary has them.
func GroupingNames() []GroupingName {
	return []GroupingName{GroupingSize, GroupingPose, GroupingEyeDistance, GroupingSharpness,
		GroupingQuality}
}

// The words of StratumLoss.Name that are no range of numbers.
const (
	PoseFrontal    = "frontal"
	PoseHalfTurned = "half-turned"
	PoseProfile    = "profile"
	StratumUnknown = "unknown" // nothing is known to group by
)

// Grouping is the images of a set in strata.
type Grouping struct {
	Name   GroupingName  `json:"name"`
	Strata []StratumLoss `json:"strata"` // those that have images, in order
}

// StratumLoss is what some images of a set would lose.
type StratumLoss struct {
	Name    string  `json:"name"`
	Images  int     `json:"images"`
	Removed int     `json:"removed"`
	Review  int     `json:"review"`
	Share   float64 `json:"share"` // removed of images
	// Thinned: it would lose clearly more than the other images.
	Thinned bool `json:"thinned,omitempty"`
}

// LabelLosses are the labels that would lose much.
type LabelLosses struct {
	Emptied  int `json:"emptied"`  // labels that would lose all images
	BelowTwo int `json:"below_2"`  // that have two images and more and would be left with fewer
	BelowFew int `json:"below_5"`  // likewise with five
	BelowTen int `json:"below_10"` // likewise with ten
	// Examples are those that would lose all, or be left with the fewest images.
	Examples []LabelLoss `json:"examples,omitempty"`
}

// LabelLoss is a label and what it would lose.
type LabelLoss struct {
	Identity string `json:"identity"` // escaped
	Images   int    `json:"images"`
	Left     int    `json:"left"` // images that would stay
}

// ModesSought are the modes of labels that would vanish: images that are alike and would
// all be dropped.
type ModesSought struct {
	Vanishing int     `json:"vanishing"` // modes
	Images    int     `json:"images"`    // of these
	Alike     float64 `json:"alike"`     // mean cosine from which images count as alike
	// Examples are the largest modes.
	Examples []VanishingMode `json:"examples,omitempty"`
}

// VanishingMode is images of one label that are alike and would all be dropped.
type VanishingMode struct {
	Identity string `json:"identity"` // escaped
	Images   int    `json:"images"`
	Path     string `json:"path"` // of the first image, escaped
}
