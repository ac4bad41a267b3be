//go:build !linux

package store

import (
	"errors"
	"os"
	"testing"
)

func mountSmall(string, int) error { return errors.ErrUnsupported }

func unmount(*testing.T, string) {}

func asNobody(t *testing.T, f func()) {
	if os.Geteuid() == 0 {
		t.Log("SKIPPED: a folder without the right to write needs a user who is not root")
		return
	}
	f()
}
