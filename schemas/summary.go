package schemas

// Summary is summary.json, the report in numbers. It holds no run id, URL, host
// or time, so that equal runs give equal bytes.
type Summary struct {
	Version    int              `json:"version"` // SummaryVersion
	Images     int              `json:"images"`  // rows of the images table
	Identities int              `json:"identities"`
	Types      map[Type]int     `json:"types"`     // images of each type
	Decisions  map[Decision]int `json:"decisions"` // images of each decision
	Faults     map[Fault]int    `json:"faults,omitempty"`
	Flags      map[Flag]int     `json:"flags,omitempty"` // identities with each flag
	// Guests are the images of merged labels that show another person than the label's.
	Guests     int                     `json:"guests,omitempty"`
	Pairs      map[PairKind]int        `json:"pairs,omitempty"` // rows of the pairs table of each kind
	Overlaps   map[Source]map[Tier]int `json:"overlaps,omitempty"`
	NoiseRate  *Estimate               `json:"noise_rate,omitempty"`
	Thresholds []Threshold             `json:"thresholds"`
	Calibrated Calibrated              `json:"calibration"`
	Sources    []SourceSummary         `json:"sources"` // the set, then the references by name
	Judge      JudgeSpec               `json:"judge"`
	Model      Digest                  `json:"model,omitempty"`
	// NumericKind is that of the vectors; empty where they are mixed or precomputed.
	NumericKind NumericKind `json:"numeric_kind,omitempty"`
	// Mixed: the vectors are of several numeric kinds, so that another run may differ in
	// the last bits.
	Mixed      bool `json:"mixed,omitempty"`
	Overridden int  `json:"overridden,omitempty"` // images a person decided
	// Diversity is what taking the flagged images out would do to the set.
	Diversity *Diversity `json:"diversity,omitempty"`
	Warnings  []Warning  `json:"warnings,omitempty"`
	// Failures are the tasks given up: their images are not in the tables.
	Failures []TaskFailure `json:"failures,omitempty"`
}

// SummaryVersion is the version this program writes.
const SummaryVersion = 1

// Estimate is a number with its 95 % interval, from resampling whole identities.
type Estimate struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Threshold is one limit of the judge, stated as what it lets through.
type Threshold struct {
	Name string `json:"name"` // what it decides, "drop", "overlap certain"
	// Cosine is where it lies in this run's vectors; absent where it differs with the
	// sizes of the identities.
	Cosine         float64 `json:"cosine,omitempty"`
	FalseMatchRate float64 `json:"false_match_rate"` // share of impostors above (or of genuines below) it
	Comparisons    int64   `json:"comparisons"`      // made by this run
	ExpectedFalse  float64 `json:"expected_false"`   // false flags expected in this run
	// ExpectedLow and ExpectedHigh are the ends of its 95 % interval; both absent where
	// only the mean is known.
	ExpectedLow  float64 `json:"expected_low,omitempty"`
	ExpectedHigh float64 `json:"expected_high,omitempty"`
}

// Calibrated says how scores became probabilities.
type Calibrated struct {
	Text           string  `json:"text"`            // a sentence or two for a person
	Method         string  `json:"method"`          // "own" or "shrunk"
	ImpostorMean   float64 `json:"impostor_mean"`   // cosine
	ImpostorSpread float64 `json:"impostor_spread"` // standard deviation, cosine
	GenuineMean    float64 `json:"genuine_mean"`    // cosine
	GenuineSpread  float64 `json:"genuine_spread"`
	ImpostorPairs  int64   `json:"impostor_pairs"` // pairs looked at
	GenuinePairs   int64   `json:"genuine_pairs"`
}

// SourceSummary is one source in numbers.
type SourceSummary struct {
	Name        Source         `json:"name"` // empty: the set
	Identities  int            `json:"identities"`
	Images      int            `json:"images"`
	Usable      int            `json:"usable"`
	Aligned     bool           `json:"aligned,omitempty"`
	Precomputed bool           `json:"precomputed,omitempty"`  // vectors were computed elsewhere
	Faults      map[Fault]int  `json:"faults,omitempty"`       // images without a vector after all looks
	SecondLooks *LookSummary   `json:"second_looks,omitempty"` // nil: its images are looked at once
	Skipped     map[string]int `json:"skipped,omitempty"`      // files that are no images, by why
}

// LookSummary is the second looks at a source's images in numbers.
type LookSummary struct {
	Looked int           `json:"looked"`           // images that were looked at twice
	Found  int           `json:"found"`            // of them, those where a face was found
	Faults map[Fault]int `json:"faults,omitempty"` // of them, the others
	// GivenUp are doubtful images that were looked at once, since the task was given up.
	GivenUp int `json:"given_up,omitempty"`
}

// Warning is something a person should know that is no fault of an image.
type Warning struct {
	Code     string   `json:"code"` // closed list in FORMAT.md
	Text     string   `json:"text"`
	Count    int      `json:"count,omitempty"`
	Examples []string `json:"examples,omitempty"` // escaped paths or labels
}

// The codes of warnings.
const (
	WarnOverrideUnknown = "override-unknown" // an override's path is not in the set
	WarnFewIdentities   = "few-identities"   // shipped weights decide nearly alone
	WarnMixed           = "mixed-kinds"      // vectors of several numeric kinds
	WarnFailed          = "failed-tasks"     // tasks given up
	WarnMachine         = "many-faults"      // many images were missing or forbidden
	WarnThinned         = "group-thinned"    // some images would lose clearly more than the others
	WarnMode            = "mode-vanishes"    // images of a label that are alike would all be dropped
)

// TaskFailure is a task that was given up.
type TaskFailure struct {
	Task   string `json:"task"`   // Task.Name
	Images int    `json:"images"` // images that are not in the tables for it
}
