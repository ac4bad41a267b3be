package layout

import (
	"os"
	"slices"
	"strings"
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

// README lists the layouts that a reader may have.
func TestREADMENamesEveryLayout(t *testing.T) {
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := "- Layouts: `" + strings.Join(Names(), "`, `") + "`"; !strings.Contains(string(text), want) {
		t.Errorf("README.md does not say %q", want)
	}
}
