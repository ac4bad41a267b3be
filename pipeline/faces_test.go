package pipeline_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facesieve/facesieve/schemas"
)

// dim is the length of the made-up faces' vectors.
const dim = 64

// blurry is how far a made-up photograph is from its person: two of one person
// have a cosine of about .5.
const blurry = .8

// portrait is an image of a person, in a format of its own: its vector follows
// from its bytes.
func portrait(person string, shot int) string { return fmt.Sprintf("face %s %d", person, shot) }

// stranger is an image of somebody who is on no other.
func stranger(n int) string { return portrait(fmt.Sprintf("stranger-%d", n), 0) }

// lying is an image of a person whose face the first look finds badly, and the second
// look well.
func lying(person string, shot int) string { return fmt.Sprintf("lying %s %d", person, shot) }

// poor is an image of what is hardly a face at either look.
func poor(person string, shot int) string { return fmt.Sprintf("poor %s %d", person, shot) }

// beside is an image of a person of whom the first look is sure enough, where a second
// look finds somebody else's face alone.
func beside(person string, shot int) string { return fmt.Sprintf("beside %s %d", person, shot) }

// crowded is an image of a person whose face both looks take, beside somebody else's.
func crowded(person, other string) string { return fmt.Sprintf("crowded %s %s", person, other) }

// hidden is an image of a person whose face only the second look finds.
func hidden(person string, shot int) string { return fmt.Sprintf("hidden %s %d", person, shot) }

// mistaken is an image of a person where the first look takes a thing that is on others,
// too, for the face.
func mistaken(person string, shot int) string { return fmt.Sprintf("mistaken %s %d", person, shot) }

// unclear is how far the first look's vector of a lying face is from its person.
const unclear = 12

// again ends the bytes of a photograph in another encoding, before what tells it from others.
const again = " again "

// directionBytes are 128 bytes that follow from a text.
func directionBytes(text string) []byte {
	out := make([]byte, schemas.ThumbnailBytes/2)
	sum := sha256.Sum256([]byte(text))
	_, _ = rand.NewChaCha8(sum).Read(out)
	return out
}

// direction is a unit vector that follows from a text.
func direction(text string) []float32 {
	sum := sha256.Sum256([]byte(text))
	r := rand.New(rand.NewChaCha8(sum))
	v := make([]float32, dim)
	var norm float64
	for i := range v {
		x := r.NormFloat64()
		v[i] = float32(x)
		norm += x * x
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(norm))
	}
	return v
}

// vectorOf is an image's vector.
func vectorOf(t testing.TB, data string) []float32 {
	var person string
	var shot int
	if _, err := fmt.Sscanf(data, "face %s %d", &person, &shot); err != nil {
		t.Fatalf("%q shows no face", data)
	}
	return blur(t, person, data, blurry)
}

// blur is the vector of a person that is so far from it, by what follows from a text.
func blur(t testing.TB, person, text string, far float32) []float32 {
	v, noise := direction(person), direction(text)
	for i := range v {
		v[i] += far * noise[i]
	}
	if err := schemas.RoundVector(v); err != nil {
		t.Fatal(err)
	}
	return v
}

// faces is an Embedder of made-up images.
type faces struct {
	t     testing.TB
	kind  schemas.NumericKind
	fail  func(images []schemas.Image) error // before a call's images are read; may be nil
	calls atomic.Int64                       // of Embed
	count atomic.Int64                       // images embedded
	looks atomic.Int64                       // images looked at again
}

func (f *faces) NumericKind(context.Context) (schemas.NumericKind, error) { return f.kind, nil }

func (f *faces) Embed(ctx context.Context, images []schemas.Image, aligned bool,
	read func(context.Context, int) ([]byte, error), done func()) ([]schemas.Embedding, error) {
	f.calls.Add(1)
	if f.fail != nil {
		if err := f.fail(images); err != nil {
			return nil, err
		}
	}
	out := make([]schemas.Embedding, len(images))
	for i, im := range images {
		out[i] = schemas.Embedding{Path: im.Path, Faces: -1}
		e := &out[i]
		data, err := read(ctx, i)
		if errors.As(err, &e.Error) {
			done()
			continue
		}
		if err != nil {
			return nil, err
		}
		e.SHA256, e.Hashed = sha256.Sum256(data), true
		switch text := string(data); {
		case text == "nobody", strings.HasPrefix(text, "hidden "):
			e.Error, e.Width, e.Height, e.Faces = schemas.FaultNoFace, 80, 60, 0
		case strings.HasPrefix(text, "lying "):
			e.Width, e.Height, e.Faces, e.DetScore, e.HasDetScore, e.Length = 80, 60, 1, .7, true, 6
			e.Box, e.Landmarks = [4]float32{1, 2, 30, 40}, [10]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
			e.Vector = blur(f.t, personOf(f.t, text), text, unclear)
		case strings.HasPrefix(text, "crowded "):
			e.Width, e.Height, e.Faces, e.DetScore, e.HasDetScore, e.Length = 80, 60, 2, .8, true, 7
			e.Box, e.Landmarks = [4]float32{1, 2, 30, 40}, [10]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
			e.Vector = blur(f.t, personOf(f.t, text), text, blurry)
		case strings.HasPrefix(text, "mistaken "):
			e.Width, e.Height, e.Faces, e.DetScore, e.HasDetScore, e.Length = 80, 60, 1, .6, true, 7
			e.Box, e.Landmarks = [4]float32{1, 2, 30, 40}, [10]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
			e.Vector = direction("a poster")
			e.ImageThumb = slices.Concat(directionBytes(text), directionBytes(text+"'"))
			e.FaceThumb = slices.Concat(directionBytes("a poster"), directionBytes("a poster'"))
			e.Hashes, e.ImageHash = true, binary.LittleEndian.Uint64(e.ImageThumb)
		case !strings.HasPrefix(text, "face ") && !strings.HasPrefix(text, "poor ") && !strings.HasPrefix(text, "beside "):
			e.Error = schemas.FaultCorrupt
		default:
			e.Width, e.Height, e.Faces, e.DetScore, e.HasDetScore, e.Length = 80, 60, 1, .9, true, 7
			e.Box, e.Landmarks = [4]float32{1, 2, 30, 40}, [10]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
			photograph, _, _ := strings.Cut(text, again)
			e.Vector = blur(f.t, personOf(f.t, photograph), photograph, blurry)
			if !strings.HasPrefix(text, "face ") {
				e.DetScore = .8
			}
			if strings.HasPrefix(text, "poor ") {
				e.DetScore, e.Length = .7, 3
			}
			pixels := slices.Concat(directionBytes(photograph), directionBytes(photograph+"'"))
			e.Hashes, e.ImageHash, e.FaceHash = true, binary.LittleEndian.Uint64(pixels), binary.LittleEndian.Uint64(pixels[8:])
			e.ImageThumb, e.FaceThumb = pixels, pixels
		}
		f.count.Add(1)
		done()
	}
	return out, nil
}

