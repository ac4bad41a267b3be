// Package schemas holds the nouns of facesieve (Image, Shard, Plan, Spec, Task,
// Embedding, Verdict, IdentityVerdict, Pair, Overlap), their Arrow and JSON
// form, and the name of every object in the store. It computes nothing and
// knows no store: FORMAT.md beside this file documents every byte.
package schemas

import "strconv"

// RunID names a run: the first 128 bits of the SHA-256 of its Spec's canonical
// JSON, lower-case hex.
type RunID string

// NumericKind names a numeric kind: a digest of what a worker computes on fixed
// inputs. Workers of one numeric kind produce equal bits.
type NumericKind string

// Digest is a full SHA-256, lower-case hex.
type Digest string

// Source says which collection an image belongs to: "" is the set that is
// cleaned, anything else the name of a reference (a benchmark).
type Source string

// Set is the Source of the set that is cleaned.
const Set Source = ""

// Image is one row of a manifest: where an image stands and under whose label.
// Its bytes are Length bytes at Offset of Object, below the source's URL.
type Image struct {
	Path     string // raw bytes below the source's root, '/' between folders
	Identity string // raw bytes of the label
	Object   string // object below the source's root; equals Path for loose files
	Offset   int64  // first byte of the image inside Object
	Length   int64  // bytes; -1: to the end of Object
	Size     int64  // bytes of Object when it was listed; -1: unknown
	Tag      string // S3 ETag, or local mtime in ns: changes when Object changes
	// Landmarks are those the set ships: x, y of left eye, right eye, nose, left and
	// right mouth corner, in pixels. Nil: it ships none.
	Landmarks *[10]float32
}

// Identity is one label of a source and the number of its images.
type Identity struct {
	Label  string // raw bytes
	Name   string // a person's name where the set ships one; else ""
	Images int
}

// Shard is whole identities of one source: the unit of the judge's work.
type Shard struct {
	Source Source `json:"source"`
	Index  int    `json:"index"` // position within the source, from 0
	Rows   string `json:"rows"`  // id of the rows object (RowsObject)
	Images int    `json:"images"`
	// Identities is the number of labels; they follow the previous shard's.
	Identities int    `json:"identities"`
	First      string `json:"first"` // label of the first identity, escaped (EscapePath)
	// Parts are the shard's embed tasks: consecutive runs of rows. One, unless an
	// identity has more than MaxPart images.
	Parts []Part `json:"parts"`
}

// Part is the rows [Start, End) of a shard, embedded by one task.
type Part struct {
	Start  int    `json:"start"`
	End    int    `json:"end"`
	Listed string `json:"listed"` // ListedID of the rows
}

// MaxPart is the number of images of one identity above which its shard is
// embedded by several tasks.
const MaxPart = 8192

// Embedding is what embedding one image gave: one row of a vectors object.
// Where Error is not empty, Vector is nil and what is unknown is zero.
type Embedding struct {
	Path      string // raw bytes
	SHA256    [32]byte
	Hashed    bool // SHA256 is known: the bytes were read
	Width     int32
	Height    int32
	Faces     int32       // faces found; -1: no detector ran
	Box       [4]float32  // x, y, w, h of the chosen face, pixels of the upright image
	Landmarks [10]float32 // pixels of the upright image
	DetScore  float32     // 0..1; 0 where HasDetScore is false
	// HasDetScore says that DetScore is known: a detector chose the face, or a table of
	// precomputed vectors has its score. Box may be unknown beside it.
	HasDetScore bool
	// Length is the Euclidean norm of what the model gave for the face before it was
	// scaled to 1; half the norm of the sum where the mirror image was added. 0: unknown.
	Length float32
	// Sharpness says how fine what is seen of the aligned face is (photo.Sharpness); 0:
	// unknown.
	Sharpness float32
	Error     Fault
	Vector    []float32 // unit length (RoundVector), nil where Error is set

	// Hashes says that the perceptual hashes are known: ImageHash of the upright
	// picture, and FaceHash of the aligned face where there is a vector.
	Hashes              bool
	ImageHash, FaceHash uint64
	// ImageThumb and FaceThumb are grey thumbnails of the same, ThumbnailBytes long,
	// row after row; nil: not known, or left out by the reader.
	ImageThumb, FaceThumb []byte
}

// ThumbnailSide is the width and height of a thumbnail in pixels, ThumbnailBytes what
// one takes: a byte a pixel.
const (
	ThumbnailSide  = 16
	ThumbnailBytes = ThumbnailSide * ThumbnailSide
)

// Fault is why one image has no vector: a closed list, documented in FORMAT.md.
type Fault string

// The faults of an image. Everything else is a fault of the machine.
const (
	FaultNone      Fault = ""
	FaultMissing   Fault = "missing"           // gone after listing
	FaultForbidden Fault = "forbidden"         // no permission to read it
	FaultChanged   Fault = "changed"           // size or tag differ from the listing
	FaultEmpty     Fault = "empty"             // zero bytes
	FaultFormat    Fault = "unknown-format"    // no image format that is read
	FaultTruncated Fault = "truncated"         // the data ends early
	FaultCorrupt   Fault = "corrupt"           // the data contradicts itself
	FaultTooLarge  Fault = "too-large"         // pixels or bytes above the limit
	FaultNoFace    Fault = "no-face"           // decoded, no face above the threshold
	FaultNotFinite Fault = "not-finite-vector" // the model gave NaN or infinity
	FaultLink      Fault = "broken-link"       // a symbolic link to nowhere or to itself
)

// Error makes a Fault an error, so that a reader can return one: whoever reads
// an image returns a Fault for what is wrong with that image and any other
// error for what is wrong with the machine.
func (f Fault) Error() string { return string(f) }

// Transient says whether a fault may be gone at the next command: it lies in where the
// image stands, not in its bytes.
func (f Fault) Transient() bool {
	return f == FaultMissing || f == FaultForbidden || f == FaultChanged
}

// NotRead says whether an image was not read, for reasons of access or of a limit: that
// is no verdict on it.
func (f Fault) NotRead() bool { return f.Transient() || f == FaultTooLarge || f == FaultLink }

// Decimal is a threshold as it stands in a Spec: a decimal string, so that ids
// do not depend on how a language prints floats.
type Decimal string

// NewDecimal returns x in its shortest decimal form.
func NewDecimal(x float64) Decimal { return Decimal(strconv.FormatFloat(x, 'f', -1, 64)) }

// Float returns the number; an invalid Decimal is 0 (Spec.Validate refuses it).
func (d Decimal) Float() float64 {
	x, _ := strconv.ParseFloat(string(d), 64)
	return x
}
