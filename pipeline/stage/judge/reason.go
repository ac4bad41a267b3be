package judge

import (
	"fmt"

	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/schemas"
)

// reason returns one sentence, with the numbers, on why row i has its type.
func (j *judgement) reason(i int) string {
	r := &j.rows[i]
	label := schemas.EscapePath(j.shard.States[i].Label)
	switch r.Type {
	case schemas.TypeUnreadable:
		return faultReason(r.Embedding.Error)
	case schemas.TypeNoFace:
		if r.Embedding.Faces < 0 && r.Embedding.Width > 0 {
			return "no detector ran, and no landmarks that can be true are listed"
		}
		return "no face found in " + fmt.Sprintf("%d x %d pixels", r.Embedding.Width, r.Embedding.Height)
	case schemas.TypePoorFace:
		if e := &r.Embedding; e.DetScore >= runstore.HardlyFace {
			return fmt.Sprintf("the face is blurred beyond recognition (sharpness %.2f)", e.Sharpness)
		}
		return fmt.Sprintf("what looks most like a face is hardly one, at two looks (detector's score %.2f)", r.Embedding.DetScore)
	case schemas.TypeDuplicate:
		if j.shard.States[i].Shared {
			return "equal in every byte to " + schemas.EscapePath(*r.DuplicateOf) +
				", and the copies stand under several labels"
		}
		return "equal in every byte to " + schemas.EscapePath(*r.DuplicateOf)
	case schemas.TypeNearDuplicate:
		text := "the same photograph as " + schemas.EscapePath(*r.DuplicateOf) + ", in other bytes"
		if r.PNoise != nil && *r.PNoise >= float32(j.run.Spec.Judge.Review.Float()) {
			text += fmt.Sprintf("; wrong under %s with p %.3f", label, *r.PNoise)
		}
		return text + j.twin(i)
	case schemas.TypeUnjudged:
		return fmt.Sprintf("%s has %s: too few to judge by", label, images(j.own[i].Vectors.Rows)) + j.twin(i)
	}
	if r.Group > 1 && r.PNoise != nil {
		return j.guestReason(i)
	}
	own := fmt.Sprintf("the other %s of %s", images(j.own[i].Vectors.Rows-1), label)
	if j.own[i].Vectors.Rows == 2 {
		own = "the only other image of " + label
	}
	other := "no other identity to compare with"
	if r.OtherIdentity != nil {
		other = fmt.Sprintf("nearest other identity %s (%.2f)", schemas.EscapePath(*r.OtherIdentity), *r.OtherScore)
	}
	text := compared(r, own, other)
	if r.Type == schemas.TypeWrongFace {
		text = fmt.Sprintf("another face of the picture looks like %s (%.2f) rather than the one that was taken (%.2f)", label,
			j.faces[i], *r.Score)
	}
	text += lookedTwice(r) + j.qualityReason(i)
	if !r.Type.RightLabel() {
		text += j.support(i)
	}
	if j.shard.States[i].Shared {
		text += "; equal copies stand under several labels"
	}
	return text + j.twin(i)
}

// twin says where another label has the photograph of row i.
func (j *judgement) twin(i int) string {
	t, ok := j.tables.photos.Twin(j.rows[i].Embedding.Path)
	if !ok {
		return ""
	}
	return fmt.Sprintf("; the same photograph stands under %s as %s", schemas.EscapePath(t.Label),
		schemas.EscapePath(t.Path))
}

