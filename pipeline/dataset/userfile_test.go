package dataset

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/store/s3test"
)

// readers open each sort of file that a user names.
func readers(t *testing.T, s3 store.S3Options) map[string]func(ctx context.Context, url string) error {
	return map[string]func(context.Context, string) error{
		"vectors.arrow": func(ctx context.Context, url string) error {
			rows, _, err := OpenVectors(ctx, url, s3)
			if err != nil {
				return err
			}
			n := 0
			for _, err := range rows {
				if err != nil {
					return err
				}
				n++
			}
			if n != 2 {
				t.Errorf("%d vectors", n)
			}
			return nil
		},
		"overrides.csv": func(ctx context.Context, url string) error {
			all, _, err := ReadOverrides(ctx, url, s3)
			if err == nil && len(all) != 1 {
				t.Errorf("%d decisions", len(all))
			}
			return err
		},
		"manifest.csv": func(ctx context.Context, url string) error {
			_, err := Open(ctx, Options{URL: t.TempDir(), Manifest: url, S3: s3})
			return err
		},
		"sets.yaml": func(ctx context.Context, url string) error {
			c, err := LoadCatalogue(ctx, url, s3)
			if err != nil {
				return err
			}
			e, err := c.Find("mine")
			if want := strings.TrimSuffix(url, "sets.yaml") + "faces"; e.Data != want {
				t.Errorf("data at %s, want %s", e.Data, want)
			}
			return err
		},
		"pairs.txt": func(ctx context.Context, url string) error {
			_, err := OpenProtocol(ctx, url, Options{S3: s3})
			return err
		},
	}
}

// TestUserFilesInABucket reads files from a server that the options alone name.
func TestUserFilesInABucket(t *testing.T) {
	s := s3test.Start(t)
	s.Setenv(t)
	vectors, err := os.ReadFile(writeArrow(t, `[{"path":"2","identity":"b","vector":[1,2]},{"path":"1","identity":"a","vector":[3,4]}]`,
		field("path", text), field("identity", text), field("vector", arrow.ListOf(arrow.PrimitiveTypes.Float32))))
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s.URL("files"), map[string]string{"vectors.arrow": string(vectors), "overrides.csv": "path,decision\na/1.jpg,drop\n",
		"manifest.csv": "path,identity\na/1.jpg,a\n", "pairs.txt": twoSets,
		"sets.yaml": "mine: {data: faces}\n"})
	s3 := store.S3Options{Endpoint: s.Endpoint}
	t.Setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
	for name, read := range readers(t, s3) {
		if err := read(t.Context(), s.URL("files/"+name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := read(t.Context(), s.URL("files/none-"+name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s that is not there: %v", name, err)
		}
	}
}

// TestUserFilesAreCancelled reads files under a context that has ended.
func TestUserFilesAreCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, read := range readers(t, store.S3Options{}) {
		for _, url := range []string{writeFile(t, name, "path,identity\n"), "s3://bucket/" + name} {
			if err := read(ctx, url); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", url, err)
			}
		}
	}
}

// TestVectorsEndWithTheirContext cancels the context between two rows.
func TestVectorsEndWithTheirContext(t *testing.T) {
	for _, rows := range []string{
		`[{"path":"1","identity":"a","vector":[1,2]},{"path":"2","identity":"a","vector":[1,3]}]`,
		`[{"path":"2","identity":"a","vector":[1,2]},{"path":"1","identity":"a","vector":[1,3]}]`,
	} {
		file := writeArrow(t, rows, field("path", text), field("identity", text), field("vector", arrow.ListOf(arrow.PrimitiveTypes.Float32)))
		ctx, cancel := context.WithCancel(t.Context())
		all, _, err := OpenVectors(ctx, file, store.S3Options{})
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		for _, err = range all {
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", rows, err)
		}
	}
}
