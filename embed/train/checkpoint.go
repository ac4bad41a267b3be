package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrCheckpoint means that bytes are no checkpoint of this program, or one of
// another training.
var ErrCheckpoint = errors.New("not a checkpoint of this training")

// Checkpoint is the state of a training between two optimizer steps: going on from it gives
// the same bytes as never having stopped.
//
// Its bytes are: the line "facetrain checkpoint 1"; the length of a JSON text, 4
// bytes, and the text, which is State; the float32 values of parameters, first
// moments, second moments and running statistics, in the model's order; the
// SHA-256 of all before. Numbers are little-endian.
type Checkpoint struct {
	State   State
	Numbers []float32
}

// State is what a checkpoint says in JSON.
type State struct {
	Options Options `json:"options"`
	Data    string  `json:"data"` // Pictures.Digest of the training set
	Classes int     `json:"classes"`
	Epoch   int     `json:"epoch"` // to be done next
	Step    int     `json:"step"`  // optimizer step of that epoch, to be done next
	Window  Window  `json:"window"`
	History History `json:"history"`
}

const magic = "facetrain checkpoint 1\n"

// Bytes returns the checkpoint in the form that ParseCheckpoint reads.
func (c *Checkpoint) Bytes() ([]byte, error) {
	text, err := json.Marshal(c.State)
	if err != nil {
		return nil, fmt.Errorf("train: checkpoint: %w", err)
	}
	out := append([]byte(magic), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(out[len(magic):], uint32(len(text)))
	out = append(out, text...)
	for _, v := range c.Numbers {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	sum := sha256.Sum256(out)
	return append(out, sum[:]...), nil
}

// ParseCheckpoint reads the bytes of a checkpoint. Memory is in proportion to
// them. Errors wrap ErrCheckpoint.
func ParseCheckpoint(data []byte) (*Checkpoint, error) {
	body, found := bytes.CutPrefix(data, []byte(magic))
	if !found || len(body) < 4+sha256.Size {
		return nil, fmt.Errorf("train: %w: it does not begin as one", ErrCheckpoint)
	}
	end := len(data) - sha256.Size
	if sum := sha256.Sum256(data[:end]); !bytes.Equal(sum[:], data[end:]) {
		return nil, fmt.Errorf("train: %w: its digest is wrong", ErrCheckpoint)
	}
	body = body[:len(body)-sha256.Size]
	length := int(binary.LittleEndian.Uint32(body))
	if body = body[4:]; length > len(body) || (len(body)-length)%4 != 0 {
		return nil, fmt.Errorf("train: %w: its parts do not fit", ErrCheckpoint)
	}
	c := &Checkpoint{Numbers: make([]float32, (len(body)-length)/4)}
	if err := json.Unmarshal(body[:length], &c.State); err != nil {
		return nil, fmt.Errorf("train: %w: %w", ErrCheckpoint, err)
	}
	for i := range c.Numbers {
		c.Numbers[i] = math.Float32frombits(binary.LittleEndian.Uint32(body[length+4*i:]))
	}
	return c, nil
}

// loadCheckpoint reads a file; nil where there is none.
func loadCheckpoint(path string) (*Checkpoint, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("train: checkpoint: %w", err)
	}
	c, err := ParseCheckpoint(data)
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, path)
	}
	return c, nil
}

// slices are all of the numbers of a training, in the order of a checkpoint.
func (t *training) slices() (out [][]float32) {
	for _, p := range t.model.Parameters {
		out = append(out, p.Values)
	}
	out = append(append(out, t.adam.first...), t.adam.second...)
	for _, m := range t.model.Moments {
		out = append(out, m.Values)
	}
	return out
}

func (t *training) checkpoint() *Checkpoint {
	c := &Checkpoint{State: t.state}
	for _, s := range t.slices() {
		c.Numbers = append(c.Numbers, s...)
	}
	return c
}

// restore goes on from a checkpoint, which must be of this training.
func (t *training) restore(c *Checkpoint) error {
	if text := c.State.unlike(t.state); text != "" {
		return fmt.Errorf("train: %w: %s", ErrCheckpoint, text)
	}
	need := 0
	for _, s := range t.slices() {
		need += len(s)
	}
	perEpoch := t.stepsPerEpoch()
	if len(c.Numbers) != need {
		return fmt.Errorf("train: %w: it has %d numbers, the network %d", ErrCheckpoint, len(c.Numbers), need)
	}
	if at := c.State; !at.reachable(perEpoch) {
		return fmt.Errorf("train: %w: no training stands at epoch %d, step %d, with %d steps to be drawn",
			ErrCheckpoint, at.Epoch, at.Step, at.Window.Steps)
	}
	numbers := c.Numbers
	for _, s := range t.slices() {
		numbers = numbers[copy(s, numbers):]
	}
	t.state = c.State
	t.adam.steps = c.State.Epoch*perEpoch + c.State.Step
	return nil
}

// reachable says whether a training of so many optimizer steps an epoch comes by a state.
func (s State) reachable(perEpoch int) bool {
	done := s.Epoch == s.Options.Epochs && s.Step == 0
	atWork := s.Epoch >= 0 && s.Epoch < s.Options.Epochs && s.Step >= 0 && s.Step < perEpoch
	return (done || atWork) && s.Window.Steps >= 0 && s.Window.Steps < curveSteps
}

// Clear removes a training's checkpoint from a folder.
func Clear(dir string) error {
	if err := os.Remove(filepath.Join(dir, CheckpointFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("train: %w", err)
	}
	return nil
}

// unlike says in what a checkpoint's training is another one than asked for; ""
// where it is the same.
func (s State) unlike(asked State) string {
	var out []string
	mine, theirs := s.parts(), asked.parts()
	for _, name := range slices.Sorted(maps.Keys(mine)) {
		if !bytes.Equal(mine[name], theirs[name]) {
			out = append(out, fmt.Sprintf("its %s is %s, asked for is %s", name, mine[name], theirs[name]))
		}
	}
	return strings.Join(out, "; ")
}

// parts are what makes a training the one that it is, by name.
func (s State) parts() map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	options, _ := json.Marshal(s.Options) // plain fields: never an error
	_ = json.Unmarshal(options, &out)
	out["digest of pictures"], _ = json.Marshal(s.Data)
	out["number of people"], _ = json.Marshal(s.Classes)
	return out
}
