package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lingke/configs"
	"lingke/internal/ingest"
)

// write puts files into a folder of their own and returns the path of the first.
func write(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, files[0])
}

// rulesOfFiles are the rules of the models that the config names.
func rulesOfFiles(cfg *configs.Config) (*ingest.Rules, error) {
	files, err := cfg.ReadModels()
	if err != nil {
		return nil, err
	}
	return compileRules(cfg, files)
}

const pilot = `
name: pilot
cap: 100
scope: 经销商级别 == "金牌"
dimensions:
  - {id: d, name: 门店, cap: 100, indicators: [{id: stores, name: 门店数, value: 门店数, weight: 100, linear: {from: 0, to: 10}}]}
`

const ownFields = `
fields:
  - {id: dealer_level, name: 经销商级别, kind: text}
  - {id: store_count, name: 门店数, kind: number}
`

func TestRulesHaveOwnFieldsPilotsAndSchemesAsTheFileSays(t *testing.T) {
	t.Parallel()
	cfg, err := LoadConfig(write(t, "lingke.yaml", `
fields: fields.yaml
models: [pilot.yaml, models/default.yaml]
people: [{id: lina, name: 李娜, team: 一, wecom: lina}]
pools: [{name: 池, when: "门店数 > 3", team: 一, strategy: hold}]
schemes:
  - {name: stores, by: 门店数, cuts: [{tier: big, at_least: 5}], else: small}
  - {name: rank, cuts: [{tier: A, top: 10%}, {tier: B, when: "经销商级别 == '金牌'"}], else: C, bands: {enter: 2, leave: 3%, stay: 7d}}
`, "fields.yaml", ownFields, "pilot.yaml", pilot))
	if err != nil {
		t.Fatal(err)
	}
	rules, err := rulesOfFiles(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(rules.Models) != 2 || rules.Models[0].Name() != "pilot" || rules.Schemes.Leading != "stores" || rules.Teams["lina"] != "一" {
		t.Errorf("%+v", rules)
	}
	p := rules.Schemes.All[1].Policy
	if p.Entry.Points != 2 || p.Exit.Share != 0.03 || p.MinStay.Hours() != 7*24 {
		t.Errorf("policy %+v", p)
	}
	if _, _, has := rules.Schema().Lookup("store_count"); !has {
		t.Error("the pilot's field is not kept")
	}
	if _, _, has := rules.Schema().Lookup("brand_share"); has {
		t.Error("a field is kept that nothing reads")
	}
}

func TestRulesThatMeanNothingAreRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ config, want string }{
		"only a pilot":              {"fields: fields.yaml\nmodels: [pilot.yaml]", `the last one, "pilot", has a scope`},
		"a model twice":             {"models: [models/default.yaml, models/default.yaml]", `two of them are called "default"`},
		"cuts upwards":              {"schemes: [{name: s, cuts: [{tier: A, above: 50}, {tier: B, above: 80}], else: C}]", `lingke.yaml:1:11: scheme "s": tier "B" can never be reached`},
		"shares downwards":          {"schemes: [{name: s, cuts: [{tier: A, top: 20%}, {tier: B, top: 5%}], else: C}]", "does not lie above 0.2"},
		"points below shares":       {"schemes: [{name: s, cuts: [{tier: A, top: 20%}, {tier: B, above: 5}], else: C}]", "points do not go with them"},
		"a condition before points": {`schemes: [{name: s, cuts: [{tier: A, when: "true"}, {tier: B, above: 5}], else: C}]`, `"B" can never be reached behind "A"`},
		"an unknown field":          {"schemes: [{name: s, by: 近一年消费, cuts: [{tier: A, above: 5}], else: C}]", `did you mean "近一年消费额"?`},
		"a field of texts":          {"schemes: [{name: s, by: 行业, cuts: [{tier: A, above: 5}], else: C}]", `"行业" is no field that holds a number`},
		"a broken condition":        {`schemes: [{name: s, cuts: [{tier: A, when: "行业 >"}], else: C}]`, `scheme "s", tier "A": when: 1:`},
		"a broken field file":       {"fields: broken.yaml\npools: [{name: 池, when: 'true', team: 一, strategy: hold}]", "broken.yaml:1:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := write(t, "lingke.yaml", tt.config, "fields.yaml", ownFields, "pilot.yaml", pilot, "broken.yaml", "fields: [{id: 1x}]")
			cfg, err := LoadConfig(file)
			if err == nil {
				_, err = rulesOfFiles(cfg)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v\nwant it to say %s", err, tt.want)
			}
		})
	}
}

func TestTheShippedSchemesCompile(t *testing.T) {
	t.Parallel()
	for _, s := range configs.ShippedSchemes() {
		schema, err := schemaOf(&configs.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := schemeOf(s, schema); err != nil {
			t.Error(err)
		}
	}
}
