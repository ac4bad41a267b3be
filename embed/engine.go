package embed

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/facesieve/facesieve/embed/gorgonia"
	"github.com/facesieve/facesieve/embed/onnx"
)

// The engines that run models.
const (
	EngineAuto     = "auto"        // ONNX Runtime, and gorgonia where it can't be had
	EngineRuntime  = "onnxruntime" // any model, on CPUs and GPUs
	EngineGorgonia = "gorgonia"    // in Go alone, small networks on CPUs
)

// Engines are the names that a Config.Engine can have.
func Engines() []string { return []string{EngineAuto, EngineRuntime, EngineGorgonia} }

// ErrEngine means that there is no engine of a name.
var ErrEngine = errors.New("unknown engine")

// CheckEngine refuses a name that no engine has; "" is auto. Errors wrap ErrEngine.
func CheckEngine(name string) error {
	if name != "" && !slices.Contains(Engines(), name) {
		return fmt.Errorf("%w %q: say %s", ErrEngine, name, strings.Join(Engines(), ", "))
	}
	return nil
}

// mayDoWithout says whether err means that there is no ONNX Runtime and nobody
// asked for it or for a device that only it computes on.
func (c Config) mayDoWithout(err error) bool {
	named := c.Runtime != "" || os.Getenv(onnx.LibraryVariable) != ""
	return errors.Is(err, onnx.ErrNoEngine) && c.Runtime == "" && c.onCPU() ||
		errors.Is(err, onnx.ErrNoLibrary) && !named && c.onCPU()
}

func (c Config) onCPU() bool { return c.Device == "" || c.Device == auto || c.Device == onnx.CPU }

// openGorgonia opens the models in Go alone. Lanes share the weights.
func openGorgonia(c Config, k contract, m models) (plant, error) {
	p := plant{engine: EngineGorgonia, device: onnx.CPU}
	if !c.onCPU() {
		return p, fmt.Errorf("%w: %q: the engine gorgonia computes on the CPU alone; say --device cpu", onnx.ErrNoDevice, c.Device)
	}
	c.Threads = 0 // a batch is computed by its lane alone
	s := c.sizes(false)
	p.decoders, p.decoded = s.decoders, s.decoders
	embedder, err := gorgonia.Open(m.embedder.data, []int{2 * s.batch, 3, k.height, k.width})
	if err != nil {
		return p, m.embedder.failed(err)
	}
	var detector *gorgonia.Network
	if m.detector.data != nil {
		if detector, err = gorgonia.Open(m.detector.data, []int{s.batch, 3, k.size, k.size}, heads...); err != nil {
			return p, fmt.Errorf("%w; leave it out with --detector none where the landmarks are in a manifest, or with --aligned", m.detector.failed(err))
		}
	}
	for i := range s.sessions {
		if i > 0 {
			embedder = embedder.Clone()
		}
		p.closers = append(p.closers, embedder.Close)
		l := &lane{contract: k, workers: s.workers, batch: s.batch, embedder: embedder}
		if detector != nil {
			if i > 0 {
				detector = detector.Clone()
			}
			p.closers = append(p.closers, detector.Close)
			l.detector = detector
		}
		p.lanes = append(p.lanes, l)
	}
	return p, nil
}
