package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// small mounts a file system with too little room.
func small(t *testing.T, base string) string {
	t.Helper()
	dir := filepath.Join(base, "full")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=32k"); err != nil {
		skip(t, "to mount a tmpfs: "+err.Error())
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}
