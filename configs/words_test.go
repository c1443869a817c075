package configs

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTimeSpansAreReadAndWritten(t *testing.T) {
	cases := []struct {
		text    string
		want    time.Duration
		written string // empty: refused
	}{
		{"2h", 2 * time.Hour, "2h"},
		{"30m", 30 * time.Minute, "30m"},
		{"90m", 90 * time.Minute, "1h30m"},
		{"2d", 48 * time.Hour, "2d"},
		{"1d12h", 36 * time.Hour, "1d12h"},
		{"48h", 48 * time.Hour, "2d"},
		{"1.5h", 90 * time.Minute, "1h30m"},
		{"0s", 0, "0s"},
		{"250ms", 250 * time.Millisecond, "250ms"},
		{" 10s ", 10 * time.Second, "10s"},
		{"", 0, ""}, {"5", 0, ""}, {"-2h", 0, ""}, {"-2d", 0, ""}, {"1d-2h", 0, ""}, {"d", 0, ""}, {"2 h", 0, ""},
		{"2小时", 0, ""}, {"106751d24h", 0, ""}, {"106752d", 0, ""}, {"99999999999d", 0, ""},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			got, err := ParseDuration(c.text)
			if (err != nil) != (c.written == "") || time.Duration(got) != c.want {
				t.Fatalf("ParseDuration = %v, %v, want %v", got, err, c.want)
			}
			if err == nil && got.String() != c.written {
				t.Errorf("written %s, want %s", got, c.written)
			}
		})
	}
}

func TestAWrittenTimeSpanReadsBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Duration(rapid.Int64Min(0).Draw(t, "span"))
		back, err := ParseDuration(d.String())
		if err != nil || back != d {
			t.Fatalf("%d was written %s and read as %d, %v", d, d, back, err)
		}
	})
}

func TestTheNearestWordIsFound(t *testing.T) {
	words := []string{"secret", "token", "agent_id", "encoding_aes_key", "高级销售"}
	for word, want := range map[string]string{
		"sercet": "secret", "Secret": "secret", "secrets": "secret", "tokne": "token", "agentid": "agent_id",
		"encodingaeskey": "encoding_aes_key", "高级消售": "高级销售", "市场部": "", "feishu": "", "": "", "x": "",
	} {
		if got := nearest(word, words); got != want {
			t.Errorf("nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestDistanceIsAMeasure(t *testing.T) {
	word := rapid.SliceOfN(rapid.SampledFrom([]rune("ab中")), 0, 6)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		there, back := distance(a, b), distance(b, a)
		if there != back || (there == 0) != (string(a) == string(b)) || there > max(len(a), len(b)) {
			t.Fatalf("distance %d, back %d", there, back)
		}
	})
}

func TestTheEnvironmentIsPutIn(t *testing.T) {
	env := func(name string) (string, bool) { return "<" + name + "${Y}>", name != "NONE" }
	cases := []struct{ text, want, wrong string }{
		{"plain $5 }", "plain $5 }", ""},
		{"${A}", "<A${Y}>", ""}, // a value is not looked through again
		{"a${A_1}b${B}", "a<A_1${Y}>b<B${Y}>", ""},
		{"$${A}", "${A}", ""},
		{"$${A}${B}", "${A}<B${Y}>", ""},
		{"$$", "$$", ""},
		{"${NONE}", "", "environment variable NONE is not set"},
		{"${1}", "", "${ is not followed"},
		{"${A", "", "${ is not followed"},
		{"${}", "", "${ is not followed"},
		{"${A}${x y}${NONE}", "", "${ is not followed"},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			got, _, wrong := expand(c.text, env)
			if c.wrong == "" && (got != c.want || wrong != nil) {
				t.Errorf("expand = %q, %q, want %q", got, wrong, c.want)
			}
			if c.wrong != "" && !strings.Contains(strings.Join(wrong, "\n"), c.wrong) {
				t.Errorf("wrong = %q, want %q", wrong, c.wrong)
			}
		})
	}
}

func TestSchedulesThatNeverRunAreRefused(t *testing.T) {
	for spec, want := range map[string]string{
		"*/10 * * * *": "", "@every 10m": "", "@hourly": "", "0 8 * * 1-5": "",
		"0 0 30 2 *": "that day never comes", "TZ=UTC": "the time zone", "CRON_TZ=Asia/Shanghai 0 8 * * *": "the time zone",
		"* * * *": "expected exactly 5 fields", "@every": "unrecognized", "often": "expected exactly 5 fields",
	} {
		if got := cronProblem(spec); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("cronProblem(%q) = %q, want %q", spec, got, want)
		}
	}
}
