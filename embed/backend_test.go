package embed

import (
	"errors"
	"io/fs"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/embed/builtin"
	"github.com/facesieve/facesieve/embed/gorgonia"
	"github.com/facesieve/facesieve/embed/onnx"
	"github.com/facesieve/facesieve/schemas"
)

// builtinConfig is the built-in model without a detector: it needs no library.
func builtinConfig(engine string) Config {
	return Config{Spec: Spec(builtinModel(), Model{}), Backend: engine, Device: onnx.CPU}
}

// noLibrary hides the machine's ONNX Runtime.
func noLibrary(t *testing.T) {
	t.Helper()
	t.Setenv(onnx.LibraryVariable, "")
	t.Chdir(t.TempDir())
	if path, err := onnx.FindLibrary(""); err == nil {
		t.Skipf("%s can't be hidden", path)
	}
}

// missingRuntime is why noLibrary's machine has no ONNX Runtime.
func missingRuntime() error {
	if _, err := onnx.Open(nil, onnx.Options{}); errors.Is(err, onnx.ErrNoEngine) {
		return onnx.ErrNoEngine
	}
	return onnx.ErrNoLibrary
}

func TestTheBuiltinModelIsWhatItsDescriptionSays(t *testing.T) {
	m, err := describe(builtin.Description())
	if err != nil {
		t.Fatal(err)
	}
	got, err := Resolve(BuiltinModel)
	if err != nil || got.Contract != m.Contract || got.Licence != "Apache-2.0" || got.TrainedOn == "" || got.Role != RoleEmbed {
		t.Errorf("%+v, %v", got, err)
	}
	const most = 2 << 20
	if got.Bytes > most || Builtin(got.SHA256) == nil || Builtin("") != nil {
		t.Errorf("%d bytes; found by its digest: %v", got.Bytes, Builtin(got.SHA256) != nil)
	}
}

// embedShipped gives the vector of a picture whose landmarks are shipped.
func embedShipped(t *testing.T, e *Engine) []float32 {
	t.Helper()
	images, read := rowsOf([][]byte{picture(t, 100, 100)})
	images[0].Landmarks = &[10]float32{20, 20, 60, 20, 40, 40, 25, 60, 55, 60}
	rows, err := e.Embed(t.Context(), images, false, read, nil)
	if err != nil || rows[0].Vector == nil {
		t.Fatal(rows, err)
	}
	return rows[0].Vector
}

func kindOf(t *testing.T, e *Engine) schemas.NumericKind {
	t.Helper()
	kind, err := e.NumericKind(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return kind
}

func TestAutoDoesWithoutTheLibrary(t *testing.T) {
	noLibrary(t)
	named := start(t, builtinConfig(BackendGorgonia))
	c := builtinConfig(BackendAuto)
	c.Device, c.Batch, c.Sessions = "", 7, 3
	found := start(t, c)
	if found.Device() != "cpu" || kindOf(t, found) != kindOf(t, named) {
		t.Errorf("auto computes on %s with kind %s, gorgonia has %s",
			found.Device(), kindOf(t, found), kindOf(t, named))
	}
	embedShipped(t, found)
}

func TestBackendsHaveTheirNumericKinds(t *testing.T) {
	needLibrary(t)
	theirs, ours, auto := start(t, builtinConfig(BackendONNXRuntime)), start(t, builtinConfig(BackendGorgonia)), start(t, builtinConfig(""))
	if kindOf(t, theirs) == kindOf(t, ours) {
		t.Error("two backends have one numeric kind")
	}
	if kindOf(t, auto) != kindOf(t, theirs) {
		t.Error("auto does not take ONNX Runtime where it is found")
	}
	var cosine float64
	x, y := embedShipped(t, theirs), embedShipped(t, ours)
	for i := range x {
		cosine += float64(x[i]) * float64(y[i])
	}
	if !(math.Abs(cosine-1) < 1e-4) {
		t.Errorf("the backends' vectors have a cosine of %v", cosine)
	}
}

func TestBackendThatCanNotBeHad(t *testing.T) {
	model, err := filepath.Abs("testdata/tiny-embed.onnx")
	if err != nil {
		t.Fatal(err)
	}
	noLibrary(t)
	tiny := Config{Spec: Spec(Models()[0], Model{}), ModelFile: model}
	detector := filepath.Join(filepath.Dir(model), "tiny-detect.onnx")
	for name, c := range map[string]struct {
		config Config
		change func(*Config)
		want   error
		says   string
	}{
		"unknown":          {builtinConfig("torch"), func(*Config) {}, ErrBackend, "onnxruntime"},
		"auto, operator":   {tiny, func(*Config) {}, gorgonia.ErrOperator, "tiny-embed.onnx: gorgonia: unsupported operator: MatMul node"},
		"auto, its reason": {tiny, func(*Config) {}, missingRuntime(), "without it"},
		"operator":         {tiny, func(c *Config) { c.Backend = BackendGorgonia }, gorgonia.ErrOperator, "MatMul"},
		"no choice":        {builtinConfig(BackendONNXRuntime), func(*Config) {}, missingRuntime(), ""},
		"device":           {builtinConfig(BackendGorgonia), func(c *Config) { c.Device = "cuda:0" }, onnx.ErrNoDevice, "on the CPU alone"},
		"no model":         {builtinConfig(BackendGorgonia), func(c *Config) { c.Spec.Model = "" }, fs.ErrNotExist, "not part of this program"},
		"detector": {builtinConfig(BackendAuto), func(c *Config) {
			c.Spec.Detector, c.Spec.Detection, c.DetectorFile = "any", Models()[1].Detection, detector
		}, gorgonia.ErrOperator, "gorgonia: unsupported operator"},
	} {
		t.Run(name, func(t *testing.T) {
			config := c.config
			c.change(&config)
			e, err := Open(t.Context(), config)
			if err == nil {
				t.Fatal("opened", e.Close())
			}
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q is not one line about %v that says %q", err, c.want, c.says)
			}
			var detector *DetectorError
			if got := errors.As(err, &detector); got != (name == "detector") {
				t.Errorf("%q is about a detector: %v", err, got)
			}
		})
	}
}

// A library that was named must be there.
func TestANamedLibraryIsNotDoneWithout(t *testing.T) {
	noLibrary(t)
	c := builtinConfig(BackendAuto)
	c.Runtime = t.TempDir()
	if e, err := Open(t.Context(), c); err == nil {
		t.Error("opened", e.Close())
	}
	t.Setenv(onnx.LibraryVariable, t.TempDir())
	c.Runtime = ""
	if e, err := Open(t.Context(), c); err == nil && errors.Is(missingRuntime(), onnx.ErrNoLibrary) {
		t.Error("opened", e.Close())
	}
}
