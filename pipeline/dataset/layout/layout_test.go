package layout

import (
	"slices"
	"testing"
)

func TestNamesAreDistinctAndTheFirstLayoutFitsAnyTree(t *testing.T) {
	names := Names()
	slices.Sort(names)
	if distinct := slices.Compact(slices.Clone(names)); len(distinct) != len(names) || names[0] == "" {
		t.Errorf("names %q", names)
	}
	if ok, err := All()[0].Detect(t.Context(), nil, nil); !ok || err != nil {
		t.Errorf("the first layout: %v, %v", ok, err)
	}
}
