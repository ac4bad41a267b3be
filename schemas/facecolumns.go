package schemas

import (
	"encoding/hex"
	"errors"
	"strings"
)

// imageColumns are sha256, width and height.
func imageColumns[T any](of func(*T) *Embedding) []column[T] {
	return []column[T]{
		maybeText("sha256", "",
			"SHA-256 of the image's bytes, lower-case hex; null where they could not be read", textForm(),
			func(v *T) *string {
				e := of(v)
				if !e.Hashed {
					return nil
				}
				s := hex.EncodeToString(e.SHA256[:])
				return &s
			},
			func(v *T, s *string) error {
				e := of(v)
				if s == nil {
					return nil
				}
				e.Hashed = true
				return readDigest(&e.SHA256, *s)
			}),
		count("width", "px", "width of the upright image; null where unknown",
			func(v *T) *int32 { return &of(v).Width }, func(v *T) bool { return of(v).Width == 0 }, 0),
		count("height", "px", "height of the upright image; null where unknown",
			func(v *T) *int32 { return &of(v).Height }, func(v *T) bool { return of(v).Height == 0 }, 0),
	}
}

// readDigest reads a SHA-256 from lower-case hex.
func readDigest(to *[32]byte, s string) error {
	if len(s) != 64 || strings.ToLower(s) != s {
		return errors.New("not 64 lower-case hex digits")
	}
	_, err := hex.Decode(to[:], []byte(s))
	return err
}

// faceColumns are faces, box, landmarks, det_score and length. A box, landmarks or width
// of zero is unknown.
func faceColumns[T any](of func(*T) *Embedding) []column[T] {
	return []column[T]{
		count("faces", "faces", "number of faces found; null where no detector ran",
			func(v *T) *int32 { return &of(v).Faces },
			func(v *T) bool { e := of(v); return e.Faces < 0 || e.Width == 0 }, -1),
		floats("box", "px",
			"x, y, width, height of the chosen face in the upright image; null where unknown", 4,
			func(v *T) []float32 {
				if of(v).Box == [4]float32{} {
					return nil
				}
				return of(v).Box[:]
			},
			func(v *T, x []float32) { of(v).Box = [4]float32(x) }),
		floats("landmarks", "px",
			"x, y of left eye, right eye, nose, left and right mouth corner in the upright image; "+
				"null where none were used", 10,
			func(v *T) []float32 {
				if of(v).Landmarks == [10]float32{} {
					return nil
				}
				return of(v).Landmarks[:]
			},
			func(v *T, x []float32) { of(v).Landmarks = [10]float32(x) }),
		maybeFloat("det_score", "0..1", "the detector's score of the chosen face; null where unknown", true,
			func(v *T) *float32 {
				if !of(v).HasDetScore {
					return nil
				}
				return &of(v).DetScore
			},
			func(v *T, x *float32) { of(v).DetScore, of(v).HasDetScore = *x, true }),
		maybeFloat("length", "",
			"Euclidean norm of the face's vector before it was scaled to 1; null where unknown", true,
			func(v *T) *float32 {
				if of(v).Length == 0 {
					return nil
				}
				return &of(v).Length
			},
			func(v *T, x *float32) { of(v).Length = *x }),
		maybeFloat("sharpness", "",
			"mean difference of adjacent pixels of the aligned face over that of squares, of which it is 14 wide; null where unknown",
			true,
			func(v *T) *float32 {
				if of(v).Sharpness == 0 {
					return nil
				}
				return &of(v).Sharpness
			},
			func(v *T, x *float32) { of(v).Sharpness = *x }),
	}
}

func errorColumn[T any](of func(*T) *Embedding) column[T] {
	return text("error", "",
		"why the image has no vector, one of the closed list of faults; empty: it has one", textForm(),
		func(v *T) *string { return (*string)(&of(v).Error) })
}

// hashColumns are image_hash and face_hash.
func hashColumns() []column[Embedding] {
	known := func(e *Embedding) bool { return e.Hashes }
	face := func(e *Embedding) bool { return e.Hashes && e.Error == FaultNone }
	return []column[Embedding]{
		bits("image_hash", "perceptual hash of the upright picture; null where unknown", known,
			func(e *Embedding, x uint64) { e.ImageHash, e.Hashes = x, true },
			func(e *Embedding) uint64 { return e.ImageHash }),
		bits("face_hash", "perceptual hash of the aligned face; null where image_hash or vector is", face,
			func(e *Embedding, x uint64) { e.FaceHash = x },
			func(e *Embedding) uint64 { return e.FaceHash }),
	}
}

// thumbnailColumns are image_thumbnail and face_thumbnail.
func thumbnailColumns() []column[Embedding] {
	return []column[Embedding]{
		blob("image_thumbnail", "grey pixels of the upright picture made small, row after row; null where unknown",
			ThumbnailBytes, func(e *Embedding) *[]byte { return &e.ImageThumb }),
		blob("face_thumbnail", "grey pixels of the aligned face made small, row after row; null where unknown",
			ThumbnailBytes, func(e *Embedding) *[]byte { return &e.FaceThumb }),
	}
}
