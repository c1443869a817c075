package configs

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// anyEnv gives each variable a value that fits wherever the samples use one.
func anyEnv(name string) (string, bool) {
	if strings.HasSuffix(name, "AES_KEY") {
		return "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", true
	}
	if strings.HasSuffix(name, "AGENT") {
		return "1000002", true
	}
	return "value-of-" + strings.ToLower(name), true
}

func noEnv(string) (string, bool) { return "", false }

func mustParse(t *testing.T, text string) *Config {
	t.Helper()
	cfg, err := Parse("lingke.yaml", []byte(text), anyEnv)
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return cfg
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestEveryProblemOfAFileIsReportedAtOnce(t *testing.T) {
	text, err := os.ReadFile("testdata/bad.yaml")
	if err != nil {
		t.Fatal(err)
	}
	refuse := WithCondition(func(_ *Config, condition string) error {
		if strings.HasSuffix(condition, ">") {
			return errors.New("a value is missing after >")
		}
		return nil
	})
	span := WithSpan(func(span string) error {
		if span == "soon" {
			return errors.New("write a time like 2h")
		}
		return nil
	})
	ladder := WithLadder(func(l Ladder) error {
		if l.Remind > l.Manager {
			return errors.New("manager comes before remind")
		}
		return nil
	})
	_, err = Parse("bad.yaml", text, noEnv, refuse, span, ladder)
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("Parse = %v, want Problems", err)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("a secret is told in the problems")
	}
	golden(t, "bad.golden", err.Error()+"\n")
}

func TestShippedAndDesignConfigsLoad(t *testing.T) {
	for _, file := range []string{"testdata/design.yaml", "samples/minimal.yaml", "samples/full.yaml"} {
		t.Run(file, func(t *testing.T) {
			cfg, err := Load(file, anyEnv)
			if err != nil {
				t.Fatal(err)
			}
			var doubts strings.Builder
			for _, w := range cfg.Warnings {
				fmt.Fprintln(&doubts, w)
			}
			name := strings.TrimSuffix(filepath.Base(file), ".yaml")
			golden(t, name+".golden", strings.Join(cfg.Summary(), "\n")+"\n\n"+doubts.String())
		})
	}
}

func TestSamplesRaiseNoDoubt(t *testing.T) {
	samples, err := fs.Glob(FS, "samples/*.yaml")
	if err != nil || len(samples) < 2 {
		t.Fatalf("samples = %v, %v", samples, err)
	}
	for _, name := range samples {
		text, err := fs.ReadFile(FS, name)
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := Parse(name, text, anyEnv)
		if err != nil {
			t.Fatal(err)
		}
		if len(cfg.Warnings) > 0 {
			t.Errorf("%s: %v", name, cfg.Warnings)
		}
	}
}

func TestValuesArriveAsWritten(t *testing.T) {
	cfg := mustParse(t, `
server: {public_url: "https://crm.example.com/", tokens: ["${A}", "pre-$${x}-${B}"]}
bots:
  wecom: {corp_id: ww1, agent_id: "${WECOM_AGENT}", secret: "${S}", token: "${T}", encoding_aes_key: "${AES_KEY}"}
connectors:
  yonyou: {type: yonyou}
  kingdee: {type: kingdee, every: "@every 10m"}
sources: [excel, kingdee]
people:
  - {id: a, name: 甲, team: 一, dingtalk: 0142365, daily: 5}
  - {id: b, name: 乙, role: manager, wecom: B, holding: 7, monthly: 60}
pools:
  - {name: 池, when: true, team: 一, strategy: rotate, task: {title: 联系, due: 1d12h}}
limits: {daily: 30}
`[1:])
	if got := cfg.Server.Tokens[1].Reveal(); got != "pre-${x}-value-of-b" {
		t.Errorf("token = %q", got)
	}
	if cfg.Bots.WeCom.AgentID != 1000002 {
		t.Errorf("agent id = %d", cfg.Bots.WeCom.AgentID)
	}
	if cfg.Server.PublicURL != "https://crm.example.com" {
		t.Errorf("public URL = %q", cfg.Server.PublicURL)
	}
	people := []Person{
		{ID: "a", Name: "甲", Role: RoleRep, Team: "一", DingTalk: "0142365", Daily: 5, Holding: 200},
		{ID: "b", Name: "乙", Role: RoleManager, WeCom: "B", Daily: 30, Holding: 7, Monthly: 60},
	}
	if diff := cmp.Diff(people, cfg.People); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	pools := []Pool{{Name: "池", When: "true", Team: "一", Strategy: StrategyRotate, Notify: []string{NotifyTeam},
		Task: &Task{Title: Text{ZH: "联系"}, Due: "1d12h"}}}
	if diff := cmp.Diff(pools, cfg.Pools); diff != "" {
		t.Errorf("pools (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"excel", "kingdee", "yonyou"}, cfg.Sources); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
	if cfg.Location.String() != "Asia/Shanghai" || cfg.SourceRank("yonyou") != 2 || cfg.SourceRank("fax") != 3 {
		t.Errorf("location %v, ranks %d and %d", cfg.Location, cfg.SourceRank("yonyou"), cfg.SourceRank("fax"))
	}
}

func TestDefaultsAreThemselvesValid(t *testing.T) {
	cfg := mustParse(t, "timezone: Asia/Shanghai\n")
	want := Default()
	if cfg.Server.Addr != want.Server.Addr || cfg.Limits != want.Limits || !reflect.DeepEqual(cfg.Delivery, want.Delivery) || cfg.Model != want.Model {
		t.Errorf("config = %+v, want %+v", cfg, want)
	}
}

func TestNotEvenYAMLNamesItsLine(t *testing.T) {
	deep := strings.Repeat("[", 100_000)
	cases := []struct{ name, text, want string }{
		{"an open bracket", "a: 1\nb: [1, 2\n", "lingke.yaml:2:4: this is not YAML: "},
		{"a tab as indent", "store:\n\turi: x\n", "lingke.yaml:2:1: this is not YAML: "},
		{"two values on a line", "model: a: b\n", "lingke.yaml:1:8: this is not YAML: "},
		{"two documents", "model: a\n---\nmodel: b\n", "lingke.yaml:3:1: a second document begins here; a config is one document"},
		{"empty", "", "lingke.yaml:1:1: the file is empty; start from"},
		{"only remarks", "# nothing\n", "lingke.yaml:1:1: the file is empty; start from"},
		{"a list", "- a\n", "lingke.yaml:1:1: expected keys with values, found a list"},
		{"a text", "hello\n", `lingke.yaml:1:1: expected keys with values, found "hello"`},
		{"GBK", "model: a\nplays: \xbc\xdb\n", "lingke.yaml:2:1: the line holds bytes that are no text; save the file as UTF-8"},
		{"a NUL", "model: \"a\x00\"\n", "lingke.yaml:1:1: the line holds bytes that are no text"},
		{"endless brackets", "model: " + deep, "lingke.yaml:1:72: too much is nested here"},
		{"endless dashes", strings.Repeat("- ", 100_000), "lingke.yaml:1:129: too much is nested here"},
		{"endless keys", strings.Repeat("model: a\n", 100_000), "lingke.yaml:3001:1: more than 3000 lines of keys"},
		{"too large", strings.Repeat("#", maxFile+1), "lingke.yaml:1:1: the file is larger than 1048576 bytes"},
		{"an alias", "model: &m a\nplays: *m\n", "lingke.yaml:1:8: expected a text, found an anchor (&); this file knows no"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("lingke.yaml", []byte(c.text), anyEnv)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("Parse = %v\nwant it to begin %s", err, c.want)
			}
		})
	}
}

