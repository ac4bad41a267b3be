package command

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/facesieve/facesieve/k8s"
	"github.com/facesieve/facesieve/worker/program"
)

// rendering returns the options of k8s render, given as on the line.
func rendering(t *testing.T, args ...string) (*k8sOptions, *storeFlags, *pflag.FlagSet) {
	t.Helper()
	o, st, f := &k8sOptions{request: requestFlags{judging: defaultJudging()}}, &storeFlags{},
		pflag.NewFlagSet("render", pflag.ContinueOnError)
	st.AddFlags(f)
	o.AddFlags(f)
	if err := f.Parse(args); err != nil {
		t.Fatal(err)
	}
	return o, st, f
}

// What no pod could do is refused before anything is written.
func TestRenderIsRefused(t *testing.T) {
	bucket := slices.Clip([]string{"--data", "s3://a/b", "--store", "s3://c/d"})
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--store", "s3://c/d"}, "nothing to clean"},
		{[]string{"--data", "s3://a/b"}, "--store facesieve: pods share no folder"},
		{[]string{"--data", "/faces", "--store", "s3://c/d"}, "--data /faces: pods do not have it"},
		{append(bucket, "--reference", "lfw=/lfw"), "--reference lfw=/lfw: pods do not have it"},
		{append(bucket, "--prior", "mine.json"), "--prior mine.json: pods do not have it"},
		{append(bucket, "--workers", "0"), "--workers 0: give at least 1"},
		{append(bucket, "--model", "/mine/m.onnx"), "--model /mine/m.onnx: pods do not have it"},
		{append(bucket, "--detector", "d.onnx"), "--detector d.onnx: pods do not have it"},
		{append(bucket, "--store", "s3://c/$(NATS_PASSWORD)"), `--store "s3://c/$(NATS_PASSWORD)": leave out`},
		{append(bucket, "--region", "eu\nx"), `--region "eu\nx": leave out control characters`},
		{append(bucket, "--gpu-type", "NVIDIA-L4"), "--gpu-type is for workers with GPUs"},
		{append(bucket, "--cpu-workers", "2"), "--cpu-workers is for workers with GPUs"},
		{append(bucket, "--gpu", "--gpu-type", "NVIDIA L4"), `--gpu-type "NVIDIA L4": give the nodes' label`},
		{append(bucket, "--gpu", "--gpu-type", ""), `--gpu-type "": give the nodes' label`},
		{append(bucket, "--drop", "2"), "--drop 2: give a probability"},
	} {
		o, st, f := rendering(t, c.args...)
		err := o.check(f, st)
		if err == nil || program.ExitCode(err) != program.ExitUsage || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v; want %s", c.args, err, c.want)
		}
	}
	o, st, f := rendering(t, bucket...)
	if err := o.check(f, st); err != nil {
		t.Fatal(err)
	}
	o.out = filepath.Join(t.TempDir(), "mine")
	if err := o.render(f, st); err != nil {
		t.Fatal(err)
	}
	if err := o.render(f, st); err == nil || !strings.Contains(err.Error(), "there are files already") {
		t.Errorf("over what is there: %v", err)
	}
}

// The requests of all overlays are files that run --config takes.
func TestRequestsOfOverlays(t *testing.T) {
	files, err := fs.Glob(k8s.Files(), "overlays/*/run.yaml")
	if err != nil || len(files) < 3 {
		t.Fatal(err, files)
	}
	for _, file := range files {
		text, err := fs.ReadFile(k8s.Files(), file)
		if err != nil {
			t.Fatal(err)
		}
		var run struct{ Request string }
		if err := yaml.Unmarshal(text, &run); err != nil || run.Request == "" {
			t.Fatalf("%s: %v", file, err)
		}
		o, f := runFlags(t)
		settings, err := parseConfig([]byte(run.Request), f)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, s := range settings {
			if err := s.apply(f); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
		if err := o.request.check(); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
