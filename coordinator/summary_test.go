package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

func ptr[T any](v T) *T { return &v }

// putReport stores a file of a report.
func putReport(t *testing.T, st store.Store, run schemas.RunID, file string, to func(io.Writer) error) {
	t.Helper()
	var b bytes.Buffer
	if err := to(&b); err != nil {
		t.Fatal(err)
	}
	if err := st.Put(t.Context(), schemas.ReportObject(run, file), bytes.NewReader(b.Bytes()), int64(b.Len())); err != nil {
		t.Fatal(err)
	}
}

// handmade stores a small report of everything that a summary shows.
func handmade(t *testing.T, st store.Store, run schemas.RunID) *schemas.Summary {
	t.Helper()
	put := func(file string, to func(io.Writer) error) {
		t.Helper()
		putReport(t, st, run, file, to)
	}
	verdict := func(path string, typ schemas.Type, d schemas.Decision, p *float32, reason string) schemas.Verdict {
		v := schemas.Verdict{Identity: "ann", Type: typ, Decision: d, PNoise: p, Reason: reason}
		v.Path, v.Faces = path, -1
		return v
	}
	long := "looks like Bob_the_Builder_of_Very_Long_Names (0.81) rather than the other 12 images of ann (0.07): wrong with p 0.999"
	parts := [][]schemas.Verdict{
		{
			verdict("ann/1.jpg", schemas.TypeFlip, schemas.Relabel, ptr(float32(.96)), long),
			verdict("ann/2.jpg", schemas.TypeFlip, schemas.Drop, ptr(float32(.99)), long),
			verdict("ann/3.jpg", schemas.TypeClean, schemas.Keep, ptr(float32(.1)), "like the other 12 images of ann (0.71)"),
		}, {
			verdict("ann/4.jpg", schemas.TypeFlip, schemas.Drop, ptr(float32(.98)), long),
			verdict("ann/5.jpg", schemas.TypeFlip, schemas.Drop, ptr(float32(.97)), long),
			verdict("ann/6\n.jpg", schemas.TypeUnreadable, schemas.Drop, nil, "the file is empty"),
			verdict("ann/7.jpg", schemas.TypeNoFace, schemas.Review, nil, "no face found in 10 x 10 pixels"),
		},
	}
	for i, rows := range parts {
		put(schemas.ImagesFile(i), func(w io.Writer) error { return schemas.WriteVerdicts(w, rows) })
	}
	put(schemas.IdentitiesFile, func(w io.Writer) error {
		return schemas.WriteIdentities(w, []schemas.IdentityVerdict{
			{Identity: "ann", Name: ptr("Ann Other"), Images: 6, Usable: 5, NoiseRate: ptr(float32(.4)), Flag: "noisy"},
			{Identity: "bob", Images: 1, Usable: 1, NoiseRate: ptr(float32(.01))}, {Identity: "cy", Images: 0}})
	})
	put(schemas.PairsFile, func(w io.Writer) error {
		return schemas.WritePairs(w, []schemas.Pair{{Kind: "duplicate", AIdentity: "ann", BIdentity: "ann", APath: "ann/1.jpg", BPath: "ann/2.jpg", Score: 1, P: 1},
			{Kind: "split", AIdentity: "ann", BIdentity: "bob", APath: "ann/1.jpg", BPath: "bob/1.jpg", Score: .7, P: .991}})
	})
	var overlaps []schemas.Overlap
	for i := range 12 {
		overlaps = append(overlaps, schemas.Overlap{Identity: "ann", Reference: "lfw", ReferenceIdentity: "Person_" + string(rune('A'+i)), Tier: schemas.TierCertain, Score: .9 - float32(i)/100, P: 1})
	}
	overlaps = append(overlaps, schemas.Overlap{Identity: "bob", Reference: "lfw", ReferenceIdentity: "bob", Tier: schemas.TierRefused, Score: .1, NameMatch: true})
	put(schemas.OverlapFile, func(w io.Writer) error { return schemas.WriteOverlaps(w, overlaps) })
	s := &schemas.Summary{Version: schemas.SummaryVersion, Images: 7, Identities: 3,
		Types:      map[schemas.Type]int{schemas.TypeFlip: 4, schemas.TypeUnreadable: 1, schemas.TypeNoFace: 1, schemas.TypeClean: 1},
		Decisions:  map[schemas.Decision]int{schemas.Drop: 4, schemas.Relabel: 1, schemas.Review: 1, schemas.Keep: 1},
		Overlaps:   map[schemas.Source]map[schemas.Tier]int{"lfw": {schemas.TierCertain: 12, schemas.TierRefused: 1}},
		NoiseRate:  &schemas.Estimate{Value: .3, Low: .2, High: .4},
		Thresholds: []schemas.Threshold{{Name: "drop", Cosine: .21, FalseMatchRate: .0123, Comparisons: 1538, ExpectedFalse: .2}, {Name: "overlap lfw probable", FalseMatchRate: 1e-8, Comparisons: 50_000_000, ExpectedFalse: .5}},
		Sources:    []schemas.SourceSummary{{Identities: 3, Images: 7, Skipped: map[string]int{".txt": 3, ".db": 1}}, {Name: "lfw", Identities: 5749, Images: 13233}},
		Overridden: 2,
		Warnings:   []schemas.Warning{{Code: schemas.WarnOverrideUnknown, Count: 1, Text: "overrides name images that the set does not have", Examples: []string{"ann/9.jpg"}}},
	}
	data, err := schemas.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	put(schemas.SummaryFile, func(w io.Writer) error { _, err := w.Write(data); return err })
	return s
}

