package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"

	"github.com/facesieve/facesieve/coordinator/score"
	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/pipeline/dataset/truth"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/store/s3test"
)

// upload puts the files of a folder below an s3:// URL.
func upload(t *testing.T, folder, url string) {
	t.Helper()
	client, bucket, prefix, err := store.OpenS3(t.Context(), url, store.S3Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		key := prefix + strings.TrimPrefix(filepath.ToSlash(name), filepath.ToSlash(folder))
		_, err = client.FPutObject(t.Context(), bucket, key, name, minio.PutObjectOptions{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSimulateBucket simulates noise in a set in a bucket, and cleans it by the manifest.
// What it makes of the same set in a folder has the same truth.
func TestSimulateBucket(t *testing.T) {
	p := &shell{t: t, dir: t.TempDir()}
	p.must("synth", "--out", "mine", "--identities", "16", "--images", "8", "--references", "0", "--clean")
	s := s3test.Start(t)
	s.Setenv(t)
	upload(t, filepath.Join(p.dir, "mine", "faces"), s.URL("sets/mine"))
	simulated := func(data, out string, more ...string) []string {
		return append([]string{"simulate", "--data", data, "--out", out, "--flips", "6%", "--outliers", "4%", "--hold-back", "3",
			"--duplicates", "2", "--splits", "1"}, more...)
	}
	out, _ := p.must(simulated(s.URL("sets/mine"), "listed", "--s3-endpoint", s.Endpoint)...)
	next := "coordinator run --data " + s.URL("sets/mine") + " --manifest listed/faces.csv --store listed-store --s3-endpoint " + s.Endpoint
	if !strings.Contains(out, next+"\n") {
		t.Errorf("the command says\n%s", out)
	}
	if _, err := os.Stat(filepath.Join(p.dir, "listed", "faces")); err == nil {
		t.Error("there are links to objects")
	}
	p.must(simulated("mine/faces", "linked")...)
	var truths []string
	for _, name := range []string{"listed", "linked"} {
		data, err := os.ReadFile(filepath.Join(p.dir, name, "truth", "truth.csv"))
		if err != nil {
			t.Fatal(err)
		}
		truths = append(truths, string(data))
	}
	if truths[0] != truths[1] {
		t.Errorf("bucket and folder have other truths:\n%s\n%s", truths[0], truths[1])
	}
	again, _ := p.must(simulated(s.URL("sets/mine"), "listed", "--json")...)
	var made screen.Simulated
	if err := json.Unmarshal([]byte(again), &made); err != nil || !made.Reused || made.Data != s.URL("sets/mine") {
		t.Fatalf("the same command again gives %+v (%v)", made, err)
	}
	p.must(append(strings.Fields(next)[1:], "--model", "builtin", "--detector", "none", "--engine", "gorgonia")...)
	out, _ = p.must("score", "--store", "listed-store", "--truth", made.Truth, "--json")
	var q score.Quality
	if err := json.Unmarshal([]byte(out), &q); err != nil {
		t.Fatal(err)
	}
	wrong := made.Simulated[truth.Flip] + made.Simulated[truth.Outlier]
	if m := q.Measures; wrong < 8 || m.Wrong != wrong || q.Absent != 0 || m.AUPRC == nil || *m.AUPRC < .8 || q.LeftOut["without a probability"] != 2 {
		t.Errorf("of %d wrong ones: %s", wrong, out)
	}
}
