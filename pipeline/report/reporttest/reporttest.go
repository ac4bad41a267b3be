// Package reporttest makes reports for tests.
package reporttest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// Tables are what a report holds.
type Tables struct {
	Images     [][]schemas.Verdict // by part
	Identities []schemas.IdentityVerdict
	Pairs      []schemas.Pair
	Overlaps   []schemas.Overlap
	Groups     []schemas.Group
	Summary    schemas.Summary
}

// Put stores a report of a run, its summary last.
func Put(ctx context.Context, st store.Store, run schemas.RunID, r Tables) error {
	var err error
	put := func(file string, write func(io.Writer) error) {
		if err == nil {
			err = putObject(ctx, st, schemas.ReportObject(run, file), write)
		}
	}
	for i, rows := range r.Images {
		put(schemas.ImagesFile(i), func(w io.Writer) error { return schemas.WriteVerdicts(w, rows) })
	}
	put(schemas.IdentitiesFile, func(w io.Writer) error { return schemas.WriteIdentities(w, r.Identities) })
	put(schemas.PairsFile, func(w io.Writer) error { return schemas.WritePairs(w, r.Pairs) })
	put(schemas.OverlapFile, func(w io.Writer) error { return schemas.WriteOverlaps(w, r.Overlaps) })
	put(schemas.GroupsFile, func(w io.Writer) error { return schemas.WriteGroups(w, r.Groups) })
	put(schemas.SummaryFile, func(w io.Writer) error { return writeJSON(w, r.Summary) })
	return err
}

// Write stores a report of a run.
func Write(t testing.TB, st store.Store, run schemas.RunID, r Tables) {
	t.Helper()
	if err := Put(t.Context(), st, run, r); err != nil {
		t.Fatal(err)
	}
}

// PutSource stores what a run knows of its set: where its images are, and their rows
// by shard, ordered by identity.
func PutSource(ctx context.Context, st store.Store, run schemas.RunID, url string,
	shards [][]schemas.Image) error {
	set := schemas.PlanSource{Labels: schemas.LabelsID(nil)}
	for i, rows := range shards {
		sh := schemas.Shard{Index: i, Rows: schemas.RowsID(rows), Images: len(rows),
			First: schemas.EscapePath(rows[0].Identity),
			Parts: []schemas.Part{{End: len(rows), Listed: schemas.ListedID(rows)}}}
		err := putObject(ctx, st, schemas.RowsObject(sh.Rows),
			func(w io.Writer) error { return schemas.WriteRows(w, rows) })
		if err != nil {
			return err
		}
		set.Shards = append(set.Shards, sh)
		set.Images += len(rows)
	}
	plan := schemas.Plan{Sources: []schemas.PlanSource{set}}
	err := putObject(ctx, st, schemas.PlanObject(run), func(w io.Writer) error { return writeJSON(w, plan) })
	if err != nil {
		return err
	}
	file := schemas.SourceFile{Sources: []schemas.SourceLocation{{URL: url}}}
	return putObject(ctx, st, schemas.SourceObject(run), func(w io.Writer) error { return writeJSON(w, file) })
}

func putObject(ctx context.Context, st store.Store, name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	return st.Put(ctx, name, bytes.NewReader(b.Bytes()), int64(b.Len()))
}

