//go:build linux

package images

import (
	"bytes"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/nats-io/nats-server/v2/server"

	"github.com/facesieve/facesieve/pipeline/store/s3test"
)

// TestRunInside runs the coordinator and a worker in the roots of their images, with
// queue and store outside: the report is that of the same programs outside, byte by
// byte.
func TestRunInside(t *testing.T) {
	coordinator, worker := assemble(t, "coordinator"), assemble(t, "worker-cpu")
	s3, nats := s3test.Start(t), startServer(t)
	set := t.TempDir()
	must(t, exec.CommandContext(t.Context(), filepath.Join(coordinator, "coordinator"), "synth", "--out", set,
		"--identities", "12", "--images", "12", "--references", "0"))
	upload(t, s3, set)
	arguments := func(prefix string) []string {
		return []string{"--store", s3.URL(prefix), "--nats", nats.ClientURL()}
	}
	run := []string{"run", "--data", s3.URL("faces"), "--manifest", s3.URL("faces.csv"), "--model", "builtin",
		"--detector", "none", "--shard-images", "40"}
	outside := func(program string, arguments ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), program, arguments...)
		cmd.Env = append(s3.Environ(), "HOME="+t.TempDir(), "FACESIEVE_ONNXRUNTIME="+filepath.Join(worker, "lib/onnxruntime"))
		return cmd
	}
	pair(t, outside(filepath.Join(coordinator, "coordinator"), append(run, arguments("outside")...)...),
		outside(filepath.Join(worker, "worker"), arguments("outside")...))
	said := pair(t, inside(t, "coordinator", coordinator, s3.Environ(), append(run, arguments("inside")...)...),
		inside(t, "worker-cpu", worker, s3.Environ(), arguments("inside")...))

	want, got := report(t, s3, "outside"), report(t, s3, "inside")
	if len(want) < 4 || !maps.Equal(want, got) {
		t.Errorf("a report of %d objects inside, %d outside: %q and %q",
			len(got), len(want), slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	if !strings.Contains(said, s3.URL("inside")+"/runs/") {
		t.Errorf("the coordinator names no report:\n%s", said)
	}
}

// must runs a command to its good end.
func must(t *testing.T, cmd *exec.Cmd) (stdout string) {
	t.Helper()
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s%s", cmd.Args, err, &out, &said)
	}
	return out.String()
}

// pair runs a coordinator and its worker, and gives what the coordinator prints.
func pair(t *testing.T, coordinator, worker *exec.Cmd) string {
	t.Helper()
	var said bytes.Buffer
	worker.Stderr = &said
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		err := worker.Wait()
		if err != nil && coordinator.Process != nil {
			_ = coordinator.Process.Kill() // it would wait for a worker for ever
		}
		ended <- err
		close(ended)
	}()
	defer func() {
		if t.Failed() {
			_ = worker.Process.Kill() // it may have ended
			for range ended {         // until it is closed
			}
			t.Logf("the worker: %s", &said)
		}
	}()
	printed := must(t, coordinator)
	if err := <-ended; err != nil {
		t.Fatalf("the worker: %v\n%s", err, &said)
	}
	return printed
}

// report is the finished report below a prefix of the bucket: what each of its objects
// holds.
func report(t *testing.T, s *s3test.Server, prefix string) map[string]string {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(s.Folder, s.Bucket, prefix, "runs", "*", "report"))
	if err != nil || len(folders) != 1 {
		t.Fatalf("reports %q, %v; want one", folders, err)
	}
	found := map[string]string{}
	err = fs.WalkDir(os.DirFS(folders[0]), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(folders[0], path))
		found[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// upload puts a folder's files into the bucket.
func upload(t *testing.T, s *s3test.Server, folder string) {
	t.Helper()
	endpoint, err := url.Parse(s.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	client, err := minio.New(endpoint.Host, &minio.Options{Region: s.Region,
		Creds: credentials.NewStaticV4(s.AccessKey, s.SecretKey, "")})
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		_, err = client.FPutObject(t.Context(), s.Bucket, filepath.ToSlash(name), path, minio.PutObjectOptions{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// startServer runs a NATS server with JetStream on a free port.
func startServer(t *testing.T) *server.Server {
	t.Helper()
	ns, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true,
		StoreDir: t.TempDir(), NoSigs: true, NoLog: true})
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
