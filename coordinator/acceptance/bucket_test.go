//go:build acceptance

package acceptance

import (
	"context"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/sync/errgroup"

	"github.com/facesieve/facesieve/pipeline/store/s3test"
)

// upload puts a tree into the bucket, links followed, and gives its URL.
func upload(t *testing.T, s *s3test.Server, tree, prefix string) string {
	t.Helper()
	endpoint, err := url.Parse(s.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	client, err := minio.New(endpoint.Host, &minio.Options{Creds: credentials.NewStaticV4(s.AccessKey, s.SecretKey, ""), Region: s.Region})
	if err != nil {
		t.Fatal(err)
	}
	g, ctx := errgroup.WithContext(t.Context())
	g.SetLimit(16)
	n := 0
	var walk func(folder, below string) error
	walk = func(folder, below string) error {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return err
		}
		for _, e := range entries {
			path, key := filepath.Join(folder, e.Name()), below+e.Name()
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			if info.IsDir() {
				if err := walk(path, key+"/"); err != nil {
					return err
				}
				continue
			}
			n++
			g.Go(func() error { return putFile(ctx, client, s.Bucket, key, path, info) })
		}
		return nil
	}
	if err := walk(tree, prefix+"/"); err != nil {
		t.Fatal(err)
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files of %s are in the bucket", n, prefix)
	return s.URL(prefix)
}

func putFile(ctx context.Context, client *minio.Client, bucket, key, path string, info fs.FileInfo) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = client.PutObject(ctx, bucket, key, file, info.Size(), minio.PutObjectOptions{DisableContentSha256: true})
	return err
}
