package dataset

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/schemas"
)

// made is a tree of VGGFace2's size that is made up as it is listed.
type made struct{ folders, images int }

func (m made) String() string { return "made-up tree" }
func (m made) Parallel() int  { return 32 }
func (m made) Open(context.Context, string) (io.ReadCloser, error) {
	return nil, fs.ErrNotExist
}
func (m made) Read(context.Context, schemas.Image) ([]byte, error) {
	return nil, schemas.FaultMissing
}

// count returns how many images a folder holds: the mean, and what is left in the last.
func (m made) count(i int) int {
	mean := m.images / m.folders
	if i == m.folders-1 {
		return m.images - (m.folders-1)*mean
	}
	return mean
}

func (m made) List(_ context.Context, dir string) ([]tree.Entry, error) {
	var out []tree.Entry
	switch {
	case dir == "":
		return []tree.Entry{{Name: "train", Folder: true}}, nil
	case dir == "train":
		for i := range m.folders {
			out = append(out, tree.Entry{Name: fmt.Sprintf("n%06d", i), Folder: true})
		}
	default:
		var i int
		if _, err := fmt.Sscanf(strings.TrimPrefix(dir, "train/n"), "%d", &i); err != nil {
			return nil, err
		}
		for k := range m.count(i) {
			out = append(out, tree.Entry{Name: fmt.Sprintf("%04d_01.jpg", k), Size: 20000, Tag: fmt.Sprintf("%019d", k)})
		}
	}
	rand.Shuffle(len(out), func(a, b int) { out[a], out[b] = out[b], out[a] })
	return out, nil
}

// peak follows the memory that Go holds from the system, in MB.
type peak struct{ mb float64 }

func (p *peak) look() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	p.mb = max(p.mb, float64(m.HeapSys+m.StackSys-m.HeapReleased)/1e6)
}

const benchFolders, benchImages = 9131, 3_310_000

func measure(b *testing.B, open func() (*Dataset, error)) {
	b.Helper()
	var p peak
	for b.Loop() {
		d, err := open()
		if err != nil {
			b.Fatal(err)
		}
		p.look()
		n := 0
		for _, err := range d.Rows(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			if n++; n%50_000 == 0 {
				p.look()
			}
		}
		if n != benchImages {
			b.Fatalf("%d images", n)
		}
	}
	b.ReportMetric(p.mb, "peak-MB")
}

// BenchmarkListing lists 3.31 million names in 9,131 folders.
func BenchmarkListing(b *testing.B) {
	measure(b, func() (*Dataset, error) {
		return openOn(b.Context(), made{benchFolders, benchImages}, Options{})
	})
}

// BenchmarkManifest reads the same names from CSV, in order and shuffled.
func BenchmarkManifest(b *testing.B) {
	for _, order := range []string{"ordered", "shuffled"} {
		b.Run(order, func(b *testing.B) {
			name := b.TempDir() + "/m.csv"
			f, err := os.Create(name)
			if err != nil {
				b.Fatal(err)
			}
			if err := writeNames(f, order == "shuffled"); err != nil {
				b.Fatal(err)
			}
			measure(b, func() (*Dataset, error) {
				return Open(b.Context(), Options{URL: b.TempDir(), Manifest: name})
			})
		})
	}
}

func writeNames(f *os.File, shuffled bool) error {
	m := made{benchFolders, benchImages}
	var text strings.Builder
	text.WriteString("path,identity,size\n")
	stride := 1
	if shuffled {
		stride = 4001 // coprime to the number of folders
	}
	for j := range m.folders {
		i := j * stride % m.folders
		for k := range m.count(i) {
			fmt.Fprintf(&text, "train/n%06d/%05d_01.jpg,n%06d,20000\n", i, k, i)
		}
		if text.Len() > 1<<20 {
			if _, err := f.WriteString(text.String()); err != nil {
				return err
			}
			text.Reset()
		}
	}
	if _, err := f.WriteString(text.String()); err != nil {
		return err
	}
	return f.Close()
}
