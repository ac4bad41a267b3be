//go:build linux

package images

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// skip says loudly that a test did not run, and fails where none may be skipped.
func skip(t *testing.T, need string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("needs %s", need)
	}
	t.Skipf("SKIPPED: this test needs %s", need)
}

// megabyte is the unit of images' sizes.
const megabyte = 1_000_000

// most is how large what an image holds may be.
var most = map[string]int64{"coordinator": 50 * megabyte, "worker-cpu": 90 * megabyte}

// assemble makes the root of an image, and mount points that a runtime makes.
func assemble(t *testing.T, name string) string {
	t.Helper()
	if library, err := filepath.Glob("../../.onnxruntime/*"); name != "coordinator" && (err != nil || len(library) == 0) {
		skip(t, "ONNX Runtime: run make onnxruntime")
	}
	root := filepath.Join(t.TempDir(), name)
	if said, err := exec.CommandContext(t.Context(), "./root", name, root).CombinedOutput(); err != nil {
		t.Fatalf("root %s: %v\n%s", name, err, said)
	}
	checkFiles(t, name, root)
	for _, mount := range []string{"dev", "proc", "sys"} {
		if err := os.Mkdir(filepath.Join(root, mount), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// checkFiles checks that anybody may read a root's files and nobody needs to write to
// them, and that they are as small as promised.
func checkFiles(t *testing.T, name, root string) {
	t.Helper()
	var size int64
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if mode := info.Mode(); mode&0o444 != 0o444 || mode&0o022 != 0 || d.IsDir() && mode&0o111 != 0o111 {
			t.Errorf("%s: %s has mode %v", name, path, mode)
		}
		if !d.IsDir() {
			size += info.Size()
			files = append(files, fmt.Sprintf("%s %d", strings.TrimPrefix(path, root), info.Size()))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s holds %.1f MB: %s", name, float64(size)/megabyte, strings.Join(files, ", "))
	if size > most[name] {
		t.Errorf("%s holds %d bytes, more than %d", name, size, most[name])
	}
}

// inside is a program in a root; its variables are those of the image and these.
func inside(t *testing.T, name, root string, variables []string, arguments ...string) *exec.Cmd {
	t.Helper()
	im := readImage(t, name)
	return enter(t, root, slices.Concat(im.env, variables), append(slices.Clone(im.entrypoint), arguments...)...)
}

func enter(t *testing.T, root string, variables []string, command ...string) *exec.Cmd {
	t.Helper()
	if said, err := exec.CommandContext(t.Context(), "unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork",
		"true").CombinedOutput(); err != nil {
		skip(t, fmt.Sprintf("user namespaces without privilege (sysctl kernel.apparmor_restrict_unprivileged_userns=0 "+
			"allows them on Ubuntu): %v: %s", err, said))
	}
	return exec.CommandContext(t.Context(), "testdata/enter.sh", slices.Concat([]string{root}, variables, command)...)
}

// TestEnter looks around in such a root: what the other tests run in is as narrow as a
// pod of the restricted profile.
func TestEnter(t *testing.T) {
	root := t.TempDir()
	for _, folder := range []string{"dev", "etc", "proc", "sys", "tmp", "cache"} {
		if err := os.Mkdir(filepath.Join(root, folder), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(root, "probe"), "./testdata/probe")
	build.Env = append(build.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	got, err := enter(t, root, []string{"A=b c"}, "/probe").CombinedOutput()
	const want = `uid 65534 gid 65534 pid 1
variables ["A=b c"]
<nil>
CapPrm: 0000000000000000
CapEff: 0000000000000000
write to /: open /probe.txt: read-only file system
write to /etc: open /etc/probe.txt: read-only file system
write to /dev: open /dev/probe.txt: read-only file system
write to /tmp: <nil>
write to /cache: <nil>
[/cache /dev /etc /probe /proc /sys /tmp] <nil>
`
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
}
