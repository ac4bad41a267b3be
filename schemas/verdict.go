package schemas

// Verdict is one image's row of the report. Pointers are null where unknown.
type Verdict struct {
	Embedding         // the vector itself is not part of the report
	Identity          string
	Score             *float32 // leave-one-out cosine to the own trimmed centroid
	OtherIdentity     *string  // best other identity
	OtherScore        *float32 // cosine to its trimmed centroid
	PNoise            *float32
	Type              Type
	Decision          Decision
	Reason            string
	SuggestedIdentity *string
	PSuggested        *float32
	DuplicateOf       *string  // path of the first copy
	EvidenceFor       []string // paths of the nearest images with the same label
	EvidenceAgainst   []string // paths of the nearest images of the best other identity
	VectorObject      string   // name of the vectors object; "" where there is no row
	VectorRow         int32
}

// IdentityVerdict is one identity's row of the report.
type IdentityVerdict struct {
	Identity        string
	Name            *string
	Images          int32
	Usable          int32
	MeanScore       *float32
	NoiseRate       *float32
	NearestIdentity *string
	NearestScore    *float32
	Flag            Flag
}

// Pair is one row of pairs.arrow: two identities that are one person (split), or
// two images that are one picture (duplicate).
type Pair struct {
	Kind                 PairKind
	AIdentity, BIdentity string
	APath, BPath         string // duplicate: the images; split: the best pair of images
	Score                float32
	P                    float32
}

// Overlap is one row of overlap.arrow: an identity of the set and a person of a
// reference.
type Overlap struct {
	Identity          string
	Reference         Source
	ReferenceIdentity string
	Tier              Tier
	Score             float32 // cosine of the trimmed centroids
	P                 float32 // probability that they are one person
	NameMatch         bool
	EvidencePath      string // the best pair of images
	ReferencePath     string
	EvidenceScore     float32
}
