package kingdee

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
	"lingke/connectors/mapping"
)

func TestOpenNamesEveryWrongKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   []string // nil: opens
	}{
		{"complete", func(*Config) {}, nil},
		{"password login needs no app", func(c *Config) { c.Auth, c.Password, c.AppID, c.AppSecret = AuthPassword, "p", "", "" }, nil},
		{"nothing", func(c *Config) { *c = Config{} }, []string{"base_url", "acct_id", "username", "app_id", "app_secret"}},
		{"no password", func(c *Config) { c.Auth = AuthPassword }, []string{"password"}},
		{"unknown auth", func(c *Config) { c.Auth = "magic" }, []string{"auth", "magic"}},
		{"address without scheme", func(c *Config) { c.BaseURL = "erp.example.com/k3cloud" }, []string{"base_url"}},
		{"address with a password", func(c *Config) { c.BaseURL = "https://u:hunter2@erp.example.com/" }, []string{"base_url"}},
		{"application id that is cut off", func(c *Config) { c.AppID = "300001_AAE" }, []string{"app_id"}},
		{"page too large", func(c *Config) { c.PageSize = 5000 }, []string{"page_size", "5000"}},
		{"negative overlap", func(c *Config) { c.Overlap = -1 }, []string{"overlap"}},
		{"field key with a quote", func(c *Config) { c.Mapping = keysOf("industry", "F'x") }, []string{"mapping.industry"}},
		{"order field key with a blank", func(c *Config) { c.Mapping = keysOf("order.margin", "a b") }, []string{"mapping.order.margin"}},
		{"tier field with a dot", func(c *Config) { c.Write = map[string]string{"tier": "FGroup.FName"} }, []string{"write_back.tier"}},
		{"a field that cannot be written back", func(c *Config) { c.Write = map[string]string{"phone": "FTEL"} }, []string{"write_back.phone"}},
		{"a key that is written and read", func(c *Config) { c.Write, c.Mapping = map[string]string{"tier": "F_T"}, keysOf("level", "F_T.FName") }, []string{"write_back", "F_T"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg := example()
			c.change(&cfg)
			_, err := cfg.Open("erp")
			if errors.Is(err, connectors.ErrConfig) != (c.want != nil) {
				t.Fatalf("Open = %v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("Open = %v, does not name %s", err, w)
				}
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("Open = %v, tells the password", err)
			}
		})
	}
}

func TestConfigPrintsNoSecret(t *testing.T) {
	t.Parallel()
	cfg := example()
	cfg.Password = "hunter2"
	for _, text := range []string{fmt.Sprint(cfg), fmt.Sprintf("%+v %#v %s", cfg, cfg, &cfg), cfg.LogValue().String()} {
		for _, secret := range []string{cfg.Password, cfg.AppSecret} {
			if strings.Contains(text, secret) {
				t.Errorf("printed %q", text)
			}
		}
	}
}

// keysOf is a mapping of field keys alone: ours, theirs, ours, theirs.
func keysOf(names ...string) mapping.Mapping {
	m := make(mapping.Mapping)
	for i := 0; i < len(names); i += 2 {
		from, err := jsondoc.ParsePath(names[i+1])
		if err != nil {
			panic(err)
		}
		m[mapping.Target(names[i])] = mapping.Rule{From: from}
	}
	return m
}

func TestConfiguredFieldsReplaceAndRemoveDefaults(t *testing.T) {
	t.Parallel()
	cfg := example()
	cfg.Mapping = keysOf("industry", "F_LK_INDUSTRY", "phone", "", "mobile", "F_MOB", "order.margin", "F_MARGIN", "order.rep", "")
	forms, err := newForms(cfg)
	if err != nil {
		t.Fatal(err)
	}
	customer := strings.Join(forms[1].layout(modifyKey).keys, ",")
	order := strings.Join(forms[0].layout(modifyKey).keys, ",")
	for _, want := range []string{"F_LK_INDUSTRY", "F_MOB"} {
		if !strings.Contains(customer, want) {
			t.Errorf("customer keys %s lack %s", customer, want)
		}
	}
	if strings.Contains(customer, "FTEL") || strings.Contains(customer, "FMobile") || strings.Contains(order, "FSalerId") || !strings.Contains(order, "F_MARGIN") {
		t.Errorf("customer keys %s, order keys %s", customer, order)
	}
}
