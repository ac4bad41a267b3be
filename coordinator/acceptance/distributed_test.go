//go:build acceptance

package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/store/s3test"
	"github.com/facesieve/facesieve/schemas"
)

// troubled is the set with five bad files among one identity's, and the reference.
func troubled(t *testing.T) (set, reference string) {
	t.Helper()
	const troubledIdentity = "n900003"
	identities, keep := third, sixth
	if full() {
		identities = names(t, filepath.Join(vggface2(t), "train"))
		keep = func(int, string) bool { return true }
	}
	set, reference = vggface2Tree(t, identities), lfwTree(t, keep)
	folder := filepath.Join(set, "train", troubledIdentity)
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	photos := filepath.Join(vggface2(t), "train", troubledIdentity)
	for _, name := range names(t, photos) {
		symlink(t, filepath.Join(photos, name), filepath.Join(folder, name))
	}
	fiveBad(t, folder, contents(t, filepath.Join(photos, names(t, photos)[0])))
	return set, reference
}

// onThisMachine is the plain run of one process on file:// that others are
// compared with.
func onThisMachine(t *testing.T, set, reference string) *finished {
	t.Helper()
	folder := copyBase(t)
	if !full() {
		embeddings(t, base.vggface2).adopt(t, folder, plan.Request{
			Set:        plan.SourceRequest{Dataset: dataset.Options{URL: set, Layout: layout.VGGFace2}},
			References: []plan.SourceRequest{{Name: "lfw", Dataset: dataset.Options{URL: reference}}},
		}, nil)
	}
	f := engine(t).run(t, folder, vggface2Args(t, set, reference)...)
	t.Logf("one process on file://: %d images, %.0f s", f.summary(t).Images, f.seconds)
	return f
}

// TestWorkersOnS3: data and store in a bucket, NATS and two workers in processes
// of their own, tasks in any order: the report has the same bytes.
func TestWorkersOnS3(t *testing.T) {
	set, reference := troubled(t)
	want := onThisMachine(t, set, reference)
	faults := want.summary(t).Faults
	for fault, n := range map[schemas.Fault]int{schemas.FaultEmpty: 1, schemas.FaultTruncated: 1, schemas.FaultFormat: 1, schemas.FaultTooLarge: 1} {
		if faults[fault] != n {
			t.Errorf("%d images are %q, want %d", faults[fault], fault, n)
		}
	}
	sums := want.digests(t)
	logDigests(t, sums)
	s, nats := s3test.Start(t), startNATS(t)
	setURL, referenceURL := upload(t, s, set, "set"), upload(t, s, reference, "lfw")
	for seed := 1; seed <= 3; seed++ {
		prefix := fmt.Sprintf("store-%d", seed)
		l := engine(t)
		l.env = append(l.env, s.Environ()...)
		var workers []*process
		for range 2 {
			w := l
			// No model file is there: the workers take those that the coordinator stored.
			w.env = append(w.env[:len(w.env):len(w.env)], "XDG_CACHE_HOME="+t.TempDir())
			workers = append(workers, w.start(t, "worker", "--store", s.URL(prefix), "--nats", nats.url()))
		}
		f := l.run(t, s.URL(prefix), append(vggface2Args(t, setURL, referenceURL), "--nats", nats.url(), "--shuffle", fmt.Sprint(seed))...)
		for _, w := range workers {
			if code := w.wait(); code != 0 {
				t.Errorf("worker: exit code %d: %s", code, tail(w.stderr.String()))
			}
		}
		same(t, fmt.Sprintf("two workers on S3, seed %d", seed), sums, f.digests(t))
		sharesOf(t, f.timing(t, filepath.Join(s.Folder, s.Bucket, prefix)), seed, f.seconds)
	}
}

// sharesOf checks that two workers each embedded a quarter of the shards or more; of
// the few shards of the short checks, some.
func sharesOf(t *testing.T, x schemas.Timing, seed int, seconds float64) {
	t.Helper()
	by, all := map[string]int{}, 0
	for _, task := range x.Tasks {
		if parsed, err := schemas.ParseTaskName("", task.Task); err == nil && parsed.Stage == schemas.StageEmbed && !task.Reused {
			by[task.Worker]++
			all++
		}
	}
	t.Logf("seed %d: %d shards embedded in %.0f s, by worker: %v", seed, all, seconds, by)
	if all < 8 || len(by) != 2 {
		t.Errorf("seed %d: %d workers embedded %d shards, want 2 and 8 or more", seed, len(by), all)
	}
	for worker, n := range by {
		if full() && 4*n < all {
			t.Errorf("seed %d: worker %s embedded %d of %d shards", seed, worker, n, all)
		}
	}
}
