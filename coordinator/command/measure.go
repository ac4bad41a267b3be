package command

import (
	"context"
	"fmt"

	progress "github.com/facesieve/facesieve/coordinator/metrics"
	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/work"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/engine"
	"github.com/facesieve/facesieve/worker/metrics"
)

// measurement measures a run for Prometheus. A nil one measures nothing.
type measurement struct {
	metrics *metrics.Metrics
	server  *metrics.Server
	run     *progress.Run
}

// measure begins to show metrics where flags say so; nil where they don't.
func measure(ctx context.Context, f *metrics.Flags, version string, ui *screen.Display) (*measurement, error) {
	m, server, err := f.Open(ctx, "coordinator", version)
	if m == nil || err != nil {
		return nil, err
	}
	ui.Say(fmt.Sprintf("metrics at http://%s/metrics", server.Address()))
	return &measurement{m, server, progress.New(m.Registerer(), nil)}, nil
}

// close ends the showing.
func (m *measurement) close() {
	if m != nil {
		m.server.Close()
	}
}

// begins says that a run is at work, until the returned function is called.
func (m *measurement) begins(id schemas.RunID) (ends func()) {
	if m == nil {
		return func() {}
	}
	return m.metrics.RunBegins(id)
}

// coordinator has a coordinator measured.
func (m *measurement) coordinator(c *run.Coordinator) {
	if m == nil {
		return
	}
	c.Store = m.metrics.Store(c.Store)
	tell := c.Progress
	c.Progress = func(p run.Progress) { tell(p); m.run.Progress(p) }
	c.QueueCounts = m.run.Queue
}

// connection has a coordinator's connection measured.
func (m *measurement) connection(conn *queue.Conn) {
	if m != nil {
		m.metrics.Connection(conn.Connected)
	}
}

// worker has the worker in this process measured, and the engine that flags open.
func (m *measurement) worker(f *engine.Flags, make func() *work.Worker) *work.Worker {
	if m == nil {
		return make()
	}
	observer := m.metrics.Worker()
	f.Observer = observer
	w := make()
	w.Store, w.Observer = m.metrics.Store(w.Store), observer
	return w
}
