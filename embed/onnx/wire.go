package onnx

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"
)

// field is one field of a protocol buffer message.
type field struct {
	num protowire.Number
	typ protowire.Type
	raw []byte // tag and value
	val []byte // payload of a BytesType field
	u   uint64 // value of a VarintType field
}

// walk calls see for every field of a message, in order.
func walk(message []byte, see func(field) error) error {
	for len(message) > 0 {
		num, typ, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			return protowire.ParseError(tag)
		}
		n := protowire.ConsumeFieldValue(num, typ, message[tag:])
		if n < 0 {
			return protowire.ParseError(n)
		}
		f := field{num: num, typ: typ, raw: message[:tag+n]}
		switch typ {
		case protowire.BytesType:
			f.val, _ = protowire.ConsumeBytes(message[tag:])
		case protowire.VarintType:
			f.u, _ = protowire.ConsumeVarint(message[tag:])
		}
		if err := see(f); err != nil {
			return err
		}
		message = message[tag+n:]
	}
	return nil
}

// rewrite builds a message anew, field by field.
func rewrite(message []byte, change func(f field, out []byte) ([]byte, error)) ([]byte, error) {
	out := make([]byte, 0, len(message)+64)
	err := walk(message, func(f field) error {
		var err error
		out, err = change(f, out)
		return err
	})
	return out, err
}

// within rewrites every embedded message num of a message.
func within(message []byte, num protowire.Number, change func([]byte) ([]byte, error)) ([]byte, error) {
	return rewrite(message, func(f field, out []byte) ([]byte, error) {
		if f.num != num || f.typ != protowire.BytesType {
			return append(out, f.raw...), nil
		}
		changed, err := change(f.val)
		return appendMessage(out, num, changed), err
	})
}

func appendMessage(out []byte, num protowire.Number, message []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(out, num, protowire.BytesType), message)
}

// stringField gives the last value of a string field, "" where there is none.
func stringField(message []byte, num protowire.Number) (string, error) {
	var s string
	err := walk(message, func(f field) error {
		if f.num == num && f.typ == protowire.BytesType {
			s = string(f.val)
		}
		return nil
	})
	return s, err
}

// int64s gives the values of a one-dimensional int64 TensorProto, nil for any
// other tensor.
func int64s(tensor []byte) ([]int64, error) {
	var values []int64
	var raw []byte
	var kind uint64
	dims := 0
	err := walk(tensor, func(f field) error {
		switch {
		case f.num == tensorType && f.typ == protowire.VarintType:
			kind = f.u
		case f.num == tensorDims && f.typ == protowire.VarintType:
			dims++
		case f.num == tensorDims && f.typ == protowire.BytesType:
			n, err := packed(f.val)
			dims += len(n)
			return err
		case f.num == tensorRawData && f.typ == protowire.BytesType:
			raw = f.val
		case f.num == tensorInt64Data && f.typ == protowire.VarintType:
			values = append(values, int64(f.u))
		case f.num == tensorInt64Data && f.typ == protowire.BytesType:
			n, err := packed(f.val)
			values = append(values, n...)
			return err
		}
		return nil
	})
	const int64Type = 7 // TensorProto.DataType
	if err != nil || kind != int64Type || dims != 1 {
		return nil, err
	}
	for ; len(raw) >= 8; raw = raw[8:] {
		values = append(values, int64(binary.LittleEndian.Uint64(raw)))
	}
	return values, nil
}

func packed(b []byte) ([]int64, error) {
	var values []int64
	for len(b) > 0 {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		values = append(values, int64(v))
		b = b[n:]
	}
	return values, nil
}
