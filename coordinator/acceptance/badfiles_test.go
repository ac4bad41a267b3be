//go:build acceptance

package acceptance

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/schemas"
)

// nobody is the user without rights that the programs run as.
const nobody = 65534

// badSet is a set of files that make trouble, in a folder that nobody may read.
type badSet struct {
	place  string // of everything that nobody needs
	tree   string
	faults map[string]schemas.Fault // by path
}

func newBadSet(t *testing.T) *badSet {
	t.Helper()
	place, err := os.MkdirTemp(filepath.Dir(programs), "nobody-")
	if err == nil {
		err = os.Chmod(place, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(place); err != nil {
			t.Error(err)
		}
	})
	b := &badSet{place: place, tree: filepath.Join(place, "set"), faults: map[string]schemas.Fault{}}
	link(t, models(t), filepath.Join(place, "models"))
	link(t, onnxruntime(t), filepath.Join(place, "onnxruntime"))
	if err := os.MkdirAll(filepath.Join(place, "store"), 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(filepath.Join(place, "store"), nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	b.readable(t)
	b.unreadable(t)
	return b
}

// person are the photos of one person.
func person(t *testing.T) []string {
	t.Helper()
	photos, err := filepath.Glob(filepath.Join(lfw(t), "lfw/George_W_Bush/*.jpg"))
	if err != nil || len(photos) < 9 {
		t.Fatalf("%d photos: %v", len(photos), err)
	}
	return photos
}

// readable adds pictures that decode, and what another decoder makes of them.
func (b *badSet) readable(t *testing.T) {
	t.Helper()
	photos := person(t)
	for i, p := range photos[:4] {
		write(t, filepath.Join(b.tree, "good", fmt.Sprintf("%d.jpg", i)), contents(t, p))
	}
	odd := filepath.Join(b.tree, "odd")
	write(t, filepath.Join(odd, "non-utf8-\xff.jpg"), contents(t, photos[5]))
	write(t, filepath.Join(odd, "two\nlines.jpg"), contents(t, photos[6]))
	pillow(t, encodings, photos[4], odd)
	img := decoded(t, contents(t, photos[4]))
	write(t, filepath.Join(odd, "png-named.jpg"), encodePNG(t, img))
	write(t, filepath.Join(odd, "sixteen.png"), encodePNG(t, sixteen(img)))
	pillow(t, references, odd, filepath.Join(b.tree, "reference"))
	pillow(t, scenes, photos[7], photos[8], b.tree)
	for _, name := range []string{"no-face.jpg", "two-faces.jpg"} {
		write(t, filepath.Join(b.tree, "scenes", name), contents(t, filepath.Join(b.tree, name)))
		if err := os.Remove(filepath.Join(b.tree, name)); err != nil {
			t.Fatal(err)
		}
	}
	// The two parts of the photo of two faces, to know where each stands.
	write(t, filepath.Join(b.tree, "scenes", "large.jpg"), contents(t, photos[7]))
}

// unreadable adds files and folders that are no pictures.
func (b *badSet) unreadable(t *testing.T) {
	t.Helper()
	photo := contents(t, person(t)[4])
	bad := func(name string, data []byte, f schemas.Fault) string {
		b.faults["bad/"+name] = f
		path := filepath.Join(b.tree, "bad", name)
		write(t, path, data)
		return path
	}
	bad("empty.jpg", nil, schemas.FaultEmpty)
	for i := range 10 {
		bad(fmt.Sprintf("truncated-%02d.jpg", i), photo[:(i+1)*len(photo)/11], schemas.FaultTruncated)
	}
	bad("text.jpg", []byte("this is no picture\n"), schemas.FaultFormat)
	bad("huge.png", hugePNG(), schemas.FaultTooLarge)
	bad("huge.jpg", hugeJPEG(t, photo), schemas.FaultTooLarge)
	if err := os.Chmod(bad("forbidden.jpg", photo, schemas.FaultForbidden), 0); err != nil {
		t.Fatal(err)
	}
	bad("vanishing.jpg", photo, schemas.FaultMissing)
	folder := filepath.Join(b.tree, "bad")
	symlink(t, "loop-b.jpg", filepath.Join(folder, "loop-a.jpg"))
	symlink(t, "loop-a.jpg", filepath.Join(folder, "loop-b.jpg"))
	symlink(t, "nowhere.jpg", filepath.Join(folder, "dangling.jpg"))
	for _, name := range []string{"loop-a.jpg", "loop-b.jpg", "dangling.jpg"} {
		b.faults["bad/"+name] = schemas.FaultLink
	}
	symlink(t, b.tree, filepath.Join(folder, "round"))
	write(t, filepath.Join(folder, "x.jpg", "inside.jpg"), photo)
}

// clean runs the programs over the set, with a file that vanishes between the
// listing and the first read. It fails where a program needs a gigabyte.
func (b *badSet) clean(t *testing.T) *finished {
	t.Helper()
	nats := startNATS(t)
	l := launch{folder: b.place, env: []string{"FACESIEVE_ONNXRUNTIME=" + filepath.Join(b.place, "onnxruntime"), "XDG_CACHE_HOME=" + filepath.Join(b.place, "cache"), "TMPDIR=" + filepath.Join(b.place, "store")}}
	if os.Geteuid() == 0 {
		l.user = nobody
	} else {
		t.Log("not run by root: the programs run as this user")
	}
	store := filepath.Join(b.place, "store")
	f := &finished{store: store}
	f.process = l.start(t, "coordinator", "run", "--data", b.tree, "--store", store, "--models", filepath.Join(b.place, "models"), "--nats", nats.url())
	waitFor(t, "the plan", f.process, func() (bool, error) {
		plans, err := filepath.Glob(filepath.Join(store, schemas.RunsFolder, "*/plan.json"))
		return len(plans) > 0, err
	})
	if err := os.Remove(filepath.Join(b.tree, "bad/vanishing.jpg")); err != nil {
		t.Fatal(err)
	}
	worker := l.start(t, "worker", "--store", store, "--nats", nats.url(), "--models", filepath.Join(b.place, "models"))
	f.end(t)
	f.folder = filepath.Join(store, schemas.ReportFolder(f.id))
	if code := worker.wait(); code != 0 {
		t.Errorf("worker: exit code %d: %s", code, tail(worker.stderr.String()))
	}
	for _, p := range []*process{f.process, worker} {
		t.Logf("%s: peak memory %d MiB", filepath.Base(p.cmd.Path), p.peak()>>20)
		if p.peak() >= 1e9 {
			t.Errorf("%s needed %d bytes", p.cmd.Path, p.peak())
		}
	}
	return f
}

// TestBadFiles: whatever stands in a folder, every file is a row that says what
// is wrong with it, or decodes as another decoder has it, and the run ends well.
func TestBadFiles(t *testing.T) {
	b := newBadSet(t)
	f := b.clean(t)
	rows := f.byPath(t)
	for path, fault := range b.faults {
		v, ok := rows[path]
		t.Logf("%s: %s, %s, %s: %s", path, v.Type, v.Decision, v.Embedding.Error, v.Reason)
		want := schemas.Drop
		if fault.NotRead() { // that says nothing of the image
			want = schemas.Review
		}
		if !ok || v.Type != schemas.TypeUnreadable || v.Decision != want || v.Embedding.Error != fault || v.Reason == "" {
			t.Errorf("%s: type %q, decision %q, error %q, want %q", path, v.Type, v.Decision, v.Embedding.Error, fault)
		}
	}
	b.checkDecoded(t, f, rows)
	b.checkFaces(t, rows)
	s := f.summary(t)
	t.Logf("skipped: %v, types: %v, faults: %v", s.Sources[0].Skipped, s.Types, s.Faults)
	for _, reason := range []string{"folder named like an image", "folder entered already under another name"} {
		if s.Sources[0].Skipped[reason] != 1 {
			t.Errorf("skipped %d of %q, want 1", s.Sources[0].Skipped[reason], reason)
		}
	}
	files := 0
	for _, identity := range []string{"bad", "good", "odd", "reference", "scenes"} {
		files += len(names(t, filepath.Join(b.tree, identity)))
	}
	// A file that is gone, a link to the set and a folder named like an image.
	if want := files + 1 - 2; len(rows) != want {
		t.Errorf("%d rows, want %d", len(rows), want)
	}
}

// checkDecoded compares every odd file with the reference decoder's picture of
// it: size, box and vector.
func (b *badSet) checkDecoded(t *testing.T, f *finished, rows map[string]schemas.Verdict) {
	t.Helper()
	vectors := map[string][]float32{}
	r := readyVectors(t, f, f.store)
	for i, path := range r.path {
		vectors[path] = r.vectors.Row(i)
	}
	for _, name := range names(t, filepath.Join(b.tree, "odd")) {
		v, w := rows["odd/"+name], rows["reference/"+name+".png"]
		if v.Embedding.Error != schemas.FaultNone || w.Embedding.Error != schemas.FaultNone || v.Embedding.Width == 0 || vectors[v.Embedding.Path] == nil || vectors[w.Embedding.Path] == nil {
			t.Errorf("%q: %q, its reference %q", name, v.Embedding.Error, w.Embedding.Error)
			continue
		}
		off := 0.
		for i := range v.Embedding.Box {
			off = math.Max(off, math.Abs(float64(v.Embedding.Box[i]-w.Embedding.Box[i])))
		}
		cosine := cluster.Dot(vectors[v.Embedding.Path], vectors[w.Embedding.Path])
		t.Logf("%q: %d x %d, box within %.2f px, cosine %.4f of the reference decoder's picture", name, v.Embedding.Width, v.Embedding.Height, off, cosine)
		if v.Embedding.Width != w.Embedding.Width || v.Embedding.Height != w.Embedding.Height || off > 2 || cosine < .99 {
			t.Errorf("%q: %d x %d, reference %d x %d; box off by %.2f px, cosine %.4f", name, v.Embedding.Width, v.Embedding.Height, w.Embedding.Width, w.Embedding.Height, off, cosine)
		}
	}
}

// checkFaces looks at the photos without a face and with two.
func (b *badSet) checkFaces(t *testing.T, rows map[string]schemas.Verdict) {
	t.Helper()
	none, two, large := rows["scenes/no-face.jpg"], rows["scenes/two-faces.jpg"], rows["scenes/large.jpg"]
	if none.Type != schemas.TypeNoFace || none.Decision != schemas.Review || none.Embedding.Faces != 0 || !strings.Contains(none.Reason, "no face") {
		t.Errorf("no face: type %q, decision %q, %d faces: %s", none.Type, none.Decision, none.Embedding.Faces, none.Reason)
	}
	off := 0.
	for i := range two.Embedding.Box {
		off = math.Max(off, math.Abs(float64(two.Embedding.Box[i]-large.Embedding.Box[i])))
	}
	t.Logf("two faces: %d found, the chosen one within %.1f px of the larger one's box", two.Embedding.Faces, off)
	if two.Embedding.Error != schemas.FaultNone || two.Embedding.Faces != 2 || off > 8 {
		t.Errorf("two faces: %q, %d faces, box %v, the larger one alone has %v", two.Embedding.Error, two.Embedding.Faces, two.Embedding.Box, large.Embedding.Box)
	}
}
