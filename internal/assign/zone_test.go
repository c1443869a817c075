package assign_test

import (
	"os"
	"os/exec"
	"testing"
)

// TestOwnershipOnMachinesOfAnyZone runs the tests of the clock as on machines of other zones: days are the company's, wherever the machine stands.
func TestOwnershipOnMachinesOfAnyZone(t *testing.T) {
	if otherMachine() || testing.Short() {
		t.Skip("this is the other machine, or a short run")
	}
	for _, zone := range []string{"Asia/Shanghai", "UTC", "America/Los_Angeles"} {
		cmd := exec.Command(os.Args[0], "-test.run=Ladder|Contract|PuttingOff|Leave|Allowance|Month")
		cmd.Env = append(os.Environ(), "TZ="+zone, zoneChild+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("TZ=%s: %v\n%s", zone, err, out)
		}
	}
}

const zoneChild = "LINGKE_TEST_ZONE_CHILD"

// otherMachine reports whether this process stands for a machine of another zone.
func otherMachine() bool { return os.Getenv(zoneChild) != "" }
