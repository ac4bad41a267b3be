package engine

import (
	"errors"

	"github.com/facesieve/facesieve/embed"
	"github.com/facesieve/facesieve/embed/gorgonia"
	"github.com/facesieve/facesieve/embed/onnx"
	"github.com/facesieve/facesieve/worker/program"
)

// without says how a program is told to run no detector.
const without = "--detector none where a manifest has the landmarks, --aligned where the images are aligned"

// LoadRuntime loads ONNX Runtime's library as embed.Runtime does.
func (f *Flags) LoadRuntime() (string, error) {
	path, err := embed.Runtime(f.Runtime)
	return path, f.advise(err)
}

// advise returns an error of the engine with what the flags can do about it.
func (f *Flags) advise(err error) error {
	var library *onnx.LibraryError
	var detector *embed.DetectorError
	if errors.As(err, &library) {
		err = program.WithHint(err, libraryAdvice(library))
	}
	switch {
	case errors.As(err, &detector):
		return program.WithHint(err, "leave the detector out: "+without)
	case errors.Is(err, gorgonia.ErrOperator) && f.Engine == embed.BackendGorgonia:
		return program.WithHint(err, "--engine onnxruntime runs any model")
	case errors.Is(err, onnx.ErrNoDevice):
		return program.WithHint(err,
			"use --device cpu, or --onnxruntime PATH with a library built for CUDA on a machine with such a GPU")
	case errors.Is(err, embed.ErrDevices):
		return program.WithHint(err, "name devices of one model with --device")
	}
	return err
}

// libraryAdvice says how a missing library is had.
func libraryAdvice(e *onnx.LibraryError) string {
	named := "--onnxruntime"
	switch {
	case e.Path == "":
		return "run `make onnxruntime` to get it, or name it with --onnxruntime PATH or $" + onnx.LibraryVariable
	case e.Variable:
		named = "$" + onnx.LibraryVariable
	}
	return "run `make onnxruntime` to get it into .onnxruntime, then leave " + named + " away"
}
