package train

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/facesieve/facesieve/embed/photo"
)

// ErrLandmarks means that a picture's row has no landmarks to align it by.
var ErrLandmarks = errors.New("no landmarks")

// Source is one encoded picture of a set.
type Source struct {
	Name      string // in warnings
	Identity  string
	Landmarks *[10]float32 // pixels; left eye, right eye, nose, left and right mouth corner; nil: none
	Read      func(ctx context.Context) ([]byte, error)
}

// Pictures are aligned pictures of Side+2*Margin pixels a side: ArcFace crops with
// a margin around, averaged two by two.
type Pictures struct {
	Margin  int
	Names   []string
	Classes []int // the identity of each picture, from 0
	// Identities are the classes' labels.
	Identities []string
	// sums holds the sum of four pixels of each channel, 0 to 1020, row by row: the
	// mean of four would not be whole.
	sums []uint16
}

// Watcher sees how far loading is; it is called by one goroutine at a time. Bad
// is a picture that is left out.
type Watcher struct {
	Progress func(done, total int)
	Bad      func(name string, err error)
}

// side is the width and height of a kept picture.
func (p *Pictures) side() int { return Side + 2*p.Margin }

func (p *Pictures) size() int { return p.side() * p.side() * 3 }

// Len returns the number of pictures.
func (p *Pictures) Len() int { return len(p.Names) }

func (p *Pictures) picture(i int) []uint16 { return p.sums[i*p.size() : (i+1)*p.size()] }

// Load reads pictures in parallel and aligns them as the engine does. A picture
// that can't be read is left out and reported; the order of the others is kept.
func Load(ctx context.Context, sources []Source, margin int, w Watcher) (*Pictures, error) {
	p := &Pictures{Margin: margin}
	p.sums = make([]uint16, len(sources)*p.size())
	faults := make([]error, len(sources))
	var next, done atomic.Int64
	var reporting sync.Mutex
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			crop := make([]uint8, 4*p.size())
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(sources) {
					return
				}
				faults[i] = p.read(ctx, sources[i], crop, p.picture(i))
				reporting.Lock()
				if n := int(done.Add(1)); w.Progress != nil {
					w.Progress(n, len(sources))
				}
				reporting.Unlock()
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("train: loading pictures: %w", err)
	}
	p.compact(sources, faults, w)
	return p, nil
}

// compact closes the gaps that bad pictures leave, and numbers the identities.
func (p *Pictures) compact(sources []Source, faults []error, w Watcher) {
	numbers := map[string]int{}
	for i, s := range sources {
		if faults[i] != nil {
			if w.Bad != nil {
				w.Bad(s.Name, faults[i])
			}
			continue
		}
		number, known := numbers[s.Identity]
		if !known {
			number = len(p.Identities)
			numbers[s.Identity], p.Identities = number, append(p.Identities, s.Identity)
		}
		copy(p.picture(len(p.Names)), p.picture(i))
		p.Names, p.Classes = append(p.Names, s.Name), append(p.Classes, number)
	}
	p.sums = p.sums[:len(p.Names)*p.size()]
}

func (p *Pictures) read(ctx context.Context, s Source, crop []uint8, sums []uint16) error {
	if s.Landmarks == nil {
		return ErrLandmarks
	}
	data, err := s.Read(ctx)
	if err != nil {
		return err
	}
	im, err := photo.Decode(data, photo.Limits{})
	if err != nil {
		return err
	}
	points := photo.ArcFace112()
	for i := range points {
		points[i] += float32(2 * p.Margin)
	}
	similarity, err := photo.Align(*s.Landmarks, points)
	if err != nil {
		return err
	}
	side := p.side()
	photo.Warp(im, similarity, 2*side, 2*side, crop)
	stride := 6 * side
	for y := range side {
		for x := range side {
			at := crop[2*y*stride+6*x:]
			for c := range 3 {
				sums[(y*side+x)*3+c] = uint16(at[c]) + uint16(at[c+3]) + uint16(at[stride+c]) + uint16(at[stride+c+3])
			}
		}
	}
	return nil
}

// Digest returns the SHA-256 of the aligned pixels and their identities, in hexadecimal
// digits.
func (p *Pictures) Digest() string {
	sum := sha256.New()
	row := make([]byte, 2*p.size())
	for i := range p.Names {
		for j, v := range p.picture(i) {
			binary.LittleEndian.PutUint16(row[2*j:], v)
		}
		sum.Write(row)
		_, _ = fmt.Fprintf(sum, "%d %s\n", p.Classes[i], p.Identities[p.Classes[i]])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// pixels writes a picture without its margin as the network sees it, turned left
// to right or not.
func (p *Pictures) pixels(i int, mirrored bool, to []float32) {
	sums, side := p.picture(i), p.side()
	for y := range Side {
		for x := range Side {
			column := x
			if mirrored {
				column = Side - 1 - x
			}
			from := sums[((y+p.Margin)*side+column+p.Margin)*3:]
			at := to[(y*Side+x)*3:][:3]
			for c := range at {
				at[c] = float32(from[c])*(1/510.) - 1
			}
		}
	}
}
