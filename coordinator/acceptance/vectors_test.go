//go:build acceptance

package acceptance

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/schemas"
)

// ready is a set's vectors without its images.
type ready struct {
	path, identity []string
	vectors        cluster.Matrix
}

// readyVectors are the vectors of a run's report, where the report says they are.
func readyVectors(t *testing.T, f *finished, store string) *ready {
	t.Helper()
	objects := map[string][]schemas.Embedding{}
	r := &ready{}
	for _, v := range f.verdicts(t) {
		if v.Embedding.Error != schemas.FaultNone {
			continue
		}
		if objects[v.VectorObject] == nil {
			objects[v.VectorObject] = read(t, filepath.Join(store, v.VectorObject), schemas.ReadVectors)
		}
		e := objects[v.VectorObject][v.VectorRow]
		if e.Path != v.Embedding.Path {
			t.Fatalf("row %d of %s is about %q, the report says %q", v.VectorRow, v.VectorObject, e.Path, v.Embedding.Path)
		}
		r.add(v.Embedding.Path, v.Identity, e.Vector)
	}
	return r
}

func (r *ready) add(path, identity string, vector []float32) {
	r.path, r.identity = append(r.path, path), append(r.identity, identity)
	r.vectors.Rows++
	r.vectors.Cols = len(vector)
	r.vectors.Data = append(r.vectors.Data, vector...)
}

// write makes the file that --vectors takes.
func (r *ready) write(t *testing.T) string {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "path", Type: arrow.BinaryTypes.String}, {Name: "identity", Type: arrow.BinaryTypes.String},
		{Name: "vector", Type: arrow.FixedSizeListOf(int32(r.vectors.Cols), arrow.PrimitiveTypes.Float32)},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	b.Field(0).(*array.StringBuilder).AppendValues(r.path, nil)
	b.Field(1).(*array.StringBuilder).AppendValues(r.identity, nil)
	lists := b.Field(2).(*array.FixedSizeListBuilder)
	for i := range r.path {
		lists.Append(true)
		lists.ValueBuilder().(*array.Float32Builder).AppendValues(r.vectors.Row(i), nil)
	}
	rows := b.NewRecord()
	defer rows.Release()
	name := filepath.Join(t.TempDir(), "vectors.arrow")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w, err := ipc.NewFileWriter(file, ipc.WithSchema(schema))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{func() error { return w.Write(rows) }, w.Close, file.Close} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	return name
}

// judged is the report on ready vectors; it needs no engine, models or images.
func (r *ready) judged(t *testing.T) *finished {
	t.Helper()
	return launch{folder: t.TempDir()}.run(t, filepath.Join(t.TempDir(), "store"), "--vectors", r.write(t), "--shard-images", shardImages)
}

// impostorMean is the mean cosine of images of different labels.
func (r *ready) impostorMean() float64 {
	random := rand.New(rand.NewPCG(5, 6))
	sum, n := 0., 0
	for n < 200_000 {
		if i, j := random.IntN(len(r.path)), random.IntN(len(r.path)); r.identity[i] != r.identity[j] {
			sum += float64(cluster.Dot(r.vectors.Row(i), r.vectors.Row(j)))
			n++
		}
	}
	return sum / float64(n)
}

// leaning is the set with every vector mixed with one common direction, so that
// the mean impostor cosine becomes mean.
func (r *ready) leaning(seed uint64, mean float64) *ready {
	random := rand.New(rand.NewPCG(seed, 7))
	direction := make([]float32, r.vectors.Cols)
	for j := range direction {
		direction[j] = float32(random.NormFloat64())
	}
	cluster.Normalize(direction)
	mix := func(share float64) *ready {
		out := &ready{path: r.path, identity: r.identity, vectors: cluster.NewMatrix(r.vectors.Rows, r.vectors.Cols)}
		for i := range r.path {
			row := out.vectors.Row(i)
			for j, x := range r.vectors.Row(i) {
				row[j] = x + float32(share)*direction[j]
			}
			cluster.Normalize(row)
		}
		return out
	}
	low, high := 0., 4.
	for range 25 {
		if middle := (low + high) / 2; mix(middle).impostorMean() < mean {
			low = middle
		} else {
			high = middle
		}
	}
	return mix(high)
}

