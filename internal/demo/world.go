package demo

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"lingke/configs"
	"lingke/internal/app"
	"lingke/internal/emulator"
	"lingke/internal/emulator/dingtalk"
	"lingke/internal/emulator/kingdee"
	"lingke/internal/emulator/sample"
	"lingke/internal/emulator/wecom"
	"lingke/internal/emulator/world"
	"lingke/internal/emulator/xingchen"
	"lingke/internal/emulator/yonyou"
)

//go:embed demo.yaml
var configText string

// Token is the demo's API token.
const Token = "demo"

// storeFile is the store's file in the demo's folder, as demo.yaml names it.
const storeFile = "lingke.db"

// The credentials of the emulated apps. They open nothing but the emulator.
const (
	dingtalkID       = "dinglingkedemo000001"
	dingtalkSecret   = "demo-dingtalk-app-secret" //nolint:gosec // opens nothing but the emulator
	dingtalkCorp     = "dingdemocorp"
	dingtalkTemplate = "3f6c1d2e-5a0b-4c7d-9e8f-0a1b2c3d4e5f.schema"
	wecomCorp        = "wwdemo0000000001"
	wecomAgent       = 1000002
	wecomSecret      = "demo-wecom-app-secret"
	wecomToken       = "demoToken123"
	wecomAESKey      = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
	kingdeeAcct      = "6512f0c1a2b3c4"
	kingdeeUser      = "integration"
	kingdeeAppID     = "300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld"
	kingdeeSecret    = "0f1e2d3c4b5a69788796a5b4c3d2e1f0" //nolint:gosec // the worked example of the signature
	yonyouTenant     = "lingkedemo"
	yonyouKey        = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
	yonyouSecret     = "1111222233334444555566667777888899990000" //nolint:gosec // the worked example of the signature
	u8Account        = "lingkedemo"
	u8Key            = "opa1b2c3d4e5f6"
	u8Secret         = "demo-u8-app-secret" //nolint:gosec // opens nothing but the emulator
	chanjetKey       = "demoKey1"
	chanjetSecret    = "demo-chanjet-app-secret" //nolint:gosec // opens nothing but the emulator
	chanjetMessages  = "0123456789abcdef"
	chanjetCert      = "demo-certificate"
	xingchenClient   = "205022"
	xingchenSecret   = "xingchen-demo-client-secret" //nolint:gosec // opens nothing but the emulator
	xingchenAccount  = "1700012345"
	websiteSecret    = "whsec_bGluZ2tlLWRlbW8td2Vic2l0ZS1zZWNyZXQ="
)

// Emulator builds the emulated platforms with the sample world: a manufacturer with its people, customers and orders. callback is the gateway's WeCom callback URL.
func Emulator(customers, orders int, callback string, now func() time.Time) (*emulator.Emulator, error) {
	template, err := configs.FS.ReadFile("cards/dingtalk.json")
	if err != nil {
		return nil, fmt.Errorf("card template: %w", err)
	}
	em, err := emulator.New(emulator.Options{
		People:   sample.People(),
		DingTalk: dingtalk.Options{ClientID: dingtalkID, ClientSecret: dingtalkSecret, CorpID: dingtalkCorp, CardTemplate: dingtalkTemplate, Template: template},
		WeCom:    wecom.Options{CorpID: wecomCorp, AgentID: wecomAgent, Secret: wecomSecret, Token: wecomToken, AESKey: wecomAESKey, CallbackURL: callback},
		Kingdee: kingdee.Options{
			AcctID: kingdeeAcct, Username: kingdeeUser, AppID: kingdeeAppID, AppSecret: kingdeeSecret,
		},
		Chanjet: yonyou.ChanjetOptions{
			AppKey: chanjetKey, AppSecret: chanjetSecret, MessageSecret: chanjetMessages, Certificate: chanjetCert,
			MessageURL: strings.TrimSuffix(callback, "/callbacks/wecom") + "/hooks/chanjet",
		},
		U8:       yonyou.U8Options{FromAccount: u8Account, AppKey: u8Key, AppSecret: u8Secret},
		YonBIP:   yonyou.Options{TenantID: yonyouTenant, AppKey: yonyouKey, AppSecret: yonyouSecret},
		XingChen: xingchen.Options{ClientID: xingchenClient, ClientSecret: xingchenSecret, OuterInstanceID: xingchenAccount},
		Seed: func(erp emulator.Records) error {
			return sample.Fill(sample.Documents(erp.PutRecord, now()), now(), customers, orders, seed)
		},
		Now: now,
	})
	if err != nil {
		return nil, err
	}
	for form, fields := range sample.Yonyou(now(), customers/5, orders/5, seed) {
		if err := em.YonBIP().PutRecord(form, fields); err != nil {
			return nil, fmt.Errorf("seed the emulated Yonyou: %w", err)
		}
	}
	return em, sample.XingChen(em.XingChen().PutRecord, now(), customers/5, orders/5, seed)
}

