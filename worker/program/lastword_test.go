package program

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLastWord(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"done", "done"},
		{strings.Repeat("x", 5000), strings.Repeat("x", 4096)},
		{"x" + strings.Repeat("\u00e4", 3000), "x" + strings.Repeat("\u00e4", 2047)},
		{strings.Repeat("\u65e5", 2000), strings.Repeat("\u65e5", 1365)},
	} {
		path := filepath.Join(t.TempDir(), "termination-log")
		if err := os.WriteFile(path, []byte("what was there before, and is longer"), 0o644); err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		(&LastWord{path: path}).Write("worker", c.text, &said)
		got, err := os.ReadFile(path)
		if err != nil || string(got) != c.want || !utf8.Valid(got) || said.String() != "" {
			t.Errorf("%d bytes of %d, %v, said %q", len(got), len(c.text), err, said.String())
		}
	}
}

func TestLastWordThatCannotBeWritten(t *testing.T) {
	var said strings.Builder
	(&LastWord{path: filepath.Join(t.TempDir(), "none", "log")}).Write("worker", "done", &said)
	if !strings.HasPrefix(said.String(), "worker: warning: --termination-log: ") {
		t.Errorf("said %q", said.String())
	}
	said.Reset()
	(&LastWord{}).Write("worker", "done", &said)
	if said.String() != "" {
		t.Errorf("without a file: said %q", said.String())
	}
}

// What a program said as it ended by itself is not overwritten by an exit that is forced then.
func TestFirstLastWordCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "termination-log")
	w := &LastWord{path: path}
	w.Write("worker", "first", os.Stderr)
	w.Write("worker", "second", os.Stderr)
	if got, err := os.ReadFile(path); err != nil || string(got) != "first" {
		t.Errorf("%q, %v", got, err)
	}
}
