package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lingke/internal/app"
)

const targetsConfig = `
model: %s
fields: own.yaml
store: {uri: "sqlite://lingke.db"}
server: {tokens: ["0123456789abcdef"]}
bots: {dingtalk: {client_id: ding01, client_secret: hush-bot}}
connectors:
  erp:
    type: kingdee
    base_url: "https://erp.example.com/k3cloud/"
    acct_id: acct01
    username: lingke
    app_id: app01
    app_secret: hush-erp
    auth: app_secret
    mapping:
      indsutry: F_A
      headcount: F_B
      namd: F_C
      number: ""
      fleet: F_D
      order.rep: F_E
  shop:
    type: rest
    base_url: "https://shop.example.com"
    resources:
      - {path: x, kind: customer, items: list, mapping: {modified_at: updated, lucky_colour: c}}
      - {path: y, kind: order, items: list, mapping: {modified_at: updated, customer_id: who, amount: total}}
  form: {type: webhook, secret: hush-hook-secret-1, auth: token, mapping: {行业: branch}}
people: [{id: lina, name: 李娜, role: manager, dingtalk: manager01}]
`

// TestUnknownFieldsOfCustomersAreNamedAtLoad: with their line and the nearest known field; what is declared, plain or of another kind is not.
func TestUnknownFieldsOfCustomersAreNamedAtLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	own := "fields:\n  - {id: fleet, name: 车队, kind: number}\n"
	config := fmt.Sprintf(targetsConfig, modelFile(t))
	for name, text := range map[string]string{"lingke.yaml": config, "own.yaml": own} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := app.LoadConfig(filepath.Join(dir, "lingke.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	got := cfg.Warnings.Error()
	for _, want := range []string{
		`lingke.yaml:17:17: no rule and no page knows a customer's field "indsutry"`, `did you mean "industry"?`, `"namd"`, `did you mean "name"?`, `lingke.yaml:27:94: no rule and no page knows a customer's field "lucky_colour"`, "declare it in a file that fields: names",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	for _, not := range []string{"headcount", "fleet", "number", "rep", "total", "amount", "行业", "modified_at"} {
		if strings.Contains(got, `"`+not+`"`) {
			t.Errorf("%s is doubted:\n%s", not, got)
		}
	}
}
