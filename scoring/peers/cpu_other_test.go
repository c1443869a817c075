//go:build !unix

package peers

import (
	"testing"
	"time"
)

var started = time.Now()

// cpuTime is the time of the clock where the processors' is not told.
func cpuTime(testing.TB) time.Duration { return time.Since(started) }
