package schemas

// Spec is everything that changes a run's result, and nothing else. Its id is
// the run's id.
type Spec struct {
	Version int       `json:"version"`
	Data    DataSpec  `json:"data"`
	Embed   EmbedSpec `json:"embed"`
	Judge   JudgeSpec `json:"judge"`
}

// SpecVersion is the version of a Spec that this program writes and reads. It is
// raised with every change of what a Spec holds or of what follows from equal Specs.
const SpecVersion = 5

// DataSpec says which images are judged and how they are cut into shards.
type DataSpec struct {
	Set         SourceSpec   `json:"set"`
	References  []SourceSpec `json:"references,omitempty"` // sorted by name
	ShardImages int          `json:"shard_images"`
}

// SourceSpec is one source's content.
type SourceSpec struct {
	Name Source `json:"name"`
	// Digest covers (path, identity, size, tag, landmarks) of all rows and (label, name)
	// of all identities, in order.
	Digest  Digest `json:"digest"`
	Images  int    `json:"images"`
	Aligned bool   `json:"aligned"`
	// Precomputed: rows and vectors were computed elsewhere; Digest covers the vectors.
	Precomputed bool `json:"precomputed,omitempty"`
	// SecondLooks: the precomputed vectors came with those of a second look.
	SecondLooks bool `json:"second_looks,omitempty"`
}

// EmbedSpec is what changes a vector.
type EmbedSpec struct {
	Model     Digest        `json:"model,omitempty"`
	Contract  ModelContract `json:"contract"`
	Detector  Digest        `json:"detector,omitempty"`
	Detection Detection     `json:"detection"`
	Alignment string        `json:"alignment"` // name and version of the warp, "umeyama-112-1"
	Flip      string        `json:"flip"`      // whether the mirror image is added, and the rounding: "none-1", "sum-2"
	Decode    string        `json:"decode"`    // version of the decoders, "1"
}

// ModelContract is how an embedding model wants its input.
type ModelContract struct {
	Width    int        `json:"width"`
	Height   int        `json:"height"`
	Channels string     `json:"channels"` // "rgb" or "bgr"
	Scale    Decimal    `json:"scale"`    // x*Scale, then -Mean, then /Std, per channel
	Mean     [3]Decimal `json:"mean"`
	Std      [3]Decimal `json:"std"`
	Dim      int        `json:"dim"`
	Points   string     `json:"points"` // reference landmarks, "arcface-112"
}

// Detection is how faces are found.
type Detection struct {
	Decoding string  `json:"decoding"` // name and version of how a model's outputs become faces, "yunet-1"
	Size     int     `json:"size"`     // side of the model's square input, pixels
	Score    Decimal `json:"score"`    // least score of a face
	NMS      Decimal `json:"nms"`      // overlap (IoU) above which the weaker of two goes
}

// JudgeSpec is what changes a verdict on the same vectors.
type JudgeSpec struct {
	Method string  `json:"method"`          // version of the judge
	Prior  Digest  `json:"prior,omitempty"` // weights that the judge starts from; empty: those of the method
	Drop   Decimal `json:"drop"`            // p_noise from which an image is dropped or relabelled
	Review Decimal `json:"review"`          // p_noise from which a person should look
	// MinQuality is the quality below which an image with a right label is dropped; empty:
	// none is.
	MinQuality Decimal `json:"min_quality,omitempty"`
	Certain    Decimal `json:"certain"`             // expected false matches of the whole run
	Probable   Decimal `json:"probable"`            // likewise
	Overrides  Digest  `json:"overrides,omitempty"` // of the sorted overrides
	// DropNearDuplicates: near-duplicates under one label are dropped; else they are for review.
	DropNearDuplicates bool `json:"drop_near_duplicates,omitempty"`
	Mixed              bool `json:"mixed,omitempty"` // vectors of several numeric kinds may stand together
	// SecondLook is the version of how doubtful images are chosen and looked at again;
	// empty: none is.
	SecondLook string `json:"second_look,omitempty"`
	// NumericKind is pinned by --rekind; else it is empty and the first worker's counts.
	NumericKind NumericKind `json:"numeric_kind,omitempty"`
}

// Override is a person's decision about one image; it wins.
type Override struct {
	Path     string // raw bytes
	Decision Decision
	Identity string // the new label of a relabel
}

// Stage names a part of a run's work.
type Stage string

// The stages of a run, in order. The coordinator does the ones without a task of
// their own: plan, doubt, aggregate, near-duplicates, calibrate, report.
const (
	StagePlan           Stage = "plan"            // sources -> shards
	StageNumericKind    Stage = "numeric-kind"    // a worker states its numeric kind
	StageEmbed          Stage = "embed"           // part of a shard -> vectors
	StageDoubt          Stage = "doubt"           // vectors -> model of which images are doubtful
	StageDoubtful       Stage = "doubtful"        // shard -> which of its images are doubtful
	StageSecondLook     Stage = "second-look"     // doubtful images of a shard -> all their faces
	StageAggregate      Stage = "aggregate"       // vectors -> exact copies, centroids
	StageMatch          Stage = "match"           // shard x all centroids -> neighbours, splits, overlaps
	StageNearest        Stage = "nearest"         // shard x all centroids -> nearest identities, entries of lists
	StageNeighbours     Stage = "neighbours"      // group of lists -> images near those that ask
	StageNearDuplicates Stage = "near-duplicates" // hashes, neighbours -> images of one photograph
	StageCalibrate      Stage = "calibrate"       // sample -> model of wrong labels
	StageJudge          Stage = "judge"           // shard -> verdicts
	StageReport         Stage = "report"          // verdicts -> identities, summary
)

// Task is one unit of the queue's work. It carries names; objects carry data.
type Task struct {
	Run    RunID  `json:"run"`
	Stage  Stage  `json:"stage"`
	Source Source `json:"source"`
	Shard  int    `json:"shard"` // of StageNeighbours: the group of lists
	Part   int    `json:"part"`
}
