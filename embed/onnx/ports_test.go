package onnx

import (
	"os"
	"reflect"
	"testing"
)

func FuzzPorts(f *testing.F) {
	for _, name := range []string{"tiny-embed.onnx", "tiny-detect.onnx"} {
		model, err := os.ReadFile("../testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(model)
		f.Add(model[:len(model)-7])
	}
	f.Fuzz(func(t *testing.T, model []byte) {
		in, _, float, err := portsOf(model)
		if err == nil && len(in) != len(float) {
			t.Error("inputs without a type")
		}
	})
}

func TestPorts(t *testing.T) {
	model, err := os.ReadFile("../testdata/tiny-embed.onnx")
	if err != nil {
		t.Fatal(err)
	}
	in, out, float, err := portsOf(model)
	if err != nil {
		t.Fatal(err)
	}
	if want := []Port{{Name: "image", Shape: []int64{1, 3, 112, 112}}}; !reflect.DeepEqual(in, want) || !float[0] {
		t.Errorf("inputs %v (float32: %v), want %v", in, float, want)
	}
	if want := []Port{{Name: "vector", Shape: []int64{1, 16}}}; !reflect.DeepEqual(out, want) {
		t.Errorf("outputs %v, want %v", out, want)
	}
}
