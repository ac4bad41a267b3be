package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/facesieve/facesieve/pipeline/store/s3test"
)

// skip says loudly that a test did not run, and fails where none may be skipped.
func skip(t *testing.T, need string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("needs %s", need)
	}
	t.Skipf("SKIPPED: this transcript needs %s", need)
}

// fixtures are the variables of a transcript and what they stand for.
func fixtures(t *testing.T, x transcript) map[string]string {
	t.Helper()
	base := t.TempDir()
	// The test's own folder is closed to other users.
	for dir := base; strings.HasPrefix(dir, os.TempDir()) && dir != os.TempDir(); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	v := map[string]string{"DATA": filepath.Join(base, "faces"), "STORE": filepath.Join(base, "store"),
		"EMPTY":  filepath.Join(base, "empty"),
		"CLOSED": filepath.Join(base, "closed"), "HOME": filepath.Join(base,
			"home"), "MODEL": filepath.Join(base, "tiny.onnx"), "BAD": filepath.Join(base, "bad")}
	for _, name := range []string{"EMPTY", "CLOSED", "HOME", "BAD"} {
		if err := os.Mkdir(v[name], 0o755); err != nil {
			t.Fatal(err)
		}
	}
	writeFaces(t, v["DATA"])
	model, err := os.ReadFile(filepath.Join("..", "embed", "testdata", "tiny-embed.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, v["MODEL"], model)
	write(t, filepath.Join(v["BAD"], "mine.onnx"), model)
	write(t, filepath.Join(v["BAD"], "half.onnx"), model[:len(model)/2])
	contract := []byte(`{"role": "embed", "contract": {"width": 112, "height": 112, "channels": "rgb", "scale": "1", "mean": ["0", "0", "0"], "std": ["1", "1", "1"], "dim": 16, "points": "arcface-112"}}`)
	write(t, v["MODEL"]+".json", contract)
	write(t, filepath.Join(v["BAD"], "half.onnx.json"), contract)
	for _, need := range x.needs {
		switch need {
		case "root":
			if os.Getuid() != 0 {
				skip(t, "to run as root")
			}
		case "tmpfs":
			v["FULL"] = small(t, base)
		case "s3":
			s := s3test.Start(t)
			v["S3"], v["BUCKET"], v["KEY"], v["SECRET"] = s.Endpoint, s.Bucket, s.AccessKey, s.SecretKey
		case "bad-download":
			v["PROXY"], v["CERTIFICATE"] = falseHost(t, base)
		case "nats":
			v["NATS"] = closedServer(t)
		case "library":
			found, err := filepath.Abs(filepath.Join("..", ".onnxruntime"))
			if _, serr := os.Stat(found); err != nil || serr != nil {
				skip(t, "ONNX Runtime: run make onnxruntime")
			}
			v["LIBRARY"] = found
		default:
			t.Fatalf("what is %q?", need)
		}
	}
	return v
}

// closedServer runs a NATS server that wants a password, and gives its address.
func closedServer(t *testing.T) string {
	t.Helper()
	ns := startServer(t, &server.Options{Username: "me", Password: "secret"})
	return ns.Addr().String()
}

// startServer runs a NATS server with JetStream on a free port.
func startServer(t *testing.T, o *server.Options) *server.Server {
	t.Helper()
	o.Host, o.Port, o.JetStream, o.StoreDir, o.NoSigs, o.NoLog = "127.0.0.1", server.RANDOM_PORT, true, t.TempDir(), true, true
	ns, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(30 * time.Second) {
		t.Fatal("the NATS server is not ready")
	}
	return ns
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// writeFaces writes a set of four people with three generated pictures each.
func writeFaces(t *testing.T, dir string) {
	t.Helper()
	for id := range 4 {
		folder := filepath.Join(dir, fmt.Sprintf("person-%d", id))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		for k := range 3 {
			im := image.NewRGBA(image.Rect(0, 0, 112, 112))
			for y := range 112 {
				for x := range 112 {
					im.Set(x, y, color.RGBA{uint8(x * (id + 1)), uint8(y*(4-id) + k), uint8(40 * k), 255})
				}
			}
			var b bytes.Buffer
			if err := png.Encode(&b, im); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(folder, fmt.Sprintf("%d.png", k)), b.Bytes())
		}
	}
}
