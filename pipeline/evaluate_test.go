package pipeline_test

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
	"go.uber.org/zap"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/stage/verify"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// people is how many people a made-up verification set has; each has two images.
const people = 60

// verificationSet writes vectors in which person i's two images point along axis i,
// the second a bit aside by its angle; change may alter a vector's JSON.
func verificationSet(t *testing.T, angle func(person int) float64, change func(name, vector string) string) string {
	t.Helper()
	var rows []string
	for i := range people {
		for n := 1; n <= 2; n++ {
			v := make([]float64, people)
			a := float64(n-1) * angle(i)
			v[i], v[(i+1)%people] = math.Cos(a), math.Sin(a)
			name := fmt.Sprintf("P%02d_%04d", i, n)
			vector := strings.ReplaceAll(fmt.Sprint(v), " ", ",")
			rows = append(rows, fmt.Sprintf(`{"path":"lfw/P%02d/%s.jpg","identity":"P%02d","vector":%s}`, i, name, i, change(name, vector)))
		}
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "path", Type: arrow.BinaryTypes.String}, {Name: "identity", Type: arrow.BinaryTypes.String},
		{Name: "vector", Type: arrow.FixedSizeListOf(people, arrow.PrimitiveTypes.Float32), Nullable: true}}, nil)
	record, _, err := array.RecordFromJSON(arrowmemory.DefaultAllocator, schema, strings.NewReader("["+strings.Join(rows, ",")+"]"))
	if err != nil {
		t.Fatal(err)
	}
	defer record.Release()
	name := filepath.Join(t.TempDir(), "vectors.arrow")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := ipc.NewFileWriter(f, ipc.WithSchema(schema))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(record); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

