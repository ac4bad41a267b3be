package pipeline_test

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/nearest"
	"github.com/facesieve/facesieve/pipeline/stage/neighbours"
	"github.com/facesieve/facesieve/schemas"
)

// manyLabelled is a set with all that concerns who is near to whom: wrong labels, exact
// copies, images without a vector, identities of one image, and a person's decisions,
// which move images to other shards.
func manyLabelled() (tree, []schemas.Override) {
	set := mixedUp().with(tree{"p003/broken.jpg": "garbage", "p004/nobody.jpg": "nobody",
		"p005/copy.jpg": portrait("somebody-005", 1), "p006/copy.jpg": portrait("somebody-009", 2)})
	for i := range 5 {
		set[fmt.Sprintf("one-%d/1.jpg", i)] = portrait(fmt.Sprintf("single-%d", i), 1)
	}
	return set, []schemas.Override{
		{Path: "p001/001.jpg", Decision: schemas.Relabel, Identity: "p020"},
		{Path: "p001/002.jpg", Decision: schemas.Relabel, Identity: "p001"},
		{Path: "p007/003.jpg", Decision: schemas.Drop},
		{Path: "p008/004.jpg", Decision: schemas.Keep},
		{Path: "one-1/1.jpg", Decision: schemas.Drop},
		{Path: "one-2/1.jpg", Decision: schemas.Relabel, Identity: "p022"},
		{Path: "p022/wrong1.jpg", Decision: schemas.Relabel, Identity: "one-3"},
	}
}

// around returns what is around each image of a set, in the set's order.
func around(t *testing.T, run *runstore.Run) (all []*runstore.Around) {
	t.Helper()
	for _, sh := range run.Set().Shards {
		some, err := run.Around(t.Context(), sh.Index)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, some...)
	}
	return all
}

// again does stages nearest and neighbours again with groups of other sizes.
func (l *harness) again(id schemas.RunID, groupImages int) *runstore.Run {
	l.t.Helper()
	run, err := runstore.Load(l.t.Context(), l.store, id)
	if err != nil {
		l.t.Fatal(err)
	}
	run.GroupImages = groupImages
	for _, folder := range []string{schemas.NearestFolder(id), schemas.EntriesFolder(id), schemas.NeighboursFolder(id)} {
		for _, name := range l.names(folder) {
			if err := l.store.Delete(l.t.Context(), name); err != nil {
				l.t.Fatal(err)
			}
		}
	}
	l.nearAgain(run)
	return run
}

