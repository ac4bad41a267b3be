package demo

import (
	"flag"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/facesieve/facesieve/coordinator/score"
	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/dataset/synth"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/pipeline/report"
	"github.com/facesieve/facesieve/pipeline/report/reporttest"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// faults are what was planted in a set, a name that is escaped in a report among it,
// and a report of it.
func faults(t *testing.T) ([]truth.Row, *report.Report) {
	t.Helper()
	const odd = "ann/10%\n\xff"
	verdict := func(path string, typ schemas.Type) schemas.Verdict {
		v := reporttest.Verdict(path, typ, schemas.Drop, nil, "because")
		if typ == schemas.TypeFlip {
			v.SuggestedIdentity, v.OtherIdentity = new("bob"), new("bob")
		}
		return v
	}
	st, err := store.Open(t.Context(), "mem:report", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const run = schemas.RunID("00112233445566778899aabbccddeeff")
	reporttest.Write(t, st, run, reporttest.Tables{
		Images: [][]schemas.Verdict{
			{verdict(odd, schemas.TypeFlip), verdict("ann/2", schemas.TypeFlip)},
			{verdict("ann/3", schemas.TypeFlip), verdict("ann/4", schemas.TypeClean),
				verdict("ann/5", schemas.TypeFlip), verdict("ann/6", schemas.TypeOutlier)}},
		Pairs: []schemas.Pair{{Kind: schemas.PairSplit, AIdentity: "ann", BIdentity: "bob", APath: odd,
			BPath: "bob/1"}},
		Overlaps: []schemas.Overlap{{Identity: "bob", Reference: "lfw", ReferenceIdentity: "Bob",
			Tier: schemas.TierCertain}},
		Summary: schemas.Summary{Version: schemas.SummaryVersion},
	})
	r, err := report.Open(t.Context(), st, run, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return []truth.Row{
		{Issue: truth.Flip, Path: odd, Identity: "ann", Other: "bob"},
		{Issue: truth.HardFlip, Path: "ann/2", Identity: "ann", Other: "cy"},
		{Issue: truth.Outlier, Path: "ann/3", Identity: "ann"},
		{Issue: truth.Outlier, Path: "ann/4", Identity: "ann"},
		{Issue: truth.Duplicate, Path: "ann/4", Identity: "ann", Other: "ann/5", Detail: truth.Reencoded},
		{Issue: truth.Faceless, Path: "ann/6", Identity: "ann"},
		{Issue: truth.Broken, Path: "ann/gone", Identity: "ann"},
	}, r
}

// The text fits a terminal, shows odd names escaped, and says what was planted in
var update = flag.Bool("update", false, "write testdata again")

// the images that it shows.
func TestDemoText(t *testing.T) {
	rows, report := faults(t)
	comparison, err := score.Compare(t.Context(), report, rows)
	if err != nil {
		t.Fatal(err)
	}
	var flips []schemas.Verdict
	for v, err := range report.Images(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if v.Type == schemas.TypeFlip {
			flips = append(flips, v)
		}
	}
	r := &Result{Made: synth.Made{Images: 1500, Identities: 60, ReferenceImages: 160, ReferencePeople: 40,
		Truth: "demo/data/truth/truth.csv"},
		Comparison: comparison, Flips: flips, Explain: score.Explain(rows)}
	text := Text(r)
	if *update {
		if err := os.WriteFile("testdata/demo.txt", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/demo.txt")
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > screen.Width {
			t.Errorf("%d columns: %s", n, line)
		}
		if strings.TrimRight(line, " \n")+"\n" != line {
			t.Errorf("spaces at the end: %q", line)
		}
	}
	r.Explain, r.Comparison = nil, nil
	if text := Text(r); !strings.Contains(text, r.Made.Truth) || strings.Contains(text, "planted:") ||
		strings.Contains(text, "a mistake") {
		t.Errorf("without the truth:\n%s", text)
	}
}
