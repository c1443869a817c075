package configs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// JobOff is what Config.Jobs says of a job that is not run.
const JobOff = "off"

// shippedJob is when a job is due where the file does not say.
type shippedJob struct {
	name, spec string
	optional   bool // it may be off: people miss what it tells, nothing else does
}

// shippedJobs are all jobs but those of connectors and address books, whose times stand with them.
var shippedJobs = []shippedJob{
	{name: "due-tasks", spec: "* * * * *"},
	{name: "sweep", spec: "@every 30s"},
	{name: "rescore", spec: "30 2 * * *"}, // recency changes by the day
	{name: "ranks", spec: "*/10 * * * *"},
	{name: "lapses", spec: "* * * * *"}, // an adjustment ends at its minute
	{name: "hand-out", spec: "*/10 * * * *"},
	{name: "ownership", spec: "*/10 * * * *"},
	{name: "imports", spec: "*/5 * * * *"},
	{name: "purge", spec: "10 3 * * *"},
	{name: "check-reads", spec: "30 3 * * *"}, // after the purge, so that a day's head is told when the day's purge is in it
	{name: "ask", spec: "*/10 * * * *"},
	{name: "budgets", spec: "*/10 * * * *"},
	{name: "daily", spec: "30 8 * * *", optional: true}, // whom to contact first (requirements 000-R38): before the day's work, after the quiet hours
	{name: "report-weekly", spec: "0 9 * * 1", optional: true},
	{name: "report-monthly", spec: "10 9 1 * *", optional: true},
	{name: "churn", spec: "0 9 * * *", optional: true}, // this and the next three on workdays
	{name: "anniversaries", spec: "5 9 * * *", optional: true},
	{name: "cadence", spec: "10 9 * * *", optional: true},
	{name: "plays", spec: "15 9 * * *", optional: true},
	{name: "review-table", spec: "30 9 * * *", optional: true}, // these ask every day whether it is theirs
	{name: "review-model", spec: "30 9 * * *", optional: true},
	{name: "review-tiers", spec: "30 9 * * *", optional: true},
	{name: "results", spec: "* * * * *", optional: true},        // what became of what was sent
	{name: "dead-letters", spec: "*/5 * * * *", optional: true}, // tells managers of what was given up
	{name: "figures", spec: "20 7 * * *", optional: true},       // before anybody asks for a report; without it, whoever asks waits
}

// JobSpecs are the jobs that can stand in Jobs, each with when it is due, as Connector.Every, or JobOff. It is for a checked config.
func (c *Config) JobSpecs() map[string]string {
	all := make(map[string]string, len(shippedJobs))
	for _, j := range shippedJobs {
		all[j.name] = j.spec
		if own := c.Jobs[j.name]; own != "" { // a key without a value says nothing
			all[j.name] = own
		}
	}
	return all
}

func (c *checker) jobs() {
	for _, name := range slices.Sorted(maps.Keys(c.cfg.Jobs)) {
		at := slices.IndexFunc(shippedJobs, func(j shippedJob) bool { return j.name == name })
		if at < 0 {
			c.unknownJob(name)
			continue
		}
		c.job(shippedJobs[at], c.cfg.Jobs[name])
	}
}

func (c *checker) job(j shippedJob, spec string) {
	path := join("jobs", j.name)
	switch {
	case !c.given(path):
	case spec == "" && !c.absent(path):
		c.refuse(path, fmt.Sprintf("job %s has no schedule", j.name), fmt.Sprintf("leave the key out for the shipped one, %q", j.spec))
	case spec == JobOff && !j.optional:
		c.refuse(path, fmt.Sprintf("job %s cannot be off: the gateway needs it", j.name), "off may be "+strings.Join(jobNames(true), ", "))
	case spec != JobOff:
		c.schedule("jobs", j.name, spec)
	}
}

func (c *checker) unknownJob(name string) {
	hint := "known jobs: " + strings.Join(jobNames(false), ", ")
	kind, of, _ := strings.Cut(name, ":")
	meant := nearest(name, jobNames(false))
	switch {
	case of != "" && kind == "sync":
		hint = "its time is connectors." + of + ".every"
	case of != "" && kind == "scan":
		hint = "its time is connectors." + of + ".scan"
	case of != "" && kind == "address-book":
		hint = "its time is address_book.every"
	case meant != "":
		hint = fmt.Sprintf("did you mean %q?", meant)
	}
	c.refuse(join("jobs", name), "unknown job "+quote(name), hint)
}

// jobNames are all names, or those of jobs that may be off.
func jobNames(optional bool) (names []string) {
	for _, j := range shippedJobs {
		if j.optional || !optional {
			names = append(names, j.name)
		}
	}
	return names
}

// jobLines tell the times that are not the shipped ones.
func (c *Config) jobLines() (lines []string) {
	all := c.JobSpecs()
	for _, j := range shippedJobs {
		if all[j.name] != j.spec {
			lines = append(lines, entry("job", j.name+": "+all[j.name]))
		}
	}
	return lines
}
