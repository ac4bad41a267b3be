package pipeline_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	arrowmem "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/schemas"
)

// vectorsFile is an Arrow file of ready vectors, with columns of numbers that are the same
// for every image.
func vectorsFile(t *testing.T, set tree, scale float32, numbers ...column) string {
	t.Helper()
	fields := []arrow.Field{
		{Name: "path", Type: arrow.BinaryTypes.String}, {Name: "identity", Type: arrow.BinaryTypes.String},
		{Name: "vector", Type: arrow.FixedSizeListOf(dim, arrow.PrimitiveTypes.Float32), Nullable: true}}
	for _, c := range numbers {
		fields = append(fields, arrow.Field{Name: c.name, Type: arrow.PrimitiveTypes.Float32})
	}
	b := array.NewRecordBuilder(arrowmem.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for p, s := range set {
		label, _, _ := strings.Cut(p, "/")
		b.Field(0).(*array.StringBuilder).Append(p)
		b.Field(1).(*array.StringBuilder).Append(label)
		for i, c := range numbers {
			b.Field(3 + i).(*array.Float32Builder).Append(c.value)
		}
		l := b.Field(2).(*array.FixedSizeListBuilder)
		if l.Append(strings.HasPrefix(s, "face ")); !strings.HasPrefix(s, "face ") {
			l.ValueBuilder().(*array.Float32Builder).AppendValues(make([]float32, dim), nil)
			continue
		}
		for _, x := range vectorOf(t, s) {
			l.ValueBuilder().(*array.Float32Builder).Append(scale * x)
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	path := filepath.Join(t.TempDir(), "vectors.arrow")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := ipc.NewFileWriter(f, ipc.WithSchema(rec.Schema()))
	if err == nil {
		err = errors.Join(w.Write(rec), w.Close(), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// column is a column of one number.
type column struct {
	name  string
	value float32
}

// What a file says of faces beside their vectors is in the report, and another run where
// nothing else differs.
func TestGivenFaces(t *testing.T) {
	l := newHarness(t)
	set := crowd(20, 6)
	seen := map[schemas.RunID]bool{}
	for _, want := range []schemas.Embedding{
		{}, {DetScore: .75, HasDetScore: true}, {HasDetScore: true}, {Length: 9.5}, {Length: 8, DetScore: .75, HasDetScore: true},
	} {
		var numbers []column
		if want.HasDetScore {
			numbers = append(numbers, column{"det_score", want.DetScore})
		}
		if want.Length != 0 {
			numbers = append(numbers, column{"length", want.Length})
		}
		q := plan.Request{Set: plan.SourceRequest{Vectors: vectorsFile(t, set, 3, numbers...)}, ShardImages: 24, Judge: ask("").Judge}
		planned, _ := l.must(q)
		if seen[planned.ID] {
			t.Errorf("%+v: the run is that of other numbers", numbers)
		}
		seen[planned.ID] = true
		for path, v := range l.verdicts(planned.ID) {
			e := v.Embedding
			if e.DetScore != want.DetScore || e.HasDetScore != want.HasDetScore || e.Length != want.Length || e.Box != want.Box {
				t.Fatalf("%s: %+v; want %+v", path, e, numbers)
			}
		}
	}
}

func TestGivenVectors(t *testing.T) {
	l := newHarness(t)
	set := crowd(20, 6).with(tree{"p003/flip.jpg": portrait("somebody-004", 50), "p005/null.jpg": "none"})
	q := plan.Request{Set: plan.SourceRequest{Vectors: vectorsFile(t, set, 3), Aligned: true}, ShardImages: 24, Judge: ask("").Judge}
	planned, s := l.must(q)
	if s.Images != len(set) || l.engine.calls.Load() != 0 {
		t.Fatalf("%d images, %d engine calls", s.Images, l.engine.calls.Load())
	}
	all := l.verdicts(planned.ID)
	if v := all["p003/flip.jpg"]; v.Type != schemas.TypeFlip || v.Embedding.Hashed || v.Embedding.Width != 0 {
		t.Errorf("the flip: %+v", v)
	}
	if v := all["p005/null.jpg"]; v.Type != schemas.TypeUnreadable || v.Embedding.Error != schemas.FaultNotFinite {
		t.Errorf("the null: %+v", v)
	}
	// The order of the file and the vectors' length change nothing.
	q.Set.Vectors = vectorsFile(t, set, 3)
	if again, _ := l.must(q); again.ID != planned.ID {
		t.Error("the file's order changed the run")
	}
	// A reference by vectors.
	ref := crowd(3, 4)
	q.References = []plan.SourceRequest{{Name: "ref", Vectors: vectorsFile(t, ref, 1)}}
	_, s = l.must(q)
	if s.Overlaps["ref"][schemas.TierCertain] != 3 {
		t.Errorf("overlaps %v; want 3 certain", s.Overlaps)
	}
}
