package embed

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/embed/onnx"
	"github.com/facesieve/facesieve/schemas"
)

func TestOpenSaysWhatIsWrong(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "absent")
	for name, c := range map[string]struct {
		change func(*Config)
		want   error
		says   string
	}{
		"library":        {func(c *Config) { c.Runtime = absent }, onnx.ErrNoLibrary, absent},
		"model":          {func(c *Config) { c.ModelFile = absent }, fs.ErrNotExist, absent},
		"detector":       {func(c *Config) { c.DetectorFile = absent }, fs.ErrNotExist, "detector"},
		"other outputs":  {func(c *Config) { c.DetectorFile = c.ModelFile }, ErrContract, "yunet-1 needs"},
		"device name":    {func(c *Config) { c.Device = "gpu" }, onnx.ErrNoDevice, "auto, cpu, cuda"},
		"device range":   {func(c *Config) { c.Device = "cuda:3-1" }, onnx.ErrNoDevice, "cuda:N-M"},
		"absent device":  {func(c *Config) { c.Device = "cuda:199" }, onnx.ErrNoDevice, "cuda:199"},
		"absent devices": {func(c *Config) { c.Device = "cuda:198-199" }, onnx.ErrNoDevice, "cuda:198"},
		"dimension":      {func(c *Config) { c.Spec.Contract.Dim = 5 }, ErrContract, "5 numbers"},
		"its half":       {func(c *Config) { c.Spec.Contract.Dim = 8 }, ErrContract, "8 numbers"},
		"channels":       {func(c *Config) { c.Spec.Contract.Channels = "grey" }, ErrContract, "rgb or bgr"},
		"flip":           {func(c *Config) { c.Spec.Flip = "sum-1" }, ErrContract, "sum-1"},
		"decoding":       {func(c *Config) { c.Spec.Detection.Decoding = "yunet-2" }, ErrContract, "yunet-1"},
		"size":           {func(c *Config) { c.Spec.Detection.Size = 100 }, ErrContract, "32"},
	} {
		t.Run(name, func(t *testing.T) {
			config := tinyConfig(t)
			c.change(&config)
			e, err := Open(context.Background(), config)
			if err == nil {
				t.Fatal("opened", e.Close())
			}
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q is not one line about %v that says %q", err, c.want, c.says)
			}
		})
	}
}

func TestAutoFallsBackToTheCPU(t *testing.T) {
	c := tinyConfig(t)
	c.Device = ""
	if device := start(t, c).Device(); device != "cpu" && !strings.HasPrefix(device, "cuda:") {
		t.Errorf("auto runs on %q", device)
	}
}

func TestWithoutDetectorShippedLandmarksAlign(t *testing.T) {
	c := tinyConfig(t)
	c.Spec.Detector, c.DetectorFile = "", ""
	e := start(t, c)
	images, read := rowsOf([][]byte{picture(t, 100, 100), picture(t, 100, 100)})
	images[0].Landmarks = &[10]float32{20, 20, 60, 20, 40, 40, 25, 60, 55, 60}
	rows, err := e.Embed(t.Context(), images, false, read, nil)
	if err != nil {
		t.Fatal(err)
	}
	if rows[0].Faces != -1 || rows[0].Vector == nil || rows[1].Error != schemas.FaultNoFace {
		t.Errorf("%+v", rows)
	}
}

func TestDevices(t *testing.T) {
	for name, want := range map[string]string{
		"cpu": "cpu", "cuda": "cuda:0", "cuda:2": "cuda:2", "cuda:0-2": "cuda:0 cuda:1 cuda:2", "tensorrt:1": "tensorrt:1",
		"cpu:1": "", "cuda:": "", "cuda:-1": "", "cuda:1-": "", "cuda:999": "", "": "", "mps": "",
	} {
		devices, err := parseDevices(name)
		var names []string
		for _, d := range devices {
			names = append(names, d.String())
		}
		if got := strings.Join(names, " "); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q (%v), not %q", name, got, err, want)
		}
	}
}

