package screen

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/pipeline/report/reporttest"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

const exampleRun = schemas.RunID("00112233445566778899aabbccddeeff")

func TestSummaryText(t *testing.T) {
	st, err := store.Open(t.Context(), "mem:summary", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	reporttest.Write(t, st, exampleRun, reporttest.Example())
	r, err := report.Open(t.Context(), st, exampleRun, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h, err := ReadHighlights(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	text := SummaryText(r.Summary(), h)
	compare(t, "summary.txt", text)
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > Width {
			t.Errorf("%d columns: %s", n, line)
		}
		if strings.TrimRight(line, " \n")+"\n" != line {
			t.Errorf("spaces at the end: %q", line)
		}
	}
}

func TestSummaryOfFailures(t *testing.T) {
	s := &schemas.Summary{Images: 1, Identities: 1, Types: map[schemas.Type]int{schemas.TypeClean: 1},
		Failures: []schemas.TaskFailure{{Task: "embed.set.00001.0000", Images: 2048}}}
	text := SummaryText(s, &Highlights{})
	if !strings.Contains(text, "failed: task embed.set.00001.0000, 2,048 images") {
		t.Error(text)
	}
}

func TestSummaryOfSecondLooks(t *testing.T) {
	s := &schemas.Summary{Images: 2535, Identities: 1, Sources: []schemas.SourceSummary{
		{Images: 2535, SecondLooks: &schemas.LookSummary{Looked: 299, Found: 290}},
		{Name: "ref", Images: 9, SecondLooks: &schemas.LookSummary{Looked: 4}}}}
	if text := SummaryText(s, &Highlights{}); strings.Count(text, "looked at twice") != 1 ||
		!strings.Contains(text, "\n  looked at twice: 299 of 2,535 images (11.8 %)\n") {
		t.Error(text)
	}
	s.Sources[0].SecondLooks = &schemas.LookSummary{}
	if text := SummaryText(s, &Highlights{}); strings.Contains(text, "twice") {
		t.Error(text)
	}
}

// TestSummaryKnowsEveryWord fails where a type or a decision is shown without
// what it means, or not at all.
func TestSummaryKnowsEveryWord(t *testing.T) {
	shown := map[string]bool{}
	for _, x := range typeMeanings {
		shown[string(x.t)] = x.meaning != ""
	}
	for _, d := range shownDecisions {
		shown[string(d)] = true
	}
	want := map[string]bool{}
	for _, x := range schemas.Types() {
		want[string(x)] = true
	}
	for _, x := range schemas.Decisions() {
		want[string(x)] = true
	}
	if !maps.Equal(shown, want) {
		t.Errorf("shown are %q, the words are %q", slices.Sorted(maps.Keys(shown)),
			slices.Sorted(maps.Keys(want)))
	}
}

// Columns stay columns however many images a type has, and guests are told.
func TestSummaryOfManyNearDuplicatesAndGuests(t *testing.T) {
	s := &schemas.Summary{Images: 2_000_000, Identities: 9, Guests: 1200, Flags: map[schemas.Flag]int{schemas.FlagMerged: 3},
		Types: map[schemas.Type]int{schemas.TypeNearDuplicate: 1_500_000, schemas.TypeClean: 500_000}}
	text := SummaryText(s, &Highlights{})
	if !strings.Contains(text, "\n  near-duplicate 1,500,000  75.0 %  ") || !strings.Contains(text, "\n  clean            500,000  25.0 %  ") {
		t.Errorf("columns shift:\n%s", text)
	}
	if !strings.Contains(text, "\n1,200 images of other people under 3 merged labels: see groups.arrow\n") {
		t.Errorf("no guests:\n%s", text)
	}
}

// TestNamesOfPeopleAreEscaped shows a name that a set ships and no terminal should get.
func TestNamesOfPeopleAreEscaped(t *testing.T) {
	name, rate := "Ann\x1b[2J\nLee", float32(.5)
	var b strings.Builder
	identitiesText(&b, []schemas.IdentityVerdict{{Identity: "n1", Name: &name, Images: 3, NoiseRate: &rate}})
	if text := b.String(); !strings.Contains(text, "n1 (Ann%1B[2J%0ALee)\n") {
		t.Errorf("%q", text)
	}
}
