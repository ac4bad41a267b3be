package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/facesieve/facesieve/pipeline/work"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/engine"
)

// Worker measures the worker of a process. Its methods may be called concurrently.
type Worker struct {
	images       *prometheus.CounterVec
	tasks        *prometheus.CounterVec
	seconds      *prometheus.HistogramVec
	atWork       prometheus.Gauge
	redeliveries prometheus.Counter
	deaths       prometheus.Counter
	sourceBytes  prometheus.Counter

	info          *prometheus.GaugeVec
	deviceWorkers prometheus.Gauge
	engineImages  prometheus.Counter
	fill          prometheus.Histogram
	computing     prometheus.Counter
	decoding      prometheus.Counter
}

var (
	_ work.Observer   = (*Worker)(nil)
	_ engine.Observer = (*Worker)(nil)
)

// Worker registers the metrics of the process's worker and returns what is told of
// them.
func (m *Metrics) Worker() *Worker {
	w := &Worker{
		images: counters("images_total", "Images whose vectors, or whose fault, stand in the store through this "+
			"worker: ok, or the word that the report's column error has.", "outcome"),
		tasks: counters("tasks_total", "Attempts at tasks that ended, by how.", "stage", "outcome"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: Namespace, Name: "task_seconds",
			Help:    "Time of an attempt at a task that ended in its output.",
			Buckets: prometheus.ExponentialBuckets(.1, 2.5, 11)}, []string{"stage"}), // 0.1 s to 16 min
		atWork:       gauge("tasks_at_work", "Tasks that this worker holds."),
		redeliveries: counter("task_redeliveries_total", "Tasks that this worker took and another one had before."),
		deaths: counter("task_deaths_total",
			"Tasks that this worker took after the one that had them gave no word: killed, cut off or suspended."),
		sourceBytes:   counter("source_bytes_total", "Bytes of images that were read to be embedded."),
		info:          gauges("worker_info", "1, with what this worker's engine runs on.", "device", "kind", "engine"),
		deviceWorkers: gauge("engine_device_workers", "Batches that the engine computes at once."),
		engineImages: counter("engine_images_total",
			"Images that left the engine, those of attempts that came to nothing included."),
		fill: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: Namespace, Name: "engine_batch_fill",
			Help:    "How full a batch was, 0 to 1.",
			Buckets: prometheus.LinearBuckets(.1, .1, 10)}),
		computing: counter("engine_busy_seconds_total",
			"Time in which device workers computed, summed over them; see engine_device_workers."),
		decoding: counter("decode_busy_seconds_total", "Time in which images were decoded, summed over decoders."),
	}
	m.registry.MustRegister(w.images, w.tasks, w.seconds, w.atWork, w.redeliveries, w.deaths, w.sourceBytes,
		w.info, w.deviceWorkers, w.engineImages, w.fill, w.computing, w.decoding)
	for _, stage := range append(schemas.PoolImages.Stages(), schemas.PoolVectors.Stages()...) {
		for _, o := range work.Outcomes() { // from 0, so that the first failure is an increase
			w.tasks.WithLabelValues(string(stage), string(o))
		}
	}
	w.images.WithLabelValues(imageOK)
	return w
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: Namespace, Name: name, Help: help})
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Namespace: Namespace, Name: name, Help: help})
}

// imageOK is the outcome of an image without a fault.
const imageOK = "ok"

// Leased notes that a task was taken.
func (w *Worker) Leased(_ schemas.Stage, again, afterDeath bool) {
	w.atWork.Inc()
	if again {
		w.redeliveries.Inc()
	}
	if afterDeath {
		w.deaths.Inc()
	}
}

// Ended notes how an attempt at a task ended.
func (w *Worker) Ended(stage schemas.Stage, outcome work.Outcome, took time.Duration) {
	w.atWork.Dec()
	w.tasks.WithLabelValues(string(stage), string(outcome)).Inc()
	if outcome == work.Done {
		w.seconds.WithLabelValues(string(stage)).Observe(took.Seconds())
	}
}

// Embedded notes that vectors stand in the store.
func (w *Worker) Embedded(images int, faults map[schemas.Fault]int, bytes int64) {
	for fault, n := range faults {
		w.images.WithLabelValues(string(fault)).Add(float64(n))
		images -= n
	}
	w.images.WithLabelValues(imageOK).Add(float64(images))
	w.sourceBytes.Add(float64(bytes))
}

// Opened notes what the engine is.
func (w *Worker) Opened(backend, device string, deviceWorkers int, kind schemas.NumericKind) {
	w.info.Reset()
	w.info.WithLabelValues(device, string(kind), backend).Set(1)
	w.deviceWorkers.Set(float64(deviceWorkers))
}

// Decoded notes that an image was decoded.
func (w *Worker) Decoded(took time.Duration) { w.decoding.Add(took.Seconds()) }

// Computed notes that a batch was computed.
func (w *Worker) Computed(images, room int, took time.Duration) {
	w.engineImages.Add(float64(images))
	w.fill.Observe(float64(images) / float64(max(room, 1)))
	w.computing.Add(took.Seconds())
}
