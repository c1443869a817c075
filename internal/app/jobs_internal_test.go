package app

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"lingke/configs"
)

func TestTheConfigSaysWhenJobsAreDueAndWhichAreOff(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.write("lingke.yaml", testConfig+"\njobs:\n  daily: \"0 7 * * 1-5\"\n  churn: off\n")
	a := c.open()
	var out strings.Builder
	if err := a.PrintJobs(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(out.String()) {
		rows[strings.Fields(line)[0]] = line
	}
	for name, want := range map[string]string{"daily": "0 7 * * 1-5 ", "churn": "off ", "plays": "15 9 * * * "} {
		if !strings.Contains(rows[name], want) {
			t.Errorf("job list says %q of %s, want %q", rows[name], name, want)
		}
	}
	if j, _ := a.table.Job("daily"); j.Spec.String() != "0 7 * * 1-5" {
		t.Errorf("daily runs at %q", j.Spec)
	}
	if _, runs := a.table.Job("churn"); runs {
		t.Error("churn is off and runs")
	}
	if err := a.RunJob(t.Context(), "churn", &out); !errors.Is(err, ErrNoJob) || !strings.Contains(err.Error(), "is off") {
		t.Errorf("a job that is off, run by hand: %v", err)
	}
}

func TestEveryJobOfTheTimetableCanBeNamedInTheConfig(t *testing.T) {
	t.Parallel()
	a := newCompany(t).open()
	var runs []string
	for _, j := range a.table.Jobs() {
		if !strings.Contains(j.Name, ":") { // these have their times with the connector or the address book
			runs = append(runs, j.Name)
		}
	}
	slices.Sort(runs)
	if known := slices.Sorted(maps.Keys(a.cfg.JobSpecs())); !slices.Equal(runs, known) {
		t.Errorf("the timetable has %q, the config knows %q", runs, known)
	}
}

func TestOtherTimesOfJobsWaitForARestart(t *testing.T) {
	t.Parallel()
	running, read := configs.Default(), configs.Default()
	read.Jobs = map[string]string{"daily": "30 8 * * *"} // as it is anyway
	if _, later := reloadable(&running, &read); len(later) != 0 {
		t.Errorf("nothing changed, and %q waits", later)
	}
	read.Jobs["daily"] = configs.JobOff
	if next, later := reloadable(&running, &read); !slices.Equal(later, []string{"jobs"}) || len(next.Jobs) != 0 {
		t.Errorf("%q waits for a restart, and %v is in force", later, next.Jobs)
	}
}
