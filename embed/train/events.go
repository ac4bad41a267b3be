package train

import (
	"encoding/binary"
	"hash/crc32"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of TensorBoard's protocol buffers (event.proto, summary.proto).
const (
	eventTime    = 1 // double
	eventStep    = 2 // int64
	eventVersion = 3 // string
	eventSummary = 5
	summaryValue = 1
	valueTag     = 1
	valueNumber  = 2 // simple_value, float
)

// events are the curves as an event file of TensorBoard.
func (h *History) events() []byte {
	began := float64(h.Points[0].Time)
	out := appendRecord(nil, event(began, 0, func(b []byte) []byte {
		b = protowire.AppendTag(b, eventVersion, protowire.BytesType)
		return protowire.AppendString(b, "brain.Event:2")
	}))
	for _, p := range h.Points {
		out = appendRecord(out, event(float64(p.Time), p.Step, func(b []byte) []byte {
			b = protowire.AppendTag(b, eventSummary, protowire.BytesType)
			return protowire.AppendBytes(b, p.summary())
		}))
	}
	return out
}

// summary is a point's numbers.
func (p Point) summary() (out []byte) {
	if p.Measured == nil {
		out = appendScalar(out, "train/loss", p.Loss)
		out = appendScalar(out, "train/correct", p.Correct)
		return appendScalar(out, "train/rate", p.Rate)
	}
	out = appendScalar(out, "heldout/accuracy", p.Measured.Plain.Mean)
	if s := p.Measured.Siblings; s != nil {
		out = appendScalar(out, "heldout/accuracy_with_siblings", s.Mean)
	}
	return out
}

func event(seconds float64, step int, what func([]byte) []byte) []byte {
	b := protowire.AppendTag(nil, eventTime, protowire.Fixed64Type)
	b = protowire.AppendFixed64(b, math.Float64bits(seconds))
	b = protowire.AppendTag(b, eventStep, protowire.VarintType)
	return what(protowire.AppendVarint(b, uint64(step)))
}

func appendScalar(summary []byte, tag string, v float64) []byte {
	b := protowire.AppendTag(nil, valueTag, protowire.BytesType)
	b = protowire.AppendString(b, tag)
	b = protowire.AppendTag(b, valueNumber, protowire.Fixed32Type)
	b = protowire.AppendFixed32(b, math.Float32bits(float32(v)))
	summary = protowire.AppendTag(summary, summaryValue, protowire.BytesType)
	return protowire.AppendBytes(summary, b)
}

// appendRecord appends a TFRecord: length, its checksum, the data, its checksum.
func appendRecord(out, data []byte) []byte {
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	out = binary.LittleEndian.AppendUint32(append(out, length...), maskedSum(length))
	return binary.LittleEndian.AppendUint32(append(out, data...), maskedSum(data))
}

// maskedSum is TFRecord's checksum: a CRC-32C, turned and shifted, since the CRC
// of data that holds CRCs is a poor one.
func maskedSum(data []byte) uint32 {
	sum := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
	return (sum>>15 | sum<<17) + 0xa282ead8
}
