package screen

import (
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/synth"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

const wantSynth = `drew 1,500 images of 60 identities
  faces/faces
  faces/faces.csv
reference of 158 images of 40 people, 300 pairs; pairs-siblings.txt has 70 pairs of siblings
  faces/reference
  faces/reference.csv
planted
  flip                 45  show the person of another label
  split                 1  people under two labels
the truth
  faces/truth/truth.csv
a few of the people
  faces.png
Next: clean it
  coordinator run --data faces/faces
`

func TestSynthText(t *testing.T) {
	m := synth.Made{Identities: 60, Images: 1500, ReferencePeople: 40, ReferenceImages: 158, Pairs: 300, SiblingPairs: 70,
		Issues: map[truth.Issue]int{truth.Split: 1, truth.Flip: 45}, Data: "faces/faces", Manifest: "faces/faces.csv",
		Reference: "faces/reference", ReferenceManifest: "faces/reference.csv", Truth: "faces/truth/truth.csv"}
	if got := DrawnText(m, "faces.png", "coordinator run --data faces/faces"); got != wantSynth {
		t.Errorf("got\n%s\nwant\n%s", got, wantSynth)
	}
	if got := DrawnText(synth.Made{Reused: true, Data: "my faces"}, "", ""); !strings.Contains(got, "drawn before") ||
		!strings.Contains(got, "nothing is planted") || strings.Contains(got, "reference") {
		t.Errorf("a set without a reference:\n%s", got)
	}
	for _, issue := range truth.Issues() {
		if issueText(issue) == "" {
			t.Errorf("%s is planted without a word", issue)
		}
	}
}