// Sample is a whole config that connects a gateway to the emulated platforms at a URL, for people who try a connector out.
func Sample(url string) string {
	var people strings.Builder
	for _, p := range sample.People() {
		if p.DingTalk != "" && (p.Role == "manager" || p.Role == "rep") {
			fmt.Fprintf(&people, "  - {id: %s, name: %s, role: %s, team: 销售部, dingtalk: %s}\n", p.ID, p.Name, p.Role, p.DingTalk)
		}
	}
	return fmt.Sprintf(`bots:
  dingtalk: {client_id: %[12]s, client_secret: %[13]s, card_template: %[14]s, base_url: "%[1]s", oapi_url: "%[1]s"}
connectors:
  kingdee: {type: kingdee, every: "*/10 * * * *", base_url: "%[1]s/k3cloud/", acct_id: %[2]s, username: %[3]s, app_id: %[4]s, app_secret: %[5]s}
  xingchen: {type: xingchen, base_url: "%[1]s", client_id: "%[6]s", client_secret: %[7]s, outer_instance_id: "%[8]s"}
  yonyou: {type: yonyou, base_url: "%[1]s", tenant_id: %[9]s, app_key: %[10]s, app_secret: "%[11]s"}
people:
%[15]spools:
  - {name: 线索池, when: "true", team: 销售部, strategy: claim}
`, url, kingdeeAcct, kingdeeUser, kingdeeAppID, kingdeeSecret, xingchenClient, xingchenSecret, xingchenAccount, yonyouTenant, yonyouKey, yonyouSecret,
		dingtalkID, dingtalkSecret, dingtalkTemplate, people.String())
}

// ErrNotKept: no demo has kept its store in a folder.
var ErrNotKept = errors.New("there is no demo")

// Kept is the config of a demo that keeps its store in a folder, for commands that look into it. ErrNotKept.
func Kept(dir string) (*configs.Config, error) {
	if _, err := os.Stat(filepath.Join(dir, storeFile)); err != nil {
		return nil, fmt.Errorf("%w in %s: run lingke demo --data %[2]s first", ErrNotKept, dir)
	}
	return Config("127.0.0.1:8080", "http://127.0.0.1:8090", dir, sample.People())
}

// seed makes every demo show the same company.
const seed = 20260302

// Config is the gateway's config for the demo: its own address, the emulator's URL, and the folder of its store.
func Config(addr, emulatorURL, dir string, people []world.Person) (*configs.Config, error) {
	var text bytes.Buffer
	t, err := template.New("demo.yaml").Parse(configText)
	if err != nil {
		return nil, fmt.Errorf("demo config: %w", err)
	}
	if err := t.Execute(&text, map[string]any{"People": people}); err != nil {
		return nil, fmt.Errorf("demo config: %w", err)
	}
	env := map[string]string{
		"LINGKE_DEMO_ADDR": addr, "LINGKE_DEMO_EMULATOR": emulatorURL, "LINGKE_DEMO_DATA": dir, "LINGKE_DEMO_TOKEN": Token,
		"DINGTALK_CLIENT_ID": dingtalkID, "DINGTALK_CLIENT_SECRET": dingtalkSecret, "DINGTALK_CORP_ID": dingtalkCorp, "DINGTALK_CARD_TEMPLATE": dingtalkTemplate,
		"WECOM_CORP_ID": wecomCorp, "WECOM_SECRET": wecomSecret, "WECOM_TOKEN": wecomToken, "WECOM_ENCODING_AES_KEY": wecomAESKey,
		"KINGDEE_ACCT_ID": kingdeeAcct, "KINGDEE_USERNAME": kingdeeUser, "KINGDEE_APP_ID": kingdeeAppID, "KINGDEE_APP_SECRET": kingdeeSecret,
		"WEBSITE_HOOK_SECRET": websiteSecret,
	}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	return configs.Parse("demo.yaml", text.Bytes(), lookup, app.Checks()...)
}
