package embed

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/facesieve/facesieve/embed/onnx"
)

// openRuntime opens the models with ONNX Runtime.
func openRuntime(ctx context.Context, c Config, p parameters, m models) (backend, error) {
	if c.Device != "" && c.Device != auto {
		return openNamed(ctx, c, p, c.Device, m)
	}
	b, err := openNamed(ctx, c, p, onnx.CUDA, m)
	if errors.Is(err, onnx.ErrNoDevice) {
		return openNamed(ctx, c, p, onnx.CPU, m)
	}
	return b, err
}

// openNamed opens the models on the devices of a name.
func openNamed(ctx context.Context, c Config, p parameters, name string, m models) (backend, error) {
	b := backend{name: BackendONNXRuntime, device: name}
	devices, err := parseDevices(name)
	if err != nil {
		return b, err
	}
	gpu := devices[0].Provider != onnx.CPU
	if gpu && len(devices) == 1 {
		b.device = devices[0].String()
	}
	s := c.sizes(gpu)
	b.decoders, b.decoded = s.decoders, s.decoders
	if gpu {
		b.decoded = s.batch * s.sessions * len(devices)
	}
	for _, d := range devices {
		if err = ctx.Err(); err == nil {
			err = b.add(d, c.Runtime, s, p, m)
		}
		if err != nil {
			return backend{}, errors.Join(err, b.close())
		}
	}
	return b, nil
}

// add opens the models on a device and makes its device workers.
func (b *backend) add(d onnx.Device, library string, s sizes, p parameters, m models) error {
	options := onnx.Options{Library: library, Device: d, Threads: s.threads}
	embedder, err := b.session(m.embedder.data, options)
	if err != nil {
		return m.embedder.failed(err)
	}
	var detector *onnx.Session
	if p.detector != nil {
		if detector, err = b.session(m.detector.data, options); err != nil {
			return m.detector.failed(err)
		}
		if err := p.checkOutputs(detector); err != nil {
			return err
		}
	}
	for range s.sessions {
		w := &deviceWorker{
			parameters: p, preparers: s.preparers, batch: s.batch,
			whole: d.Provider != onnx.CPU && d.Provider != "",
		}
		if w.embedder, err = b.bind(embedder, []int{p.inputs * s.batch, 3, p.height, p.width}, nil); err != nil {
			return m.embedder.failed(err)
		}
		if detector != nil {
			if w.detector, err = b.bind(detector, []int{s.batch, 3, p.size, p.size}, p.outputNames()); err != nil {
				return m.detector.failed(err)
			}
		}
		b.workers = append(b.workers, w)
	}
	return nil
}

// session opens a model, to be closed with the backend.
func (b *backend) session(model []byte, o onnx.Options) (*onnx.Session, error) {
	s, err := onnx.Open(model, o)
	if err == nil {
		b.closers = append(b.closers, s.Close)
	}
	return s, err
}

// bind makes a session's memory for batches, to be freed with the backend.
func (b *backend) bind(s *onnx.Session, shape []int, outputs []string) (network, error) {
	n, err := s.Bind(shape, outputs)
	if err != nil {
		return nil, err
	}
	b.closers = append(b.closers, n.Close)
	return n, nil
}

// checkOutputs refuses a model that lacks an output of the detector's.
func (p parameters) checkOutputs(s *onnx.Session) error {
	var has []string
	for _, o := range s.Outputs() {
		has = append(has, o.Name)
	}
	for _, name := range p.outputNames() {
		if !slices.Contains(has, name) {
			return fmt.Errorf("%w: the detector has outputs %q; %s needs %q",
				ErrContract, has, p.detector.Name(), p.outputNames())
		}
	}
	return nil
}
