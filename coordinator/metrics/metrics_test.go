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
	r.Queue(map[schemas.Pool]queue.Counts{schemas.PoolImages: {Deliveries: 8},
		schemas.PoolVectors: {Pending: 4, Leased: 1, Redelivered: 1, Deliveries: 3}})
	r.Queue(map[schemas.Pool]queue.Counts{schemas.PoolImages: {Waiting: 2}, schemas.PoolVectors: {Pending: 3}})
	now = now.Add(7 * time.Second)
	want := `
# HELP facesieve_queue_deliveries_total Deliveries of a pool's tasks to workers.
# TYPE facesieve_queue_deliveries_total counter
facesieve_queue_deliveries_total{pool="images"} 8
facesieve_queue_deliveries_total{pool="vectors"} 3
# HELP facesieve_queue_pulls_waiting Workers' pulls that wait for a task of a pool.
# TYPE facesieve_queue_pulls_waiting gauge
facesieve_queue_pulls_waiting{pool="images"} 2
facesieve_queue_pulls_waiting{pool="vectors"} 0
# HELP facesieve_queue_tasks_leased Tasks of a pool that workers hold.
# TYPE facesieve_queue_tasks_leased gauge
facesieve_queue_tasks_leased{pool="images"} 0
facesieve_queue_tasks_leased{pool="vectors"} 0
# HELP facesieve_queue_tasks_pending Tasks of a pool that no worker holds.
# TYPE facesieve_queue_tasks_pending gauge
facesieve_queue_tasks_pending{pool="images"} 0
facesieve_queue_tasks_pending{pool="vectors"} 3
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
		"facesieve_queue_pulls_waiting", "facesieve_queue_tasks_leased", "facesieve_queue_tasks_pending", "facesieve_stage_seconds", "facesieve_stage_tasks_failed", "facesieve_stage_tasks_settled"); err != nil {
		t.Error(err)
	}
}