func (l *harness) nearAgain(run *runstore.Run) {
	l.t.Helper()
	all, err := run.Identities(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	set, shards := all[schemas.Set], runstore.NewShards(run)
	for _, sh := range run.Set().Shards {
		if err := nearest.Shard(l.t.Context(), shards, set, sh.Index); err != nil {
			l.t.Fatal(err)
		}
	}
	for g := range len(run.Groups(set)) - 1 {
		if err := neighbours.Group(l.t.Context(), run, set, g); err != nil {
			l.t.Fatal(err)
		}
	}
}

// listed is an image as the definition of neighbours sees it.
type listed struct {
	position int64
	path     string
	label    int
	vector   []float32
	dropped  bool
	own      *float32
	others   []cluster.Neighbour // all other identities, nearest first
	first    int                 // whose list it is entered in; -1: none
	second   int
}

// definition computes what is around each image by the definition alone: every image
// beside every identity and every other image.
func definition(t *testing.T, run *runstore.Run) []*runstore.Around {
	t.Helper()
	all, err := run.Identities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	set := all[schemas.Set]
	images, rows := listImages(t, run, set)
	scoreOwn(set, images)
	for i := range images {
		rank(set, &images[i])
	}
	out := make([]*runstore.Around, rows)
	for i := range images {
		x := &images[i]
		a := &runstore.Around{Identity: int32(x.label), Own: float32(math.NaN())}
		if x.own != nil {
			a.Own = *x.own
		}
		asked := map[int]bool{}
		for _, n := range x.others[:min(10, len(x.others))] {
			a.Centroids = append(a.Centroids, runstore.Near{Identity: int32(n.Index), Cosine: n.Score})
			asked[n.Index] = true
		}
		for j := range images {
			y := &images[j]
			cosine := cluster.Dot(x.vector, y.vector)
			switch without := y.first; {
			case i == j || y.dropped:
			case y.label == x.label:
				a.OwnCosines = append(a.OwnCosines, cosine)
			case asked[y.first] || y.first == x.label:
				if without == x.label {
					without = y.second
				}
				a.Images = append(a.Images, runstore.NearImage{Identity: int32(y.label), Cosine: cosine,
					Position: y.position, Stays: asked[without]})
			}
		}
		slices.SortFunc(a.OwnCosines, func(p, q float32) int { return cmp.Compare(q, p) })
		a.OwnCosines = a.OwnCosines[:min(10, len(a.OwnCosines))]
		slices.SortFunc(a.Images, func(p, q runstore.NearImage) int {
			return cmp.Or(cmp.Compare(q.Cosine, p.Cosine), cmp.Compare(p.Position, q.Position))
		})
		a.Images = a.Images[:min(16, len(a.Images))]
		out[x.position] = a
	}
	return out
}

// listImages returns the usable images of a set and the number of all images.
func listImages(t *testing.T, run *runstore.Run, set *runstore.Identities) (images []listed, rows int64) {
	t.Helper()
	shards := runstore.NewShards(run)
	for _, sh := range run.Set().Shards {
		v, err := shards.Get(t.Context(), runstore.ShardKey{Shard: sh.Index})
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range v.States {
			if s.Usable {
				dropped := s.Override != nil && s.Override.Decision == schemas.Drop
				images = append(images, listed{position: rows, path: v.Vectors.Rows[i].Path, label: set.Find(s.Label),
					vector: v.Vectors.Embeddings[i].Vector, dropped: dropped})
			}
			rows++
		}
	}
	return images, rows
}

// scoreOwn scores every image against its label without itself.
func scoreOwn(set *runstore.Identities, images []listed) {
	for k := range set.Rows {
		var members []*listed
		for i := range images {
			if images[i].label == k && !images[i].dropped {
				members = append(members, &images[i])
			}
		}
		slices.SortFunc(members, func(a, b *listed) int { return strings.Compare(a.path, b.path) })
		v := cluster.NewMatrix(len(members), dim)
		for i, m := range members {
			copy(v.Row(i), m.vector)
		}
		centroid := cluster.TrimmedCentroid(v)
		scores := centroid.Scores(v)
		for i, m := range members {
			if len(members) > 1 {
				m.own = &scores[i]
			}
		}
		for i := range images {
			if x := &images[i]; x.label == k && x.dropped && len(members) > 0 {
				score := cluster.Dot(x.vector, centroid.Vector)
				x.own = &score
			}
		}
	}
}

// rank orders the other identities for an image, and finds its list.
func rank(set *runstore.Identities, x *listed) {
	nearer := func(a, b cluster.Neighbour) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Index, b.Index))
	}
	for k := range set.Rows {
		if k != x.label && set.Usable[k] > 0 {
			x.others = append(x.others, cluster.Neighbour{Index: k, Score: cluster.Dot(x.vector, set.Trimmed.Row(k))})
		}
	}
	slices.SortFunc(x.others, nearer)
	all := slices.Clone(x.others)
	if x.own != nil {
		all = append(all, cluster.Neighbour{Index: x.label, Score: *x.own})
	}
	slices.SortFunc(all, nearer)
	all = append(all, cluster.Neighbour{Index: -1}, cluster.Neighbour{Index: -1})
	x.first, x.second = all[0].Index, all[1].Index
}

// sameAround fails where two lists of what is around images differ.
func sameAround(t *testing.T, what string, got, want []*runstore.Around) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d images; want %d", what, len(got), len(want))
	}
	for i := range got {
		if (got[i] == nil) != (want[i] == nil) {
			t.Fatalf("%s: image %d has %+v; want %+v", what, i, got[i], want[i])
		}
		if got[i] == nil {
			continue
		}
		a, b := *got[i], *want[i]
		if math.IsNaN(float64(a.Own)) && math.IsNaN(float64(b.Own)) {
			a.Own, b.Own = 0, 0
		}
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("%s: image %d has\n%+v; want\n%+v", what, i, a, b)
		}
	}
}