// open opens a store.
func open(t *testing.T, url string) store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

const handmadeRun = schemas.RunID("00112233445566778899aabbccddeeff")

func TestSummary(t *testing.T) {
	st := open(t, "mem:summary")
	s := handmade(t, st, handmadeRun)
	var b bytes.Buffer
	a := &app{out: &b, storeURL: defaultStore}
	if err := a.printReport(t.Context(), st, handmadeRun, s); err != nil {
		t.Fatal(err)
	}
	compare(t, "summary.txt", b.String())
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > textWidth && !strings.HasPrefix(line, "  coordinator ") && !strings.Contains(line, "://") {
			t.Errorf("%d columns: %s", n, line)
		}
		if strings.TrimRight(line, " \n")+"\n" != line {
			t.Errorf("spaces at the end: %q", line)
		}
	}
}

func TestSummaryOfFailures(t *testing.T) {
	s := &schemas.Summary{Images: 1, Identities: 1, Types: map[schemas.Type]int{schemas.TypeClean: 1}, Failures: []schemas.TaskFailure{{Task: "embed.set.00001.0000", Images: 2048}}}
	text := summaryText(s, &found{})
	if !strings.Contains(text, "failed: task embed.set.00001.0000, 2,048 images") {
		t.Error(text)
	}
	if next := (&app{storeURL: defaultStore}).next(handmadeRun, s); !strings.Contains(next, "same command again") {
		t.Error(next)
	}
}

// command runs a command in this process on a store.
func command(t *testing.T, url string, json bool, do func(*app, context.Context) error) (string, error) {
	t.Helper()
	var b bytes.Buffer
	a := &app{out: &b, err: os.Stderr, storeURL: url, json: json}
	a.startLog()
	err := do(a, t.Context())
	return b.String(), err
}

func TestReportCommand(t *testing.T) {
	url := t.TempDir()
	st := open(t, url)
	want := handmade(t, st, handmadeRun)
	out := filepath.Join(t.TempDir(), "copy")
	text, err := command(t, url, false, func(a *app, ctx context.Context) error { return a.report(ctx, "", out) })
	if err != nil {
		t.Fatal(err)
	}
	if last := "file://" + url + "/runs/" + string(handmadeRun) + "/report\n"; !strings.HasSuffix(text, "\n"+last) {
		t.Errorf("the last line is not where the report is:\n%s", text)
	}
	for _, name := range []string{schemas.SummaryFile, schemas.IdentitiesFile, schemas.PairsFile, schemas.OverlapFile, schemas.ImagesFile(0), schemas.ImagesFile(1)} {
		copied, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		original, err := os.ReadFile(filepath.Join(url, schemas.ReportObject(handmadeRun, name)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(copied, original) {
			t.Errorf("%s differs", name)
		}
	}
	text, err = command(t, url, true, func(a *app, ctx context.Context) error { return a.report(ctx, handmadeRun, "") })
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(text, "\n")
	var got schemas.Summary
	if err := json.Unmarshal([]byte(lines[0]), &got); err != nil || got.Images != want.Images || len(lines) != 3 {
		t.Errorf("%v: %s", err, text)
	}
	handmade(t, st, "ffeeddccbbaa99887766554433221100")
	if _, err := command(t, url, false, func(a *app, ctx context.Context) error { return a.report(ctx, "", "") }); err == nil || !strings.Contains(err.Error(), "2 reports") {
		t.Errorf("of two reports one was chosen: %v", err)
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
