package pipeline_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	progress "github.com/facesieve/facesieve/coordinator/metrics"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/metrics"
)

// scrape returns every sample of counters and gauges as "name{label,label}", and of
// histograms their counts.
func scrape(t *testing.T, from prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var values []string
			for _, l := range m.GetLabel() {
				values = append(values, l.GetValue())
			}
			all[f.GetName()+"{"+strings.Join(values, ",")+"}"] = m.GetCounter().GetValue() + m.GetGauge().GetValue() +
				float64(m.GetHistogram().GetSampleCount())
		}
	}
	return all
}

// What is scraped agrees with the report and with what the run cost.
func TestMetricsAgreeWithTheReport(t *testing.T) {
	q := small(t)
	l := newHarness(t)
	l.workers = 2
	var failed atomic.Bool
	l.engine.fail = func([]schemas.Image) error {
		if failed.CompareAndSwap(false, true) {
			return errEngine
		}
		return nil
	}
	m := metrics.New("coordinator", "v1")
	l.store, l.observer = m.Store(l.store), m.Worker()
	stages := progress.New(m.Registerer(), nil)
	c := l.coordinator()
	c.Progress, c.QueueCounts = stages.Progress, stages.Queue
	planned, err := c.Plan(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	planned, summary, err := l.runPlanned(t.Context(), c, planned)
	if err != nil {
		t.Fatal(err)
	}
	var timing schemas.Timing
	if err := schemas.Unmarshal(l.bytes(schemas.TimingObject(planned.ID)), &timing); err != nil {
		t.Fatal(err)
	}
	got := scrape(t, m.Gatherer())
	want := map[string]float64{"facesieve_task_deaths_total{}": 0, "facesieve_tasks_at_work{}": 0,
		"facesieve_task_redeliveries_total{}": 1, "facesieve_tasks_total{failed,embed}": 1,
		"facesieve_queue_tasks_pending{images}": 0, "facesieve_queue_tasks_leased{vectors}": 0}
	for _, s := range summary.Sources {
		want["facesieve_images_total{ok}"] += float64(s.Images)
		for fault, n := range s.Faults {
			want["facesieve_images_total{ok}"] -= float64(n)
			want["facesieve_images_total{"+string(fault)+"}"] += float64(n)
		}
	}
	for stage, s := range timing.Stages {
		in := "{" + string(stage) + "}"
		want["facesieve_stage_tasks"+in], want["facesieve_stage_tasks_settled"+in] = float64(s.Tasks), float64(s.Tasks)
		want["facesieve_stage_tasks_failed"+in] = 0
		want["facesieve_stage_images"+in], want["facesieve_stage_images_settled"+in] = float64(s.Images), float64(s.Images)
		switch stage {
		case schemas.StagePlan:
			delete(want, "facesieve_stage_images"+in) // nobody knew how many there would be
			want["facesieve_stage_images_settled"+in] = float64(summary.Sources[0].Images + summary.Sources[1].Images)
		case schemas.StageAggregate, schemas.StageNearDuplicates, schemas.StageCalibrate, schemas.StageReport:
		default:
			want["facesieve_tasks_total{done,"+string(stage)+"}"] = float64(s.Run)
			want["facesieve_task_seconds{"+string(stage)+"}"] = float64(s.Run)
			want["facesieve_queue_deliveries_total{"+string(stage.Pool())+"}"] += float64(s.Run)
		}
	}
	want["facesieve_queue_deliveries_total{images}"]++ // the one that failed
	if len(timing.Stages) < 9 || want["facesieve_images_total{corrupt}"] == 0 {
		t.Fatalf("a run that tells nothing: %+v", timing.Stages)
	}
	for name, n := range want {
		if v, there := got[name]; !there || v != n {
			t.Errorf("%s is %v (there: %v); want %v", name, v, there, n)
		}
	}
	for _, name := range []string{"facesieve_store_requests_total{put,ok,embed}", "facesieve_store_requests_total{stat,missing,judge}",
		"facesieve_store_request_seconds{get}", "facesieve_store_bytes_total{read,match}", "facesieve_store_bytes_total{written,plan}",
		"facesieve_source_bytes_total{}"} {
		if got[name] == 0 {
			t.Errorf("%s is 0", name)
		}
	}
	if t.Failed() {
		for name, v := range got {
			if strings.HasPrefix(name, "facesieve") {
				t.Log(name, v)
			}
		}
	}
}
