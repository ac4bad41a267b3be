package queue_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/schemas"
)

func FuzzSubject(f *testing.F) {
	f.Add("", 0, "lfw", 3)
	f.Add("a.b", 1, "", 2)
	f.Fuzz(func(t *testing.T, source string, shard int, other string, part int) {
		a := queue.TaskSubject(schemas.Task{Run: run, Stage: schemas.StageEmbed, Source: schemas.Source(source), Shard: shard, Part: part})
		b := queue.TaskSubject(schemas.Task{Run: run, Stage: schemas.StageEmbed, Source: schemas.Source(other), Shard: shard, Part: part})
		if (a == b) != (source == other) {
			t.Errorf("%q and %q: %s and %s", source, other, a, b)
		}
		if strings.Count(a, ".") != 7 || strings.ContainsAny(a, " \t\r\n*>\x00") || strings.Contains(a, "..") {
			t.Errorf("%q is no subject", a)
		}
	})
}

func FuzzParseTask(f *testing.F) {
	data, err := json.Marshal(task(3))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"shard":"x"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := queue.ParseTask(data)
		if err != nil {
			return
		}
		again, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := queue.ParseTask(again); err != nil || a != b {
			t.Errorf("%q reads as %v, then %v, %v", data, a, b, err)
		}
	})
}