// evaluated plans a set of ready vectors and scores ten folds of pairs with it:
// everybody's own two images, and each with the one before the last.
func evaluated(t *testing.T, vectors string, change func(pairs string) string) (*verify.Evaluation, error) {
	t.Helper()
	st, err := store.Open(t.Context(), "mem:", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := &run.Coordinator{Store: st, Log: zap.NewNop()}
	planned, err := c.Plan(t.Context(), plan.Request{Set: plan.SourceRequest{Vectors: vectors}, ShardImages: 16,
		Judge: schemas.JudgeSpec{Method: "1", Drop: "0.95", Review: "0.5", Certain: "0.01", Probable: "0.5"}})
	if err != nil {
		t.Fatal(err)
	}
	var pairs strings.Builder
	fmt.Fprintf(&pairs, "10\t%d\n", people/10)
	for fold := range 10 {
		for i := fold * people / 10; i < (fold+1)*people/10; i++ {
			fmt.Fprintf(&pairs, "P%02d\t1\t2\n", i)
		}
		for i := fold * people / 10; i < (fold+1)*people/10; i++ {
			fmt.Fprintf(&pairs, "P%02d\t2\tP%02d\t1\n", i, (i+1)%people)
		}
	}
	file := filepath.Join(t.TempDir(), "pairs.txt")
	if err := os.WriteFile(file, []byte(change(pairs.String())), 0o644); err != nil {
		t.Fatal(err)
	}
	protocol, err := dataset.OpenProtocol(t.Context(), file, dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return verify.Evaluate(t.Context(), planned.In(c.Store), protocol)
}

func unchanged(s string) string { return s }

func asItIs(_, vector string) string { return vector }

func TestEvaluateTellsPeopleApart(t *testing.T) {
	e, err := evaluated(t, verificationSet(t, func(i int) float64 { return .01 * float64(i) }, asItIs), unchanged)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(e.Accuracy-1) > 1e-9 || e.StandardError == nil || math.Abs(*e.StandardError) > 1e-9 || e.Images != 2*people || e.Pairs != 2*people || len(e.Folds) != 10 {
		t.Errorf("%+v", e)
	}
	for _, r := range e.AcceptRates {
		if r.TAR != 1 {
			t.Errorf("%+v", r)
		}
	}
	// The last person's images are the furthest apart: cos .59, and sin .59 from the next.
	worst, nearest := e.WorstSame[0], e.WorstDiffer[0]
	if worst.A != "lfw/P59/P59_0001.jpg" || worst.B != "lfw/P59/P59_0002.jpg" || math.Abs(worst.Score-math.Cos(.59)) > 1e-3 {
		t.Errorf("worst pair of one person %+v", worst)
	}
	if nearest.A != "lfw/P59/P59_0002.jpg" || nearest.B != "lfw/P00/P00_0001.jpg" || math.Abs(nearest.Score-math.Sin(.59)) > 1e-3 {
		t.Errorf("worst pair of two people %+v", nearest)
	}
	if len(e.WorstSame) != 10 || !slices.IsSortedFunc(e.WorstDiffer, func(a, b verify.ScoredPair) int { return cmp.Compare(b.Score, a.Score) }) {
		t.Errorf("%v", e.WorstDiffer)
	}
}

func TestEvaluateCountsMistakes(t *testing.T) {
	// Four people's second images are another's: their pairs are told apart wrongly.
	swapped := func(i int) float64 {
		if i%15 == 3 {
			return math.Pi / 2
		}
		return .1
	}
	e, err := evaluated(t, verificationSet(t, swapped, asItIs), unchanged)
	if err != nil {
		t.Fatal(err)
	}
	if want := 1 - 8/float64(2*people); math.Abs(e.Accuracy-want) > 1e-9 {
		t.Errorf("accuracy %v, want %v", e.Accuracy, want)
	}
}

func TestEvaluateSaysWhatAnImageWithoutAVectorCosts(t *testing.T) {
	lost := func(name, vector string) string {
		if name == "P07_0002" {
			return "null"
		}
		return vector
	}
	e, err := evaluated(t, verificationSet(t, func(int) float64 { return .1 }, lost), unchanged)
	if err != nil {
		t.Fatal(err)
	}
	want := verify.LostImage{Path: "lfw/P07/P07_0002.jpg", Error: schemas.FaultNotFinite, Pairs: 2}
	if !slices.Equal(e.Faceless, []verify.LostImage{want}) || e.LostPairs != 2 || len(e.Absent) != 0 || e.AbsentPairs != 0 {
		t.Errorf("%+v", e)
	}
	if want := 1 - 2/float64(2*people); math.Abs(e.Accuracy-want) > 1e-9 {
		t.Errorf("accuracy %v, want %v", e.Accuracy, want)
	}
}

func TestEvaluateRefusesTheListOfAnotherSet(t *testing.T) {
	set := verificationSet(t, func(int) float64 { return .1 }, asItIs)
	_, err := evaluated(t, set, func(pairs string) string { return strings.ReplaceAll(pairs, "P1", "Q1") })
	if err == nil || !strings.Contains(err.Error(), "of 120 pairs of") || !strings.Contains(err.Error(), "Q10/Q10_0001") {
		t.Errorf("%v", err)
	}
}

func TestEvaluateLeavesOutAPairOfAnAbsentImage(t *testing.T) {
	set := verificationSet(t, func(int) float64 { return .1 }, asItIs)
	e, err := evaluated(t, set, func(pairs string) string { return strings.Replace(pairs, "P07\t1\t2\n", "P07\t1\t3\n", 1) })
	if err != nil {
		t.Fatal(err)
	}
	want := verify.LostImage{Path: "P07/P07_0003", Pairs: 1}
	if !slices.Equal(e.Absent, []verify.LostImage{want}) || e.AbsentPairs != 1 || e.Pairs != 2*people-1 || len(e.Faceless) != 0 {
		t.Errorf("%+v", e)
	}
	if math.Abs(e.Accuracy-1) > 1e-9 {
		t.Errorf("accuracy %v", e.Accuracy)
	}
}
