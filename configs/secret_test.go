package configs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const kept = "s3cr3t-äöü-密"

func TestNothingPrintsASecret(t *testing.T) {
	s := NewSecret(kept)
	holder := struct {
		S  Secret
		P  *Secret
		M  map[string]Secret
		in Secret
	}{s, &s, map[string]Secret{"a": s}, s}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		fmt.Fprintf(&out, verb+verb+verb, s, &s, holder)
	}
	asJSON, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(map[string]any{"s": s, "p": &s})
	if err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "s", s, "h", holder)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "s", s, "h", holder)
	all := out.String() + string(asJSON) + string(asYAML) + fmt.Sprint(fmt.Errorf("failed: %v", s))
	for _, form := range []string{kept, "s3cr3t", fmt.Sprintf("%x", kept), fmt.Sprintf("%X", kept)} {
		if strings.Contains(all, form) {
			t.Errorf("the secret stands in %s", all)
		}
	}
	if !strings.Contains(string(asJSON), hidden) || !strings.Contains(string(asYAML), hidden) {
		t.Errorf("JSON %s, YAML %s", asJSON, asYAML)
	}
	if s.Reveal() != kept {
		t.Error("Reveal does not tell it")
	}
}

func TestASecretEqualsOnlyItsOwnText(t *testing.T) {
	for _, c := range []struct {
		name         string
		mine, theirs string
		want         bool
	}{
		{"same text", "abc", "abc", true},
		{"other text", "abc", "abd", false},
		{"beginning of it", "abc", "ab", false},
		{"nothing sent", "abc", "", false},
		{"no secret set", "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := NewSecret(c.mine).Equal(c.theirs); got != c.want {
				t.Errorf("Equal = %v", got)
			}
		})
	}
}

func TestAConfigPrintsNoSecret(t *testing.T) {
	cfg, err := Parse("lingke.yaml", []byte(`
store: {uri: "mongodb://lingke:`+kept+`@db1,db2/lingke?tlsPassword=`+kept+`"}
server: {tokens: ["`+kept+`"]}
bots:
  dingtalk: {client_id: ding, client_secret: "${S}"}
connectors:
  k: {type: kingdee, app_secret: "`+kept+`", deep: {password: "`+kept+`"}, keys: {token: ["`+kept+`"]}}
`), func(string) (string, bool) { return kept, true })
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%v %+v %#v %s", cfg, *cfg, cfg.Connectors, asJSON) + strings.Join(cfg.Summary(), "\n") + cfg.Warnings.Error()
	if strings.Contains(all, kept) {
		t.Errorf("the secret stands in %s", all)
	}
	if !strings.Contains(all, "mongodb://[secret]@db1,db2/lingke\n") {
		t.Errorf("summary: %s", cfg.Summary())
	}
	if len(cfg.Warnings) != 5 {
		t.Errorf("warnings:\n%v", cfg.Warnings)
	}
}
