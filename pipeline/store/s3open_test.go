package store_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/minio/minio-go/v7"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/store/s3test"
)

// bare takes every source of credentials away.
func bare(t *testing.T) {
	empty := t.TempDir()
	t.Setenv("HOME", empty)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(empty, "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(empty, "credentials"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for _, name := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
		"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
	} {
		t.Setenv(name, "")
	}
}

func TestOpenS3Faults(t *testing.T) {
	server := s3test.Start(t)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for _, c := range []struct {
		what      string
		url       string
		env, to   string
		want      error
		hint, not string
	}{
		{"a wrong secret", server.URL("x"), "AWS_SECRET_ACCESS_KEY", "wrong-secret", fs.ErrPermission, "check AWS_ACCESS_KEY_ID", "wrong-secret"},
		{"a wrong key", server.URL("x"), "AWS_ACCESS_KEY_ID", "wrong-key", fs.ErrPermission, "check AWS_ACCESS_KEY_ID", server.SecretKey},
		{"no key", server.URL("x"), "AWS_ACCESS_KEY_ID", "", fs.ErrPermission, "set AWS_ACCESS_KEY_ID", server.SecretKey},
		{"a missing bucket", "s3://not-there/x", "AWS_REGION", "us-east-1", fs.ErrNotExist, "create the bucket", server.SecretKey},
		{"a dead endpoint", server.URL("x"), "AWS_ENDPOINT_URL_S3", closed.URL, syscall.ECONNREFUSED, "endpoint " + closed.URL, server.SecretKey},
		{"a bad endpoint", server.URL("x"), "AWS_ENDPOINT_URL_S3", "ftp://u:hidden@host", fs.ErrInvalid, "write https://HOST:PORT", "hidden"},
		{"a bad bucket", "s3://A_b!/x", "AWS_REGION", "us-east-1", fs.ErrInvalid, "write s3://BUCKET/PREFIX", server.SecretKey},
	} {
		t.Run(c.what, func(t *testing.T) {
			bare(t)
			server.Setenv(t)
			t.Setenv(c.env, c.to)
			_, err := store.Open(t.Context(), c.url, store.Options{})
			_, _, _, clientErr := store.OpenS3(t.Context(), c.url, store.S3Options{})
			if err == nil || clientErr == nil || err.Error() == "" {
				t.Fatalf("opened: %v, %v", err, clientErr)
			}
			text := err.Error()
			if !errors.Is(err, c.want) || !strings.Contains(text, c.hint) || strings.Contains(text, c.not) ||
				strings.Contains(text, "\n") || !strings.HasPrefix(text, "store: open s3://") || strings.Count(text, "store: ") != 1 {
				t.Errorf("got %q, want %v with the hint %q", text, c.want, c.hint)
			}
			t.Log(text)
		})
	}
}

// TestCredentials finds them in the shared files and at a role's endpoint.
func TestCredentials(t *testing.T) {
	server := s3test.Start(t)
	reach := func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL_S3", "")
		t.Setenv("AWS_ENDPOINT_URL", server.Endpoint)
		t.Setenv("AWS_REGION", "")
		s := open(t, server.URL(""))
		if err := s.Replace(t.Context(), "a", []byte("x")); err != nil {
			t.Error(err)
		}
	}
	t.Run("shared file", func(t *testing.T) {
		bare(t)
		text := fmt.Sprintf("[lab]\naws_access_key_id = %s\naws_secret_access_key = %s\n", server.AccessKey, server.SecretKey)
		if err := os.WriteFile(os.Getenv("AWS_SHARED_CREDENTIALS_FILE"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("AWS_PROFILE", "lab")
		reach(t)
	})
	t.Run("role", func(t *testing.T) {
		bare(t)
		role := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, err := fmt.Fprintf(w, `{"AccessKeyId": %q, "SecretAccessKey": %q, "Expiration": "2999-01-01T00:00:00Z"}`, server.AccessKey, server.SecretKey)
			if err != nil {
				t.Error(err)
			}
		}))
		defer role.Close()
		t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", role.URL)
		reach(t)
	})
}

// TestOpenS3 reads a data set with the client itself.
func TestOpenS3(t *testing.T) {
	server := s3test.Start(t)
	server.Setenv(t)
	s := open(t, server.URL("set"))
	for _, name := range []string{"ann/1.jpg", "ann/2.jpg", "bob/1.jpg", "meta.csv"} {
		if err := put(t.Context(), s, name, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	client, bucket, prefix, err := store.OpenS3(t.Context(), server.URL("/set//"), store.S3Options{PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	if bucket != server.Bucket || prefix != "set" {
		t.Errorf("bucket %q, prefix %q", bucket, prefix)
	}
	var keys []string
	for o := range client.ListObjectsIter(t.Context(), bucket, minio.ListObjectsOptions{Prefix: prefix + "/"}) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		keys = append(keys, o.Key)
	}
	if got := strings.Join(keys, " "); got != "set/meta.csv set/ann/ set/bob/" {
		t.Errorf("one level of the data set is %q", got)
	}
	var options minio.GetObjectOptions
	if err := options.SetMatchETag("0123456789abcdef0123456789abcdef"); err != nil {
		t.Fatal(err)
	}
	object, err := client.GetObject(t.Context(), bucket, "set/meta.csv", options)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.ReadAll(object)
	if minio.ToErrorResponse(err).Code != minio.PreconditionFailed {
		t.Errorf("another ETag gave %v", err)
	}
	if err := object.Close(); err != nil {
		t.Error(err)
	}
}
