package graph

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// ReadNode reads a NodeProto.
func ReadNode(message []byte) (Node, error) {
	n := Node{}
	err := Walk(message, func(f Field) error {
		if f.Type != protowire.BytesType {
			return nil
		}
		switch f.Num {
		case NodeInput:
			n.Inputs = append(n.Inputs, string(f.Val))
		case NodeOutput:
			n.Outputs = append(n.Outputs, string(f.Val))
		case NodeName:
			n.Name = string(f.Val)
		case NodeOperator:
			n.Op = string(f.Val)
		case NodeDomain:
			if n.Domain = string(f.Val); n.Domain == "ai.onnx" {
				n.Domain = ""
			}
		case NodeAttribute:
			a, err := readAttribute(f.Val)
			if err != nil {
				return err
			}
			n.set(a)
		}
		return nil
	})
	return n, err
}

// attribute is an AttributeProto of the types that are read.
type attribute struct {
	name     string
	dataType uint64
	i        int64
	f        float32
	s        string
	ints     []int64
	floats   []float32
	tensor   []byte
}

func readAttribute(message []byte) (attribute, error) {
	var a attribute
	guess := uint64(0) // files before IR version 2 do not say the type
	err := Walk(message, func(f Field) error {
		var err error
		bytes := f.Type == protowire.BytesType
		switch {
		case f.Num == AttributeName && bytes:
			a.name = string(f.Val)
		case f.Num == AttributeType:
			a.dataType = f.Uint
		case f.Num == AttributeInt:
			a.i, guess = int64(f.Uint), typeInt
		case f.Num == AttributeFloat:
			a.f, guess = math.Float32frombits(uint32(f.Uint)), typeFloat
		case f.Num == AttributeString && bytes:
			a.s, guess = string(f.Val), typeString
		case f.Num == AttributeTensor && bytes:
			a.tensor, guess = f.Val, typeTensor
		case f.Num == AttributeInts:
			var v []int64
			v, err = f.Ints()
			a.ints, guess = append(a.ints, v...), typeInts
		case f.Num == AttributeFloats:
			var v []float32
			v, err = f.floats()
			a.floats, guess = append(a.floats, v...), typeFloats
		}
		return err
	})
	if a.dataType == 0 {
		a.dataType = guess
	}
	return a, err
}

func (n *Node) set(a attribute) {
	switch a.dataType {
	case typeInt:
		put(&n.Int, a.name, a.i)
	case typeInts:
		put(&n.Ints, a.name, a.ints)
	case typeFloat:
		put(&n.Floats, a.name, a.f)
	case typeString:
		put(&n.Strings, a.name, a.s)
	default:
		n.Others = append(n.Others, a.name)
	}
}

func put[T any](m *map[string]T, name string, v T) {
	if *m == nil {
		*m = map[string]T{}
	}
	(*m)[name] = v
}

// ReadValue reads a ValueInfoProto.
func ReadValue(info []byte) (Value, error) {
	name, err := StringField(info, InfoName)
	v := Value{Name: name}
	if err != nil {
		return v, err
	}
	err = Inside(info, InfoType, func(t []byte) error {
		return Inside(t, TypeTensor, func(t []byte) error {
			return Walk(t, func(f Field) error {
				switch {
				case f.Num == TypeElement && f.Type == protowire.VarintType:
					v.Type = int(int32(f.Uint))
				case f.Num == TypeShape && f.Type == protowire.BytesType:
					return Inside(f.Val, ShapeDim, v.addDim)
				}
				return nil
			})
		})
	})
	return v, err
}

func (v *Value) addDim(dim []byte) error {
	size := -1
	err := Walk(dim, func(f Field) error {
		if f.Num != DimValue || f.Type != protowire.VarintType || int64(f.Uint) < 1 {
			return nil
		}
		if f.Uint > math.MaxInt32 {
			return fmt.Errorf("value %q: a dimension of %d can't be", v.Name, f.Uint)
		}
		size = int(f.Uint)
		return nil
	})
	v.Shape = append(v.Shape, size)
	return err
}
