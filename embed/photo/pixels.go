package photo

import (
	"image"
	"image/color"
)

// toRGB lays any decoded picture on white. The kinds that the decoders return
// have loops of their own; the rest goes through At.
func toRGB(m image.Image) *Picture {
	b := m.Bounds()
	im := &Picture{Width: b.Dx(), Height: b.Dy(), Pix: make([]uint8, 3*b.Dx()*b.Dy())}
	switch m := m.(type) {
	case *image.YCbCr:
		ycbcrRows(im, m, fullRange())
	case *image.Gray:
		for y := range im.Height {
			row := im.Pix[3*y*im.Width:]
			for x, v := range m.Pix[y*m.Stride : y*m.Stride+im.Width] {
				row[3*x], row[3*x+1], row[3*x+2] = v, v, v
			}
		}
	case *image.NRGBA:
		for y := range im.Height {
			nrgbaRow(im.Pix[3*y*im.Width:], m.Pix[y*m.Stride:y*m.Stride+4*im.Width])
		}
	case *image.RGBA:
		for y := range im.Height {
			rgbaRow(im.Pix[3*y*im.Width:], m.Pix[y*m.Stride:y*m.Stride+4*im.Width])
		}
	case *image.Paletted:
		palettedRows(im, m)
	default:
		i := 0
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				im.Pix[i], im.Pix[i+1], im.Pix[i+2] = onWhite(m.At(x, y))
				i += 3
			}
		}
	}
	return im
}

// nrgbaRow blends a row of straight-alpha pixels with white.
func nrgbaRow(to, from []uint8) {
	for ; len(from) >= 4; from, to = from[4:], to[3:] {
		switch a := from[3]; a {
		case 255:
			to[0], to[1], to[2] = from[0], from[1], from[2]
		default:
			for c := range 3 {
				to[c] = onWhite8(from[c], a)
			}
		}
	}
}

// onWhite8 lays a straight sample of opacity a on white.
func onWhite8(v, a uint8) uint8 {
	return uint8((uint32(v)*uint32(a) + 255*(255-uint32(a)) + 127) / 255)
}

// rgbaRow lays a row of premultiplied pixels on white.
func rgbaRow(to, from []uint8) {
	for ; len(from) >= 4; from, to = from[4:], to[3:] {
		white := 255 - from[3]
		to[0], to[1], to[2] = from[0]+white, from[1]+white, from[2]+white
	}
}

func palettedRows(im *Picture, m *image.Paletted) {
	var table [256][3]uint8
	for i, c := range m.Palette {
		table[i][0], table[i][1], table[i][2] = onWhite(c)
	}
	i := 0
	for y := range im.Height {
		for _, p := range m.Pix[y*m.Stride : y*m.Stride+im.Width] {
			copy(im.Pix[i:i+3], table[p][:])
			i += 3
		}
	}
}

// onWhite lays a colour on white and keeps the upper 8 bits of its samples.
func onWhite(c color.Color) (r, g, b uint8) {
	r32, g32, b32, a := c.RGBA()
	white := 0xffff - a
	return uint8((r32 + white) >> 8), uint8((g32 + white) >> 8), uint8((b32 + white) >> 8)
}