func TestAFileWithBOMAndWindowsLineEndsLoads(t *testing.T) {
	cfg := mustParse(t, "\ufeffmodel: a.yaml\r\nplays: b.yaml\r\n")
	if cfg.Model != "a.yaml" || cfg.Plays != "b.yaml" {
		t.Errorf("model %q, plays %q", cfg.Model, cfg.Plays)
	}
}

func TestThousandsOfPeopleLoadInEitherStyle(t *testing.T) {
	var block, flow strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&block, "  - id: p%d\n    name: 甲\n    team: 一\n    wecom: w%d\n", i, i)
		fmt.Fprintf(&flow, "  {id: p%d, name: 甲, team: 一, wecom: w%d},\n", i, i)
	}
	for name, text := range map[string]string{
		"block": "people:\n" + block.String(),
		"flow":  "people: [\n" + flow.String() + "]\n",
	} {
		t.Run(name, func(t *testing.T) {
			if cfg := mustParse(t, text); len(cfg.People) != 4000 || len(cfg.Warnings) > 0 {
				t.Errorf("%d people, warnings %v", len(cfg.People), cfg.Warnings)
			}
		})
	}
}

func TestAMissingFileIsNamed(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "nowhere.yaml"), noEnv)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "nowhere.yaml") {
		t.Errorf("Load = %v", err)
	}
}

func TestPathsBelongToTheFolderOfTheFile(t *testing.T) {
	cases := []struct{ name, written, want string }{
		{"relative", "sqlite://data/x.db", "sqlite:///etc/lingke/data/x.db"},
		{"with options", "sqlite://x.db?cache=1", "sqlite:///etc/lingke/x.db?cache=1"},
		{"absolute", "sqlite:///var/x.db", "sqlite:///var/x.db"},
		{"in memory", "sqlite://:memory:", "sqlite://:memory:"},
		{"another database", "mongodb://a:1,b:2/lingke", "mongodb://a:1,b:2/lingke"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cfg, err := Parse("/etc/lingke/lingke.yaml", []byte(fmt.Sprintf("store: {uri: %q}\n", c.written)), noEnv)
			if err != nil {
				t.Fatal(err)
			}
			if got := cfg.Store.URI.Reveal(); got != c.want {
				t.Errorf("uri = %s, want %s", got, c.want)
			}
		})
	}
}

func TestWorkingTimeIsCheckedByThoseWhoReadIt(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "2027.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := `model: models/default.yaml
calendar: {hours: "9 to 5", holidays: [2027.json, missing.json]}
people:
  - {id: a, name: 甲, dingtalk: "1", hours: early}
`
	no := func(what string) func(string) error {
		return func(text string) error { return fmt.Errorf("no %s: %s", what, text) }
	}
	_, err := Parse(filepath.Join(folder, "lingke.yaml"), []byte(text), noEnv, WithHours(no("hours")),
		WithHolidays(func(file string, text []byte) error {
			return fmt.Errorf("%s: %s holds no year", filepath.Base(file), text)
		}))
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 4 {
		t.Fatalf("%v", err)
	}
	for i, want := range []struct {
		line int
		says string
	}{{2, "no hours: 9 to 5"}, {2, "2027.json: {} holds no year"}, {2, "missing.json"}, {4, "no hours: early"}} {
		if got := problems[i]; got.Line != want.line || !strings.Contains(got.Message, want.says) {
			t.Errorf("problem %d: %s", i, got)
		}
	}
}
