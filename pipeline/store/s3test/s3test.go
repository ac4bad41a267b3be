// Package s3test runs a real S3 server, versitygw, as a child process of a test.
package s3test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	module  = "github.com/versity/versitygw/cmd/versitygw"
	version = "v1.8.0"
	region  = "us-east-1"
	bucket  = "facesieve"
)

// Server is a running server with one empty bucket.
type Server struct {
	Endpoint  string // http://127.0.0.1:PORT
	AccessKey string
	SecretKey string
	Region    string
	Bucket    string
	Log       string // the access log's path, one line a request; see Requests
	Folder    string // where the server keeps buckets, one folder each
}

// Start builds the server once a machine, starts it on a free port with a folder
// of its own and stops it when the test ends. It doesn't touch this process's
// environment: see Setenv and Environ.
func Start(t testing.TB) *Server {
	t.Helper()
	program, err := build(t.Context())
	if err != nil {
		t.Fatalf("s3test: build %s@%s: %v", module, version, err)
	}
	base := t.TempDir()
	s := &Server{
		AccessKey: "facesieve-test", SecretKey: "facesieve-test-secret", Region: region, Bucket: bucket,
		Folder: filepath.Join(base, "buckets"), Log: filepath.Join(base, "access.log"),
	}
	// Folders in the server's root are its buckets.
	if err := os.MkdirAll(filepath.Join(s.Folder, bucket), 0o777); err != nil {
		t.Fatal(err)
	}
	// A port that is free when asked for may be taken when the server opens it.
	for try := 1; ; try++ {
		err := s.launch(t, program)
		if err == nil {
			return s
		}
		if try == 3 {
			t.Fatalf("s3test: %v", err)
		}
	}
}

// launch starts the server and returns when it answers.
func (s *Server) launch(t testing.TB, program string) error {
	address, err := freeAddress(t.Context())
	if err != nil {
		return err
	}
	s.Endpoint = "http://" + address
	var said output
	cmd := exec.CommandContext(context.Background(), program, "--quiet", "--port", address, "--region",
		region, "--access-log", s.Log, "posix", s.Folder)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+s.AccessKey, "ROOT_SECRET_KEY="+s.SecretKey)
	cmd.Stdout, cmd.Stderr = &said, &said
	orphan(cmd)
	// The kernel ties the child to the thread that starts it.
	started := make(chan error)
	exited := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // it is killed in the end
			close(exited)
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	t.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
		<-exited
	})
	return s.wait(t.Context(), exited, &said)
}

// wait polls until the server answers a request, whatever it answers.
func (s *Server) wait(ctx context.Context, exited <-chan struct{}, said *output) error {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for deadline := time.Now().Add(30 * time.Second); ; {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Endpoint, http.NoBody)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err == nil {
			response.Body.Close()
			return nil
		}
		select {
		case <-exited:
			return fmt.Errorf("the server ended: %s", said)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the server does not answer: %w: %s", err, said)
		}
	}
}

// URL returns the URL of a prefix in the bucket, for store.Open.
func (s *Server) URL(prefix string) string { return "s3://" + s.Bucket + "/" + prefix }

// Environ returns what a child process needs in its environment to reach the server.
func (s *Server) Environ() []string {
	return []string{
		"AWS_ACCESS_KEY_ID=" + s.AccessKey, "AWS_SECRET_ACCESS_KEY=" + s.SecretKey, "AWS_SESSION_TOKEN=",
		"AWS_ENDPOINT_URL_S3=" + s.Endpoint, "AWS_REGION=" + s.Region,
	}
}

// Setenv puts Environ into this process's environment until the test ends.
func (s *Server) Setenv(t testing.TB) {
	t.Helper()
	for _, pair := range s.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
}

// Requests reads the access log: the requests that were answered so far, in
// order.
func (s *Server) Requests(t testing.TB) []Request {
	t.Helper()
	data, err := os.ReadFile(s.Log)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var out []Request
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "log starts ") {
			continue
		}
		r, err := parseRequest(line)
		if err != nil {
			t.Fatalf("s3test: access log: %v", err)
		}
		out = append(out, r)
	}
	return out
}

// build returns the server's path, and builds it where it isn't there yet. The
// folder is the user's cache; tests of several packages may ask at once.
func build(ctx context.Context) (program string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "facesieve-test")
	program = filepath.Join(cache, "versitygw-"+version)
	if err := os.MkdirAll(cache, 0o777); err != nil {
		return "", err
	}
	lock, err := os.OpenFile(filepath.Join(cache, "lock"), os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	out, err := os.MkdirTemp(cache, "build-*")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(out)) }()
	cmd := exec.CommandContext(ctx, "go", "install", module+"@"+version)
	cmd.Dir = out // outside of any module
	cmd.Env = append(os.Environ(), "GOBIN="+out, "GOFLAGS=")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, said)
	}
	return program, os.Rename(filepath.Join(out, "versitygw"), program)
}

func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// output collects what the server says; it may be read meanwhile.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

var _ io.Writer = (*output)(nil)

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
