package embed

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/facesieve/facesieve/embed/onnx"
	"github.com/facesieve/facesieve/internal/origin"
)

// auto is the device that stands for CUDA where it works, else the CPU.
const auto = "auto"

// CheckDevice refuses a name that no device can have; whether the device is there
// shows when an engine opens. Errors wrap onnx.ErrNoDevice.
func CheckDevice(name string) error {
	if name == "" || name == auto {
		return nil
	}
	if _, err := parseDevices(name); err != nil {
		return origin.Errorf("embed", "%w", err)
	}
	return nil
}

// parseDevices gives the devices that a name stands for: "cpu", "cuda" (its
// first), "cuda:2", "cuda:0-3", likewise "tensorrt". "auto" is not resolved here.
func parseDevices(name string) ([]onnx.Device, error) {
	provider, numbers, ranged := strings.Cut(name, ":")
	bad := fmt.Errorf("%w: %q: say auto, cpu, cuda, cuda:N or cuda:N-M", onnx.ErrNoDevice, name)
	switch {
	case provider == onnx.CPU && !ranged:
		return []onnx.Device{{Provider: onnx.CPU}}, nil
	case provider != onnx.CUDA && provider != onnx.TensorRT:
		return nil, bad
	case !ranged:
		return []onnx.Device{{Provider: provider}}, nil
	}
	low, high, both := strings.Cut(numbers, "-")
	if !both {
		high = low
	}
	from, err := strconv.ParseUint(low, 10, 8)
	if err != nil {
		return nil, bad
	}
	to, err := strconv.ParseUint(high, 10, 8)
	if err != nil || to < from {
		return nil, bad
	}
	var devices []onnx.Device
	for i := from; i <= to; i++ {
		devices = append(devices, onnx.Device{Provider: provider, Index: int(i)})
	}
	return devices, nil
}

// ownBatch is the largest batch whose images a device worker decodes itself: they are in
// memory all at once.
const ownBatch = 2

// sizes are a Config's numbers with what is best for a device in place of 0. On
// a CPU a one-thread batch on every core beats one batch on all cores, and a face
// stays in the cache, as does a photograph that the same core has just decoded. A GPU wants large batches, and a second one to be made ready
// while the first is computed.
type sizes struct {
	sessions, threads, batch int
	decoders                 int // 0: every device worker decodes its own images
	preparers                int // goroutines that prepare one batch
}

func (c Config) sizes(gpu bool) sizes {
	cores := runtime.GOMAXPROCS(0)
	s := sizes{sessions: cores, threads: 1, batch: 1, preparers: 1}
	if gpu {
		s = sizes{sessions: 2, threads: 1, batch: 64, decoders: cores, preparers: max(1, cores/2)}
	}
	set := func(to *int, from int) {
		if from > 0 {
			*to = from
		}
	}
	if !gpu && c.Threads > 0 {
		s.sessions = max(1, cores/c.Threads)
	}
	set(&s.sessions, c.Sessions)
	set(&s.threads, c.Threads)
	set(&s.batch, c.Batch)
	if s.batch > ownBatch {
		s.decoders = cores
	}
	set(&s.decoders, c.Decoders)
	return s
}