// What the stages find is what the definition says, however the lists are grouped and
// the set is cut into shards.
func TestAroundIsWhatTheDefinitionSays(t *testing.T) {
	set, overrides := manyLabelled()
	root := set.write(t, t.TempDir())
	var first []*runstore.Around
	for _, shardImages := range []int{24, 1000} {
		l := newHarness(t)
		l.workers = 2
		q := ask(root)
		q.Overrides, q.ShardImages = overrides, shardImages
		l.store = openStore(t, fmt.Sprintf("mem:%s/%d", t.Name(), shardImages))
		planned, _ := l.must(q)
		run, err := runstore.Load(t.Context(), l.store, planned.ID)
		if err != nil {
			t.Fatal(err)
		}
		got := around(t, run)
		sameAround(t, fmt.Sprintf("shards of %d images", shardImages), got, definition(t, run))
		if first == nil {
			first = got
		}
		sameAround(t, "another cut into shards", got, first)
		if n := len(l.names(schemas.EntriesFolder(planned.ID))); n != 0 {
			t.Errorf("%d objects with entries are left", n)
		}
		whole := l.objects(schemas.NearestFolder(planned.ID))
		for _, groupImages := range []int{1, 37, 100} {
			run := l.again(planned.ID, groupImages)
			if n := len(l.names(schemas.NeighboursFolder(planned.ID))); n < 2*len(run.Set().Shards)+2 {
				t.Errorf("groups of %d images give only %d objects", groupImages, n)
			}
			what := fmt.Sprintf("groups of %d images", groupImages)
			sameAround(t, what, around(t, run), got)
			same(t, what, l.objects(schemas.NearestFolder(planned.ID)), whole)
		}
	}
}

// objects are those with a prefix: name to bytes.
func (l *harness) objects(prefix string) map[string]string {
	l.t.Helper()
	out := map[string]string{}
	for _, name := range l.names(prefix) {
		out[name] = string(l.bytes(name))
	}
	return out
}

// In sets where there is little to be near to, all is as the definition says too.
func TestAroundInSmallSets(t *testing.T) {
	for name, set := range map[string]tree{
		"one image":                crowd(1, 1),
		"one identity":             crowd(1, 5),
		"two identities of one":    crowd(2, 1),
		"three identities":         crowd(3, 4),
		"eleven identities":        crowd(11, 3),
		"a person under two names": tree{}.person("a", "x", 4).with(tree{"b/1.jpg": portrait("x", 9), "b/2.jpg": portrait("x", 10)}),
		"nobody":                   {"a/1.jpg": "nobody", "b/1.jpg": "garbage"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newHarness(t)
			planned, _ := l.must(ask(set.write(t, t.TempDir())))
			run, err := runstore.Load(t.Context(), l.store, planned.ID)
			if err != nil {
				t.Fatal(err)
			}
			sameAround(t, name, around(t, run), definition(t, run))
		})
	}
}

// Of the ten images nearest to an image, whatever their label, its label's and the
// lists that it asks hold nearly all.
func TestNeighboursAreTheTrueTen(t *testing.T) {
	l := newHarness(t)
	set := crowd(150, 12)
	for i := range 150 {
		set[fmt.Sprintf("p%03d/flip.jpg", i)] = portrait(fmt.Sprintf("somebody-%03d", (i*7+3)%150), 50)
		set[fmt.Sprintf("p%03d/outlier.jpg", i)] = stranger(i)
	}
	q := plan.Request{Set: plan.SourceRequest{Vectors: vectorsFile(t, set, 1)}, ShardImages: 1000, Judge: ask("").Judge}
	planned, _ := l.must(q)
	run, err := runstore.Load(t.Context(), l.store, planned.ID)
	if err != nil {
		t.Fatal(err)
	}
	recall := recallOfTen(t, run)
	t.Logf("%.4f of the true ten are found", recall)
	if recall < .95 || recall >= 1 {
		t.Errorf("recall %.4f; want .95 and more, and a set in which something is missed", recall)
	}
}

// recallOfTen returns the share of the ten images nearest to each image that its own
// label's and the lists it asks hold.
func recallOfTen(t *testing.T, run *runstore.Run) float64 {
	t.Helper()
	all, err := run.Identities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	images, _ := listImages(t, run, all[schemas.Set])
	near := around(t, run)
	found, total := 0, 0
	for i := range images {
		var exact []float32
		for j := range images {
			if i != j {
				exact = append(exact, cluster.Dot(images[i].vector, images[j].vector))
			}
		}
		a := near[images[i].position]
		cosines := slices.Clone(a.OwnCosines)
		for _, n := range a.Images {
			cosines = append(cosines, n.Cosine)
		}
		for _, list := range [][]float32{exact, cosines} {
			slices.SortFunc(list, func(p, q float32) int { return cmp.Compare(q, p) })
		}
		k := 0
		for _, c := range exact[:min(10, len(exact))] {
			total++
			if k < len(cosines) && cosines[k] == c {
				found++
				k++
			}
		}
	}
	return float64(found) / float64(total)
}
