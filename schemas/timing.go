package schemas

// Timing is timing.json: what a run cost and where it ran. It stands beside the
// report, changes no result and is written again whenever the run goes on.
type Timing struct {
	Started     string                 `json:"started"` // RFC 3339, UTC
	Finished    string                 `json:"finished,omitempty"`
	Seconds     float64                `json:"seconds"` // wall time of all starts together
	Starts      int                    `json:"starts"`  // times the command was begun
	NumericKind NumericKind            `json:"numeric_kind,omitempty"`
	Stages      map[Stage]*StageTiming `json:"stages"`
	Workers     []WorkerTiming         `json:"workers"` // sorted by id
	Tasks       []TaskTiming           `json:"tasks"`   // sorted by task
}

// StageTiming is the cost of one stage. The stages plan, aggregate, calibrate and
// report, which the coordinator does itself, have one too.
type StageTiming struct {
	Tasks   int     `json:"tasks"`   // tasks of the stage
	Run     int     `json:"run"`     // tasks done by this run
	Reused  int     `json:"reused"`  // tasks whose result was there
	Failed  int     `json:"failed"`  // tasks given up
	Images  int     `json:"images"`  // images of the tasks that were done
	Seconds float64 `json:"seconds"` // wall time from the first task to the last
	// Cost is embedded since its keys stand among these in the JSON: encoding/json
	// gives the fields of a named struct a level of their own.
	Cost
}

// Cost counts the calls to the stores and the bytes that they moved.
type Cost struct {
	Requests map[string]int64 `json:"requests,omitempty"` // by verb: get, put, list, stat, delete
	Read     int64            `json:"bytes_read"`
	Written  int64            `json:"bytes_written"`
}

// Add adds the counts of another Cost.
func (c *Cost) Add(more Cost) {
	for verb, n := range more.Requests {
		if c.Requests == nil {
			c.Requests = make(map[string]int64)
		}
		c.Requests[verb] += n
	}
	c.Read += more.Read
	c.Written += more.Written
}

// WorkerTiming is what one worker did.
type WorkerTiming struct {
	ID          string        `json:"id"`
	Host        string        `json:"host"`
	Device      string        `json:"device,omitempty"`
	NumericKind NumericKind   `json:"numeric_kind,omitempty"`
	Tasks       map[Stage]int `json:"tasks"`
	Images      int           `json:"images"`
	Seconds     float64       `json:"seconds"` // time inside tasks
}

// TaskTiming is what one task cost: the object at TaskTimingObject.
type TaskTiming struct {
	Task        string      `json:"task"` // Task.Name
	Worker      string      `json:"worker"`
	Host        string      `json:"host"`
	Device      string      `json:"device,omitempty"`
	NumericKind NumericKind `json:"numeric_kind,omitempty"`
	Started     string      `json:"started"` // RFC 3339, UTC
	Seconds     float64     `json:"seconds"`
	Images      int         `json:"images"`
	Reused      bool        `json:"reused,omitempty"` // its result was there: nothing was computed
	// Cost is embedded since its keys stand among these in the JSON: encoding/json
	// gives the fields of a named struct a level of their own.
	Cost
}
