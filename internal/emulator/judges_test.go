package emulator_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/pem"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"lingke/internal/emulator"
	"lingke/internal/emulator/dingtalk"
	"lingke/internal/emulator/kingdee"
	"lingke/internal/emulator/wecom"
	"lingke/internal/emulator/world"
)

// What the judged world is made of. The judges get it through their environment.
const (
	judgedApp      = "dingjudged0000000001"
	judgedSecret   = "judged-app-secret"
	judgedTemplate = "11111111-2222-3333-4444-555555555555.schema"
	judgedGroup    = "cidJUDGED=="
	judgedCorp     = "wwjudged00000001"
	judgedToken    = "judgedToken"
	judgedKey      = "abcdefghijABCDEFGHIJ0123456789abcdefghijABC"
	judgedERPApp   = "300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld" // of the signature's worked example
	judgedERPKey   = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	judgedPings    = time.Second // long enough for a busy machine to answer
)

// judgeTime is far more than a judge takes on a busy machine.
const judgeTime = time.Minute

// judge is one conversation of an official SDK with the emulator.
type judge struct {
	name, script string
	program      string // below the folder of the installed SDKs, or in PATH
	needs        string // below the folder of the installed SDKs
}

var judges = []judge{
	{"DingTalk in Node", "dingtalk.mjs", "node", "node/node_modules/dingtalk-stream"},
	{"DingTalk in Python", "dingtalk.py", "py/bin/python", "py/bin/python"},
	{"DingTalk in Java", "Dingtalk.java", "java", "java/lib"},
	{"DingTalk's older interface in Java", "Notices.java", "java", "java/lib/alibaba-dingtalk-service-sdk-2.0.0.jar"},
	{"WeCom in Node", "wecom.mjs", "node", "node/node_modules/@wecom/crypto"},
	{"Kingdee in Python", "kingdee.py", "py/bin/python", "py/bin/python"},
}

// TestOfficialSDKs runs the scripts of .ci/judges: the platforms' own SDKs, unchanged, must work against the emulator.
func TestOfficialSDKs(t *testing.T) {
	for _, j := range judges {
		t.Run(j.name, func(t *testing.T) {
			t.Parallel()
			program := j.find(t)
			b := start(t, judged)
			j.run(t, b, program)
		})
	}
}

// judged makes the world that the scripts expect.
func judged(o *emulator.Options) {
	o.People = []world.Person{
		{ID: "wangfang", Name: "王芳", Role: "manager", Team: "销售部", DingTalk: "boss01", WeCom: "WangFang"},
		{ID: "lina", Name: "李娜", Role: "rep", Team: "高级销售", DingTalk: "user002"},
		{ID: "zhangwei", Name: "张伟", Role: "rep", Team: "高级销售", DingTalk: "manager4220", WeCom: "ZhangWei"},
	}
	o.Groups = []emulator.Group{{Platform: "dingtalk", ID: judgedGroup, Title: "销售一组", Members: []string{"user002", "manager4220"}}}
	o.DingTalk = dingtalk.Options{
		ClientID: judgedApp, ClientSecret: judgedSecret, CorpID: "dingjudged", CardTemplate: judgedTemplate,
		AnswerIn: 10 * time.Second, PingEvery: judgedPings, Retire: 100 * time.Millisecond,
	}
	o.WeCom = wecom.Options{CorpID: judgedCorp, AgentID: 1000002, Secret: judgedSecret, Token: judgedToken, AESKey: judgedKey, Deliveries: 1}
	o.Kingdee = kingdee.Options{
		AcctID: "6512f0c1a2b3c4", Username: "integration", AppID: judgedERPApp, AppSecret: judgedERPKey, HeaderWindow: time.Minute,
	}
	o.Seed = func(r emulator.Records) error {
		for number, name := range map[string]string{"KH1": "华东精密", "KH2": "上海 O'Neil 贸易"} {
			id := 1000 + int(number[2]-'0')
			if err := r.PutRecord("BD_Customer", object{"FCUSTID": id, "FNumber": number, "FName": name}); err != nil {
				return err
			}
		}
		return nil
	}
}

