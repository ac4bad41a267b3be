package embed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/embed/onnx"
)

// The backends, which run models.
const (
	BackendAuto        = "auto"        // ONNX Runtime, and gorgonia where it can't be had
	BackendONNXRuntime = "onnxruntime" // any model, on CPUs and GPUs
	BackendGorgonia    = "gorgonia"    // in Go alone, small networks on CPUs
)

// Backends lists the names that a Config.Backend can have.
func Backends() []string { return []string{BackendAuto, BackendONNXRuntime, BackendGorgonia} }

// ErrBackend means that there is no backend of a name.
var ErrBackend = errors.New("unknown engine")

// DetectorError means that the backend in Go alone can't run the detector; without one
// it may run.
type DetectorError struct{ Err error }

// Error returns what the backend says of the detector.
func (e *DetectorError) Error() string { return e.Err.Error() }

// Unwrap returns the backend's error.
func (e *DetectorError) Unwrap() error { return e.Err }

// CheckBackend refuses a name that no backend has; "" is auto. Errors wrap ErrBackend.
func CheckBackend(name string) error {
	if name != "" && !slices.Contains(Backends(), name) {
		return fmt.Errorf("%w %q: say %s", ErrBackend, name, strings.Join(Backends(), ", "))
	}
	return nil
}

// network is a model with memory for batches: an onnx.Binding or a
// gorgonia.Network.
type network interface {
	Input() []float32               // for the largest batch
	Run(n int) ([][]float32, error) // of the first n inputs; valid until the next Run
}

// backend is the models, open on devices, and what computes with them.
type backend struct {
	name     string // BackendONNXRuntime or BackendGorgonia
	device   string
	workers  []*deviceWorker
	decoders int // 0: device workers decode their own images
	decoded  int // images that may wait for a device worker
	closers  []func() error
}

func (b backend) close() error { return closeAll(b.closers) }

// openBackend opens the models on the devices, and with the backend, that the Config
// asks for.
func openBackend(ctx context.Context, c Config, p parameters) (backend, error) {
	if err := CheckBackend(c.Backend); err != nil {
		return backend{}, err
	}
	m, err := readModels(c, p)
	if err != nil {
		return backend{}, err
	}
	if c.Backend == BackendGorgonia {
		return openGorgonia(c, p, m)
	}
	b, err := openRuntime(ctx, c, p, m)
	if c.Backend == BackendONNXRuntime || !c.mayDoWithout(err) {
		return b, err
	}
	b, other := openGorgonia(c, p, m)
	if other != nil {
		return b, fmt.Errorf("%w; without it, %w", err, other)
	}
	return b, nil
}

// mayDoWithout says whether err means that there is no ONNX Runtime and nobody
// asked for it or for a device that only it computes on.
func (c Config) mayDoWithout(err error) bool {
	named := c.Runtime != "" || os.Getenv(onnx.LibraryVariable) != ""
	return errors.Is(err, onnx.ErrNoEngine) && c.Runtime == "" && c.onCPU() ||
		errors.Is(err, onnx.ErrNoLibrary) && !named && c.onCPU()
}

func (c Config) onCPU() bool { return c.Device == "" || c.Device == auto || c.Device == onnx.CPU }
