//go:build unix

package parts

import (
	"os/exec"
	"syscall"
)

// ownGroup lets the guard kill all that its command started, and nothing else.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
