package screen

import (
	"fmt"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// Simulated is what a set with simulated noise holds, and where.
type Simulated struct {
	Reused         bool                `json:"reused"` // it was there, complete
	Images         int                 `json:"images"`
	Identities     int                 `json:"identities"`
	HeldBack       int                 `json:"held_back"` // identities that left the set
	Simulated      map[truth.Issue]int `json:"simulated"` // rows of the truth by issue
	LeftOutUnknown int                 `json:"left_out_unknown,omitempty"`
	Data           string              `json:"data"`               // these are paths; this one may be s3://bucket/prefix
	Manifest       string              `json:"manifest,omitempty"` // where the set ships landmarks or is in a bucket
	Truth          string              `json:"truth"`
	Sources        string              `json:"sources"`

	Reference         string `json:"reference,omitempty"` // these three where people of one are in the set, too
	ReferenceManifest string `json:"reference_manifest,omitempty"`
	ReferenceImages   int    `json:"reference_images,omitempty"`
}

// simulatedText says what images of an issue show, of those that are simulated.
func simulatedText(i truth.Issue) string {
	return map[truth.Issue]string{
		truth.Flip:      "show somebody else of the set",
		truth.HardFlip:  "show the identity that is nearest to their label's",
		truth.Outlier:   "show nobody of the set",
		truth.Merge:     "show a guest, who has no label",
		truth.Split:     "people under two labels",
		truth.Duplicate: "copies under the same label",
		truth.Overlap:   "people of the reference, under labels of their own",
	}[i]
}

// SimulatedText returns a set with simulated noise for a person, with the commands that
// clean it and score the report.
func SimulatedText(m Simulated, clean, score string) string {
	var b strings.Builder
	head := "a set of"
	if m.Reused {
		head = "this set was there before:"
	}
	as := "as links"
	if strings.HasPrefix(m.Data, "s3://") {
		as = "by a manifest"
	}
	fmt.Fprintf(&b, "%s %s of %s, %s\n  %s\n", head, Plural(m.Images, "image"),
		Plural(m.Identities, "identity"), as, m.Data)
	if m.Manifest != "" {
		fmt.Fprintf(&b, "  %s\n", m.Manifest)
	}
	if m.HeldBack > 0 {
		fmt.Fprintf(&b, "%s held back\n", Plural(m.HeldBack, "identity"))
	}
	if len(m.Simulated) == 0 {
		b.WriteString("nothing is simulated\n")
	} else {
		b.WriteString("simulated\n")
		writeIssues(&b, m.Simulated, simulatedText)
	}
	if m.Reference != "" {
		fmt.Fprintf(&b, "the %s that the reference is left with\n  %s\n",
			Plural(m.ReferenceImages, "image"), m.Reference)
	}
	fmt.Fprintf(&b, "the truth, and where each image comes from\n  %s\n  %s\n", m.Truth, m.Sources)
	if m.LeftOutUnknown > 0 {
		b.WriteString(Wrap(fmt.Sprintf("Of the images to leave out, the set does not have %s.",
			Count(m.LeftOutUnknown)), "", Width))
	}
	fmt.Fprintf(&b, "Next: clean it as you would clean your own, and score the report\n  %s\n  %s\n", clean, score)
	return b.String()
}
