//go:build cgo

package onnx

import (
	"errors"
	"fmt"
	"sync"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/facesieve/facesieve/internal/origin"
)

// environment is ONNX Runtime's own state, of which a process has one: the
// library can't be loaded twice. It stays loaded to the process's end.
var environment struct {
	mutex   sync.Mutex
	library string
}

func load(library string) error {
	path, err := FindLibrary(library)
	if err != nil {
		return err
	}
	environment.mutex.Lock()
	defer environment.mutex.Unlock()
	if environment.library != "" {
		if environment.library != path && library != "" {
			return fmt.Errorf("%s is loaded already: a process has one ONNX Runtime library",
				environment.library)
		}
		return nil
	}
	ort.SetSharedLibraryPath(path)
	if err := ort.InitializeEnvironment(ort.WithLogLevelFatal()); err != nil {
		return fmt.Errorf("%s can't be loaded as ONNX Runtime (run `make onnxruntime` to get one that fits): %w",
			path, err)
	}
	environment.library = path
	return nil
}

// Session is an open model. It may be bound and run by several goroutines at
// once: runs on a CPU then share the weights and have one thread each.
type Session struct {
	session *ort.DynamicAdvancedSession
	inputs  []Port
	outputs []Port
	names   []string // outputs in the session's order
	batches bool
}

// Open opens a model, the bytes of an ONNX file with one float32 input whose
// first dimension is the batch. Errors are ErrNoLibrary, ErrNoDevice, ErrModel,
// or the runtime's own.
func Open(model []byte, o Options) (*Session, error) {
	if err := load(o.Library); err != nil {
		return nil, origin.Errorf("onnx", "%w", err)
	}
	free, err := FreeBatch(model)
	if err != nil {
		return nil, err
	}
	s, err := open(free, o)
	if err == nil {
		s.batches = s.batchesAgree()
		if s.batches {
			return s, nil
		}
		if err := s.Close(); err != nil {
			return nil, err
		}
	}
	if errors.Is(err, ErrNoDevice) {
		return nil, origin.Errorf("onnx", "%w", err)
	}
	// A graph that can't run so runs as it was exported.
	if s, err = open(model, o); err != nil {
		return nil, origin.Errorf("onnx: open", "%w", err)
	}
	return s, nil
}

func open(model []byte, o Options) (*Session, error) {
	options, err := sessionOptions(o)
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	s := &Session{}
	var float []bool
	if s.inputs, s.outputs, float, err = portsOf(model); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	if len(s.inputs) != 1 || !float[0] || len(s.inputs[0].Shape) == 0 || len(s.outputs) == 0 {
		return nil, fmt.Errorf("%w that is run here: it needs exactly one input, of type float32", ErrModel)
	}
	for _, p := range s.outputs {
		s.names = append(s.names, p.Name)
	}
	s.session, err = ort.NewDynamicAdvancedSessionWithONNXData(model, []string{s.inputs[0].Name}, s.names,
		options)
	return s, memoryError(err)
}

// Inputs returns the model's inputs.
func (s *Session) Inputs() []Port { return s.inputs }

// Outputs returns the model's outputs.
func (s *Session) Outputs() []Port { return s.outputs }

// Batches says whether the model runs in batches; else a Binding's Run takes
// its images one by one.
func (s *Session) Batches() bool { return s.batches }

// Close frees the model. No Binding of it may be used afterwards.
func (s *Session) Close() error { return s.session.Destroy() }
