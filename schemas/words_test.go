package schemas

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

// Tiers are listed surest first: those that images alone decide come before those
// that need a name.
func TestTiersAreListedSurestFirst(t *testing.T) {
	for i, tier := range Tiers() {
		if tier.Rank() != i {
			t.Errorf("tier %s has rank %d at position %d", tier, tier.Rank(), i)
		}
		if tier.Meaning() == "" {
			t.Errorf("tier %s means nothing to people", tier)
		}
		if i > 0 && tier.Sure() && !Tiers()[i-1].Sure() {
			t.Errorf("tier %s is sure and stands after one that is not", tier)
		}
	}
	if unknown := Tier("guess"); unknown.Rank() <= TierRefused.Rank() || unknown.Sure() || unknown.Known() || unknown.Meaning() != "" {
		t.Errorf("a tier of no list has rank %d, sure %v, known %v, means %q", unknown.Rank(),
			unknown.Sure(), unknown.Known(), unknown.Meaning())
	}
}

// A word that stands in no list reaches no report.
func TestWordsOfNoListAreRefused(t *testing.T) {
	var b bytes.Buffer
	for name, write := range map[string]func() error{
		"type": func() error { return WriteVerdicts(&b, []Verdict{{Type: "guess", Decision: Keep}}) },
		"decision": func() error {
			return WriteVerdicts(&b, []Verdict{{Type: TypeClean, Decision: "guess"}})
		},
		"flag":    func() error { return WriteIdentities(&b, []IdentityVerdict{{Flag: "guess"}}) },
		"pair":    func() error { return WritePairs(&b, []Pair{{Kind: "guess"}}) },
		"tier":    func() error { return WriteOverlaps(&b, []Overlap{{Tier: "guess"}}) },
		"no tier": func() error { return WriteOverlaps(&b, []Overlap{{}}) },
		"neighbour": func() error {
			return WriteNeighbours(&b, []Neighbour{{Kind: "guess"}})
		},
		"override": func() error { return WriteOverrides(&b, []Override{{Path: "a", Decision: "guess"}}) },
	} {
		if err := write(); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "closed list") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A file that holds a word of no list is refused by its reader too.
func TestForeignWordsAreRefused(t *testing.T) {
	var b bytes.Buffer
	if err := WriteOverlaps(&b, []Overlap{{Tier: TierRefused}}); err != nil {
		t.Fatal(err)
	}
	data := bytes.Replace(b.Bytes(), []byte("refused"), []byte("reduced"), 1)
	if slices.Equal(data, b.Bytes()) {
		t.Fatal("the file does not hold the word")
	}
	if _, err := ReadOverlaps(bytes.NewReader(data)); !errors.Is(err, ErrFormat) {
		t.Errorf("a tier of no list: %v", err)
	}
}

// The notebook colours the overlaps that are sure. It is no part of the programs and has
// a list of its own.
func TestNotebookKnowsTheSureTiers(t *testing.T) {
	notebook, err := os.ReadFile("../notebooks/report.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	var sure []string
	for _, tier := range Tiers() {
		if tier.Sure() {
			sure = append(sure, `\"`+string(tier)+`\"`)
		}
	}
	if want := "row.tier in (" + strings.Join(sure, ", ") + ")"; !strings.Contains(string(notebook), want) {
		t.Errorf("notebooks/report.ipynb does not ask whether %s", want)
	}
}
