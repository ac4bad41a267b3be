//go:build cgo

package onnx

import (
	"fmt"
	"strconv"
	"strings"

	ort "github.com/yalue/onnxruntime_go"
)

func sessionOptions(o Options) (*ort.SessionOptions, error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	if err := configure(options, o); err != nil {
		options.Destroy()
		return nil, err
	}
	return options, nil
}

func configure(options *ort.SessionOptions, o Options) error {
	if err := options.SetIntraOpNumThreads(max(1, o.Threads)); err != nil {
		return err
	}
	if err := options.SetInterOpNumThreads(1); err != nil {
		return err
	}
	var err error
	switch o.Device.Provider {
	case "", CPU:
		return nil
	case CUDA:
		err = appendCUDA(options, o.Device.Index)
	case TensorRT:
		if err = appendTensorRT(options, o.Device.Index); err == nil {
			err = appendCUDA(options, o.Device.Index) // for what TensorRT can't run
		}
	default:
		return fmt.Errorf("%w: %s: known are cpu, cuda, tensorrt", ErrNoDevice, o.Device.Provider)
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %s", ErrNoDevice, o.Device, strings.TrimSuffix(err.Error(), "."))
	}
	return nil
}

// appendCUDA asks for float32 arithmetic and for algorithms chosen by rule, not
// by timing them: the same images must give the same bits in every process.
func appendCUDA(options *ort.SessionOptions, index int) error {
	cuda, err := ort.NewCUDAProviderOptions()
	if err != nil {
		return err
	}
	defer cuda.Destroy()
	err = cuda.Update(map[string]string{
		"device_id":              strconv.Itoa(index),
		"use_tf32":               "0",
		"cudnn_conv_algo_search": "HEURISTIC",
	})
	if err != nil {
		return err
	}
	return options.AppendExecutionProviderCUDA(cuda)
}

func appendTensorRT(options *ort.SessionOptions, index int) error {
	rt, err := ort.NewTensorRTProviderOptions()
	if err != nil {
		return err
	}
	defer rt.Destroy()
	if err := rt.Update(map[string]string{"device_id": strconv.Itoa(index)}); err != nil {
		return err
	}
	return options.AppendExecutionProviderTensorRT(rt)
}
