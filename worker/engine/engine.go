// Package engine opens what a worker computes with: it turns flags into an
// engine's configuration and finds model files by their digest, in folders or in
// the run's store.
package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/program"
)

// Flags are how an engine computes; none of them changes a result.
type Flags struct {
	Models   string // folder of model files
	Engine   string // one of embed.Backends
	Runtime  string // ONNX Runtime's library
	Device   string
	Sessions int
	Threads  int
	Batch    int
	Decoders int

	// Observer is told of the engines that Open opens, and what they do; may be nil.
	Observer Observer

	names map[schemas.Digest]string // see Name
}

// Observer is told what an engine does, and which one it is.
type Observer interface {
	embed.Observer

	// Opened says what runs the engine's models, on what, how many batches at once,
	// and of which numeric kind it is.
	Opened(backend, device string, deviceWorkers int, kind schemas.NumericKind)
}

// AddFlags defines the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	f.AddModelsFlag(fs)
	fs.StringVar(&f.Engine, "engine", embed.BackendAuto, strings.Join(embed.Backends(),
		", ")+"; auto takes ONNX Runtime where its library is found")
	f.AddRuntimeFlag(fs)
	fs.StringVar(&f.Device, "device", "auto",
		"auto, cpu, cuda, cuda:N, cuda:N-M; a device named here must be there")
	fs.IntVar(&f.Sessions, "sessions", 0, "batches computed at once on each device; 0: best for the device")
	fs.IntVar(&f.Threads, "threads", 0, "threads of one batch on a CPU; 0: one")
	fs.IntVar(&f.Batch, "batch", 0, "images of one batch; 0: best for the device")
	fs.IntVar(&f.Decoders, "decoders", 0, "images decoded at once; 0: one for every core")
}

// AddModelsFlag defines the flag about model files alone.
func (f *Flags) AddModelsFlag(fs *pflag.FlagSet) {
	fs.StringVar(&f.Models, "models", "",
		"folder of model files, found by their hash; default $XDG_CACHE_HOME/facesieve/models")
}

// AddRuntimeFlag defines the flag about ONNX Runtime's library alone.
func (f *Flags) AddRuntimeFlag(fs *pflag.FlagSet) {
	fs.StringVar(&f.Runtime, "onnxruntime", "",
		"ONNX Runtime's library or its folder; default $FACESIEVE_ONNXRUNTIME, .onnxruntime, the system's "+
			"library folders")
}

// Check refuses values that no engine can have, before anything is done.
func (f *Flags) Check() error {
	for name, n := range map[string]int{"sessions": f.Sessions, "threads": f.Threads, "batch": f.Batch,
		"decoders": f.Decoders} {
		if n < 0 {
			return fmt.Errorf("--%s %d: give a number from 1, or 0 for the best", name, n)
		}
	}
	if err := embed.CheckBackend(f.Engine); err != nil {
		return err
	}
	if err := embed.CheckDevice(f.Device); err != nil {
		return err
	}
	if f.Engine == embed.BackendGorgonia && f.Device != "auto" && f.Device != "cpu" {
		return fmt.Errorf("--device %s: the engine %s computes on the CPU alone", f.Device, f.Engine)
	}
	if f.Engine == embed.BackendGorgonia && f.Runtime != "" {
		return fmt.Errorf("--onnxruntime %s: the engine %s uses no library; leave one of the two out",
			f.Runtime, f.Engine)
	}
	return nil
}

// Runs refuses a detector that can't run on this machine, before it is pulled:
// those known by name run in ONNX Runtime alone.
func (f *Flags) Runs(models []embed.Model) error {
	detects, builtIn := false, false
	for _, m := range models {
		detects = detects || m.Role == embed.RoleDetect && m.URL != ""
		builtIn = builtIn || m.Data != nil
	}
	switch {
	case !detects:
	case f.Engine == embed.BackendGorgonia:
		return program.WithHint(fmt.Errorf("the engine %s runs no detector", f.Engine),
			"leave the detector out: "+without)
	case builtIn:
		if _, err := f.LoadRuntime(); err != nil {
			return program.WithHint(err, "or leave the detector out: "+without)
		}
	}
	return nil
}

// Name says what errors of Open call models: what their user calls them. Without it
// they are called by their paths. It is not to be called beside Open.
func (f *Flags) Name(models []embed.Model) {
	f.names = map[schemas.Digest]string{}
	for _, m := range models {
		if f.names[m.SHA256] = m.Name; m.URL == "" && m.Data == nil {
			f.names[m.SHA256] = m.File
		}
	}
}

// Cache returns where model files are looked for: the named folder, or the user's where
// none is named. It fails where none is named and the user has none.
func (f *Flags) Cache() (embed.Cache, error) {
	own, err := embed.CacheDir()
	if f.Models != "" {
		return embed.Cache{Dirs: []string{f.Models}}, nil
	}
	return embed.Cache{Dirs: []string{own}}, err
}

// Open makes the engine for a Spec. Model files that no folder has are taken from
// the store, where a coordinator puts them.
func (f *Flags) Open(ctx context.Context, st store.Store, spec schemas.EmbedSpec) (*embed.Engine, error) {
	model, err := f.find(ctx, st, spec.Model)
	if err != nil {
		return nil, err
	}
	detector := ""
	if spec.Detector != "" {
		if detector, err = f.find(ctx, st, spec.Detector); err != nil {
			return nil, err
		}
	}
	c := embed.Config{Spec: spec, ModelFile: model, DetectorFile: detector,
		ModelName: f.names[spec.Model], DetectorName: f.names[spec.Detector], Backend: f.Engine, Runtime: f.Runtime,
		Device: f.Device, Sessions: f.Sessions, Threads: f.Threads, Batch: f.Batch, Decoders: f.Decoders}
	if f.Observer != nil {
		c.Observer = f.Observer
	}
	opened, err := embed.Open(ctx, c)
	if err != nil || f.Observer == nil {
		return opened, f.advise(err)
	}
	kind, err := opened.NumericKind(ctx)
	f.Observer.Opened(opened.Backend(), opened.Device(), opened.DeviceWorkers(), kind)
	return opened, err
}
