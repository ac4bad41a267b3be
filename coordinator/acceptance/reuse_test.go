//go:build acceptance

package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/store/s3test"
	"github.com/facesieve/facesieve/schemas"
)

// TestFromNeedsNothing: another threshold is judged with the images, the models
// and ONNX Runtime taken away.
func TestFromNeedsNothing(t *testing.T) {
	folder := copyBase(t)
	places := t.TempDir()
	for name, target := range map[string]string{"set": vggface2(t), "lfw": lfw(t), "models": models(t), "onnxruntime": onnxruntime(t)} {
		symlink(t, target, filepath.Join(places, name))
	}
	at := func(name string) string { return filepath.Join(places, name) }
	l := launch{folder: places, env: []string{"FACESIEVE_ONNXRUNTIME=" + at("onnxruntime"), "XDG_CACHE_HOME=" + at("cache")}}
	first := l.run(t, folder, append(vggface2Args(t, at("set"), at("lfw")), "--models", at("models"))...)
	if tasks, images := embedded(first.timing(t, folder), "set"); tasks > 0 {
		t.Errorf("links to the same files: %d tasks embedded %d images", tasks, images)
	}
	for _, gone := range []string{"set", "lfw", "models", "onnxruntime"} {
		if err := os.Remove(at(gone)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(folder, schemas.ModelsFolder)); err != nil {
		t.Fatal(err)
	}
	const drop = .6
	second := l.run(t, folder, "--from", string(first.id), "--drop", ".6", "--models", at("models"))
	if second.id == first.id {
		t.Error("another threshold is the same run")
	}
	before, after := first.byPath(t), second.byPath(t)
	if len(before) != len(after) {
		t.Errorf("%d rows, then %d", len(before), len(after))
	}
	changed := 0
	for path, v := range before {
		w := after[path]
		if v.PNoise == nil != (w.PNoise == nil) || v.PNoise != nil && *v.PNoise != *w.PNoise {
			t.Errorf("%s: p_noise depends on the threshold", path)
		}
		if v.Decision != w.Decision {
			changed++
		}
		if w.PNoise != nil && *w.PNoise >= drop && w.Decision == schemas.Review && w.DuplicateOf == nil && w.Type == schemas.TypeOutlier {
			t.Errorf("%s: p_noise %.3f is above the new threshold and the decision is %s", path, *w.PNoise, w.Decision)
		}
	}
	if changed == 0 {
		t.Error("another threshold changes no decision")
	}
	x := second.timing(t, folder)
	for _, task := range x.Tasks {
		if strings.HasPrefix(task.Task, string(schemas.StageEmbed)) || strings.HasPrefix(task.Task, string(schemas.StageNumericKind)) {
			t.Errorf("the task %s was done", task.Task)
		}
	}
	t.Logf("%d of %d decisions changed with --drop .6, in %.1f s, without images, models or ONNX Runtime", changed, len(before), second.seconds)
}

// TestReferenceEmbeddedOnce: a second set against LFW embeds no image of LFW.
func TestReferenceEmbeddedOnce(t *testing.T) {
	prepared(t)
	// The aligned set is in the base; the same images with a detector are not.
	tree := t.TempDir()
	for i, name := range names(t, facescrub(t)) {
		if i%10 == 0 {
			symlink(t, filepath.Join(facescrub(t), name), filepath.Join(tree, name))
		}
	}
	folder := copyBase(t)
	f := engine(t).run(t, folder, "--data", tree, "--reference", "lfw="+lfw(t), "--shard-images", shardImages)
	x := f.timing(t, folder)
	setTasks, setImages := embedded(x, "set")
	tasks, images := embedded(x, "ref-lfw")
	t.Logf("second set: %d tasks embedded %d images of the set, %d embedded %d of LFW", setTasks, setImages, tasks, images)
	if tasks != 0 || images != 0 {
		t.Errorf("%d tasks embedded %d images of LFW", tasks, images)
	}
	if setImages == 0 {
		t.Error("the set had to be embedded; this check shows nothing")
	}
}

// TestOneMoreIdentity: a set that grows by one identity embeds the shards around
// it alone.
func TestOneMoreIdentity(t *testing.T) {
	all := names(t, filepath.Join(vggface2(t), "train"))
	labels := []string{"n900010a", "n000001", "n500000", "n999999"}
	if !full() {
		labels = labels[:1]
	}
	for _, label := range labels {
		folder := copyBase(t)
		tree := vggface2Tree(t, all)
		stranger := filepath.Join(lfw(t), "lfw", "George_W_Bush")
		symlink(t, stranger, filepath.Join(tree, "train", label))
		f := engine(t).run(t, folder, "--data", tree, "--layout", "vggface2", "--reference", "lfw="+lfw(t), "--shard-images", shardImages)
		x := f.timing(t, folder)
		setTasks, setImages := embedded(x, "set")
		tasks, images := embedded(x, "ref-lfw")
		stage := x.Stages[schemas.StageEmbed]
		t.Logf("one more identity, %s, of %d images: %d embed tasks of the set (%d images), %d of LFW (%d); %d of %d tasks reused",
			label, len(names(t, stranger)), setTasks, setImages, tasks, images, stage.Reused, stage.Tasks)
		if setTasks == 0 || setTasks > 3 || tasks != 0 {
			t.Errorf("%s: %d tasks of the set and %d of LFW; want 1 to 3 and none", label, setTasks, tasks)
		}
	}
}

// TestSameSetFromBucket: what was embedded from a disk is not embedded again
// from S3.
func TestSameSetFromBucket(t *testing.T) {
	folder := copyBase(t)
	s := s3test.Start(t)
	data, reference := upload(t, s, vggface2(t), "set"), upload(t, s, lfw(t), "lfw")
	l := engine(t)
	l.env = append(l.env, s.Environ()...)
	f := l.run(t, folder, vggface2Args(t, data, reference)...)
	x := f.timing(t, folder)
	pointed := 0
	for _, task := range x.Tasks {
		if task.Reused {
			pointed++
		}
	}
	for _, source := range []string{"set", "ref-lfw"} {
		if tasks, images := embedded(x, source); tasks != 0 || images != 0 {
			t.Errorf("%s: %d tasks embedded %d images", source, tasks, images)
		}
	}
	t.Logf("from S3 after a run from disk: %d embed tasks, %d of them found their vectors by content, in %.0f s", x.Stages[schemas.StageEmbed].Tasks, pointed, f.seconds)
	same(t, "report from S3", base.vggface2.digests(t), f.digests(t))
}
