package dataset

import (
	"errors"
	"io/fs"
	"maps"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"

	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/dataset/tree"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/store/s3test"
	"github.com/facesieve/facesieve/schemas"
)

// fill puts objects below an s3:// URL.
func fill(t *testing.T, url string, files map[string]string) (client *minio.Client, bucket string) {
	t.Helper()
	client, bucket, prefix, err := store.OpenS3(t.Context(), url, store.S3Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		_, err := client.PutObject(t.Context(), bucket, tree.Join(prefix, name), strings.NewReader(data), int64(len(data)), minio.PutObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
	}
	return client, bucket
}

func TestBucket(t *testing.T) {
	s := s3test.Start(t)
	s.Setenv(t)
	url := "s3://" + s.Bucket + "/sets/faces"
	if _, err := Open(t.Context(), Options{URL: url}); !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, tree.ErrNothing) {
		t.Errorf("nothing there: %v", err)
	}
	client, bucket := fill(t, url, map[string]string{"a/1.jpg": "0123456789", "a/b/2.jpg": "22", "a-b/3.jpg": "333", "a/two\nlines + 100%.jpg": "4",
		"loose.jpg": "x", "a/notes.txt": "x", "../beside/c/5.jpg": "not below the prefix", "a/empty.jpg": ""})
	d, err := Open(t.Context(), Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	rows := collect(t, d)
	want := "\"a\" \"a/1.jpg\"\n\"a\" \"a/empty.jpg\"\n\"a\" \"a/two\\nlines + 100%.jpg\"\n\"a-b\" \"a-b/3.jpg\"\n\"a/b\" \"a/b/2.jpg\"\n"
	if got := story(rows); got != want || d.Layout() != layout.Folder {
		t.Errorf("%s:\n%s", d.Layout(), got)
	}
	if got := skips(d); !maps.Equal(got, map[string]int{layout.LooseImage: 1, "extension .txt": 1}) {
		t.Errorf("skipped %v", got)
	}
	r, err := OpenReader(t.Context(), url, store.S3Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkSpans(t, r, rows[0])
	checkRead(t, r, rows[1], "", schemas.FaultEmpty)
	checkRead(t, r, rows[2], "4", nil)
	fill(t, url, map[string]string{"a/1.jpg": "9876543210"})
	checkRead(t, r, rows[0], "", schemas.FaultChanged)
	if err := client.RemoveObject(t.Context(), bucket, "sets/faces/a/b/2.jpg", minio.RemoveObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	checkRead(t, r, rows[4], "", schemas.FaultMissing)
}

// TestBucketLikeDisk lists one tree on a disk and in a bucket.
func TestBucketLikeDisk(t *testing.T) {
	s := s3test.Start(t)
	s.Setenv(t)
	url := "s3://" + s.Bucket
	files := map[string]string{"identity_meta.csv": "Class_ID, Name, Sample_Num, Flag, Gender\nn000003, \"Ann\", 2, 1, f,\n",
		"bb_landmark/loose_landmark_train.csv": "NAME_ID,P1X,P1Y,P2X,P2Y,P3X,P3Y,P4X,P4Y,P5X,P5Y\n\"n000003/0002_01\",1,2,3,4,5,6,7,8,9,10.5\n",
		"train/n000003/0001_01.jpg":            "a", "train/n000003/0002_01.jpg": "b", "test/n000001/0001_01.jpg": "c",
		"list.csv": "path,identity\ntest/n000001/0001_01.jpg,x\n"}
	fill(t, url, files)
	onDisk, err := Open(t.Context(), Options{URL: writeTree(t, files)})
	if err != nil {
		t.Fatal(err)
	}
	inBucket, err := Open(t.Context(), Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	a, c := collect(t, onDisk), collect(t, inBucket)
	if story(a) != story(c) || inBucket.Layout() != layout.VGGFace2 || inBucket.Name("n000003") != "Ann" {
		t.Errorf("disk:\n%sbucket:\n%s", story(a), story(c))
	}
	for _, rows := range [][]schemas.Image{a, c} {
		if h := rows[2].Landmarks; h == nil || h[9] != 10.5 || rows[1].Landmarks != nil {
			t.Errorf("landmarks %v", rows)
		}
	}
	m, err := Open(t.Context(), Options{URL: url, Manifest: url + "/list.csv"})
	if err != nil {
		t.Fatal(err)
	}
	if got := story(collect(t, m)); got != "\"x\" \"test/n000001/0001_01.jpg\"\n" {
		t.Errorf("manifest: %s", got)
	}
}
