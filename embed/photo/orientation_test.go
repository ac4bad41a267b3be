package photo

import (
	"bytes"
	"encoding/binary"
	"image/jpeg"
	"testing"
)

// tiffWith is a TIFF structure whose directory has an orientation.
func tiffWith(order binary.AppendByteOrder, value uint16) []byte {
	mark := "II*\x00"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		mark = "MM\x00*"
	}
	b := order.AppendUint32([]byte(mark), 8)
	b = order.AppendUint16(b, 2)
	b = append(order.AppendUint32(order.AppendUint16(order.AppendUint16(b, 0x0100), 3), 1), 9, 9, 9, 9)
	b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, 0x0112), 3), 1)
	return append(order.AppendUint16(b, value), 0, 0)
}

// withEXIF puts an EXIF segment behind a JPEG's first marker.
func withEXIF(data, tiff []byte) []byte {
	body := append([]byte(exifMagic), tiff...)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2))
	return bytes.Join([][]byte{data[:2], segment, body, data[2:]}, nil)
}

// stored lists, for each orientation, where the stored picture's pixel of an
// upright pixel x, y is (EXIF 2.32, table 6).
func stored(o, x, y, w, h int) (int, int) {
	switch o {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, w - 1 - x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return h - 1 - y, x
	}
	return x, y
}

func TestOrientations(t *testing.T) {
	want := smooth(40, 24)
	for o := 1; o <= 8; o++ {
		as := &Picture{Width: 40, Height: 24, Pix: make([]uint8, len(want.Pix))}
		if o >= 5 {
			as.Width, as.Height = 24, 40
		}
		for y := range 24 {
			for x := range 40 {
				sx, sy := stored(o, x, y, 40, 24)
				copy(as.Pix[3*(sy*as.Width+sx):][:3], want.Pix[3*(y*40+x):])
			}
		}
		data := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, asRGBA(as), &jpeg.Options{Quality: 95}) })
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			got, err := Decode(withEXIF(data, tiffWith(order, uint16(o))), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if mean, _ := difference(t, got, want); mean > 3 {
				t.Errorf("orientation %d, %v: mean difference %.1f", o, order, mean)
			}
		}
	}
}

func TestOrientationOfNonsense(t *testing.T) {
	good := tiffWith(binary.LittleEndian, 6)
	if orientation(good) != 6 {
		t.Fatal("the good one")
	}
	far := bytes.Clone(good)
	binary.LittleEndian.PutUint32(far[4:], 1<<31)
	for name, tiff := range map[string][]byte{
		"nothing": nil, "cut": good[:len(good)-6], "far away": far, "of 9": tiffWith(binary.BigEndian, 9),
		"of 0": tiffWith(binary.BigEndian, 0), "text": []byte("not a structure at all"),
	} {
		if o := orientation(tiff); o != 1 {
			t.Errorf("%s: %d", name, o)
		}
	}
}

func FuzzOrientation(f *testing.F) {
	f.Add(tiffWith(binary.LittleEndian, 6))
	f.Add(tiffWith(binary.BigEndian, 3))
	f.Add([]byte("MM\x00*\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, tiff []byte) {
		if o := orientation(tiff); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}
