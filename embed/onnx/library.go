package onnx

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// LibraryVariable is the environment variable that names the ONNX Runtime
// library, or the folder it stands in.
const LibraryVariable = "FACESIEVE_ONNXRUNTIME"

// Errors that say why no model can be run.
var (
	// ErrNoLibrary means that no ONNX Runtime library was found.
	ErrNoLibrary = errors.New("ONNX Runtime library not found")
	// ErrNoEngine means that this program was built without cgo.
	ErrNoEngine = errors.New("this build has no ONNX engine: build it with CGO_ENABLED=1 and a C compiler")
	// ErrNoDevice means that the device asked for can't be had.
	ErrNoDevice = errors.New("device not available")
	// ErrMemory means that the device has no memory for a run of this size.
	ErrMemory = errors.New("out of memory")
)

// LibraryError is the ErrNoLibrary that says where FindLibrary looked.
type LibraryError struct {
	Path     string // the named file or folder; "": none was named
	Variable bool   // $FACESIEVE_ONNXRUNTIME named it
}

// Error returns what is missing, and where.
func (e *LibraryError) Error() string {
	text := ErrNoLibrary.Error()
	if e.Path != "" {
		text += " at " + e.Path
	}
	if e.Variable {
		text += " (given by $" + LibraryVariable + ")"
	}
	return text
}

// Unwrap returns ErrNoLibrary.
func (e *LibraryError) Unwrap() error { return ErrNoLibrary }

// FindLibrary returns the path of the ONNX Runtime library. It looks at path (a
// file or a folder), then at $FACESIEVE_ONNXRUNTIME; only where both are empty
// does it search: the folder .onnxruntime in the working folder or one above
// it, beside the program and above it, then the system's library folders. The
// error is a LibraryError.
func FindLibrary(path string) (string, error) {
	missing := &LibraryError{Path: path}
	if path == "" {
		missing.Path = os.Getenv(LibraryVariable)
		missing.Variable = missing.Path != ""
	}
	if missing.Path != "" {
		if found := libraryAt(missing.Path); found != "" {
			return found, nil
		}
		return "", missing
	}
	for _, dir := range libraryFolders() {
		if found := libraryAt(dir); found != "" {
			return found, nil
		}
	}
	return "", missing
}

// libraryAt gives path itself where it is a file, the newest library in it
// where it is a folder, else "".
func libraryAt(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	if !info.IsDir() {
		return path
	}
	var found []string
	for _, pattern := range []string{"libonnxruntime.so*", "libonnxruntime.*dylib"} {
		names, err := filepath.Glob(filepath.Join(path, pattern))
		if err == nil {
			found = append(found, names...)
		}
	}
	if len(found) == 0 {
		return ""
	}
	return slices.MaxFunc(found, compareVersions)
}

// compareVersions orders library names by their numbers, so that 1.30 is after
// 1.9.
func compareVersions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		if len(as[i]) != len(bs[i]) && isNumber(as[i]) && isNumber(bs[i]) {
			return len(as[i]) - len(bs[i])
		}
		if c := strings.Compare(as[i], bs[i]); c != 0 {
			return c
		}
	}
	return len(as) - len(bs)
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func libraryFolders() []string {
	const own = ".onnxruntime"
	var dirs []string
	above := func(dir string) {
		for ; ; dir = filepath.Dir(dir) {
			dirs = append(dirs, filepath.Join(dir, own))
			if dir == filepath.Dir(dir) {
				return
			}
		}
	}
	if dir, err := os.Getwd(); err == nil {
		above(dir)
	}
	if program, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Dir(program))
		above(filepath.Dir(program))
	}
	dirs = append(dirs, filepath.SplitList(os.Getenv("LD_LIBRARY_PATH"))...)
	return append(dirs, "/usr/local/lib", "/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu",
		"/usr/lib/aarch64-linux-gnu", "/opt/onnxruntime/lib", "/opt/homebrew/lib")
}
