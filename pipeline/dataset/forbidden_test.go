package dataset

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
)

// TestForbidden runs itself as nobody where it is root, who may read anything.
func TestForbidden(t *testing.T) {
	root := os.Getenv("DATASET_FORBIDDEN")
	if root == "" {
		root = writeTree(t, map[string]string{"a/1.jpg": "x", "a/2.jpg": "x", "b/1.jpg": "x"})
		for p := root; p != "/" && p != os.TempDir(); p = filepath.Dir(p) {
			if err := os.Chmod(p, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(os.Chmod(root+"/a/2.jpg", 0), os.Chmod(root+"/b", 0)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := os.Chmod(root+"/b", 0o755); err != nil {
				t.Error(err)
			}
		})
	}
	if os.Getuid() == 0 {
		self, err := os.ReadFile("/proc/self/exe")
		if err != nil {
			t.Fatal(err)
		}
		program := root + "/.test"
		if err := os.WriteFile(program, self, 0o755); err != nil {
			t.Fatal(err)
		}
		c := exec.CommandContext(t.Context(), program, "-test.run=^TestForbidden$", "-test.v")
		c.Dir, c.Env = root, append(os.Environ(), "DATASET_FORBIDDEN="+root)
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		if out, err := c.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestForbidden") {
			t.Errorf("as nobody: %v\n%s", err, out)
		}
		return
	}
	d, err := Open(t.Context(), Options{URL: root})
	if err != nil {
		t.Fatal(err)
	}
	for _, err = range d.Rows(t.Context()) {
	}
	if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), `"b"`) || !errors.Is(err, layout.ErrUnlistable) {
		t.Errorf("forbidden folder: %v", err)
	}
	d.options.SkipUnlistable = true
	rows := collect(t, d)
	if len(rows) != 2 || skips(d)[layout.Unlistable] != 1 {
		t.Fatalf("%s skipped %v", story(rows), d.Skipped())
	}
	r, err := OpenReader(t.Context(), root, store.S3Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkRead(t, r, rows[0], "x", nil)
	checkRead(t, r, rows[1], "", schemas.FaultForbidden)
}
