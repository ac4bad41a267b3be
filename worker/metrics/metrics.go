// Package metrics measures a program for Prometheus: what a worker does, how its store
// and its NATS server answer, and whether it is ready. Packages below know nothing of
// it; they tell what they do to small interfaces of their own.
package metrics

import (
	"errors"
	"fmt"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/facesieve/facesieve/schemas"
)

// Namespace begins the name of every metric of these programs.
const Namespace = "facesieve"

// Metrics are those of one process. Its methods may be called concurrently, and do
// nothing where it is nil: nobody asked for metrics then.
type Metrics struct {
	program  string
	registry *prometheus.Registry
	runs     *prometheus.GaugeVec
	store    *storeMetrics

	mu        sync.Mutex
	connected func() bool // to NATS; nil: there was no connection yet
	storeErr  error       // what the store's last answer was; nil: a good one
}

// New returns the metrics of a program of a version, of which every metric that both
// programs have is registered.
func New(program, version string) *Metrics {
	m := &Metrics{program: program, registry: prometheus.NewRegistry()}
	m.runs = gauges("run_info", "1 while a run is at work here.", "program", "run")
	build := gauges("build_info", "1, with the program and its version.", "program", "version")
	build.WithLabelValues(program, version).Set(1)
	m.store = newStoreMetrics(m.registry)
	m.registry.MustRegister(build, m.runs, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// gauges makes gauges with labels.
func gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: Namespace, Name: name, Help: help}, labels)
}

// counters makes counters with labels.
func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: Namespace, Name: name, Help: help}, labels)
}

// Registerer returns where a program registers metrics of its own.
func (m *Metrics) Registerer() prometheus.Registerer { return m.registry }

// Gatherer returns what the metrics are read from.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// Connection says how to ask whether the connection to NATS is up. There is no metric of
// it before: a coordinator lists images first, and nobody shall be alarmed meanwhile.
func (m *Metrics) Connection(up func() bool) {
	if m == nil {
		return
	}
	m.mu.Lock()
	first := m.connected == nil
	m.connected = up
	m.mu.Unlock()
	if !first {
		return
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: Namespace,
		Name: "nats_connected", Help: "1 while the connection to NATS is up."}, func() float64 {
		if m.natsFault() == nil {
			return 1
		}
		return 0
	}))
}

// RunBegins says that a run is at work here, until the returned function is called.
func (m *Metrics) RunBegins(run schemas.RunID) (ends func()) {
	if m == nil {
		return func() {}
	}
	m.runs.WithLabelValues(m.program, string(run)).Set(1)
	return func() { m.runs.DeleteLabelValues(m.program, string(run)) }
}

// Errors of Ready.
var (
	errNotConnected = errors.New("NATS: not connected yet")
	errDisconnected = errors.New("NATS: the connection is lost and is being mended")
)

// Ready returns nil while NATS is connected and the store's last answer was a good one,
// else what is wrong.
func (m *Metrics) Ready() error {
	m.mu.Lock()
	storeErr := m.storeErr
	m.mu.Unlock()
	if storeErr != nil {
		storeErr = fmt.Errorf("store: %w", storeErr)
	}
	return errors.Join(m.natsFault(), storeErr)
}

// natsFault returns why NATS cannot be spoken to; nil: it can.
func (m *Metrics) natsFault() error {
	m.mu.Lock()
	up := m.connected
	m.mu.Unlock()
	switch {
	case up == nil:
		return errNotConnected
	case !up():
		return errDisconnected
	}
	return nil
}

// answered notes how the store answered.
func (m *Metrics) answered(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.storeErr = err
}
