//go:build unix

package peers

import (
	"syscall"
	"testing"
	"time"
)

// cpuTime is the process's own time on processors: what counts where others use the machine, too.
func cpuTime(b testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
