package metrics

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/schemas"
)

// A stage's time goes on until it has ended, and deliveries never become fewer.
func TestRun(t *testing.T) {
	now := time.Unix(1000, 0)
	registry := prometheus.NewPedanticRegistry()
	r := New(registry, func() time.Time { return now })
	r.Progress(run.Progress{Stage: schemas.StageMatch, Tasks: 2})
	now = now.Add(5 * time.Second)
	r.Progress(run.Progress{Stage: schemas.StageMatch, Tasks: 2, TasksDone: 2, End: true})
	r.Progress(run.Progress{Stage: schemas.StageEmbed, Tasks: 9, TasksDone: 3, TasksFailed: 1, Images: 90, ImagesDone: 40})
	r.Queue(queue.Counts{Pending: 4, Leased: 1, Redelivered: 1, Waiting: 3, Deliveries: 8})
	r.Queue(queue.Counts{Pending: 3})
	now = now.Add(7 * time.Second)
	want := `
# HELP facesieve_queue_deliveries_total Deliveries of tasks to workers.
# TYPE facesieve_queue_deliveries_total counter
facesieve_queue_deliveries_total 8
# HELP facesieve_queue_tasks_pending Tasks in the queue that no worker holds.
# TYPE facesieve_queue_tasks_pending gauge
facesieve_queue_tasks_pending 3
# HELP facesieve_stage_seconds Time that a stage has taken so far.
# TYPE facesieve_stage_seconds gauge
facesieve_stage_seconds{stage="embed"} 7
facesieve_stage_seconds{stage="match"} 5
# HELP facesieve_stage_tasks_failed Tasks of a stage that were given up.
# TYPE facesieve_stage_tasks_failed gauge
facesieve_stage_tasks_failed{stage="embed"} 1
facesieve_stage_tasks_failed{stage="match"} 0
# HELP facesieve_stage_tasks_settled Tasks of a stage that are done or given up.
# TYPE facesieve_stage_tasks_settled gauge
facesieve_stage_tasks_settled{stage="embed"} 4
facesieve_stage_tasks_settled{stage="match"} 2
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "facesieve_queue_deliveries_total",
		"facesieve_queue_tasks_pending", "facesieve_stage_seconds", "facesieve_stage_tasks_failed", "facesieve_stage_tasks_settled"); err != nil {
		t.Error(err)
	}
}
