// Package embed turns encoded images into unit vectors: decode, detect faces,
// choose one, align it, run the embedding model on it, or on it and its mirror image;
// and into what tells near-duplicates: perceptual hashes and thumbnails. What is wrong with an image becomes its row's fault; what is wrong with the machine
// is an error.
package embed

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// Config says what an Engine computes (Spec and the files that it names by
// digest) and how; nothing but Spec changes a result on one numeric kind.
type Config struct {
	Spec         schemas.EmbedSpec
	ModelFile    string   // path of the embedding model, its digest verified; "": it is part of this program
	DetectorFile string   // path of the detector, likewise; "": no detector
	ModelName    string   // what errors call the model; "": its path
	DetectorName string   // likewise
	Backend      string   // one of Backends; "" is auto
	Runtime      string   // ONNX Runtime library or its folder; "": search
	Device       string   // "auto", "cpu", "cuda", "cuda:N", "cuda:N-M", "tensorrt..."; "" is auto
	Sessions     int      // batches computed at once, on each device; 0: best for the device
	Threads      int      // threads of one batch on a CPU; 0: one
	Batch        int      // images of one batch; 0: best for the device
	Decoders     int      // images decoded at once; 0: one for every core
	MaxPixels    int      // an image with more is too-large; 0: photo.DefaultPixels
	Observer     Observer // told what the engine does; nil: nobody is
}

// Observer is told what an engine does, for whoever measures it. Its methods are
// called concurrently, and return at once.
type Observer interface {
	// Decoded says how long the decoding of an image took, faulty ones included.
	Decoded(took time.Duration)

	// Computed says that a device worker brought a batch of images to its end: how
	// many it held, how many it could have held, and how long that took.
	Computed(images, room int, took time.Duration)
}

// ErrClosed means that the Engine was closed.
var ErrClosed = errors.New("engine is closed")

// Engine embeds images. Its methods may be called from several goroutines:
// calls share its decoders and devices.
type Engine struct {
	parameters parameters
	limits     photo.Limits
	observer   Observer // nil: nobody
	backend    string
	device     string
	kind       schemas.NumericKind
	readers    int // images of one call that are read at once

	workers       []*deviceWorker
	encoded       chan *job     // read, not decoded
	decoded       chan *job     // decoded, not embedded
	encodedMemory *photo.Budget // of the images in encoded
	decodedMemory *photo.Budget // of the images in decoded
	decoders      sync.WaitGroup
	serving       sync.WaitGroup
	closers       []func() error

	calls  sync.RWMutex // held for reading by every call, for writing by Close
	closed bool
}

// Bounds of the memory that waiting images may take; a larger image goes alone.
const (
	encodedBytes = 128 << 20
	decodedBytes = 192 << 20
	workingBytes = 256 << 20 // working memory of the decoders
)

// Open loads the models and starts the engine. Errors wrap onnx.ErrNoLibrary,
// onnx.ErrNoDevice, onnx.ErrNoEngine, gorgonia.ErrOperator, ErrBackend, ErrDevices or
// ErrContract where these are the reason.
func Open(ctx context.Context, c Config) (*Engine, error) {
	e, err := open(ctx, c)
	if err != nil {
		return nil, origin.Errorf("embed: open", "%w", err)
	}
	return e, nil
}

func open(ctx context.Context, c Config) (*Engine, error) {
	p, err := newParameters(c.Spec)
	if err != nil {
		return nil, err
	}
	b, err := openBackend(ctx, c, p)
	if err != nil {
		return nil, err
	}
	e, err := newEngine(c, p, b)
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	return e, nil
}

// newEngine starts an engine on a backend that is open. It owns the backend only
// where it gives no error.
func newEngine(c Config, p parameters, b backend) (*Engine, error) {
	e := &Engine{
		parameters: p, limits: limits(c), observer: c.Observer, backend: b.name, device: b.device, workers: b.workers, closers: b.closers,
		readers:       max(16, 2*b.decoders),
		encoded:       make(chan *job, max(b.decoders, len(b.workers))),
		decoded:       make(chan *job, b.decoded),
		encodedMemory: photo.NewBudget(encodedBytes),
		decodedMemory: photo.NewBudget(decodedBytes),
	}
	kind, err := numericKind(b.workers, e.limits)
	if err != nil {
		return nil, err
	}
	e.kind = kind
	for range b.decoders {
		e.decoders.Go(e.decode)
	}
	for _, w := range b.workers {
		w.observer = c.Observer
		if b.decoders == 0 {
			e.serving.Go(func() { w.serve(e.encoded, e.open) })
		} else {
			e.serving.Go(func() { w.serve(e.decoded, opened) })
		}
	}
	return e, nil
}

func limits(c Config) photo.Limits {
	return photo.Limits{Pixels: c.MaxPixels, Budget: photo.NewBudget(workingBytes)}
}

// NumericKind returns the engine's numeric kind: the digest of what it computes on the
// probe pictures, from their bytes to their vectors, made when it was opened. Engines of
// one numeric kind give equal bits for equal images.
func (e *Engine) NumericKind(ctx context.Context) (schemas.NumericKind, error) {
	return e.kind, ctx.Err()
}

// Device says what the engine runs on: "cpu", "cuda:0", "cuda:0-3".
func (e *Engine) Device() string { return e.device }

// Backend says what runs the models: BackendONNXRuntime or BackendGorgonia.
func (e *Engine) Backend() string { return e.backend }

// DeviceWorkers returns the number of batches that are computed at once.
func (e *Engine) DeviceWorkers() int { return len(e.workers) }

// Close waits for the calls in progress, then frees the models.
func (e *Engine) Close() error {
	e.calls.Lock()
	defer e.calls.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	close(e.encoded)
	e.decoders.Wait()
	close(e.decoded)
	e.serving.Wait()
	if err := closeAll(e.closers); err != nil {
		return origin.Errorf("embed", "close: %w", err)
	}
	return nil
}

func closeAll(closers []func() error) error {
	var errs []error
	for i := len(closers) - 1; i >= 0; i-- {
		errs = append(errs, closers[i]())
	}
	return errors.Join(errs...)
}
