package work

import (
	"time"

	"github.com/facesieve/facesieve/pipeline/queue"
)

// rateSpan is the time over which a worker tells its rate.
const rateSpan = time.Minute

// meter makes a rate of a number that grows.
type meter struct {
	samples []sample // of the last rateSpan, the oldest first
}

type sample struct {
	at time.Time
	n  int64
}

// rate notes that the number is n now, and returns how much it grew a second over the
// last rateSpan.
func (m *meter) rate(now time.Time, n int64) float64 {
	m.samples = append(m.samples, sample{now, n})
	old := 0
	for old < len(m.samples)-2 && now.Sub(m.samples[old+1].at) >= rateSpan {
		old++
	}
	m.samples = m.samples[old:]
	first := m.samples[0]
	took := now.Sub(first.at).Seconds()
	if took <= 0 {
		return 0
	}
	return float64(n-first.n) / took
}

// tellStates tells whoever listens what this worker does, until ended is closed.
func (s *session) tellStates(ended <-chan struct{}) {
	tick := time.NewTicker(queue.StatePause)
	defer tick.Stop()
	var m meter
	for {
		state := s.state(time.Now(), &m)
		select {
		case <-ended:
			state.Left = true
			s.worker.Conn.TellState(s.id, state)
			return
		default:
			s.worker.Conn.TellState(s.id, state)
		}
		select {
		case <-ended:
		case <-tick.C:
		}
	}
}

// state returns what the worker says of itself.
func (s *session) state(now time.Time, m *meter) queue.WorkerState {
	w := s.worker
	state := queue.WorkerState{Worker: w.Name, Host: w.Host, Device: w.Device, Tasks: []queue.TaskState{}}
	s.stateMu.Lock()
	defer s.stateMu.Unlock()
	if s.device != "" {
		state.Device = s.device
	}
	state.Engine, state.NumericKind = s.backend, s.stated
	state.Done, state.Failed = s.done, s.failed
	state.Rate = m.rate(now, s.images.Load())
	for _, a := range s.working {
		state.Tasks = append(state.Tasks, queue.TaskState{Task: a.lease.Task().Name(),
			Attempt: a.lease.Delivery(), Seconds: now.Sub(a.start).Seconds()})
	}
	return state
}

// stateEngine notes what the engine runs on, where it says so.
func (s *session) stateEngine(e any) {
	s.stateMu.Lock()
	defer s.stateMu.Unlock()
	if d, ok := e.(interface{ Device() string }); ok {
		s.device = d.Device()
	}
	if b, ok := e.(interface{ Backend() string }); ok {
		s.backend = b.Backend()
	}
}
