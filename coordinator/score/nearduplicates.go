package score

import (
	"fmt"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/schemas"
)

// CopyQuality is how well a report tells copies of images in other bytes.
type CopyQuality struct {
	Copies    int          `json:"copies"` // in other bytes, by the truth
	Found     int          `json:"found"`  // of these, called a near-duplicate of their original, or with it of a third image
	Called    int          `json:"called"` // pairs of the report that are called near-duplicates
	Precision *float64     `json:"precision"`
	Recall    *float64     `json:"recall"`
	Wrong     []CalledCopy `json:"wrong"` // called, and not in the truth: the set may have copies of its own
}

// CalledCopy is two images that are called near-duplicates; paths are escaped.
type CalledCopy struct {
	A string `json:"a"`
	B string `json:"b"`
}

// copyQuality compares the report's near-duplicates with the truth; nil where the truth
// has none.
func copyQuality(c *comparer, pairs []schemas.Pair) *CopyQuality {
	q := &CopyQuality{Wrong: []CalledCopy{}}
	called := newClasses()
	for _, p := range pairs {
		switch p.Kind {
		case schemas.PairDuplicate:
			called.join(p.APath, p.BPath)
		case schemas.PairNearDuplicate:
			called.join(p.APath, p.BPath)
			q.Called++
			if !c.pictures.same(p.APath, p.BPath) {
				q.Wrong = append(q.Wrong, CalledCopy{schemas.EscapePath(p.APath), schemas.EscapePath(p.BPath)})
			}
		}
	}
	for _, r := range slices.Concat(c.rows[truth.Duplicate], c.rows[truth.DuplicateAcross]) {
		if r.Detail == truth.Reencoded {
			q.Copies++
			q.Found += one(called.same(r.Path, r.Other))
		}
	}
	if q.Copies == 0 {
		return nil
	}
	q.Precision, q.Recall = ratio(q.Called-len(q.Wrong), q.Called), ratio(q.Found, q.Copies)
	return q
}

// copyText says how well copies in other bytes are found; nothing where there are none.
func copyText(q *CopyQuality) string {
	if q == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nCopies in other bytes\n")
	line(&b, "found", screen.Count(q.Found), fmt.Sprintf("of %s; recall %s", screen.Count(q.Copies), percent(q.Recall)))
	line(&b, "called so", screen.Count(q.Called), "pairs; precision "+percent(q.Precision))
	for i, w := range q.Wrong {
		if i == mostNamed {
			fmt.Fprintf(&b, "  and %s more\n", screen.Count(len(q.Wrong)-i))
			break
		}
		fmt.Fprintf(&b, "  not in the truth: %s = %s\n", w.A, w.B)
	}
	if len(q.Wrong) > 0 {
		b.WriteString(screen.Wrap("What the truth does not have may be copies that the set has by itself: look.", "  ",
			screen.Width))
	}
	return b.String()
}
