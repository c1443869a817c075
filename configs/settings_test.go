package configs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// kingdeeLike has every shape of field that a connector's own type may have.
type kingdeeLike struct {
	BaseURL   string
	AcctID    string
	AppSecret string
	PageSize  int
	Overlap   time.Duration
	Patience  Duration
	Share     float64
	Dry       bool
	Fields    map[string]string
	Forms     []string
	Nested    struct{ LCID uint16 }
	Maybe     *struct{ X int }
	Location  *time.Location
	Now       func() time.Time
	Skipped   string `yaml:"-"`
	Named     string `yaml:"tier_field"`
}

func decodeInto(t *testing.T, settings string, into any) Problems {
	t.Helper()
	return mustParse(t, "connectors:\n  erp:\n    type: kingdee\n    every: '@hourly'\n"+settings).Connectors["erp"].Settings.Decode(into)
}

func TestSettingsFillAConnectorsOwnType(t *testing.T) {
	got := kingdeeLike{PageSize: 2000, Overlap: time.Minute}
	problems := decodeInto(t, `
    base_url: https://erp.example.com/
    acct_id: 0123
    app_secret: "${APP}!"
    overlap: 5m
    patience: 2d
    share: 0.25
    dry: true
    fields: {industry: F_LK_INDUSTRY, 行业: "${X}"}
    forms: [BD_Customer, SAL_SaleOrder]
    nested: {lcid: 2052}
    maybe: {x: -3}
    tier_field: F_LK_TIER
`[1:], &got)
	if problems != nil {
		t.Fatal(problems)
	}
	want := kingdeeLike{BaseURL: "https://erp.example.com/", AcctID: "0123", AppSecret: "value-of-app!", PageSize: 2000,
		Overlap: 5 * time.Minute, Patience: Duration(48 * time.Hour), Share: 0.25, Dry: true,
		Fields: map[string]string{"industry": "F_LK_INDUSTRY", "行业": "value-of-x"}, Forms: []string{"BD_Customer", "SAL_SaleOrder"},
		Maybe: &struct{ X int }{-3}, Named: "F_LK_TIER"}
	want.Nested.LCID = 2052
	if diff := cmp.Diff(want.Fields, got.Fields); diff != "" {
		t.Error(diff)
	}
	want.Now, got.Now, want.Location, got.Location = nil, nil, nil, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWrongSettingsAreAllReportedByPlace(t *testing.T) {
	problems := decodeInto(t, `
    base_ulr: https://erp.example.com/
    app_secret: [a]
    page_size: 70000000000000000000
    overlap: 5
    share: much
    dry: yes
    fields: [industry]
    forms: {a: b}
    nested: {lcid: 70000}
    maybe: 3
    location: Asia/Shanghai
    now: 1
    skipped: x
`[1:], new(kingdeeLike))
	golden(t, "settings.golden", problems.Error()+"\n")
}

func TestSettingsTellThePlaceOfWhatTheConnectorRefuses(t *testing.T) {
	s := mustParse(t, "connectors:\n  erp:\n    type: kingdee\n    auth: magic\n").Connectors["erp"].Settings
	for key, want := range map[string]string{
		"auth": "lingke.yaml:4:11: no such way",
		"none": "lingke.yaml:3:5: no such way",
		"":     "lingke.yaml:3:5: no such way",
	} {
		if got := s.Problem(key, "no such way").String(); got != want {
			t.Errorf("Problem(%q) = %s, want %s", key, got, want)
		}
	}
	if got := (Settings{}).Decode(new(kingdeeLike)); got != nil {
		t.Errorf("Decode of nothing = %v", got)
	}
}

func TestKeysAreFieldNamesInSnakeCase(t *testing.T) {
	for name, want := range map[string]string{
		"BaseURL": "base_url", "AcctID": "acct_id", "LCID": "lcid", "EncodingAESKey": "encoding_aes_key", "X": "x",
		"OrgNum": "org_num", "PageSize2": "page_size2",
	} {
		if got := snake(name); got != want {
			t.Errorf("snake(%s) = %s, want %s", name, got, want)
		}
	}
}

func TestTheModelBesideTheConfigComesBeforeTheShippedOne(t *testing.T) {
	dir := t.TempDir()
	read := func(model string) (string, string, error) {
		cfg, err := Parse(filepath.Join(dir, "lingke.yaml"), []byte("model: "+model+"\n"), noEnv)
		if err != nil {
			t.Fatal(err)
		}
		files, err := cfg.ReadModels()
		if err != nil {
			return "", "", err
		}
		return files[0].Name, string(files[0].Text), nil
	}
	shipped, err := fs.ReadFile(FS, "models/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if name, text, err := read("models/default.yaml"); err != nil || name != "built-in:models/default.yaml" || text != string(shipped) {
		t.Errorf("without a file: %s, %v", name, err)
	}
	own := filepath.Join(dir, "models", "default.yaml")
	if err := os.MkdirAll(filepath.Dir(own), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, []byte("own"), 0o644); err != nil {
		t.Fatal(err)
	}
	if name, text, err := read("./models/default.yaml"); err != nil || name != own || text != "own" {
		t.Errorf("with a file: %s %q, %v", name, text, err)
	}
	if _, _, err := read("models/other.yaml"); err == nil || !strings.Contains(err.Error(), "other.yaml") {
		t.Errorf("a model that is nowhere: %v", err)
	}
}

// picky is a key that knows what it looks like, and short a struct with a short form.
type picky string

func (p *picky) UnmarshalText(text []byte) error {
	if strings.Contains(string(text), "$") {
		return errors.New("no dollars")
	}
	*p = picky(text)
	return nil
}

type short struct {
	From    string
	Default *string
}

func (s *short) UnmarshalText(text []byte) error {
	if string(text) == "bad" {
		return errors.New("bad it is")
	}
	s.From = string(text)
	return nil
}

func TestATextMayStandForAStructAndKeysMayBeChecked(t *testing.T) {
	var got struct{ Mapping map[picky]short }
	settings := mustParse(t, "connectors:\n  erp:\n    type: x\n    mapping:\n      name: company\n      level: {from: grade, default: \"\"}\n").Connectors["erp"].Settings
	if problems := settings.Decode(&got); problems != nil {
		t.Fatal(problems)
	}
	nothing := ""
	if d := cmp.Diff(map[picky]short{"name": {From: "company"}, "level": {From: "grade", Default: &nothing}}, got.Mapping); d != "" {
		t.Error(d)
	}
	if p := settings.Problem("mapping.level", "wrong"); p.Line != 6 || p.Column != 14 {
		t.Errorf("a problem of an inner key stands at %v", p)
	}
	if p := settings.Problem("mapping.other", "wrong"); p.Line != 5 {
		t.Errorf("a problem of an inner key that is not there stands at %v", p)
	}
}

func TestWrongKeysAndShortFormsAreNamedByPlace(t *testing.T) {
	var got struct{ Mapping map[picky]short }
	problems := decodeInto(t, "    mapping:\n      $x: a\n      name: bad\n      level: {form: grade}\n      list: [1]\n", &got)
	text := problems.Error()
	for _, want := range []string{`:6:7: key "$x" cannot be used; no dollars`, ":7:13: ", "bad it is", `:8:15: unknown key "form"; did you mean "from"?`, ":9:13: "} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
}
