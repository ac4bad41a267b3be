package pipeline_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"reflect"
	"strings"
	"testing"

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

// What is gone or of other rows is told, and what to do about it.
func TestDamagedNeighboursAreTold(t *testing.T) {
	l := newHarness(t)
	planned, _ := l.must(ask(crowd(8, 6).write(t, t.TempDir())))
	run, err := runstore.Load(t.Context(), l.store, planned.ID)
	if err != nil {
		t.Fatal(err)
	}
	change := func(name, bytes string) {
		t.Helper()
		if err := l.store.Delete(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		if bytes != "" {
			if err := runstore.Put(t.Context(), l.store, name, []byte(bytes)); err != nil {
				t.Fatal(err)
			}
		}
	}
	told := func(what string, is error, text string) {
		t.Helper()
		_, err := run.Around(t.Context(), 0)
		if err == nil || is != nil && !errors.Is(err, is) || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", what, err)
		}
	}
	answers := schemas.NeighboursObject(run.ID, 0, 0)
	whole := string(l.bytes(answers))
	change(answers, "")
	told("gone", fs.ErrNotExist, "delete the folders nearest/ and neighbours/")
	change(answers, whole[:len(whole)/2])
	told("cut short", schemas.ErrFormat, answers)
	for row, text := range map[int32]string{999: "is of no usable image", -1: "is of no usable image"} {
		var b strings.Builder
		if err := schemas.WriteImageNeighbours(&b, []schemas.ImageNeighbours{{Row: row}}); err != nil {
			t.Fatal(err)
		}
		change(answers, b.String())
		told(fmt.Sprint("row ", row), nil, text)
	}
	change(answers, whole)
	if _, err := run.Around(t.Context(), 0); err != nil {
		t.Error(err)
	}
}
