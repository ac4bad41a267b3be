package score

import (
	"math"
	"reflect"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/schemas"
)

// Labels of two people are counted, and those of which the truth's single images say so
// count for nothing.
func TestMergeQuality(t *testing.T) {
	rows := map[truth.Issue][]truth.Row{
		truth.Merge: {{Identity: "ann", Path: "ann/1"}, {Identity: "ann", Path: "ann/2"}, {Identity: "bob", Path: "bob/1"}},
		truth.Flip: {{Identity: "cy", Path: "cy/1", Other: "ann"}, {Identity: "cy", Path: "cy/2", Other: "ann"},
			{Identity: "dan", Path: "dan/1", Other: "ann"}, {Identity: "dan", Path: "dan/2", Other: "bob"}},
	}
	label := func(name string, p float32, flag schemas.Flag) schemas.IdentityVerdict {
		return schemas.IdentityVerdict{Identity: name, PMerged: &p, Flag: flag}
	}
	got := mergeQuality(rows, []schemas.IdentityVerdict{label("ann", .9, schemas.FlagMerged), label("bob", .2, ""),
		label("cy", .8, schemas.FlagMerged), label("dan", .6, schemas.FlagMerged), label("eve", .1, schemas.FlagNoisy),
		{Identity: "fay"}})
	want := &MergeQuality{Labels: 2, Found: 1, Wrong: []string{"dan"}, Precision: new(.5), Recall: new(.5), AUPRC: new((1 + 2./3) / 2)}
	if math.Abs(*got.AUPRC-*want.AUPRC) > 1e-12 {
		t.Errorf("an area of %v, want %v", *got.AUPRC, *want.AUPRC)
	}
	if got.AUPRC = want.AUPRC; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
