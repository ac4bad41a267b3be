package simulate

import (
	"bufio"
	"image"
	"image/jpeg"
	"os"
	"slices"

	pixels "golang.org/x/image/draw"

	"github.com/facesieve/facesieve/embed/photo"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
)

// Change is what makes of an image its near-duplicate.
type Change string

// The changes, each encoded as JPEG.
const (
	Unchanged Change = ""
	Encoded   Change = "encoded" // at quality 60
	Resized   Change = "resized" // to .7 of width and height
	Cropped   Change = "cropped" // by 4 % of width and height on each side
	Grey      Change = "grey"
)

const (
	lowQuality    = 60
	usualQuality  = 85
	resizedShare  = 7 // tenths
	croppedMargin = 4 // hundredths
)

// changes returns what an image can be changed by: landmarks stay true where no pixel moves.
func changes(landmarks bool) []Change {
	if landmarks {
		return []Change{Encoded, Grey}
	}
	return []Change{Encoded, Resized, Cropped, Grey}
}

// nearDuplicates enters images a second time, changed: all changes are as frequent.
func (m *maker) nearDuplicates() error {
	copied := map[*entry]bool{}
	for _, e := range m.entries {
		copied[e.copies] = true
	}
	all := m.shuffledEntries("near-duplicates", m.plainEntries())
	all = slices.DeleteFunc(all, func(e *entry) bool { return e.issue != "" || copied[e] })
	if len(all) < m.options.NearDuplicates {
		return tooFew(m.options.NearDuplicates, "near-duplicates", len(all), "ask for fewer")
	}
	for i, e := range all[:m.options.NearDuplicates] {
		can := changes(e.image.Landmarks != nil)
		m.entries = append(m.entries, &entry{image: e.image, home: e.home, under: e.under, copies: e,
			issue: truth.Duplicate, change: can[i%len(can)]})
	}
	return nil
}

// write writes what a change makes of an image file.
func (c Change) write(from, to string) (err error) {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	decoded, err := photo.Decode(data, photo.Limits{})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	quality := usualQuality
	if c == Encoded {
		quality = lowQuality
	}
	err = jpeg.Encode(w, c.of(decoded), &jpeg.Options{Quality: quality})
	if err == nil {
		err = w.Flush()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// of returns a picture changed.
func (c Change) of(from *photo.Picture) image.Image {
	whole := image.NewRGBA(image.Rect(0, 0, from.Width, from.Height))
	for i := range from.Width * from.Height {
		copy(whole.Pix[4*i:], from.Pix[3*i:3*i+3])
		whole.Pix[4*i+3] = 255
	}
	switch c {
	case Resized:
		small := image.NewRGBA(image.Rect(0, 0, max(1, from.Width*resizedShare/10), max(1, from.Height*resizedShare/10)))
		pixels.CatmullRom.Scale(small, small.Rect, whole, whole.Rect, pixels.Src, nil)
		return small
	case Cropped:
		x, y := from.Width*croppedMargin/100, from.Height*croppedMargin/100
		return whole.SubImage(image.Rect(x, y, from.Width-x, from.Height-y))
	case Grey:
		grey := image.NewGray(whole.Rect)
		pixels.Draw(grey, grey.Rect, whole, image.Point{}, pixels.Src)
		return grey
	}
	return whole
}
