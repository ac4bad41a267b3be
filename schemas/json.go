package schemas

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/facesieve/facesieve/internal/origin"
)

// Marshal returns v as the store's JSON objects hold it: canonical JSON (sorted keys,
// shortest numbers), indented by two spaces, with a newline at the end. Equal
// values give equal bytes.
func Marshal(v any) ([]byte, error) {
	text, err := Canonical(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return nil, origin.Errorf("schemas", "marshal: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// Unmarshal reads one JSON value into v and refuses fields that v does not have
// and anything after the value. Where v has a Validate method, its error is returned; any
// other error wraps ErrFormat.
func Unmarshal(data []byte, v any) error {
	if c, ok := v.(interface{ checkJSON([]byte) error }); ok {
		if err := c.checkJSON(data); err != nil {
			return err
		}
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return origin.Errorf("schemas", "unmarshal %T: %w: %w", v, ErrFormat, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return origin.Errorf("schemas", "unmarshal %T: %w: more after the value", v, ErrFormat)
	}
	if c, ok := v.(interface{ Validate() error }); ok {
		return c.Validate()
	}
	return nil
}

// Cancellation is the object at CancelledObject: who ended a run before its report, and
// when.
type Cancellation struct {
	By string `json:"by"`
	At string `json:"at"` // RFC 3339, UTC
}

// Pointer is the object at EmbedPointer: which vectors object holds a part's
// embeddings.
type Pointer struct {
	Family  string        `json:"family"`           // FamilyID and
	Vectors string        `json:"vectors"`          // ContentID of the vectors object
	Images  int           `json:"images"`           // rows of the vectors object
	Faults  map[Fault]int `json:"faults,omitempty"` // rows with each fault
}

// Object returns the name of the vectors object.
func (p Pointer) Object() string { return VectorsObject(p.Family, p.Vectors) }

// Transient counts the rows whose fault may be gone at the next command.
func (p Pointer) Transient() int {
	n := 0
	for f, k := range p.Faults {
		if f.Transient() {
			n += k
		}
	}
	return n
}

// Validate refuses a pointer to nothing.
func (p Pointer) Validate() error {
	if len(p.Vectors) != 32 || !lowerHex(p.Vectors) ||
		len(p.Family) != 32 || !lowerHex(p.Family) || p.Images < 0 {
		return invalid("pointer to vectors %.80q/%.80q of %d images", p.Family, p.Vectors, p.Images)
	}
	for f, n := range p.Faults {
		if f == FaultNone || !f.Known() || n < 0 {
			return invalid("pointer: %d rows with the fault %.80q", n, string(f))
		}
	}
	return nil
}

// Plan is what a run works on: its sources cut into shards.
type Plan struct {
	Sources []PlanSource `json:"sources"` // the set, then the references by name
}

// PlanSource is one source's part of a plan.
type PlanSource struct {
	Name       Source  `json:"name"`
	Labels     string  `json:"labels"` // id of the labels object (LabelsObject)
	Identities int     `json:"identities"`
	Images     int     `json:"images"`
	Shards     []Shard `json:"shards"`
	// Skipped counts the files that are no images, by why: an extension (".txt") or a
	// reason.
	Skipped map[string]int `json:"skipped,omitempty"`
}

// Validate refuses a plan whose parts don't add up.
func (p Plan) Validate() error {
	last := Set
	for i, s := range p.Sources {
		if (i == 0) != (s.Name == Set) || i > 1 && s.Name <= last {
			return invalid("plan: source %d is %q; want the set, then references sorted by name",
				i, string(s.Name))
		}
		last = s.Name
		if err := s.validate(); err != nil {
			return err
		}
	}
	return nil
}

func (s PlanSource) validate() error {
	if err := s.Name.Validate(); err != nil {
		return err
	}
	if len(s.Labels) != 32 || !lowerHex(s.Labels) {
		return invalid("plan: source %s: labels %.80q is no id", s.Name.Token(), s.Labels)
	}
	images := 0
	for i, h := range s.Shards {
		if h.Source != s.Name || h.Index != i {
			return invalid("plan: source %s: shard %d is %s/%d",
				s.Name.Token(), i, h.Source.Token(), h.Index)
		}
		if err := h.Validate(); err != nil {
			return err
		}
		images += h.Images
	}
	if images != s.Images || s.Identities < 0 {
		return invalid("plan: source %s: its shards hold %d images, it %d",
			s.Name.Token(), images, s.Images)
	}
	return nil
}

// Validate refuses a shard whose parts are not exactly its rows, in order.
func (s Shard) Validate() error {
	if len(s.Rows) != 32 || !lowerHex(s.Rows) || s.Index < 0 {
		return invalid("shard %s/%d: rows %.80q is no id", s.Source.Token(), s.Index, s.Rows)
	}
	at := 0
	for _, p := range s.Parts {
		if p.Start != at || p.End <= p.Start {
			return invalid("shard %s/%d: a part [%d, %d) follows row %d",
				s.Source.Token(), s.Index, p.Start, p.End, at)
		}
		at = p.End
	}
	if at != s.Images {
		return invalid("shard %s/%d: parts hold %d rows, the shard %d",
			s.Source.Token(), s.Index, at, s.Images)
	}
	return nil
}

// SourceFile is source.json: where a run's sources stand now, and who works on it. It changes no
// result and is written again at each start.
type SourceFile struct {
	Sources []SourceLocation `json:"sources"` // the set, then the references by name
	// Job is the job that has started the run's coordinator; "": none.
	Job string `json:"job,omitempty"`
}

// SourceLocation says where one source stands. URLs hold no credentials.
type SourceLocation struct {
	Name     Source `json:"name"`
	URL      string `json:"url"`
	Layout   string `json:"layout"`
	Endpoint string `json:"endpoint,omitempty"` // of an S3 service that is not AWS's
	Region   string `json:"region,omitempty"`
}

// Attempt is one attempt at a task that did not end in its output.
type Attempt struct {
	Task   string `json:"task"`            // Task.Name
	Worker string `json:"worker"`          // who reports it
	Death  bool   `json:"death,omitempty"` // given up since workers died at it
	Error  string `json:"error,omitempty"`
}
