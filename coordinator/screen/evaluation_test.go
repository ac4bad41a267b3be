package screen

import (
	"strings"
	"testing"

	"github.com/facesieve/facesieve/cluster/verification"
	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/stage/verify"
	"github.com/facesieve/facesieve/schemas"
)

const wantEvaluation = `20 images, 18 pairs of lfw/pairs.txt

accuracy        93.75 % ± 6.25 (standard error of 2 folds)
thresholds      cosine 0.250 to 0.310
TAR at FAR 0.01 90.00 % (cosine above 0.400)
without a face  1 images; their 2 pairs are counted as mistakes
  Ann/Ann_0002.jpg no-face (2 pairs)
absent          11 images; 11 pairs are left out
  Bob/Bob_0001 not in the folder (1 pairs)
  Bob/Bob_0002 not in the folder (1 pairs)
  Bob/Bob_0003 not in the folder (1 pairs)
  Bob/Bob_0004 not in the folder (1 pairs)
  Bob/Bob_0005 not in the folder (1 pairs)
  Bob/Bob_0006 not in the folder (1 pairs)
  Bob/Bob_0007 not in the folder (1 pairs)
  Bob/Bob_0008 not in the folder (1 pairs)
  Bob/Bob_0009 not in the folder (1 pairs)
  Bob/Bob_0010 not in the folder (1 pairs)
  and 1 more

least alike pairs of one person
  -0.019  Cid/Cid_0001.jpg  Cid/Cid_0002.jpg

most alike pairs of two people
   0.338  Cid/Cid_0001.jpg  Dee/Dee_0001.jpg
`

func TestEvaluationText(t *testing.T) {
	standardError := .0625
	e := &verify.Evaluation{Images: 20, Pairs: 18, Accuracy: .9375, StandardError: &standardError,
		Folds:       []verification.FoldResult{{Accuracy: 1, Threshold: .31}, {Accuracy: .875, Threshold: .25}},
		AcceptRates: []verify.AcceptRate{{FAR: .01, TAR: .9, Threshold: .4}},
		Faceless: []verify.LostImage{{Path: "Ann/Ann_0002.jpg", Error: schemas.FaultNoFace,
			Pairs: 2}}, LostPairs: 2,
		AbsentPairs: 11,
		WorstSame:   []verify.ScoredPair{{A: "Cid/Cid_0001.jpg", B: "Cid/Cid_0002.jpg", Score: -.019}},
		WorstDiffer: []verify.ScoredPair{{A: "Cid/Cid_0001.jpg", B: "Dee/Dee_0001.jpg", Score: .338}}}
	for i := range 11 {
		p := dataset.Portrait{Person: "Bob", Number: i + 1}
		e.Absent = append(e.Absent, verify.LostImage{Path: p.Key(), Pairs: 1})
	}
	got := EvaluationText(e, "lfw/pairs.txt")
	if got != wantEvaluation {
		line := 0
		for line < min(strings.Count(got, "\n"), strings.Count(wantEvaluation, "\n")) &&
			strings.Split(got, "\n")[line] == strings.Split(wantEvaluation, "\n")[line] {
			line++
		}
		t.Errorf("it differs from line %d on:\n%s", line+1, got)
	}
}