// TestCommonDirection: decisions hang on no fixed cosine.
func TestCommonDirection(t *testing.T) {
	prepared(t)
	plain := readyVectors(t, base.vggface2, base.folder)
	before := plain.judged(t).byPath(t)
	if len(before) != 3477 {
		t.Errorf("%d rows, want 3,477", len(before))
	}
	seeds := uint64(1)
	if full() {
		seeds = 3
	}
	for seed := uint64(1); seed <= seeds; seed++ {
		mixed := plain.leaning(seed, .4)
		equal, flagged, both := 0, 0, 0
		after := mixed.judged(t).byPath(t)
		for path, v := range before {
			w := after[path]
			if v.Decision == w.Decision {
				equal++
			}
			if v.Decision != schemas.Keep || w.Decision != schemas.Keep {
				flagged++
				if v.Decision == w.Decision {
					both++
				}
			}
		}
		share := float64(equal) / float64(len(before))
		t.Logf("direction %d: mean impostor cosine %.3f, then %.3f; %.2f %% of %d decisions are the same; of %d images flagged before or after, %d are alike",
			seed, plain.impostorMean(), mixed.impostorMean(), 100*share, len(before), flagged, both)
		if share < .98 {
			t.Errorf("direction %d: %.4f of the decisions are the same, want .98", seed, share)
		}
	}
}

// withNoise returns 20 images an identity, a tenth of them wrong: half under a random
// other label, half of people whom the set does not have.
func withNoise(all, outside *ready, seed uint64) (*ready, map[string]bool) {
	random := rand.New(rand.NewPCG(seed, 8))
	rows := map[string][]int{}
	for i, id := range all.identity {
		rows[id] = append(rows[id], i)
	}
	var labels []string
	var taken []int
	for _, id := range all.identity {
		if !slices.Contains(labels, id) {
			labels = append(labels, id)
		}
	}
	for _, id := range labels {
		for _, k := range random.Perm(len(rows[id]))[:min(20, len(rows[id]))] {
			taken = append(taken, rows[id][k])
		}
	}
	wrong := len(taken) / 10
	set, positive := &ready{}, map[string]bool{}
	strangers := random.Perm(len(outside.path))
	for n, k := range random.Perm(len(taken)) {
		i := taken[k]
		path, label, vector := all.path[i], all.identity[i], all.vectors.Row(i)
		positive[path] = n < wrong
		switch {
		case n < wrong/2:
			for label == all.identity[i] {
				label = labels[random.IntN(len(labels))]
			}
		case n < wrong:
			vector = outside.vectors.Row(strangers[n])
		}
		set.add(path, label, vector)
	}
	return set, positive
}

// margins is the baseline, as a short script computes it: the score to the best
// other trimmed centroid minus the leave-one-out score to the own one.
func (r *ready) margins() map[string]float32 {
	rows := map[string][]int{}
	for i, id := range r.identity {
		rows[id] = append(rows[id], i)
	}
	own, centre := map[int]float32{}, map[string][]float32{}
	for id, members := range rows {
		m := cluster.NewMatrix(len(members), r.vectors.Cols)
		for k, i := range members {
			copy(m.Row(k), r.vectors.Row(i))
		}
		c := cluster.TrimmedCentroid(m)
		centre[id] = c.Vector
		for k, s := range c.Scores(m) {
			own[members[k]] = s
		}
	}
	out := map[string]float32{}
	for i, path := range r.path {
		best := float32(math.Inf(-1))
		for id, c := range centre {
			if id != r.identity[i] {
				best = max(best, cluster.Dot(r.vectors.Row(i), c))
			}
		}
		out[path] = best - own[i]
	}
	return out
}

// TestSimulatedNoise: p_noise ranks simulated noise at least as well as the margin, in
// the mean over draws and within two standard errors of the paired difference: these
// vectors come without detector scores and lengths.
func TestSimulatedNoise(t *testing.T) {
	prepared(t)
	const draws = 8
	all, outside := readyVectors(t, base.vggface2, base.folder), readyVectors(t, base.facescrub, base.folder)
	var sum, squares float64
	for seed := uint64(1); seed <= draws; seed++ {
		set, positive := withNoise(all, outside, seed)
		rows, margin := set.judged(t).byPath(t), set.margins()
		var p, m []float32
		var truth []bool
		count := 0
		for _, path := range set.path {
			x := float32(-1)
			if v := rows[path]; v.PNoise != nil {
				x = *v.PNoise
			}
			p, m, truth = append(p, x), append(m, margin[path]), append(truth, positive[path])
			if positive[path] {
				count++
			}
		}
		ours, theirs := labelnoise.AveragePrecision(p, truth), labelnoise.AveragePrecision(m, truth)
		t.Logf("seed %d: %d of %d images wrong; AUPRC of p_noise %.4f, of the margin %.4f", seed, count, len(set.path), ours, theirs)
		sum, squares = sum+ours-theirs, squares+(ours-theirs)*(ours-theirs)
	}
	mean := sum / draws
	spread := math.Sqrt((squares/draws - mean*mean) / (draws - 1))
	t.Logf("p_noise less margin: %+.4f, standard error %.4f", mean, spread)
	if mean < -2*spread {
		t.Errorf("p_noise is below the margin by %.4f, standard error %.4f", -mean, spread)
	}
}
