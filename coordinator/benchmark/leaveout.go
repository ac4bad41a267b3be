package benchmark

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"

	"github.com/facesieve/facesieve/schemas"
)

// Match is a row of the leave-out list: an identity of the set and the person of a
// reference who it surely is.
type Match struct {
	Row    schemas.Overlap
	Images int // under the identity
}

// LeaveOut returns the identities that are in the references at a tier or a surer one,
// each with its surest match in each reference, ordered by identity, then by reference.
// Of two matches of a tier the surer has the higher p, then score, then the lower label.
func LeaveOut(rows []schemas.Overlap, identities []schemas.IdentityVerdict, references []schemas.Source,
	through schemas.Tier) []Match {
	images := imagesOf(identities)
	var kept []schemas.Overlap
	for _, r := range rows {
		if slices.Contains(references, r.Reference) && r.Tier.Rank() <= through.Rank() {
			kept = append(kept, r)
		}
	}
	slices.SortFunc(kept, func(a, b schemas.Overlap) int {
		return cmp.Or(strings.Compare(a.Identity, b.Identity), strings.Compare(string(a.Reference), string(b.Reference)),
			cmp.Compare(a.Tier.Rank(), b.Tier.Rank()), cmp.Compare(b.P, a.P), cmp.Compare(b.Score, a.Score),
			strings.Compare(a.ReferenceIdentity, b.ReferenceIdentity))
	})
	kept = slices.CompactFunc(kept, func(a, b schemas.Overlap) bool {
		return a.Identity == b.Identity && a.Reference == b.Reference
	})
	list := make([]Match, 0, len(kept))
	for _, r := range kept {
		list = append(list, Match{r, images[r.Identity]})
	}
	return list
}

// FormatLeaveOut returns the leave-out list as CSV with a header: identity, tier,
// reference, reference_identity, score (cosine of the trimmed centroids), p (0 to 1) and
// images (under the identity). Labels are escaped as schemas.EscapePath does.
func FormatLeaveOut(list []Match) ([]byte, error) {
	lines := [][]string{{"identity", "tier", "reference", "reference_identity", "score", "p", "images"}}
	for _, m := range list {
		lines = append(lines, []string{schemas.EscapePath(m.Row.Identity), string(m.Row.Tier), string(m.Row.Reference),
			schemas.EscapePath(m.Row.ReferenceIdentity), float(m.Row.Score), float(m.Row.P), strconv.Itoa(m.Images)})
	}
	var b bytes.Buffer
	err := csv.NewWriter(&b).WriteAll(lines)
	return b.Bytes(), err
}

// float writes the shortest decimal that reads as the same float32.
func float(x float32) string { return strconv.FormatFloat(float64(x), 'g', -1, 32) }

// Sizes returns how many identities a list has, and how many images they have: one that
// is in several references counts once. The list is ordered as LeaveOut gives it.
func Sizes(list []Match) (identities, images int) {
	for i, m := range list {
		if i == 0 || list[i-1].Row.Identity != m.Row.Identity {
			identities++
			images += m.Images
		}
	}
	return identities, images
}
