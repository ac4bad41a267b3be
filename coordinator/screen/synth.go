package screen

import (
	"fmt"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset/synth"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// issueText says what images of an issue show.
func issueText(i truth.Issue) string {
	return map[truth.Issue]string{
		truth.Flip:            "show the person of another label",
		truth.HardFlip:        "show a sibling of their label's person",
		truth.Outlier:         "show nobody of set or reference",
		truth.Merge:           "show a guest, who has no label",
		truth.Split:           "people under two labels",
		truth.Duplicate:       "copies under the same label",
		truth.DuplicateAcross: "copies under another label",
		truth.Faceless:        "show no face",
		truth.Broken:          "are no images",
		truth.Overlap:         "people of the set are in the reference",
		truth.Homonym:         "people of the reference have the name of somebody else in the set",
		truth.SameImage:       "are in the reference, too",
	}[i]
}

// DrawnText returns a set that was drawn, for a person; sheet is the file of the
// contact sheet, "" where none was made, and next the command that cleans the set.
func DrawnText(m synth.Made, sheet, next string) string {
	var b strings.Builder
	head := "drew"
	if m.Reused {
		head = "this set was drawn before:"
	}
	fmt.Fprintf(&b, "%s %s of %s\n  %s\n  %s\n", head, Plural(m.Images, "image"),
		Plural(m.Identities, "identity"), m.Data, m.Manifest)
	if m.ReferencePeople > 0 {
		siblings := ""
		if m.SiblingPairs > 0 {
			siblings = fmt.Sprintf("; pairs-siblings.txt has %s of siblings", Plural(m.SiblingPairs, "pair"))
		}
		fmt.Fprintf(&b, "reference of %s images of %s people, %s%s\n  %s\n  %s\n", Count(m.ReferenceImages),
			Count(m.ReferencePeople),
			Plural(m.Pairs, "pair"), siblings, m.Reference, m.ReferenceManifest)
	}
	if len(m.Issues) == 0 {
		b.WriteString("nothing is planted\n")
	} else {
		b.WriteString("planted\n")
		writeIssues(&b, m.Issues, issueText)
		fmt.Fprintf(&b, "the truth\n  %s\n", m.Truth)
	}
	if sheet != "" {
		fmt.Fprintf(&b, "a few of the people\n  %s\n", sheet)
	}
	b.WriteString("Next: clean it\n  " + next + "\n")
	return b.String()
}

// writeIssues writes how many images have each issue, and what they show.
func writeIssues(b *strings.Builder, counts map[truth.Issue]int, text func(truth.Issue) string) {
	for _, issue := range truth.Issues() {
		if n := counts[issue]; n > 0 {
			fmt.Fprintf(b, "  %-16s %6s  %s\n", issue, Count(n), text(issue))
		}
	}
}
