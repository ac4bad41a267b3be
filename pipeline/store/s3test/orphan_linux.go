package s3test

import (
	"os/exec"
	"syscall"
)

// orphan makes the child end with this process, even where a test is killed.
func orphan(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
