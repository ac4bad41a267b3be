package store

import (
	"path/filepath"
	"strings"
	"testing"
)

// FuzzCheckName: a name that is accepted is a path of its own below the root.
func FuzzCheckName(f *testing.F) {
	for _, name := range []string{"a", "a/b", "runs/0123/report", "", ".", "..", "../a", "a/../b", "/a", "a//b", ".tmp/a", "a\\b", "a\x00"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if checkName(name) != nil {
			return
		}
		root := filepath.FromSlash("/the/store")
		path := filepath.Join(root, filepath.FromSlash(name))
		back, err := filepath.Rel(root, path)
		if err != nil || filepath.ToSlash(back) != name || strings.HasPrefix(back, tempFolder+string(filepath.Separator)) {
			t.Errorf("%q is the file %s", name, path)
		}
		if err := checkPrefix(name); err != nil {
			t.Errorf("%q is a name and no prefix: %v", name, err)
		}
	})
}

// FuzzSplitS3: a URL that is accepted is its parts.
func FuzzSplitS3(f *testing.F) {
	for _, url := range []string{"s3://bucket", "s3://bucket/", "s3://bucket/a/b%20?c#d", "s3:///a", "s3://u:p@b/c", "http://x", ""} {
		f.Add(url)
	}
	f.Fuzz(func(t *testing.T, url string) {
		bucket, prefix, err := splitS3(url)
		if err != nil {
			return
		}
		again, same, err := splitS3("s3://" + bucket + "/" + prefix)
		if err != nil || again != bucket || same != prefix || !strings.Contains(url, bucket) || !strings.Contains(url, prefix) {
			t.Errorf("%q is %q and %q", url, bucket, prefix)
		}
	})
}