// sdks is the folder that .ci/judges/install fills.
func sdks(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("LINGKE_JUDGES")
	if dir == "" {
		dir = filepath.Join("..", "..", ".cache", "judges")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// find returns the judge's program, or skips where it or the SDK is not installed.
func (j judge) find(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(sdks(t), j.needs)); err != nil {
		t.Skipf("no %s: run .ci/judges/install", j.needs)
	}
	program := j.program
	if strings.Contains(program, "/") {
		program = filepath.Join(sdks(t), program)
	}
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("no %s on this machine", j.program)
	}
	return path
}

// run lets the script hold its conversation. What it prints to stdout are answers to the test; stderr tells why it failed.
func (j judge) run(t *testing.T, b *testbed, program string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), judgeTime)
	defer cancel()
	args, env := []string{filepath.Join("..", "..", ".ci", "judges", j.script)}, environment(t, b)
	if j.program == "java" {
		flags, address := javaNeeds(t, b)
		args, env = append(flags, args...), append(env, "JUDGE_TLS="+address)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = time.Second
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	verdict := listen(t, b, out)
	if err := cmd.Wait(); err != nil || verdict != "ok" {
		t.Errorf("%v, verdict %q:\n%s", err, verdict, complaint.String())
	}
}

// javaNeeds serves the emulator with TLS too, since the Java client knows no other connections, and returns the flags that make
// Java trust it.
func javaNeeds(t *testing.T, b *testbed) (flags []string, address string) {
	t.Helper()
	web := httptest.NewTLSServer(b.e.Handler())
	t.Cleanup(web.Close)
	dir := t.TempDir()
	cert, store := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "trust.p12")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	if err := os.WriteFile(cert, text, 0o600); err != nil {
		t.Fatal(err)
	}
	keytool := exec.CommandContext(t.Context(), "keytool", "-importcert", "-noprompt", "-alias", "emulator", "-file", cert,
		"-keystore", store, "-storetype", "PKCS12", "-storepass", "changeit")
	if out, err := keytool.CombinedOutput(); err != nil {
		t.Fatalf("keytool: %v\n%s", err, out)
	}
	return []string{
		"-Dfile.encoding=UTF-8", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Djavax.net.ssl.trustStore=" + store, "-Djavax.net.ssl.trustStorePassword=changeit",
		"-cp", filepath.Join(sdks(t), "java", "lib", "*"),
	}, web.URL
}

// environment tells the script where the emulator is and what it holds. Proxies have no business between the two.
func environment(t *testing.T, b *testbed) []string {
	t.Helper()
	pings := strconv.FormatFloat((3 * judgedPings / 2).Seconds(), 'f', -1, 64)
	return []string{
		"JUDGE_EMULATOR=" + b.url, "JUDGE_SDKS=" + filepath.Join(sdks(t), "node"), "DINGTALK_OPENAPI_ENDPOINT=" + b.url,
		"JUDGE_DINGTALK_ID=" + judgedApp, "JUDGE_DINGTALK_SECRET=" + judgedSecret, "JUDGE_DINGTALK_TEMPLATE=" + judgedTemplate,
		"JUDGE_DINGTALK_GROUP=" + judgedGroup, "JUDGE_LINA=user002", "JUDGE_ZHANG=manager4220", "JUDGE_PINGS_SECONDS=" + pings,
		"JUDGE_WECOM_CORP=" + judgedCorp, "JUDGE_WECOM_AGENT=1000002", "JUDGE_WECOM_SECRET=" + judgedSecret,
		"JUDGE_WECOM_TOKEN=" + judgedToken, "JUDGE_WECOM_KEY=" + judgedKey,
		"JUDGE_KINGDEE_ACCT=6512f0c1a2b3c4", "JUDGE_KINGDEE_USER=integration", "JUDGE_KINGDEE_APP=" + judgedERPApp, "JUDGE_KINGDEE_SECRET=" + judgedERPKey,
		"NO_PROXY=*", "no_proxy=*", "PYTHONDONTWRITEBYTECODE=1",
	}
}

// listen does what the script asks for, and returns its last line. "callback URL" asks for WeCom's callbacks.
func listen(t *testing.T, b *testbed, out io.Reader) (verdict string) {
	t.Helper()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		verdict = lines.Text()
		address, ok := strings.CutPrefix(verdict, "callback ")
		if !ok {
			continue
		}
		b.e.WeCom().SetCallbackURL(address)
		if err := b.e.WeCom().VerifyCallback(t.Context()); err != nil {
			t.Error(err)
		}
	}
	return verdict
}