func writeJSON(w io.Writer, v any) error {
	data, err := schemas.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// Verdict returns a row about an image, whose path begins with its label.
func Verdict(path string, typ schemas.Type, d schemas.Decision, pNoise *float32,
	reason string) schemas.Verdict {
	v := schemas.Verdict{Type: typ, Decision: d, PNoise: pNoise, Reason: reason}
	v.Identity, _, _ = strings.Cut(path, "/")
	v.Embedding.Path, v.Embedding.Faces = path, -1
	return v
}

// Example returns a small report with everything that a summary shows.
func Example() Tables {
	const long = "looks like Bob_the_Builder_of_Very_Long_Names (0.81) rather than the other 12 images of ann (0.07): wrong with p 0.999"
	r := Tables{Images: [][]schemas.Verdict{{
		Verdict("ann/1.jpg", schemas.TypeFlip, schemas.Relabel, new(float32(.96)), long),
		Verdict("ann/2.jpg", schemas.TypeFlip, schemas.Drop, new(float32(.99)), long),
		Verdict("ann/3.jpg", schemas.TypeClean, schemas.Keep, new(float32(.1)),
			"like the other 12 images of ann (0.71)"),
	}, {
		Verdict("ann/4.jpg", schemas.TypeFlip, schemas.Drop, new(float32(.98)), long),
		Verdict("ann/5.jpg", schemas.TypeFlip, schemas.Drop, new(float32(.97)), long),
		Verdict("ann/6\n.jpg", schemas.TypeUnreadable, schemas.Drop, nil, "the file is empty"),
		Verdict("ann/7.jpg", schemas.TypeNoFace, schemas.Review, nil, "no face found in 10 x 10 pixels"),
	}}}
	r.Identities = []schemas.IdentityVerdict{
		{Identity: "ann", Name: new("Ann Other"), Images: 6, Usable: 5, NoiseRate: new(float32(.4)),
			Flag: schemas.FlagNoisy},
		{Identity: "bob", Images: 1, Usable: 1, NoiseRate: new(float32(.01))}, {Identity: "cy", Images: 0}}
	r.Pairs = []schemas.Pair{
		{Kind: schemas.PairDuplicate, AIdentity: "ann", BIdentity: "ann", APath: "ann/1.jpg",
			BPath: "ann/2.jpg", Score: 1, P: 1},
		{Kind: schemas.PairSplit, AIdentity: "ann", BIdentity: "bob", APath: "ann/1.jpg", BPath: "bob/1.jpg",
			Score: .7, P: .991}}
	for i := range 12 {
		r.Overlaps = append(r.Overlaps, schemas.Overlap{Identity: "ann", Reference: "lfw",
			ReferenceIdentity: fmt.Sprintf("Person_%c", 'A'+i),
			Tier:              schemas.TierCertain, Score: .9 - float32(i)/100, P: 1})
	}
	r.Overlaps = append(r.Overlaps, schemas.Overlap{Identity: "bob", Reference: "lfw",
		ReferenceIdentity: "bob", Tier: schemas.TierRefused, Score: .1, NameMatch: true})
	r.Summary = schemas.Summary{Version: schemas.SummaryVersion, Images: 7, Identities: 3,
		Types: map[schemas.Type]int{schemas.TypeFlip: 4, schemas.TypeUnreadable: 1, schemas.TypeNoFace: 1,
			schemas.TypeClean: 1},
		Decisions: map[schemas.Decision]int{schemas.Drop: 4, schemas.Relabel: 1, schemas.Review: 1,
			schemas.Keep: 1},
		Overlaps: map[schemas.Source]map[schemas.Tier]int{"lfw": {schemas.TierCertain: 12,
			schemas.TierRefused: 1}},
		NoiseRate: &schemas.Estimate{Value: .3, Low: .2, High: .4},
		Thresholds: []schemas.Threshold{{Name: "drop", Cosine: .21, FalseMatchRate: .0123, Comparisons: 1538,
			ExpectedFalse: .2},
			{Name: "overlap lfw probable", FalseMatchRate: 1e-8, Comparisons: 50_000_000, ExpectedFalse: .5}},
		Sources: []schemas.SourceSummary{{Identities: 3, Images: 7,
			Skipped: map[string]int{".txt": 3, ".db": 1}}, {Name: "lfw", Identities: 5749, Images: 13233}},
		Overridden: 2,
		Warnings: []schemas.Warning{{Code: schemas.WarnOverrideUnknown, Count: 1,
			Text:     "overrides name images that the set does not have",
			Examples: []string{"ann/9.jpg"}}},
	}
	return r
}
