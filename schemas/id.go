package schemas

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
	"math"

	"github.com/gowebpki/jcs"

	"github.com/facesieve/facesieve/internal/origin"
)

// Canonical returns v's canonical JSON (RFC 8785): keys sorted, no white space,
// numbers in ECMAScript's shortest form. A value that JSON cannot hold is an error.
func Canonical(v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, origin.Errorf("schemas", "canonical JSON: %w", err)
	}
	out, err := jcs.Transform(plain)
	if err != nil {
		return nil, origin.Errorf("schemas", "canonical JSON: %w", err)
	}
	return out, nil
}

// ID returns the run's id: the first 128 bits of the SHA-256 of the Spec's canonical
// JSON, lower-case hex. An invalid Spec has none: the error of Validate.
func (s Spec) ID() (RunID, error) {
	if err := s.Validate(); err != nil {
		return "", err
	}
	text, err := Canonical(s)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return RunID(hex.EncodeToString(sum[:16])), nil
}

// Digest returns the SHA-256 of the canonical JSON of what changes a vector.
func (e EmbedSpec) Digest() Digest {
	text, err := Canonical(e)
	if err != nil {
		// Strings and integers always have a canonical form.
		panic(err)
	}
	sum := sha256.Sum256(text)
	return Digest(hex.EncodeToString(sum[:]))
}

// hasher feeds fields to SHA-256 so that no two different sequences of fields
// give the same bytes: a string or byte field is its length and its bytes, a
// number is 8 bytes, landmarks are a presence byte and ten float32. All little-endian.
type hasher struct {
	h   hash.Hash
	buf []byte
}

func newHasher(domain string) *hasher {
	x := &hasher{h: sha256.New()}
	x.text(domain)
	return x
}

func (x *hasher) text(s string) {
	x.buf = binary.LittleEndian.AppendUint64(x.buf, uint64(len(s)))
	x.buf = append(x.buf, s...)
	x.flush(4096)
}

func (x *hasher) number(n int64) { x.buf = binary.LittleEndian.AppendUint64(x.buf, uint64(n)) }

func (x *hasher) flag(b bool) {
	if b {
		x.buf = append(x.buf, 1)
	} else {
		x.buf = append(x.buf, 0)
	}
}

func (x *hasher) floats(v []float32) {
	for _, f := range v {
		x.buf = binary.LittleEndian.AppendUint32(x.buf, math.Float32bits(f))
	}
	x.flush(4096)
}

func (x *hasher) landmarks(points *[10]float32) {
	x.flag(points != nil)
	if points != nil {
		x.floats(points[:])
	}
}

// flush hands the buffer on once it holds more than keep bytes.
func (x *hasher) flush(keep int) {
	if len(x.buf) > keep {
		x.h.Write(x.buf)
		x.buf = x.buf[:0]
	}
}

func (x *hasher) sum() [32]byte {
	x.flush(0)
	return [32]byte(x.h.Sum(nil))
}

// id returns the first 128 bits of the sum, lower-case hex.
func (x *hasher) id() string {
	s := x.sum()
	return hex.EncodeToString(s[:16])
}

// RowsID returns the id of a table of manifest rows, which covers all their fields, in
// order: the first 128 bits of a SHA-256, lower-case hex, as every id here.
func RowsID(rows []Image) string {
	x := newHasher("facesieve rows 1")
	x.number(int64(len(rows)))
	for i := range rows {
		r := &rows[i]
		x.text(r.Path)
		x.text(r.Identity)
		x.text(r.Object)
		x.number(r.Offset)
		x.number(r.Length)
		x.number(r.Size)
		x.text(r.Tag)
		x.landmarks(r.Landmarks)
	}
	return x.id()
}

// LabelsID returns the id of a table of a source's identities, which covers all their
// fields, in order.
func LabelsID(ids []Identity) string {
	x := newHasher("facesieve labels 1")
	x.number(int64(len(ids)))
	for _, l := range ids {
		x.text(l.Label)
		x.text(l.Name)
		x.number(int64(l.Images))
	}
	return x.id()
}

// ListedID returns the id of what a listing tells of rows: each row's path, size, tag
// and landmarks, in order (Part.Listed).
func ListedID(rows []Image) string {
	x := newHasher("facesieve listed 1")
	x.number(int64(len(rows)))
	for i := range rows {
		r := &rows[i]
		x.text(r.Path)
		x.number(r.Size)
		x.text(r.Tag)
		x.landmarks(r.Landmarks)
	}
	return x.id()
}

// EmbedID returns the id of what embedding a part by embed gives on a worker of this
// numeric kind, known before the part's images are read. aligned says that the
// images are aligned already; listed is the part's ListedID.
func EmbedID(embed EmbedSpec, kind NumericKind, aligned bool, listed string) string {
	x := newHasher("facesieve embed 2")
	x.embedding(embed, kind, aligned)
	x.text(listed)
	return x.id()
}

// FamilyID returns the id of all vectors objects that embedding these paths with these
// landmarks can give, whatever the images hold. Where their folder (VectorsFamily)
// is empty, no image need be hashed to know that there is nothing to reuse.
func FamilyID(embed EmbedSpec, kind NumericKind, aligned bool, rows []Image) string {
	x := newHasher("facesieve family 2")
	x.embedding(embed, kind, aligned)
	x.number(int64(len(rows)))
	for i := range rows {
		x.text(rows[i].Path)
		x.landmarks(rows[i].Landmarks)
	}
	return x.id()
}

// ContentID returns the id of what embedding rows by embed gives on a worker of this
// numeric kind, by the images' content: it covers each row's path, the SHA-256 of its
// image and its landmarks. sums[i] is the hash of row i's image; where the image
// could not be read, it stands for why.
func ContentID(embed EmbedSpec, kind NumericKind, aligned bool, rows []Image, sums [][32]byte) string {
	x := newHasher("facesieve vectors 2")
	x.embedding(embed, kind, aligned)
	x.number(int64(len(rows)))
	for i := range rows {
		r := &rows[i]
		x.text(r.Path)
		x.buf = append(x.buf, sums[i][:]...)
		x.landmarks(r.Landmarks)
	}
	return x.id()
}

// embedding takes what the vectors of an image depend on beside the image.
func (x *hasher) embedding(embed EmbedSpec, kind NumericKind, aligned bool) {
	x.text(string(embed.Digest()))
	x.text(string(kind))
	x.flag(aligned)
}

// DoubtID returns the id of which images of a set are doubtful after the first look: it
// covers the set's rows and how they are cut into shards, what their vectors depend on,
// and the version of the method. Nothing that a run decides later is in it.
func DoubtID(data DataSpec, embed EmbedSpec, kind NumericKind, method string) string {
	x := newHasher("facesieve doubt 1")
	x.embedding(embed, kind, data.Set.Aligned)
	x.text(string(data.Set.Digest))
	x.number(int64(data.ShardImages))
	x.text(method)
	return x.id()
}

// LookID returns the id of what looking at an image again gives on a worker of this
// numeric kind, by the SHA-256 of its bytes and by the landmarks that it was found with.
func LookID(embed EmbedSpec, kind NumericKind, method string, sum [32]byte, box [4]float32, landmarks [10]float32) string {
	x := newHasher("facesieve look 1")
	x.embedding(embed, kind, false)
	x.text(method)
	x.buf = append(x.buf, sum[:]...)
	x.floats(box[:])
	x.floats(landmarks[:])
	return x.id()
}
