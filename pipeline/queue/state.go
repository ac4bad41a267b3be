package queue

import (
	"context"
	"encoding/json"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// StatePause is the time between two states that a worker tells.
const StatePause = 2 * time.Second

// WorkerState is what a worker says of itself, in a message that nobody keeps: who
// does not listen misses it, and nothing but a screen depends on it.
type WorkerState struct {
	Worker      string              `json:"worker"`
	Host        string              `json:"host"`
	Device      string              `json:"device,omitempty"`
	Engine      string              `json:"engine,omitempty"`
	NumericKind schemas.NumericKind `json:"numeric_kind,omitempty"`
	Tasks       []TaskState         `json:"tasks"`          // at work
	Rate        float64             `json:"rate"`           // images a second, over the last minute
	Done        int                 `json:"done"`           // tasks, since it joined
	Failed      int                 `json:"failed"`         // tasks, since it joined
	Left        bool                `json:"left,omitempty"` // its last message: it goes
}

// TaskState is a task that a worker has at work.
type TaskState struct {
	Task    string  `json:"task"`    // schemas.Task.Name
	Attempt int     `json:"attempt"` // Lease.Delivery
	Seconds float64 `json:"seconds"` // since it was taken
}

// TellState tells whoever listens what a worker does. A state that does not get
// through is lost.
func (c *Conn) TellState(run schemas.RunID, s WorkerState) {
	data, err := json.Marshal(s)
	if err != nil || !c.Connected() {
		return // the next one may
	}
	_ = c.nc.Publish(workerSubject(run, s.Worker), data) // likewise
}

// States calls told with every state that a worker of the run tells, one at a time,
// until ctx ends, which is no error. What cannot be read is passed over.
func (c *Conn) States(ctx context.Context, run schemas.RunID, told func(WorkerState)) error {
	if err := checkRun(run); err != nil {
		return origin.Errorf("queue", "workers' states: %w", err)
	}
	sub, err := c.nc.SubscribeSync(runSubject(run, "worker.*"))
	if err != nil {
		return origin.Errorf("queue", "workers' states of run %s: %w", run, err)
	}
	defer func() { _ = sub.Unsubscribe() }() // a connection that is closed has none
	for {
		msg, err := sub.NextMsgWithContext(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return origin.Errorf("queue", "workers' states of run %s: %w", run, err)
		}
		if s, ok := parseState(msg); ok {
			told(s)
		}
	}
}

func parseState(msg *nats.Msg) (s WorkerState, ok bool) {
	err := json.Unmarshal(msg.Data, &s)
	return s, err == nil && s.Worker != ""
}

// Connected says whether the connection is up now. One that is down is being mended.
func (c *Conn) Connected() bool { return c.nc.IsConnected() }
