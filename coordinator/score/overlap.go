package score

import (
	"cmp"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/schemas"
)

// OverlapQuality is how well a report tells the people of a reference who are in the set.
type OverlapQuality struct {
	People int `json:"people"` // in both, by the truth
	Found  int `json:"found"`  // of these, called one person surely
	Called int `json:"called"` // labels and people that are called one person surely
	// SameName are those of the called that the truth does not have and whose names are
	// equal: they may be people whom set and reference share by themselves, and count
	// neither as right nor as wrong.
	SameName  int             `json:"same_name"`
	Precision *float64        `json:"precision"` // of the called
	Recall    *float64        `json:"recall"`
	Searched  bool            `json:"searched"` // the run looked for a reference
	Wrong     []CalledOverlap `json:"wrong"`    // called, and not in the truth; without SameName
}

// CalledOverlap is a label and a person of a reference who are called one person.
type CalledOverlap struct {
	Identity  string         `json:"identity"` // escaped
	Reference schemas.Source `json:"reference"`
	Person    string         `json:"person"` // escaped
	Tier      schemas.Tier   `json:"tier"`
}

// overlapQuality compares the report's overlaps with the truth; nil where the truth has
// none.
func overlapQuality(rows map[truth.Issue][]truth.Row, overlaps []schemas.Overlap, searched bool) *OverlapQuality {
	if len(rows[truth.Overlap]) == 0 {
		return nil
	}
	q := &OverlapQuality{People: len(rows[truth.Overlap]), Searched: searched, Wrong: []CalledOverlap{}}
	people, homonyms := map[identityPair]bool{}, map[identityPair]bool{}
	for _, r := range rows[truth.Overlap] {
		people[identityPair{r.Identity, r.Other}] = true
	}
	for _, r := range rows[truth.Homonym] {
		homonyms[identityPair{r.Identity, r.Other}] = true
	}
	found := map[identityPair]bool{}
	for _, o := range overlaps {
		pair := identityPair{o.Identity, o.ReferenceIdentity}
		switch {
		case !o.Tier.Sure():
			continue
		case people[pair]:
			found[pair] = true
		case o.NameMatch && !homonyms[pair]:
			q.SameName++
		default:
			q.Wrong = append(q.Wrong, CalledOverlap{schemas.EscapePath(o.Identity), o.Reference,
				schemas.EscapePath(o.ReferenceIdentity), o.Tier})
		}
	}
	slices.SortFunc(q.Wrong, func(a, b CalledOverlap) int {
		return cmp.Or(strings.Compare(a.Identity, b.Identity), strings.Compare(string(a.Reference), string(b.Reference)),
			strings.Compare(a.Person, b.Person))
	})
	q.Found = len(found)
	q.Called = q.Found + q.SameName + len(q.Wrong)
	q.Precision, q.Recall = ratio(q.Found, q.Found+len(q.Wrong)), ratio(q.Found, q.People)
	return q
}