// personOf is whom an image shows.
func personOf(t testing.TB, text string) string {
	words := strings.Fields(text)
	if len(words) < 3 {
		t.Fatalf("%q shows no face", text)
	}
	return words[1]
}

// aside is where the second face of an image is.
var aside = [4]float32{50, 2, 20, 30}

func (f *faces) Look(ctx context.Context, images []schemas.Image, first []schemas.Embedding,
	read func(context.Context, int) ([]byte, error), done func()) ([]schemas.SecondLook, error) {
	out := make([]schemas.SecondLook, len(images))
	for i, im := range images {
		if f.fail != nil {
			if err := f.fail(images); err != nil {
				return nil, err
			}
		}
		look := &out[i]
		look.Path = im.Path
		data, err := read(ctx, i)
		if errors.As(err, &look.Error) {
			done()
			continue
		}
		if err != nil {
			return nil, err
		}
		look.SHA256 = sha256.Sum256(data)
		face := schemas.LookedFace{View: schemas.ViewLevel, Box: first[i].Box, DetScore: .95, Length: 7}
		switch text := string(data); {
		case look.SHA256 != first[i].SHA256:
			look.Error = schemas.FaultChanged
		case strings.HasPrefix(text, "lying "):
			face.Vector = blur(f.t, personOf(f.t, text), text, 0)
		case strings.HasPrefix(text, "face "):
			face.Vector = first[i].Vector
		case strings.HasPrefix(text, "poor "):
			face.Vector, face.DetScore, face.Length = first[i].Vector, .7, 3
		case strings.HasPrefix(text, "beside "):
			face.View, face.Box, face.Vector = schemas.ViewTile, aside, direction("a passer-by")
		case strings.HasPrefix(text, "mistaken "):
			face.View, face.Box, face.Vector = schemas.ViewTile, aside, direction(personOf(f.t, text))
		case strings.HasPrefix(text, "hidden "):
			face.View, face.Box, face.Vector = schemas.ViewTile, aside, blur(f.t, personOf(f.t, text), text, blurry)
		case strings.HasPrefix(text, "crowded "):
			// Mapped back from another view, the face lies a little beside where it lay.
			face.Box[0]++
			face.Vector = blur(f.t, personOf(f.t, text), text, 0)
			look.Faces = []schemas.LookedFace{face, {View: schemas.ViewTile, Box: aside, DetScore: .9, Length: 7,
				Vector: direction(strings.Fields(text)[2])}}
			face.Vector = nil
		default:
			look.Error = schemas.FaultNoFace
		}
		if face.Vector != nil {
			look.Faces = []schemas.LookedFace{face}
		}
		f.looks.Add(1)
		done()
	}
	return out, nil
}

// tree is a collection: path below the root to content.
type tree map[string]string

// person adds images 1 to n of a person under a label.
func (tr tree) person(label, who string, n int) tree {
	for i := 1; i <= n; i++ {
		tr[fmt.Sprintf("%s/%03d.jpg", label, i)] = portrait(who, i)
	}
	return tr
}

// crowd is n people of k images each.
func crowd(n, k int) tree {
	tr := tree{}
	for i := range n {
		tr.person(fmt.Sprintf("p%03d", i), fmt.Sprintf("somebody-%03d", i), k)
	}
	return tr
}

// with is a copy with changes; an empty content removes.
func (tr tree) with(more tree) tree {
	out := maps.Clone(tr)
	for p, s := range more {
		if out[p] = s; s == "" {
			delete(out, p)
		}
	}
	return out
}

// write puts the collection into a folder. All files have one age, so that the
// same collection written again is the same listing.
func (tr tree) write(t testing.TB, root string) string {
	t.Helper()
	for p, s := range tr {
		name := filepath.Join(root, p)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(s), 0o644), os.Chtimes(name, epoch, epoch)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

var epoch = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
