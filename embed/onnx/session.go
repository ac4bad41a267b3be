// Package onnx runs ONNX models with ONNX Runtime, whose library it loads at run
// time. A model exported for one batch size is changed at load so that it runs
// in any (FreeBatch). Built without cgo the package compiles and Open says that
// ONNX Runtime is not built in.
package onnx

import (
	"fmt"
	"slices"
	"strings"
)

// The providers of a Device.
const (
	CPU      = "cpu"
	CUDA     = "cuda"
	TensorRT = "tensorrt"
)

// Device is where a model runs.
type Device struct {
	Provider string // CPU, CUDA or TensorRT; "" is CPU
	Index    int    // which of the machine's devices; 0 on a CPU
}

// String returns "cpu" or, of another provider, its name and the index: "cuda:0".
func (d Device) String() string {
	if d.Provider == "" || d.Provider == CPU {
		return CPU
	}
	return fmt.Sprintf("%s:%d", d.Provider, d.Index)
}

// Options say how a model is opened.
type Options struct {
	Library string // ONNX Runtime library or its folder; "" searches (FindLibrary)
	Device  Device
	Threads int // threads that work on one run, on a CPU; 0 is one
}

// Port is an input or output of a model: its name and shape, -1 where a
// dimension is free.
type Port struct {
	Name  string
	Shape []int64
}

// memoryError makes an error of the runtime that says that there is no memory
// an ErrMemory. The runtime's errors have a text and nothing else to tell them apart.
func memoryError(err error) error {
	if err == nil {
		return nil
	}
	text := strings.ToLower(err.Error())
	says := func(s string) bool { return strings.Contains(text, s) }
	if slices.ContainsFunc([]string{"out of memory", "failed to allocate", "alloc_failed", "bad_alloc"}, says) {
		return fmt.Errorf("%w: %w", ErrMemory, err)
	}
	return err
}
