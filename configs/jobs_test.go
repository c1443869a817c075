package configs

import (
	"strings"
	"testing"
)

func TestJobsAreCheckedByNameAndTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"a slip in a name", "jobs:\n  dayly: \"0 8 * * *\"\n", `lingke.yaml:2:10: unknown job "dayly"; did you mean "daily"?`},
		{"a name of nothing", "jobs:\n  brew-coffee: off\n", "known jobs: due-tasks, "},
		{"a connector's", "jobs:\n  sync:kingdee: off\n", "its time is connectors.kingdee.every"},
		{"an address book's", "jobs:\n  address-book:wecom: off\n", "its time is address_book.every"},
		{"a bad time", "jobs:\n  churn: off\n  daily: \"61 8 * * *\"\n", "lingke.yaml:3:10: daily \"61 8 * * *\" is not a schedule"},
		{"a day that never comes", "jobs: {daily: \"0 8 31 2 *\"}\n", "that day never comes"},
		{"too often", "jobs: {sweep: \"@every 10ms\"}\n", "at least 1s"},
		{"a zone of its own", "jobs: {daily: \"TZ=UTC 0 8 * * *\"}\n", "the time zone belongs into timezone"},
		{"what is needed", "jobs:\n  sweep: off\n", "lingke.yaml:2:10: job sweep cannot be off: the gateway needs it; off may be daily, "},
		{"nothing", "jobs:\n  daily: \"\"\n", "job daily has no schedule"},
		{"a name twice", "jobs:\n  daily: off\n  daily: off\n", "stands here twice"},
		{"a list", "jobs: [daily]\n", "lingke.yaml:1:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse("lingke.yaml", []byte(tt.text), noEnv)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestJobsThatTheFileDoesNotNameKeepTheirTimes(t *testing.T) {
	t.Parallel()
	cfg := mustParse(t, "jobs:\n  churn: \"0 8 * * 1-5\"\n  cadence: off\n  plays:\n")
	all := cfg.JobSpecs()
	for name, want := range map[string]string{"churn": "0 8 * * 1-5", "cadence": JobOff, "plays": "15 9 * * *", "daily": "30 8 * * *", "sweep": "@every 30s"} {
		if all[name] != want {
			t.Errorf("%s is due %q, want %q", name, all[name], want)
		}
	}
	told := strings.Join(cfg.Summary(), "\n")
	if !strings.Contains(told, "churn: 0 8 * * 1-5\n") || !strings.HasSuffix(told, "cadence: off") || strings.Contains(told, "daily:") {
		t.Errorf("the summary says\n%s", told)
	}
}
