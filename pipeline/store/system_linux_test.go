package store

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"
)

func mountSmall(folder string, size int) error {
	return syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%d", size))
}

func unmount(t *testing.T, folder string) {
	if err := syscall.Unmount(folder, 0); err != nil {
		t.Error(err)
	}
}

// asNobody runs f without root's rights over files, where the test has them: on
// a thread that ends with it.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	const nobody = 65534
	fault := make(chan error)
	go func() {
		runtime.LockOSThread()
		var err error
		if os.Geteuid() == 0 {
			err = syscall.Setfsuid(nobody)
		}
		if err == nil {
			f()
		}
		fault <- err
	}()
	if err := <-fault; err != nil {
		t.Fatal(err)
	}
}
