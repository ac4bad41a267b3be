package graph

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// ReadTensor reads a TensorProto of float32 or int64.
func ReadTensor(message []byte) (Tensor, error) {
	var t Tensor
	var dims []int64
	var raw []byte
	var dataType uint64
	err := Walk(message, func(f Field) error {
		var err error
		bytes := f.Type == protowire.BytesType
		switch {
		case f.Num == TensorName && bytes:
			t.Name = string(f.Val)
		case f.Num == TensorRaw && bytes:
			raw = f.Val
		case f.Num == TensorType:
			dataType = f.Uint
		case f.Num == TensorDims:
			var v []int64
			v, err = f.Ints()
			dims = append(dims, v...)
		case f.Num == TensorInts:
			var v []int64
			v, err = f.Ints()
			t.Ints = append(t.Ints, v...)
		case f.Num == TensorFloats:
			var v []float32
			v, err = f.floats()
			t.Data = append(t.Data, v...)
		case f.Num == TensorLocation && f.Uint != 0:
			err = errors.New("its data stands in another file")
		}
		return err
	})
	if err == nil {
		err = t.setDims(dims)
	}
	switch {
	case err != nil:
	case dataType == Float32 && t.Ints == nil:
		t.Data = slices.Grow(t.Data, len(raw)/4)
		for ; len(raw) >= 4; raw = raw[4:] {
			t.Data = append(t.Data, math.Float32frombits(binary.LittleEndian.Uint32(raw)))
		}
	case dataType == Int64 && t.Data == nil:
		if t.Ints == nil {
			t.Ints = []int64{}
		}
		for ; len(raw) >= 8; raw = raw[8:] {
			t.Ints = append(t.Ints, int64(binary.LittleEndian.Uint64(raw)))
		}
	default:
		err = fmt.Errorf("its data type %d is neither float32 nor int64", dataType)
	}
	if err == nil && len(raw) > 0 {
		err = errors.New("its data ends within an element")
	}
	if err != nil {
		return t, fmt.Errorf("tensor %q: %w", t.Name, err)
	}
	return t, t.check()
}

func (t *Tensor) setDims(dims []int64) error {
	if len(dims) > maxDims {
		return fmt.Errorf("%d dimensions are too many", len(dims))
	}
	for _, d := range dims {
		if d < 0 || d > math.MaxInt32 {
			return fmt.Errorf("a dimension of %d can't be", d)
		}
		t.Shape = append(t.Shape, int(d))
	}
	return nil
}

// floats gives the values of one field of a repeated float, packed or not.
func (f Field) floats() ([]float32, error) {
	if f.Type == protowire.Fixed32Type {
		return []float32{math.Float32frombits(uint32(f.Uint))}, nil
	}
	if f.Type != protowire.BytesType || len(f.Val)%4 != 0 {
		return nil, errors.New("its numbers end within an element")
	}
	values := make([]float32, len(f.Val)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(f.Val[4*i:]))
	}
	return values, nil
}
