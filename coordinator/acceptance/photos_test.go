//go:build acceptance

package acceptance

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// write makes a file and its folder.
func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// pillow runs a script with Pillow at hand; args are its sys.argv[1:].
func pillow(t *testing.T, script string, args ...string) {
	t.Helper()
	const imports = "import sys, os\nfrom PIL import Image, ImageOps\n"
	if out, err := exec.Command(python(t), append([]string{"-c", imports + script}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("Pillow: %v: %s", err, out)
	}
}

// encodings writes a photo in encodings that Go does not write:
// argv is the photo and a folder.
const encodings = `
photo, folder = sys.argv[1:]
i = Image.open(photo).convert('RGB')
at = lambda name: os.path.join(folder, name)
i.convert('CMYK').save(at('cmyk.jpg'), quality=95)
i.save(at('progressive.jpg'), quality=95, progressive=True)
i.convert('L').save(at('grey.jpg'), quality=95)
i.save(at('webp.webp'), quality=95)
i.save(at('bmp.bmp'))
i.quantize(256).save(at('animated.gif'), save_all=True, append_images=[ImageOps.invert(i).quantize(256)], duration=100)
stored = {1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270}
# Not square, so that a side taken for the other shows.
tall = i.crop((10, 0, i.width - 10, i.height))
for n, way in stored.items():
    exif = Image.Exif()
    exif[0x112] = n
    (tall if way is None else tall.transpose(way)).save(at(f'exif{n}.jpg'), quality=95, exif=exif)
`

// references decodes every file of a folder, upright, first frame, into PNG
// files of another folder: argv is both.
const references = `
source, folder = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
for name in os.listdir(source):
    i = ImageOps.exif_transpose(Image.open(os.path.join(source, name)))
    i.convert('RGB').save(os.path.join(folder, name + '.png'), compress_level=1)
`

// scenes writes a photo without a face, a strip of the first photo's background,
// and one of two faces, the second half as large: argv is two photos and a folder.
const scenes = `
a, b, folder = sys.argv[1:]
a, b = Image.open(a).convert('RGB'), Image.open(b).convert('RGB')
a.crop((0, 0, 24, 60)).resize((240, 240)).save(os.path.join(folder, 'no-face.jpg'), quality=95)
two = Image.new('RGB', (a.width + b.width // 2, a.height))
two.paste(a, (0, 0))
two.paste(b.resize((b.width // 2, b.height // 2)), (a.width, 0))
two.save(os.path.join(folder, 'two-faces.jpg'), quality=95)
`

// decoded is a JPEG photo's pixels.
func decoded(t *testing.T, photo []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(photo))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func encodePNG(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sixteen is the image with 16 bits a channel, the low ones not empty.
func sixteen(img image.Image) image.Image {
	out := image.NewNRGBA64(img.Bounds())
	for y := out.Rect.Min.Y; y < out.Rect.Max.Y; y++ {
		for x := out.Rect.Min.X; x < out.Rect.Max.X; x++ {
			r, g, b, _ := img.At(x, y).RGBA()
			low := uint16(x*7+y*13) & 0xff
			out.SetNRGBA64(x, y, color.NRGBA64{uint16(r)&0xff00 | low, uint16(g)&0xff00 | low, uint16(b)&0xff00 | low, 0xffff})
		}
	}
	return out
}

// hugePNG is a file of a few bytes whose header says 60,000 x 60,000 pixels.
func hugePNG() []byte {
	header := append([]byte("IHDR"), 0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 2, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	out = append(out, header...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(header))
}

// hugeJPEG is a photo whose frame header says 60,000 x 60,000 pixels.
func hugeJPEG(t *testing.T, photo []byte) []byte {
	t.Helper()
	out := bytes.Clone(photo)
	at := bytes.Index(out, []byte{0xff, 0xc0})
	if at < 0 {
		t.Fatal("the photo is no baseline JPEG")
	}
	copy(out[at+5:], []byte{0xea, 0x60, 0xea, 0x60})
	return out
}

// fiveBad adds five files to a folder that make trouble in five ways, one of
// which is a picture all the same.
func fiveBad(t *testing.T, folder string, photo []byte) {
	t.Helper()
	write(t, filepath.Join(folder, "9001_01.jpg"), nil)
	write(t, filepath.Join(folder, "9002_01.jpg"), photo[:len(photo)/2])
	write(t, filepath.Join(folder, "9003_01.jpg"), []byte("this is no picture\n"))
	write(t, filepath.Join(folder, "9004_01.png"), hugePNG())
	scratch := t.TempDir()
	write(t, filepath.Join(scratch, "photo.jpg"), photo)
	pillow(t, encodings, filepath.Join(scratch, "photo.jpg"), scratch)
	write(t, filepath.Join(folder, "9005_01.jpg"), contents(t, filepath.Join(scratch, "cmyk.jpg")))
}
