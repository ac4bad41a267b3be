package pipeline_test

import (
	"errors"
	"testing"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/schemas"
)

func TestIdentityOfSeveralParts(t *testing.T) {
	l := newHarness(t)
	l.workers = 2
	set := crowd(4, 6).person("p002b", "everywhere", schemas.MaxPart+40)
	planned, s := l.must(ask(set.write(t, t.TempDir())))
	parts := 0
	for _, sh := range planned.Plan.Sources[0].Shards {
		parts = max(parts, len(sh.Parts))
	}
	if parts < 2 || s.Images != len(set) {
		t.Fatalf("%d parts, %d images", parts, s.Images)
	}
	all := l.verdicts(planned.ID)
	objects := map[string][]schemas.Embedding{}
	for path, v := range all {
		if objects[v.VectorObject] == nil {
			objects[v.VectorObject] = table(l, v.VectorObject, schemas.ReadVectorSums)
		}
		if e := objects[v.VectorObject][v.VectorRow]; e.Path != path || e.SHA256 != v.Embedding.SHA256 {
			t.Fatalf("%s points to the row of %s", path, e.Path)
		}
		if v.Type != schemas.TypeClean {
			t.Errorf("%s is %s", path, v.Type)
		}
	}
	if len(objects) != int(l.engine.calls.Load()) {
		t.Errorf("%d vectors objects from %d embed tasks", len(objects), l.engine.calls.Load())
	}
}

// TestLeftOverQueueOfAFinishedRun is what a coordinator leaves that dies between
// its report and the end of its queue.
func TestLeftOverQueueOfAFinishedRun(t *testing.T) {
	l := newHarness(t)
	planned, _ := l.must(ask(crowd(4, 5).write(t, t.TempDir())))
	conn := l.conn()
	if _, err := conn.Create(t.Context(), planned.ID, l.store.String(), queue.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := l.worker(0).Run(t.Context(), planned.ID, nil); err != nil {
		t.Errorf("the worker ended with %v", err)
	}
	if _, err := conn.Join(t.Context(), planned.ID); !errors.Is(err, queue.ErrNoRun) {
		t.Errorf("the queue is still there: %v", err)
	}
}
