package embed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/facesieve/facesieve/embed/gorgonia"
	"github.com/facesieve/facesieve/embed/onnx"
)

// network is a model with memory for batches: an onnx.Binding or a
// gorgonia.Network.
type network interface {
	Input() []float32               // for the largest batch
	Run(n int) ([][]float32, error) // of the first n inputs; valid until the next Run
}

// plant is the machinery that an engine runs on.
type plant struct {
	engine   string // EngineRuntime or EngineGorgonia
	device   string
	lanes    []*lane
	decoders int // 0: lanes decode their own images
	decoded  int // images that may wait for a lane
	closers  []func() error
}

func (p plant) close() error { return closeAll(p.closers) }

// openDevices opens the models on the devices, and in the engine, that the Config
// asks for.
func openDevices(ctx context.Context, c Config, k contract) (plant, error) {
	if err := CheckEngine(c.Engine); err != nil {
		return plant{}, err
	}
	m, err := readModels(c, k)
	if err != nil {
		return plant{}, err
	}
	if c.Engine == EngineGorgonia {
		p, err := openGorgonia(c, k, m)
		if errors.Is(err, gorgonia.ErrOperator) && m.detector.data == nil {
			err = fmt.Errorf("%w; --engine onnxruntime runs any model", err)
		}
		return p, err
	}
	p, err := openDevice(ctx, c, k, m)
	if c.Engine == EngineRuntime || !c.mayDoWithout(err) {
		return p, err
	}
	p, other := openGorgonia(c, k, m)
	if other != nil {
		return p, fmt.Errorf("%w; without it, %w", err, other)
	}
	return p, nil
}

// openDevice opens the models with ONNX Runtime.
func openDevice(ctx context.Context, c Config, k contract, m models) (plant, error) {
	if c.Device != "" && c.Device != auto {
		return openNamed(ctx, c, k, c.Device, m)
	}
	p, err := openNamed(ctx, c, k, onnx.CUDA, m)
	if errors.Is(err, onnx.ErrNoDevice) {
		return openNamed(ctx, c, k, onnx.CPU, m)
	}
	return p, err
}

// models are the model files.
type models struct{ embedder, detector modelFile }

// modelFile is a model's bytes, nil where there is none, and what errors call it.
type modelFile struct {
	role, name string
	data       []byte
}

// failed is an engine's error about a model. It names the file where that is to
// blame.
func (f modelFile) failed(err error) error {
	if errors.Is(err, onnx.ErrModel) {
		return fmt.Errorf("%s %s: %w; is the file whole?", f.role, f.name, err)
	}
	if errors.Is(err, gorgonia.ErrOperator) {
		return fmt.Errorf("%s %s: %w", f.role, f.name, err)
	}
	return fmt.Errorf("%s: %w", f.role, err)
}

func readModels(c Config, k contract) (m models, err error) {
	m.embedder, m.detector = modelFile{role: "model", name: cmp.Or(c.ModelName, c.ModelFile)}, modelFile{role: "detector", name: cmp.Or(c.DetectorName, c.DetectorFile)}
	if c.ModelFile == "" {
		if m.embedder.data = Builtin(c.Spec.Model); m.embedder.data == nil {
			return m, fmt.Errorf("model: %w: %s is not part of this program and has no file", fs.ErrNotExist, c.Spec.Model)
		}
	} else if m.embedder.data, err = os.ReadFile(c.ModelFile); err != nil {
		return m, fmt.Errorf("model: %w", err)
	}
	if k.size > 0 {
		if m.detector.data, err = os.ReadFile(c.DetectorFile); err != nil {
			return m, fmt.Errorf("detector: %w", err)
		}
	}
	return m, nil
}

func openNamed(ctx context.Context, c Config, k contract, name string, m models) (plant, error) {
	p := plant{engine: EngineRuntime, device: name}
	devices, err := parseDevices(name)
	if err != nil {
		return p, err
	}
	gpu := devices[0].Provider != onnx.CPU
	if gpu && len(devices) == 1 {
		p.device = devices[0].String()
	}
	s := c.sizes(gpu)
	p.decoders, p.decoded = s.decoders, s.decoders
	if gpu {
		p.decoded = s.batch * s.sessions * len(devices)
	}
	for _, d := range devices {
		if err = ctx.Err(); err == nil {
			err = p.add(d, c.Runtime, s, k, m)
		}
		if err != nil {
			return plant{}, errors.Join(err, p.close())
		}
	}
	return p, nil
}

// add opens the models on a device and makes its lanes.
func (p *plant) add(d onnx.Device, library string, s sizes, k contract, m models) error {
	options := onnx.Options{Library: library, Device: d, Threads: s.threads}
	embedder, err := p.session(m.embedder.data, options)
	if err != nil {
		return m.embedder.failed(err)
	}
	var finder *onnx.Session
	if m.detector.data != nil {
		if finder, err = p.session(m.detector.data, options); err != nil {
			return m.detector.failed(err)
		}
		if err := checkHeads(finder); err != nil {
			return err
		}
	}
	for range s.sessions {
		l := &lane{contract: k, workers: s.workers, whole: d.Provider != onnx.CPU && d.Provider != "", batch: s.batch}
		embed, err := p.bind(embedder, []int{2 * s.batch, 3, k.height, k.width}, nil)
		if err != nil {
			return m.embedder.failed(err)
		}
		l.embedder = embed
		if finder != nil {
			if l.detector, err = p.bind(finder, []int{s.batch, 3, k.size, k.size}, heads); err != nil {
				return m.detector.failed(err)
			}
		}
		p.lanes = append(p.lanes, l)
	}
	return nil
}

func (p *plant) session(model []byte, o onnx.Options) (*onnx.Session, error) {
	s, err := onnx.Open(model, o)
	if err == nil {
		p.closers = append(p.closers, s.Close)
	}
	return s, err
}

func (p *plant) bind(s *onnx.Session, shape []int, outputs []string) (network, error) {
	b, err := s.Bind(shape, outputs)
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, b.Close)
	return b, nil
}

func checkHeads(s *onnx.Session) error {
	var names []string
	for _, o := range s.Outputs() {
		names = append(names, o.Name)
	}
	for _, h := range heads {
		if !slices.Contains(names, h) {
			return fmt.Errorf("%w: the detector has outputs %q; it must have YuNet's, %q", ErrContract, names, heads)
		}
	}
	return nil
}
