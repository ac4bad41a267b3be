package main

import (
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/facesieve/facesieve/coordinator/demo"
	"github.com/facesieve/facesieve/pipeline/dataset/synth"
	"github.com/facesieve/facesieve/schemas"
)

// faults are what was planted in a set, a name that is escaped in a report among it,
// and what a report holds.
func faults() ([]synth.Truth, *demo.Report) {
	const odd = "ann/10%\n\xff"
	verdict := func(path string, typ schemas.Type) schemas.Verdict {
		label, _, _ := strings.Cut(path, "/")
		v := schemas.Verdict{Identity: label, Type: typ, Decision: schemas.Drop, Reason: "because"}
		v.Path, v.Faces = path, -1
		if typ == schemas.TypeFlip {
			v.SuggestedIdentity, v.OtherIdentity = ptr("bob"), ptr("bob")
		}
		return v
	}
	return []synth.Truth{
			{Issue: synth.Flip, Path: odd, Identity: "ann", Other: "bob"},
			{Issue: synth.HardFlip, Path: "ann/2", Identity: "ann", Other: "cy"},
			{Issue: synth.Outlier, Path: "ann/3", Identity: "ann"},
			{Issue: synth.Outlier, Path: "ann/4", Identity: "ann"},
			{Issue: synth.Duplicate, Path: "ann/4", Identity: "ann", Other: "ann/5", Detail: synth.Reencoded},
			{Issue: synth.Faceless, Path: "ann/6", Identity: "ann"},
			{Issue: synth.Broken, Path: "ann/gone", Identity: "ann"},
		}, &demo.Report{
			Images: []schemas.Verdict{verdict(odd, schemas.TypeFlip), verdict("ann/2", schemas.TypeFlip), verdict("ann/3", schemas.TypeFlip),
				verdict("ann/4", schemas.TypeClean), verdict("ann/5", schemas.TypeFlip), verdict("ann/6", schemas.TypeOutlier)},
			Pairs:      []schemas.Pair{{Kind: "split", AIdentity: "ann", BIdentity: "bob", APath: odd, BPath: "bob/1"}},
			Overlaps:   []schemas.Overlap{{Identity: "bob", Reference: demoReference, ReferenceIdentity: "Bob", Tier: schemas.TierCertain}},
			Identities: []schemas.IdentityVerdict{{Identity: "ann", Name: ptr("Ann %")}, {Identity: "bob"}},
		}
}

// A report is read from its files as it was before it was escaped for them.
func TestReadReport(t *testing.T) {
	truth, want := faults()
	st := open(t, "mem:report")
	write := func(file string, to func(io.Writer) error) {
		t.Helper()
		putReport(t, st, handmadeRun, file, to)
	}
	write(schemas.ImagesFile(0), func(w io.Writer) error { return schemas.WriteVerdicts(w, want.Images[:2]) })
	write(schemas.ImagesFile(1), func(w io.Writer) error { return schemas.WriteVerdicts(w, want.Images[2:]) })
	write(schemas.PairsFile, func(w io.Writer) error { return schemas.WritePairs(w, want.Pairs) })
	write(schemas.OverlapFile, func(w io.Writer) error { return schemas.WriteOverlaps(w, want.Overlaps) })
	write(schemas.IdentitiesFile, func(w io.Writer) error { return schemas.WriteIdentities(w, want.Identities) })
	got, err := readReport(t.Context(), st, handmadeRun)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Images) != len(want.Images) {
		t.Fatalf("%d images, want %d", len(got.Images), len(want.Images))
	}
	for i := range got.Images {
		if got.Images[i].Path != want.Images[i].Path {
			t.Errorf("image %d is %q, want %q", i, got.Images[i].Path, want.Images[i].Path)
		}
	}
	if got, want := comparisonText(demo.Compare(truth, got)), comparisonText(demo.Compare(truth, want)); got != want {
		t.Errorf("read back:\n%s\nwant\n%s", got, want)
	}
	if n := got.Identities; len(n) != 2 || n[0].Name == nil || *n[0].Name != "Ann %" {
		t.Errorf("identities %+v", n)
	}
}

// The text fits a terminal, shows odd names escaped, and says what was planted in
// the images that it shows.
func TestDemoText(t *testing.T) {
	truth, report := faults()
	flips := slices.DeleteFunc(slices.Clone(report.Images), func(v schemas.Verdict) bool { return v.Type != schemas.TypeFlip })
	r := &demoResult{made: synth.Made{Images: 1500, Identities: 60, ReferenceImages: 160, ReferencePeople: 40, Truth: "demo/data/truth/truth.csv"},
		truth: truth, comparison: demo.Compare(truth, report), flips: flips}
	text := demoText(r)
	compare(t, "demo.txt", text)
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > textWidth {
			t.Errorf("%d columns: %s", n, line)
		}
		if strings.TrimRight(line, " \n")+"\n" != line {
			t.Errorf("spaces at the end: %q", line)
		}
	}
	r.truth, r.comparison = nil, nil
	if text := demoText(r); !strings.Contains(text, r.made.Truth) || strings.Contains(text, "planted:") || strings.Contains(text, "a mistake") {
		t.Errorf("without the truth:\n%s", text)
	}
}
