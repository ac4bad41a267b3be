package pipeline_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/facesieve/facesieve/pipeline/admin"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// shelf is a store with runs made by hand.
type shelf struct {
	store.Store
	t *testing.T
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	st, err := store.Open(t.Context(), "mem:"+t.Name(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &shelf{st, t}
}

func (s *shelf) put(name, text string) string {
	s.t.Helper()
	if err := s.Put(s.t.Context(), name, strings.NewReader(text), int64(len(text))); err != nil && !errors.Is(err, fs.ErrExist) {
		s.t.Fatal(err)
	}
	return name
}

func (s *shelf) putJSON(name string, v any) string {
	s.t.Helper()
	data, err := schemas.Marshal(v)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.put(name, string(data))
}

const kind = schemas.NumericKind("0123456789abcdef0123456789abcdef")

// run stores a run of one shard whose parts are given by the letters of parts, and
// returns its id and the names of all objects it needs.
func (s *shelf) run(drop schemas.Decimal, parts string) (schemas.RunID, []string) {
	s.t.Helper()
	hex := func(c byte, n int) string { return strings.Repeat(string(c), n) }
	spec := schemas.Spec{Version: schemas.SpecVersion,
		Data: schemas.DataSpec{Set: schemas.SourceSpec{Digest: schemas.Digest(hex(parts[0], 64)), Images: 2 * len(parts), Aligned: true}, ShardImages: 8},
		Embed: schemas.EmbedSpec{Model: schemas.Digest(hex('e', 64)), Alignment: "a", Flip: "f", Decode: "1",
			Contract: schemas.ModelContract{Width: 112, Height: 112, Channels: "rgb", Scale: "1", Mean: [3]schemas.Decimal{"0", "0", "0"}, Std: [3]schemas.Decimal{"1", "1", "1"}, Dim: 4, Points: "arcface-112"}},
		Judge: schemas.JudgeSpec{Method: "1", Drop: drop, Review: ".5", Certain: "0.01", Probable: "0.5"}}
	spec.Judge.Review = "0.5"
	id, err := spec.ID()
	if err != nil {
		s.t.Fatal(err)
	}
	rows, labels := hex(parts[0], 32), hex(parts[0], 31)+"0"
	sh := schemas.Shard{Rows: rows, Images: 2 * len(parts), Identities: 1, First: "x"}
	needs := []string{s.put(schemas.RowsObject(rows), "rows"), s.put(schemas.LabelsObject(labels), "labels"), s.put(schemas.ModelObject(spec.Embed.Model), "model")}
	for i := range parts {
		p := schemas.Part{Start: 2 * i, End: 2*i + 2, Listed: hex(parts[i], 32)}
		sh.Parts = append(sh.Parts, p)
		ptr := schemas.Pointer{Family: hex(parts[i], 32), Vectors: hex('9', 32), Images: 2}
		needs = append(needs, s.putJSON(schemas.EmbedPointer(schemas.EmbedID(spec.Embed, kind, true, p.Listed)), ptr), s.put(ptr.Object(), "vectors"))
	}
	plan := schemas.Plan{Sources: []schemas.PlanSource{{Labels: labels, Identities: 1, Images: sh.Images, Shards: []schemas.Shard{sh}}}}
	needs = append(needs, s.putJSON(schemas.SpecObject(id), spec), s.putJSON(schemas.PlanObject(id), plan), s.put(schemas.NumericKindObject(id), string(kind)+"\n"))
	return id, needs
}

// report completes a run.
func (s *shelf) report(id schemas.RunID) []string {
	return []string{s.put(schemas.DuplicatesObject(id), "d"), s.put(schemas.MatchObject(id, 0), "c"), s.put(schemas.VerdictsObject(id, 0), "v"),
		s.put(schemas.ReportObject(id, schemas.SummaryFile), "{}")}
}

func (s *shelf) names() []string {
	s.t.Helper()
	var all []string
	for info, err := range s.List(s.t.Context(), "") {
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, info.Name)
	}
	return all
}

func union(lists ...[]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}

// later is a clock at which everything written until now is old.
func later() time.Time { return time.Now().Add(2 * admin.Young) }

func TestCollectKeepsExactlyWhatKeptRunsNeed(t *testing.T) {
	s := newShelf(t)
	a, needsA := s.run("0.95", "ab")
	b, _ := s.run("0.9", "bc") // shares part b
	needsA = append(needsA, s.report(a)...)
	s.report(b)
	s.put(schemas.VectorsObject(strings.Repeat("d", 32), strings.Repeat("1", 32)), "nobody's")
	foreign := s.put("notes/mine.txt", "not the store's")
	before := s.names()

	dry, err := admin.Collect(t.Context(), s, admin.CollectOptions{Keep: []schemas.RunID{a}, Now: later})
	if err != nil {
		t.Fatal(err)
	}
	if dry.Deleted || !slices.Equal(s.names(), before) {
		t.Fatal("a dry run removed something")
	}
	got, err := admin.Collect(t.Context(), s, admin.CollectOptions{Keep: []schemas.RunID{a}, Now: later, Delete: true})
	if err != nil {
		t.Fatal(err)
	}
	want := union(needsA, []string{foreign})
	if !slices.Equal(s.names(), want) {
		t.Errorf("left\n%s\nwant\n%s", strings.Join(s.names(), "\n"), strings.Join(want, "\n"))
	}
	if got.Remove != dry.Remove || got.Remove.Objects != len(before)-len(want) || got.Keep.Objects != len(want)-1 {
		t.Errorf("collection %+v, dry %+v", got, dry)
	}
	for _, r := range got.Runs {
		if (r.Kept == admin.WhyNamed) != (r.ID == a) {
			t.Errorf("run %+v", r)
		}
	}
	if _, err := admin.Collect(t.Context(), s, admin.CollectOptions{Keep: []schemas.RunID{b}, Now: later, Delete: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("keeping a run that is gone: %v", err)
	}
	if !slices.Equal(s.names(), want) {
		t.Error("an unknown run to keep removed something")
	}
}

func TestCollectKeepsYoungAndLive(t *testing.T) {
	s := newShelf(t)
	a, _ := s.run("0.95", "ab")
	s.run("0.9", "bc")
	s.put(schemas.VectorsObject(strings.Repeat("d", 32), strings.Repeat("1", 32)), "nobody's")
	before := s.names()
	c, err := admin.Collect(t.Context(), s, admin.CollectOptions{Delete: true})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.names(), before) || c.Remove.Objects != 0 || c.Young.Objects != 1 {
		t.Errorf("young objects went: %+v", c)
	}
	c, err = admin.Collect(t.Context(), s, admin.CollectOptions{Live: []schemas.RunID{a}, Now: later})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range c.Runs {
		if (r.Kept == admin.WhyLive) != (r.ID == a) {
			t.Errorf("run %+v", r)
		}
	}
	c, err = admin.Collect(t.Context(), s, admin.CollectOptions{All: true, Now: later})
	if err != nil {
		t.Fatal(err)
	}
	if c.Remove.Objects != 1 || c.Folders[schemas.VectorsFolder].Objects != 1 {
		t.Errorf("with all runs kept, %+v goes; want the vectors that nobody needs", c.Folders)
	}
}

// half is a store that ends a collection in its middle.
type half struct {
	store.Store
	left int
}

func (h *half) Delete(ctx context.Context, name string) error {
	if h.left--; h.left < 0 {
		return io.ErrClosedPipe
	}
	return h.Store.Delete(ctx, name)
}

func TestCollectCutShort(t *testing.T) {
	s := newShelf(t)
	a, needs := s.run("0.95", "ab")
	b, _ := s.run("0.9", "bcd")
	s.report(b)
	o := admin.CollectOptions{Keep: []schemas.RunID{a}, Now: later, Delete: true}
	for n := 0; ; n++ {
		_, err := admin.Collect(t.Context(), &half{s, n % 3}, o)
		if err == nil {
			break
		}
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Fatal(err)
		}
		for _, name := range needs {
			if !slices.Contains(s.names(), name) {
				t.Fatalf("%s went", name)
			}
		}
		if n > 100 {
			t.Fatal("no end")
		}
	}
	if want := union(needs); !slices.Equal(s.names(), want) {
		t.Errorf("left %q, want %q", s.names(), want)
	}
}

