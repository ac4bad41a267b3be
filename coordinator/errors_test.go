package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/facesieve/facesieve/pipeline/store/s3test"
)

var update = flag.Bool("update", false, "write what the commands say into testdata")

// program builds the coordinator once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "facesieve-coordinator-")
	if err != nil {
		return "", err
	}
	// Another user must be able to run it.
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "coordinator")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if path, err := program(); err == nil {
		if err := os.RemoveAll(filepath.Dir(path)); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

// transcript is one file of testdata/errors: what is asked for, in what
// environment, and what is said.
//
//	# a comment
//	needs root
//	env NAME=VALUE
//	user 65534
//	$ coordinator run --data $DATA
//	the one line on stderr
//	exit 1
type transcript struct {
	head    []string // as it stands
	needs   []string
	env     []string
	uid     uint32
	command string
	said    string // stderr and the exit code
}

func readTranscript(t *testing.T, path string) transcript {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var x transcript
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		x.head = append(x.head, line)
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "#", "":
		case "needs":
			x.needs = append(x.needs, rest)
		case "env":
			x.env = append(x.env, rest)
		case "user":
			if _, err := fmt.Sscan(rest, &x.uid); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		case "$":
			x.command, x.said = rest, strings.Join(lines[i+1:], "\n")
			return x
		default:
			t.Fatalf("%s: line %q", path, line)
		}
	}
	t.Fatalf("%s has no command", path)
	return x
}

// skip says loudly that a test did not run, and fails where none may be skipped.
func skip(t *testing.T, need string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("needs %s", need)
	}
	t.Skipf("SKIPPED: this transcript needs %s", need)
}

// places are the variables of a transcript and what they stand for.
func places(t *testing.T, x transcript) map[string]string {
	t.Helper()
	base := t.TempDir()
	// The test's own folder is closed to other users.
	for dir := base; strings.HasPrefix(dir, os.TempDir()) && dir != os.TempDir(); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	v := map[string]string{"DATA": filepath.Join(base, "faces"), "STORE": filepath.Join(base, "store"), "EMPTY": filepath.Join(base, "empty"),
		"CLOSED": filepath.Join(base, "closed"), "HOME": filepath.Join(base, "home"), "MODEL": filepath.Join(base, "tiny.onnx"), "BAD": filepath.Join(base, "bad")}
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
	write(t, v["MODEL"]+".json", []byte(`{"role": "embed", "contract": {"width": 112, "height": 112, "channels": "rgb", "scale": "1", "mean": ["0", "0", "0"], "std": ["1", "1", "1"], "dim": 16, "points": "arcface-112"}}`))
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

// play runs a transcript's command and gives what it said, with variables in the
// place of what differs from machine to machine.
func play(t *testing.T, x transcript) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	v := places(t, x)
	fill := func(s string) string { return os.Expand(s, func(name string) string { return v[name] }) }
	args := strings.Fields(strings.TrimPrefix(x.command, "coordinator"))
	for i := range args {
		args[i] = fill(args[i])
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = v["HOME"]
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + v["HOME"], "AWS_EC2_METADATA_DISABLED=true"}
	for _, e := range x.env {
		cmd.Env = append(cmd.Env, fill(e))
	}
	if x.uid != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: x.uid, Gid: x.uid}}
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	said := stderr.String()
	for _, name := range []string{"DATA", "STORE", "EMPTY", "CLOSED", "HOME", "MODEL", "BAD", "FULL", "S3", "LIBRARY"} {
		if v[name] != "" {
			said = strings.ReplaceAll(said, v[name], "$"+name)
			said = strings.ReplaceAll(said, strings.TrimPrefix(v[name], "http://"), "$"+name)
		}
	}
	for _, r := range varying {
		said = r.pattern.ReplaceAllString(said, r.with)
	}
	return fmt.Sprintf("%sexit %d\n", said, cmd.ProcessState.ExitCode())
}

// varying is what differs between two runs of one command.
var varying = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`(?m)^(list images|embed faces|find people|compare people|judge images|write report|model [a-z]+) .*\n`), ""},
	{regexp.MustCompile(`127\.0\.0\.1:[0-9]+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`(embed|labels|models|rows|runs|vectors)/[0-9a-f]{32}[^ :]*`), "OBJECT"},
}

func TestErrors(t *testing.T) {
	if runtime.GOOS != "linux" {
		skip(t, "Linux")
	}
	files, err := filepath.Glob(filepath.Join("testdata", "errors", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			x := readTranscript(t, file)
			got := play(t, x)
			if *update {
				write(t, file, []byte(strings.Join(x.head, "\n")+"\n"+got))
				return
			}
			if got != x.said {
				t.Errorf("$ %s\n%swant\n%s", x.command, got, x.said)
			}
			lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
			if len(lines) != 2 || !strings.HasPrefix(lines[0], "coordinator: ") && !strings.HasPrefix(lines[0], `{"event":"error",`) {
				t.Errorf("an error is one line: %q", lines)
			}
		})
	}
}
