//go:build acceptance

package acceptance

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/run"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// shardImages is that of all checks, so that the vectors of one serve the next.
const shardImages = "256"

// base is the store that every check begins with: the vectors of LFW and of both
// sets.
var base struct {
	once      sync.Once
	folder    string
	vggface2  *finished // against LFW
	facescrub *finished // aligned, against LFW
}

func vggface2Args(t *testing.T, data, reference string) []string {
	t.Helper()
	return []string{"--dataset", "vggface2", "--data", data, "--reference", "lfw=" + reference, "--shard-images", shardImages}
}

func facescrubArgs(t *testing.T, data, reference string) []string {
	t.Helper()
	return []string{"--data", data, "--layout", "folder", "--aligned", "--reference", "lfw=" + reference, "--shard-images", shardImages}
}

// prepared computes the base once.
func prepared(t *testing.T) {
	t.Helper()
	data, reference, small := vggface2(t), lfw(t), facescrub(t)
	models(t)
	onnxruntime(t)
	base.once.Do(func() {
		// Verdicts of a kept store may be those of another version of the programs.
		if err := os.RemoveAll(filepath.Join(base.folder, schemas.RunsFolder)); err != nil {
			t.Fatal(err)
		}
		base.vggface2 = engine(t).run(t, base.folder, vggface2Args(t, data, reference)...)
		t.Logf("vggface2-mini against LFW, from %s: %.0f s", base.folder, base.vggface2.seconds)
		base.facescrub = engine(t).run(t, base.folder, facescrubArgs(t, small, reference)...)
		t.Logf("facescrub-mini against LFW, from %s: %.0f s", base.folder, base.facescrub.seconds)
		for _, f := range []*finished{base.vggface2, base.facescrub} {
			f.folder = filepath.Join(base.folder, schemas.ReportFolder(f.id))
		}
	})
	if base.facescrub == nil {
		t.Fatal("the base's vectors could not be computed; see the first check")
	}
}

// copyBase is a new store with the base's vectors and no run.
func copyBase(t *testing.T) string {
	t.Helper()
	prepared(t)
	folder := filepath.Join(t.TempDir(), "store")
	for _, part := range []string{schemas.VectorsFolder, schemas.EmbedFolder, schemas.LooksFolder, schemas.DoubtFolder, schemas.ModelsFolder} {
		link(t, filepath.Join(base.folder, part), filepath.Join(folder, part))
	}
	return folder
}

// link copies a folder's files as hard links, or as bytes between disks.
func link(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		if os.Link(path, target) == nil {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// known is a finished run's embeddings by source and path, and what made them.
type known struct {
	spec    schemas.Spec
	kind    schemas.NumericKind
	vectors map[schemas.Source]map[string]schemas.Embedding
}

// embeddings reads what a run of the base embedded.
func embeddings(t *testing.T, f *finished) *known {
	t.Helper()
	k := &known{vectors: map[schemas.Source]map[string]schemas.Embedding{}}
	var plan schemas.Plan
	data, err := os.ReadFile(filepath.Join(base.folder, schemas.NumericKindObject(f.id)))
	if err == nil {
		err = readJSON(filepath.Join(base.folder, schemas.SpecObject(f.id)), &k.spec)
	}
	if err == nil {
		err = readJSON(filepath.Join(base.folder, schemas.PlanObject(f.id)), &plan)
	}
	if err != nil {
		t.Fatal(err)
	}
	k.kind = schemas.NumericKind(strings.TrimSpace(string(data)))
	for _, src := range plan.Sources {
		k.vectors[src.Name] = map[string]schemas.Embedding{}
		for _, sh := range src.Shards {
			for _, p := range sh.Parts {
				var ptr schemas.Pointer
				if err := readJSON(filepath.Join(base.folder, k.pointer(src.Name, p)), &ptr); err != nil {
					t.Fatal(err)
				}
				object := filepath.Join(base.folder, ptr.Object())
				thumbnails := read(t, object, schemas.ReadThumbnails)
				for i, e := range read(t, object, schemas.ReadVectors) {
					e.ImageThumb, e.FaceThumb = thumbnails[i].ImageThumb, thumbnails[i].FaceThumb
					k.vectors[src.Name][e.Path] = e
				}
			}
		}
	}
	return k
}

func (k *known) aligned(source schemas.Source) bool {
	for _, r := range k.spec.Data.References {
		if r.Name == source {
			return r.Aligned
		}
	}
	return k.spec.Data.Set.Aligned
}

func (k *known) pointer(source schemas.Source, p schemas.Part) string {
	return schemas.EmbedPointer(schemas.EmbedID(k.spec.Embed, k.kind, k.aligned(source), p.Listed))
}

// adopt puts vectors that are known into a store under the names that a run over
// other trees of the same images will look for; old gives an image's path in the
// base. Images that are not known leave their shard to be embedded.
func (k *known) adopt(t *testing.T, folder string, q plan.Request, old map[schemas.Source]map[string]string) {
	t.Helper()
	ctx := t.Context()
	st, err := store.Open(ctx, folder, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	q.ShardImages, q.Embed, q.Judge = k.spec.Data.ShardImages, k.spec.Embed, k.spec.Judge
	planned, err := (&run.Coordinator{Store: st}).Plan(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	taken := 0
	for _, src := range planned.Plan.Sources {
		for _, sh := range src.Shards {
			if err := k.adoptShard(ctx, st, folder, sh, old[src.Name]); errors.Is(err, errUnknown) {
				continue
			} else if err != nil {
				t.Fatal(err)
			}
			taken += sh.Images
		}
	}
	t.Logf("%d images have known vectors under other paths", taken)
}

var errUnknown = errors.New("no vectors for an image of the shard")

func (k *known) adoptShard(ctx context.Context, st store.Store, folder string, sh schemas.Shard, old map[string]string) error {
	data, err := os.ReadFile(filepath.Join(folder, schemas.RowsObject(sh.Rows)))
	if err != nil {
		return err
	}
	all, err := schemas.ReadRows(bytes.NewReader(data))
	if err != nil {
		return err
	}
	for _, p := range sh.Parts {
		rows := all[p.Start:p.End]
		embs, sums, faults := make([]schemas.Embedding, len(rows)), make([][32]byte, len(rows)), map[schemas.Fault]int{}
		for i, row := range rows {
			path := row.Path
			if was, ok := old[path]; ok {
				path = was
			}
			e, ok := k.vectors[sh.Source][path]
			if !ok {
				return errUnknown
			}
			e.Path = row.Path
			embs[i], sums[i] = e, e.SHA256
			if e.Error != schemas.FaultNone {
				faults[e.Error]++
			}
		}
		aligned := k.aligned(sh.Source)
		ptr := schemas.Pointer{Images: len(rows), Faults: faults,
			Family:  schemas.FamilyID(k.spec.Embed, k.kind, aligned, rows),
			Vectors: schemas.ContentID(k.spec.Embed, k.kind, aligned, rows, sums)}
		var table bytes.Buffer
		if err := schemas.WriteVectors(&table, k.spec.Embed.Contract.Dim, embs); err != nil {
			return err
		}
		text, err := schemas.Marshal(ptr)
		if err != nil {
			return err
		}
		if err := put(ctx, st, ptr.Object(), table.Bytes()); err != nil {
			return err
		}
		if err := put(ctx, st, k.pointer(sh.Source, p), text); err != nil {
			return err
		}
	}
	return nil
}

// put creates an object; one that is there is as good.
func put(ctx context.Context, st store.Store, name string, data []byte) error {
	err := st.Put(ctx, name, bytes.NewReader(data), int64(len(data)))
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}