func TestRegistry(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Models() {
		if err := m.validate(); err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
		if seen[m.Name] || seen[string(m.SHA256)] {
			t.Errorf("%s or its digest is there twice", m.Name)
		}
		seen[m.Name], seen[string(m.SHA256)] = true, true
		if m.Data != nil {
			continue // it comes from nowhere
		}
		if len(m.SHA256) != 64 || len(m.Commit) != 40 || m.Bytes < 1 || m.Licence == "" || m.TrainedOn == "" {
			t.Errorf("%s: a field is missing", m.Name)
		}
		if !strings.Contains(m.URL, m.Repo+"/"+m.Commit) || !strings.HasSuffix(m.URL, "/"+m.File) {
			t.Errorf("%s: %s is not its file at its commit", m.Name, m.URL)
		}
		if got, err := Resolve(m.Name); err != nil || got.SHA256 != m.SHA256 {
			t.Errorf("Resolve(%s) gives %v, %v", m.Name, got.SHA256, err)
		}
	}
	if _, err := Resolve("mobilfacenet"); !errors.Is(err, ErrUnknownModel) || !strings.Contains(err.Error(), DefaultModel) {
		t.Errorf("a wrong name gives %v", err)
	}
	local := Cache{Dirs: []string{shared(t, "models")}}
	for _, name := range []string{DefaultModel, DefaultDetector, "yunet-320", "yunet-640"} {
		m, err := Resolve(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := local.Find(m.SHA256); err != nil {
			t.Errorf("%s: the registry's digest is not the file's: %v", name, err)
		}
	}
}

func TestModelByPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "own.onnx")
	if _, err := Resolve(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an absent file gives %v", err)
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(path, "model")
	if _, err := Resolve(path); !errors.Is(err, ErrContract) || !strings.Contains(err.Error(), `"channels"`) {
		t.Errorf("no contract gives %v, without an example", err)
	}
	for _, text := range []string{"", "{}", `{"role":"embed","size":3}`, `{"role":"embed"}`, `{"role":"detect"}`} {
		write(path+".json", text)
		if _, err := Resolve(path); !errors.Is(err, ErrContract) {
			t.Errorf("contract %q gives %v", text, err)
		}
	}
	write(path+".json", detectorExample)
	if m, err := Resolve(path); err != nil || m.Role != RoleDetect {
		t.Errorf("the detector's example gives a %s, %v", m.Role, err)
	}
	write(path+".json", example)
	m, err := Resolve(path)
	if err != nil {
		t.Fatal(err)
	}
	const digest = "9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4" // of "model"
	if m.Name != "own" || m.File != path || m.SHA256 != digest || m.Contract.Dim != 512 || m.Role != RoleEmbed {
		t.Errorf("%+v", m)
	}
	if s := Spec(m, Model{}); s.Model != m.SHA256 || s.Detector != "" {
		t.Errorf("its Spec is %+v", s)
	}
}

func FuzzDescription(f *testing.F) {
	f.Add(example)
	f.Add(`{"role":"detect","detection":{"decoding":"yunet-1","size":320,"score":"0.5","nms":"0.3"}}`)
	f.Add(`{"role":"embed","contract":{"width":-1}}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := describe([]byte(text))
		if err == nil && m.validate() != nil {
			t.Error("a description was taken that is not valid")
		}
	})
}

func TestPoints(t *testing.T) {
	if p := arcFacePoints(112, 112); p[0] != 38.2946 || p[9] != 92.2041 {
		t.Errorf("112 x 112: %v", p)
	}
	if p := arcFacePoints(96, 112); p[0] != float32(38.2946)-8 || p[1] != 51.6963 {
		t.Errorf("96 x 112: %v", p)
	}
	if p := arcFacePoints(256, 256); p[0] != 2*(float32(38.2946)+8) || p[1] != 2*float32(51.6963) {
		t.Errorf("256 x 256: %v", p)
	}
}
