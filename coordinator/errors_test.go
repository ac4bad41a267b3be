package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

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

// play runs a transcript's command and gives what it said, with variables in the
// place of what differs from machine to machine.
func play(t *testing.T, x transcript) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	v := fixtures(t, x)
	fill := func(s string) string { return os.Expand(s, func(name string) string { return v[name] }) }
	args := strings.Fields(x.command)
	for i := range args {
		args[i] = fill(args[i])
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(filepath.Dir(path), args[0]), args[1:]...)
	cmd.Args[0] = args[0]
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
	for _, name := range []string{"DATA", "STORE", "EMPTY", "CLOSED", "HOME", "MODEL", "BAD", "FULL", "S3",
		"NATS", "LIBRARY"} {
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
	{regexp.MustCompile(`create run [0-9a-f]{32}`), "create run RUN"},
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
			named, _, _ := strings.Cut(x.command, " ")
			if len(lines) != 2 || !strings.HasPrefix(lines[0], named+": ") &&
				!strings.HasPrefix(lines[0], `{"event":"error",`) {
				t.Errorf("an error is one line: %q", lines)
			}
		})
	}
}
