package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func openFolder(t *testing.T, folder string) *fileStore {
	t.Helper()
	s, err := Open(t.Context(), folder, Options{})
	if err != nil {
		t.Fatal(err)
	}
	folderStore, ok := s.(*fileStore)
	if !ok {
		t.Fatalf("%s opened a %T", folder, s)
	}
	return folderStore
}

// tempFiles is what half-done work left behind.
func tempFiles(t *testing.T, root string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, tempFolder))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestFullDisk(t *testing.T) {
	root := t.TempDir()
	s := openFolder(t, root)
	s.fill = func(_ context.Context, f *os.File, r io.Reader, size int64) error {
		if _, err := io.CopyN(f, r, size/2); err != nil {
			return err
		}
		return &fs.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	wantFull(t, s.Put(t.Context(), "a/b", strings.NewReader("abcdef"), 6), s, root)
	wantFull(t, s.Replace(t.Context(), "a/b", []byte("abcdef")), s, root)
}

func wantFull(t *testing.T, err error, s Store, root string) {
	t.Helper()
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "free space") || strings.Contains(err.Error(), root) {
		t.Errorf("a full disk gave %v", err)
	}
	if left := tempFiles(t, root); len(left) != 0 {
		t.Errorf("a full disk left %q", left)
	}
	if _, err := s.Stat(t.Context(), "a/b"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a full disk left an object: %v", err)
	}
}

// TestFullFileSystem fills a real one, where the system lets a test mount it.
func TestFullFileSystem(t *testing.T) {
	root := t.TempDir()
	if err := mountSmall(root, 256<<10); err != nil {
		t.Skipf("SKIPPED: a file system of 256 KiB needs the right to mount: %v", err)
	}
	t.Cleanup(func() { unmount(t, root) })
	s := openFolder(t, root)
	if err := s.Put(t.Context(), "fits", strings.NewReader("x"), 1); err != nil {
		t.Fatal(err)
	}
	big := strings.Repeat("x", 1<<20)
	wantFull(t, s.Put(t.Context(), "a/b", strings.NewReader(big), int64(len(big))), s, root)
	if err := s.Put(t.Context(), "still", strings.NewReader("x"), 1); err != nil {
		t.Error(err)
	}
}

func TestTempFiles(t *testing.T) {
	root := t.TempDir()
	s := openFolder(t, root)
	if err := s.Put(t.Context(), "kept", strings.NewReader("x"), 1); err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{"put-DEAD": staleAge + time.Hour, "put-ALIVE": staleAge - time.Hour} {
		path := filepath.Join(root, tempFolder, name)
		if err := os.WriteFile(path, []byte("half"), 0o666); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
	}
	s = openFolder(t, root)
	if left := tempFiles(t, root); len(left) != 1 || left[0] != "put-ALIVE" {
		t.Errorf("opening left %q, want the young temp file alone", left)
	}
	for info, err := range s.List(t.Context(), "") {
		if err != nil || info.Name != "kept" {
			t.Errorf("List says %+v, %v", info, err)
		}
	}
}

// A folder that somebody removes comes back, its temp folder too.
func TestRemovedFolders(t *testing.T) {
	root := t.TempDir()
	s := openFolder(t, root)
	for _, name := range []string{"a/b/1", "a/b/2"} {
		if err := s.Put(t.Context(), name, strings.NewReader("x"), 1); err != nil {
			t.Fatal(err)
		}
		for _, folder := range []string{"a", tempFolder} {
			if err := os.RemoveAll(filepath.Join(root, folder)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestOpenFolderFaults(t *testing.T) {
	root := t.TempDir()
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	locked := filepath.Join(root, "locked")
	if err := os.Mkdir(locked, 0o555); err != nil {
		t.Fatal(err)
	}
	faults := []struct {
		url  string
		want error
		hint string
	}{
		{file, syscall.ENOTDIR, "choose another one"},
		{file + "/below", syscall.ENOTDIR, "choose another one"},
		{"", fs.ErrInvalid, "name a folder"},
		{"file:", fs.ErrInvalid, "file:///FOLDER"},
		{"file://host/folder", fs.ErrInvalid, "three slashes"},
		{"gs://bucket/x", fs.ErrInvalid, "s3://BUCKET/PREFIX"},
		{"s3://", fs.ErrInvalid, "s3://BUCKET/PREFIX"},
		{"s3://key:secret@bucket/x", fs.ErrInvalid, "AWS_SECRET_ACCESS_KEY"},
	}
	for _, f := range faults {
		_, err := Open(t.Context(), f.url, Options{})
		wantHint(t, f.url, err, f.want, f.hint)
	}
	asNobody(t, func() {
		for _, folder := range []string{locked, filepath.Join(locked, "below")} {
			_, err := Open(t.Context(), folder, Options{})
			wantHint(t, folder, err, fs.ErrPermission, "make the folder writable")
		}
	})
}

// TestOpenToLook opens a store that this user may read and not write.
func TestOpenToLook(t *testing.T) {
	folder := t.TempDir()
	write := openFolder(t, folder)
	if err := write.Put(t.Context(), "rows/a", strings.NewReader("x"), 1); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(folder, tempFolder)); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), folder, Options{Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stat(t.Context(), "rows/a"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(folder, tempFolder)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("looking wrote into the folder: %v", err)
	}
	for _, f := range []struct {
		url  string
		want error
	}{{filepath.Join(folder, "nowhere"), fs.ErrNotExist}, {filepath.Join(folder, "rows", "a"), syscall.ENOTDIR}} {
		if _, err := Open(t.Context(), f.url, Options{Existing: true}); !errors.Is(err, f.want) {
			t.Errorf("%s: got %v, want %v", f.url, err, f.want)
		}
	}
}

// wantHint wants one line, of the right kind, with the next step and no secret.
func wantHint(t *testing.T, what string, err, want error, hint string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: opened", what)
		return
	}
	text := err.Error()
	if !errors.Is(err, want) || !strings.Contains(text, hint) || strings.Contains(text, "\n") || strings.Contains(text, "secret@") ||
		!strings.HasPrefix(text, "store: open ") || strings.Count(text, "store: ") != 1 {
		t.Errorf("%s: got %q, want %v with the hint %q", what, err, want, hint)
	}
}