// A run that another version of the program made is left alone, with everything
// that it may use, and the listing says what it is.
func TestRunsOfAnotherVersionAreLeftAlone(t *testing.T) {
	s := newShelf(t)
	gone, _ := s.run("0.9", "ab")
	kept, needs := s.run("0.8", "bc")
	before := schemas.RunID("00000000000000000000000000000001")
	object := s.put(schemas.SpecObject(before), `{"version":1,"data":{},"embed":{},"judge":{}}`)
	stray := s.put(schemas.RowsObject(strings.Repeat("7", 32)), "rows of the run before")

	c, err := admin.Collect(t.Context(), s, admin.CollectOptions{Keep: []schemas.RunID{kept}, Now: later, Delete: true})
	if err != nil {
		t.Fatal(err)
	}
	why := map[schemas.RunID]string{}
	for _, r := range c.Runs {
		why[r.ID] = r.Kept
	}
	if why[before] != admin.WhyForeign || why[gone] != admin.WhyUnkept || why[kept] != admin.WhyNamed {
		t.Errorf("kept: %v", why)
	}
	for _, name := range append(needs, object, stray) {
		if _, err := s.Stat(t.Context(), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Stat(t.Context(), schemas.SpecObject(gone)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder of a run that is not kept: %v", err)
	}
	all, err := admin.Status(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(all, func(r admin.RunStatus) bool { return r.ID == before }); i < 0 || all[i].State != admin.StateForeign {
		t.Errorf("status: %+v", all)
	}
}
