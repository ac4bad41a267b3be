package schemas

// Verdict is one image's row of the report's images table. Scores are cosines,
// PNoise and PSuggested probabilities; what is nil is null in the table.
type Verdict struct {
	Embedding     Embedding // of the image; the vector itself is not part of the report
	Identity      string    // label in the set, raw bytes
	Group         int32     // of a merged label, from 1, the largest; 0: Identity is not merged, or the image is not usable
	Quality       *float32  // of the face, 0..1 (facequality); nil: no face, or nothing is known of it
	Score         *float32  // leave-one-out, to the trimmed centroid of Identity
	OtherIdentity *string   // the other identity whose trimmed centroid is nearest
	OtherScore    *float32  // to the trimmed centroid of OtherIdentity
	PNoise        *float32  // that the image is not of Identity
	// SecondLook is LookOnce, LookTwice, LookGivenUp, or the fault for which a second look
	// gave nothing.
	SecondLook        string
	FirstPNoise       *float32 // PNoise as the first look saw it; nil where it was looked at once or could not be judged
	Type              Type
	Decision          Decision
	Reason            string   // one sentence
	SuggestedIdentity *string  // the label it should have
	PSuggested        *float32 // that SuggestedIdentity is right
	DuplicateOf       *string  // path of the first image with the same bytes
	EvidenceFor       []string // paths of the nearest images with the same label
	EvidenceAgainst   []string // paths of the nearest images of OtherIdentity
	VectorObject      string   // name of the vectors object with the first look's vector; "" where that gave none
	VectorRow         int32    // row of VectorObject, from 0
}

// What Verdict.SecondLook says beside faults.
const (
	LookOnce    = ""
	LookTwice   = "face"     // a second look found a face
	LookGivenUp = "given-up" // the task of looking at the shard's doubtful images failed too often
)

// IdentityVerdict is one row of the report's identities table. What is nil is null in the
// table.
type IdentityVerdict struct {
	Identity        string   // label in the set, raw bytes
	Name            *string  // the person's, where the set ships one
	Images          int32    // images with this label
	Usable          int32    // of them, those that are usable
	MeanScore       *float32 // cosine: mean score of the usable images
	NoiseRate       *float32 // mean PNoise of the usable images, 0..1
	NearestIdentity *string  // the other identity whose trimmed centroid is nearest
	NearestScore    *float32 // cosine of the two trimmed centroids
	PMerged         *float32 // probability that two people stand under it
	Flag            Flag
}

// Pair is one row of the report's pairs table: two identities that are one person
// (split), or two images that are one picture (duplicate).
type Pair struct {
	Kind                 PairKind
	AIdentity, BIdentity string
	APath, BPath         string  // duplicate: the images; split: the best pair of images
	Score                float32 // split: cosine of the trimmed centroids; duplicate: 1
	P                    float32 // probability that it is one person, or one picture
}

// Overlap is one row of the report's overlap table: an identity of the set that may be
// an identity of a reference.
type Overlap struct {
	Identity          string
	Reference         Source
	ReferenceIdentity string
	Tier              Tier
	Score             float32 // cosine of the trimmed centroids
	P                 float32 // probability that they are one person
	NameMatch         bool    // the normalised names are equal
	EvidencePath      string  // the set's image of the most similar pair
	ReferencePath     string  // the reference's
	EvidenceScore     float32 // cosine of the two
}
