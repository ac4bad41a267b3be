package graph

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// Field is one field of a protocol buffer message.
type Field struct {
	Num  protowire.Number
	Type protowire.Type
	Raw  []byte // tag and value
	Val  []byte // payload of a BytesType field
	Uint uint64 // value of a VarintType or Fixed32Type field
}

// Walk calls see for every field of a message, in order.
func Walk(message []byte, see func(Field) error) error {
	for len(message) > 0 {
		num, typ, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			return protowire.ParseError(tag)
		}
		n := protowire.ConsumeFieldValue(num, typ, message[tag:])
		if n < 0 {
			return protowire.ParseError(n)
		}
		f := Field{Num: num, Type: typ, Raw: message[:tag+n]}
		switch typ {
		case protowire.BytesType:
			f.Val, _ = protowire.ConsumeBytes(message[tag:])
		case protowire.VarintType:
			f.Uint, _ = protowire.ConsumeVarint(message[tag:])
		case protowire.Fixed32Type:
			v, _ := protowire.ConsumeFixed32(message[tag:])
			f.Uint = uint64(v)
		}
		if err := see(f); err != nil {
			return err
		}
		message = message[tag+n:]
	}
	return nil
}

// Inside calls see for every embedded message num.
func Inside(message []byte, num protowire.Number, see func([]byte) error) error {
	return Walk(message, func(f Field) error {
		if f.Num != num || f.Type != protowire.BytesType {
			return nil
		}
		return see(f.Val)
	})
}

// StringField returns the last value of a string field, "" where there is none.
func StringField(message []byte, num protowire.Number) (string, error) {
	var s string
	err := Inside(message, num, func(val []byte) error {
		s = string(val)
		return nil
	})
	return s, err
}

// Ints returns the values of one field of a repeated int64, packed or not.
func (f Field) Ints() ([]int64, error) {
	if f.Type == protowire.VarintType {
		return []int64{int64(f.Uint)}, nil
	}
	var values []int64
	for b := f.Val; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		values = append(values, int64(v))
		b = b[n:]
	}
	return values, nil
}

// AppendMessage appends an embedded message, or a string, to a message.
func AppendMessage(out []byte, num protowire.Number, message []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(out, num, protowire.BytesType), message)
}

func appendInt(out []byte, num protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(out, num, protowire.VarintType), uint64(v))
}

// appendInts appends a packed field.
func appendInts(out []byte, num protowire.Number, values []int64) []byte {
	var packed []byte
	for _, v := range values {
		packed = protowire.AppendVarint(packed, uint64(v))
	}
	return AppendMessage(out, num, packed)
}
