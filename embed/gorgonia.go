package embed

import (
	"fmt"

	"github.com/facesieve/facesieve/embed/gorgonia"
	"github.com/facesieve/facesieve/embed/onnx"
)

// openGorgonia opens the models in Go alone. Device workers share the weights.
func openGorgonia(c Config, p parameters, m models) (backend, error) {
	b := backend{name: BackendGorgonia, device: onnx.CPU}
	if !c.onCPU() {
		return b, fmt.Errorf("%w: %q: the engine gorgonia computes on the CPU alone",
			onnx.ErrNoDevice, c.Device)
	}
	c.Threads = 0 // a batch is computed by its device worker alone
	s := c.sizes(false)
	b.decoders, b.decoded = s.decoders, s.decoders
	embedder, err := gorgonia.Open(m.embedder.data, []int{p.inputs * s.batch, 3, p.height, p.width})
	if err != nil {
		return b, m.embedder.failed(err)
	}
	var detector *gorgonia.Network
	if m.detector.data != nil {
		detector, err = gorgonia.Open(m.detector.data, []int{s.batch, 3, p.size, p.size}, p.outputNames()...)
		if err != nil {
			return b, &DetectorError{m.detector.failed(err)}
		}
	}
	for i := range s.sessions {
		if i > 0 {
			embedder = embedder.Clone()
		}
		b.closers = append(b.closers, embedder.Close)
		w := &deviceWorker{parameters: p, preparers: s.preparers, batch: s.batch, embedder: embedder}
		if detector != nil {
			if i > 0 {
				detector = detector.Clone()
			}
			b.closers = append(b.closers, detector.Close)
			w.detector = detector
		}
		b.workers = append(b.workers, w)
	}
	return b, nil
}
