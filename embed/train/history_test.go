package train

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/color"
	"image/png"
	"math"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// history is one of two epochs.
func history() History {
	return History{Points: []Point{
		{Step: 20, Time: 1000, Loss: 5, Correct: .25, Rate: .5},
		{Step: 30, Time: 1001, Measured: &Measured{Plain: Accuracy{Mean: .75}, Siblings: &Accuracy{Mean: .5}}},
		{Step: 40, Time: 1002, Loss: 4, Correct: .5, Rate: .25},
	}}
}

// The checksum is RFC 3720's CRC-32C, masked as TFRecord has it: an event file that
// TensorFlow writes begins with the length 24 and these bytes.
func TestMaskedSum(t *testing.T) {
	length := []byte{24, 0, 0, 0, 0, 0, 0, 0}
	if got := binary.LittleEndian.AppendUint32(nil, maskedSum(length)); !bytes.Equal(got, []byte{0xa3, 0x7f, 0x4b, 0x22}) {
		t.Errorf("%x", got)
	}
	crc := uint32(0xe3069283) // of "123456789"
	if got, want := maskedSum([]byte("123456789")), (crc>>15|crc<<17)+0xa282ead8; got != want {
		t.Errorf("digits: %#x, want %#x", got, want)
	}
}

// records takes an event file apart.
func records(t *testing.T, data []byte) (out [][]byte) {
	t.Helper()
	for len(data) > 0 {
		n := binary.LittleEndian.Uint64(data)
		if maskedSum(data[:8]) != binary.LittleEndian.Uint32(data[8:]) || maskedSum(data[12:12+n]) != binary.LittleEndian.Uint32(data[12+n:]) {
			t.Fatal("a checksum is wrong")
		}
		out = append(out, data[12:12+n])
		data = data[16+n:]
	}
	return out
}

// flat writes the fields of a message, and of those in it, as text.
func flat(t *testing.T, message []byte, inside ...protowire.Number) (out string) {
	t.Helper()
	for len(message) > 0 {
		num, kind, n := protowire.ConsumeTag(message)
		message = message[n:]
		switch kind {
		case protowire.VarintType:
			v, n := protowire.ConsumeVarint(message)
			out, message = out+fmt.Sprint(num, ":", v, " "), message[n:]
		case protowire.Fixed32Type:
			v, n := protowire.ConsumeFixed32(message)
			out, message = out+fmt.Sprint(num, ":", math.Float32frombits(v), " "), message[n:]
		case protowire.Fixed64Type:
			v, n := protowire.ConsumeFixed64(message)
			out, message = out+fmt.Sprint(num, ":", math.Float64frombits(v), " "), message[n:]
		case protowire.BytesType:
			v, n := protowire.ConsumeBytes(message)
			message = message[n:]
			if len(inside) > 0 && num == inside[0] {
				out += "{" + flat(t, v, inside[1:]...) + "}"
				continue
			}
			out += fmt.Sprint(num, ":", string(v), " ")
		default:
			t.Fatalf("field %d has kind %d", num, kind)
		}
	}
	return out
}

func TestEvents(t *testing.T) {
	h := history()
	var got []string
	for _, r := range records(t, h.events()) {
		got = append(got, flat(t, r, eventSummary, summaryValue))
	}
	want := []string{
		"1:1000 2:0 3:brain.Event:2 ",
		"1:1000 2:20 {{1:train/loss 2:5 }{1:train/correct 2:0.25 }{1:train/rate 2:0.5 }}",
		"1:1001 2:30 {{1:heldout/accuracy 2:0.75 }{1:heldout/accuracy_with_siblings 2:0.5 }}",
		"1:1002 2:40 {{1:train/loss 2:4 }{1:train/correct 2:0.5 }{1:train/rate 2:0.25 }}",
	}
	if !slices.Equal(got, want) {
		t.Errorf("events %q\nwant   %q", got, want)
	}
}

func TestCurves(t *testing.T) {
	h := history()
	data, err := h.plot()
	if err != nil {
		t.Fatal(err)
	}
	im, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	colours := map[color.Color]bool{}
	for y := range im.Bounds().Dy() {
		for x := range im.Bounds().Dx() {
			colours[color.RGBAModel.Convert(im.At(x, y))] = true
		}
	}
	for name, c := range map[string]color.RGBA{"training": {31, 119, 180, 255}, "held out": {180, 30, 40, 255}} {
		if !colours[c] {
			t.Errorf("the curve %q is not drawn", name)
		}
	}
}
