// Package metrics measures, for Prometheus, how far a run is: its stages as the
// coordinator settles them, and its queue.
package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/metrics"
)

// Run measures one run. It is a collector of metrics; Progress and Queue, which tell it
// how far the run is, may be called concurrently.
type Run struct {
	clock func() time.Time

	mu         sync.Mutex
	stages     map[schemas.Stage]*stage
	queue      map[schemas.Pool]queue.Counts
	deliveries map[schemas.Pool]uint64 // the most that the queue told
}

// stage is how far a stage is, and since when.
type stage struct {
	progress run.Progress
	start    time.Time
	took     time.Duration // once it has ended
}

// New returns a Run and registers it. The clock tells the time; nil: time.Now.
func New(to prometheus.Registerer, clock func() time.Time) *Run {
	if clock == nil {
		clock = time.Now
	}
	r := &Run{clock: clock, stages: map[schemas.Stage]*stage{}, deliveries: map[schemas.Pool]uint64{}}
	to.MustRegister(r)
	return r
}

// Progress notes how far a stage is.
func (r *Run) Progress(p run.Progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.stages[p.Stage]
	if s == nil {
		s = &stage{start: r.clock()}
		r.stages[p.Stage] = s
	}
	if p.End {
		s.took = r.clock().Sub(s.start)
	}
	s.progress = p
}

// Queue notes what the queue holds; of a pool that is not named, nothing.
func (r *Run) Queue(counts map[schemas.Pool]queue.Counts) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue = counts
	for pool, c := range counts {
		r.deliveries[pool] = max(r.deliveries[pool], c.Deliveries)
	}
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(metrics.Namespace, "", name), help, labels, nil)
}

// descriptions are the metrics of a run.
type descriptions struct {
	tasks, settled, failed, images, imagesSettled, seconds *prometheus.Desc
	pending, leased, redelivered, pullsWaiting, deliveries *prometheus.Desc
}

func described() descriptions {
	return descriptions{
		tasks:         describe("stage_tasks", "Tasks of a stage.", "stage"),
		settled:       describe("stage_tasks_settled", "Tasks of a stage that are done or given up.", "stage"),
		failed:        describe("stage_tasks_failed", "Tasks of a stage that were given up.", "stage"),
		images:        describe("stage_images", "Images of a stage.", "stage"),
		imagesSettled: describe("stage_images_settled", "Images of the stage's settled tasks.", "stage"),
		seconds:       describe("stage_seconds", "Time that a stage has taken so far.", "stage"),
		pending:       describe("queue_tasks_pending", "Tasks of a pool that no worker holds.", "pool"),
		leased:        describe("queue_tasks_leased", "Tasks of a pool that workers hold.", "pool"),
		redelivered: describe("queue_tasks_redelivered",
			"Tasks of a pool that workers hold and that were delivered before.", "pool"),
		pullsWaiting: describe("queue_pulls_waiting", "Workers' pulls that wait for a task of a pool.", "pool"),
		deliveries:   describe("queue_deliveries_total", "Deliveries of a pool's tasks to workers.", "pool"),
	}
}

// Describe sends what Collect may send.
func (r *Run) Describe(to chan<- *prometheus.Desc) {
	d := described()
	for _, one := range []*prometheus.Desc{d.tasks, d.settled, d.failed, d.images, d.imagesSettled, d.seconds,
		d.pending, d.leased, d.redelivered, d.pullsWaiting, d.deliveries} {
		to <- one
	}
}

// Collect sends the metrics as they are now.
func (r *Run) Collect(to chan<- prometheus.Metric) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := described()
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	for name, s := range r.stages {
		p, took := s.progress, s.took
		if !p.End {
			took = r.clock().Sub(s.start)
		}
		gauge(d.tasks, float64(p.Tasks), string(name))
		gauge(d.settled, float64(p.TasksDone+p.TasksFailed), string(name))
		gauge(d.failed, float64(p.TasksFailed), string(name))
		gauge(d.images, float64(p.Images), string(name))
		gauge(d.imagesSettled, float64(p.ImagesDone), string(name))
		gauge(d.seconds, took.Seconds(), string(name))
	}
	for _, pool := range schemas.Pools() {
		c := r.queue[pool]
		gauge(d.pending, float64(c.Pending), string(pool))
		gauge(d.leased, float64(c.Leased), string(pool))
		gauge(d.redelivered, float64(c.Redelivered), string(pool))
		gauge(d.pullsWaiting, float64(c.Waiting), string(pool))
		to <- prometheus.MustNewConstMetric(d.deliveries, prometheus.CounterValue, float64(r.deliveries[pool]), string(pool))
	}
}
