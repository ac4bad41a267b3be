package embed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/facesieve/facesieve/schemas"
)

// modelServer serves content; cut, if above 0, is where its next answer ends.
type modelServer struct {
	content []byte
	cut     int
	noRange bool
	status  int
	ranges  []string // Range headers as they came
}

func (s *modelServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.ranges = append(s.ranges, r.Header.Get("Range"))
	if s.status != 0 {
		w.WriteHeader(s.status)
		return
	}
	if s.noRange {
		r.Header.Del("Range")
	}
	if s.cut > 0 {
		n := s.cut
		s.cut = 0
		w.Header().Set("Content-Length", "1000000") // more than what comes: the connection breaks
		_, _ = w.Write(s.content[:n])
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.content))
}

func pullSetup(t *testing.T) (*modelServer, Model, Cache) {
	t.Helper()
	s := &modelServer{content: bytes.Repeat([]byte("0123456789abcdef"), 4096)}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	sum := sha256.Sum256(s.content)
	m := Model{
		Name: "m", File: "m.onnx", URL: server.URL + "/m.onnx",
		Bytes: int64(len(s.content)), SHA256: schemas.Digest(hex.EncodeToString(sum[:])),
	}
	return s, m, Cache{Dirs: []string{filepath.Join(t.TempDir(), "models")}, Client: server.Client()}
}

func TestPullGoesOnAfterACut(t *testing.T) {
	for _, noRange := range []bool{false, true} {
		s, m, c := pullSetup(t)
		s.cut, s.noRange = 10000, noRange
		if _, err := c.Pull(t.Context(), m, nil); !errors.Is(err, ErrPull) {
			t.Fatalf("a cut download gives %v, not an ErrPull", err)
		}
		if _, err := c.Find(m.SHA256); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("half a file is found: %v", err)
		}
		var first, last int64
		path, err := c.Pull(t.Context(), m, func(done, total int64) {
			if first == 0 {
				first = done
			}
			last = done
			if total != m.Bytes {
				t.Errorf("progress of %d bytes, not %d", total, m.Bytes)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, s.content) {
			t.Fatalf("the file differs from what was served (%v)", err)
		}
		if s.ranges[1] != "bytes=10000-" {
			t.Errorf("the second pull asked for %q", s.ranges[1])
		}
		if last != m.Bytes || !noRange && first <= 10000 {
			t.Errorf("progress went from %d to %d", first, last)
		}
		entries, err := os.ReadDir(c.Dirs[0])
		if err != nil || len(entries) != 1 {
			t.Errorf("the folder holds %v (%v)", entries, err)
		}
		s.status = http.StatusInternalServerError
		if again, err := c.Pull(t.Context(), m, nil); err != nil || again != path {
			t.Errorf("a file that is there is pulled again: %q, %v", again, err)
		}
	}
}

func TestPullRefusesAnotherFile(t *testing.T) {
	for name, content := range map[string][]byte{
		"same length": bytes.Repeat([]byte("x"), 65536), "longer": bytes.Repeat([]byte("x"), 65540),
	} {
		s, m, c := pullSetup(t)
		s.content = content
		_, err := c.Pull(t.Context(), m, nil)
		if !errors.Is(err, ErrHash) {
			t.Errorf("%s: gives %v, not an ErrHash", name, err)
			continue
		}
		for _, part := range []string{m.File, string(m.SHA256), m.URL, c.Dirs[0]} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not name %s", name, err, part)
			}
		}
		if entries, err := os.ReadDir(c.Dirs[0]); err != nil || len(entries) > 0 {
			t.Errorf("%s: %v is left (%v)", name, entries, err)
		}
	}
}

func TestPullWithoutAServer(t *testing.T) {
	s, m, c := pullSetup(t)
	s.status = http.StatusNotFound
	_, err := c.Pull(t.Context(), m, nil)
	if !errors.Is(err, ErrPull) || !strings.Contains(err.Error(), "404") || !strings.Contains(err.Error(), c.Dirs[0]) {
		t.Errorf("404 gives %v", err)
	}
	m.URL = "http://127.0.0.1:1/m.onnx" // nobody listens there
	_, err = c.Pull(t.Context(), m, nil)
	if !errors.Is(err, ErrPull) || !strings.Contains(err.Error(), string(m.SHA256)) {
		t.Errorf("no server gives %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Pull(ended, m, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled pull gives %v", err)
	}
}

func TestFindGoesByDigest(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	c := Cache{Dirs: []string{filepath.Join(first, "absent"), first, second}}
	content := []byte("a model")
	sum := sha256.Sum256(content)
	digest := schemas.Digest(hex.EncodeToString(sum[:]))
	if err := os.WriteFile(filepath.Join(first, "model.onnx"), []byte("another"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Find(digest); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Find gives %v where there is no such file", err)
	}
	path := filepath.Join(second, "any name")
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Find(digest); err != nil || got != path {
		t.Errorf("Find gives %q, %v", got, err)
	}
}
