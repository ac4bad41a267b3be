package score

import (
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/schemas"
)

func TestCopyQuality(t *testing.T) {
	c := newComparer([]truth.Row{
		{Issue: truth.Duplicate, Path: "a/1_2", Identity: "a", Other: "a/1", Detail: truth.Reencoded},
		{Issue: truth.Duplicate, Path: "a/3_2", Identity: "a", Other: "a/3", Detail: truth.Reencoded},
		{Issue: truth.DuplicateAcross, Path: "b/1_2", Identity: "b", Other: "a/1", Detail: truth.Reencoded},
		{Issue: truth.Duplicate, Path: "a/4_2", Identity: "a", Other: "a/4", Detail: truth.Exact},
	})
	near := func(a, b string) schemas.Pair {
		return schemas.Pair{Kind: schemas.PairNearDuplicate, APath: a, BPath: b}
	}
	q := copyQuality(c, []schemas.Pair{near("a/1", "a/1_2"), near("a/1_2", "b/1_2"), near("a/5", "a/6"),
		{Kind: schemas.PairDuplicate, APath: "a/4", BPath: "a/4_2"}})
	if q == nil || q.Copies != 3 || q.Found != 2 || q.Called != 3 || len(q.Wrong) != 1 || *q.Precision != 2./3 {
		t.Fatalf("%+v", q)
	}
	if text := copyText(q); !strings.Contains(text, "of 3; recall 66.7 %") || !strings.Contains(text, "a/5 = a/6") {
		t.Error(text)
	}
	if q := copyQuality(newComparer(nil), nil); q != nil || copyText(q) != "" {
		t.Errorf("%+v", q)
	}
}