// compared says how an image that could be judged compares with its label, own, and with
// the nearest other identity, other.
func compared(r *schemas.Verdict, own, other string) string {
	name := ""
	if r.OtherIdentity != nil {
		name = schemas.EscapePath(*r.OtherIdentity)
	}
	switch nearer := r.OtherScore != nil && *r.OtherScore > *r.Score; {
	case r.Type.RightLabel() && nearer:
		return fmt.Sprintf("nearer to %s (%.2f) than to %s (%.2f), yet wrong only with p %.3f", name, *r.OtherScore,
			own, *r.Score, *r.PNoise)
	case r.Type.RightLabel():
		return fmt.Sprintf("like %s (%.2f); %s", own, *r.Score, other)
	case *r.PNoise < .5 && !nearer: // the limit of review is low
		return fmt.Sprintf("rather like %s (%.2f); %s: wrong with p %.3f", own, *r.Score, other, *r.PNoise)
	case r.Type == schemas.TypeFlip:
		return fmt.Sprintf("looks like %s (%.2f) rather than %s (%.2f): wrong with p %.3f", name, *r.OtherScore,
			own, *r.Score, *r.PNoise)
	case r.SuggestedIdentity != nil && *r.PSuggested >= unsure**r.PNoise:
		return fmt.Sprintf("unlike %s (%.2f), and perhaps %s (%.2f) with p %.2f: wrong with p %.3f", own, *r.Score,
			name, *r.OtherScore, *r.PSuggested, *r.PNoise)
	}
	return fmt.Sprintf("unlike %s (%.2f), and like nobody else: %s: wrong with p %.3f", own, *r.Score, other, *r.PNoise)
}

// lookedTwice says what a second look at an image changed.
func lookedTwice(r *schemas.Verdict) string {
	switch {
	case r.SecondLook == schemas.LookOnce:
		return ""
	case r.SecondLook == schemas.LookGivenUp:
		return "; a second look was given up"
	case r.SecondLook != schemas.LookTwice:
		return fmt.Sprintf("; a second look gave nothing (%s)", r.SecondLook)
	case r.FirstPNoise != nil && r.PNoise != nil && changed(*r.FirstPNoise, *r.PNoise):
		return fmt.Sprintf("; looked at twice: p %.3f at the first look", *r.FirstPNoise)
	}
	return "; looked at twice"
}

// changed says whether two probabilities lie on two sides of a half.
func changed(a, b float32) bool { return (a < .5) != (b < .5) }

// doubtfulFace is the detector's score below which a reason speaks of it.
const doubtfulFace = .8

// support says what else decided on a flagged image: whose its nearest images are, and
// how sure the detector was of its face.
func (j *judgement) support(i int) string {
	r, a := &j.rows[i], j.around[i]
	own, all := 0, 0
	for x, y := a.OwnCosines, a.Images; all < labelnoise.Neighbours && len(x)+len(y) > 0; all++ {
		if len(y) == 0 || len(x) > 0 && x[0] >= y[0].Cosine {
			own, x = own+1, x[1:]
		} else {
			y = y[1:]
		}
	}
	text := fmt.Sprintf("; %d of its %d nearest images have its label", own, all)
	if r.Embedding.HasDetScore && r.Embedding.DetScore < doubtfulFace {
		text += fmt.Sprintf("; it is hardly a face (%.2f)", r.Embedding.DetScore)
	}
	if *r.PNoise < float32(j.run.Spec.Judge.Review.Float()) {
		text += "; in a set this small that is worth a look"
	}
	return text
}

func images(n int) string {
	if n == 1 {
		return "1 image"
	}
	return fmt.Sprintf("%d images", n)
}

// faultReason returns what an unreadable image's fault means.
func faultReason(f schemas.Fault) string {
	switch f {
	case schemas.FaultMissing:
		return "gone since it was listed"
	case schemas.FaultForbidden:
		return "no permission to read it"
	case schemas.FaultChanged:
		return "changed since it was listed"
	case schemas.FaultEmpty:
		return "the file is empty"
	case schemas.FaultFormat:
		return "no image format that is read, whatever its name says"
	case schemas.FaultTruncated:
		return "the image data end early"
	case schemas.FaultCorrupt:
		return "the image data contradict themselves"
	case schemas.FaultTooLarge:
		return "above the limit of pixels or bytes"
	case schemas.FaultNotFinite:
		return "the model gave no finite vector"
	case schemas.FaultLink:
		return "a symbolic link to nowhere or to itself"
	}
	return string(f)
}
