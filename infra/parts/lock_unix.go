//go:build unix

package parts

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lock waits until this process alone holds the file at path; the kernel lets go
// of it when the process ends.
func lock(path string) (unlock func() error, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("parts: lock: %w", err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("parts: lock %s: %w", path, err), file.Close())
	}
	return file.Close, nil
}
