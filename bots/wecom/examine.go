package wecom

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"lingke/bots"
)

var _ bots.Examiner = (*Bot)(nil)

// Console pages, as people find them.
const (
	pageApp     = "work.weixin.qq.com/wework_admin → 应用管理 → the app"
	pageCorp    = "work.weixin.qq.com/wework_admin → 我的企业 → 企业信息"
	pageReceive = pageApp + " → 接收消息 → 设置API接收"
)

// fixes say where what a code complains of is mended.
var fixes = map[string]string{
	"40001":  pageApp + ": copy Secret (查看) into secret; after several wrong ones the platform blocks this address for an hour",
	"40013":  pageCorp + ": copy 企业ID into corp_id",
	"41002":  pageCorp + ": copy 企业ID into corp_id",
	"41004":  pageApp + ": copy Secret into secret",
	"40056":  pageApp + ": copy AgentId into agent_id",
	"301002": pageApp + ": agent_id and secret belong to different apps; copy both from one",
	"48002":  pageApp + ": this app may not call it; look at the app's permissions",
	"50003":  pageApp + ": the app is disabled (停用): enable it",
	"60011":  pageApp + " → 可见范围: add the teams",
	"45009":  "the platform's frequency limit is reached: wait a minute, or an hour after wrong secrets",
}

// Examine tries token, trusted address, agent, visible range and the callback. It stops after the token where that is refused.
func (b *Bot) Examine(ctx context.Context, address string) []bots.Symptom {
	if err := b.Check(ctx); err != nil {
		return []bots.Symptom{sick("", err)}
	}
	all := []bots.Symptom{{What: "the credentials are taken, and calls from this address"}}
	all = append(all, b.examineAgent(ctx), b.examineRange(ctx))
	return append(all, b.examineCallback(ctx, address))
}

func sick(part string, err error) bots.Symptom {
	var refused *bots.Error
	fix := "check this machine's way to the internet (proxy, DNS, firewall) to qyapi.weixin.qq.com"
	if errors.As(err, &refused) {
		fix = fixes[refused.Code]
		if fix == "" {
			fix = "look the code up at open.work.weixin.qq.com/devtool/query?e=" + refused.Code
		}
		if refused.Code == "60020" {
			fix = pageApp + " → 企业可信IP: add " + addressIn(refused.Text) + "; a change takes a minute"
		}
	}
	return bots.Symptom{Part: part, What: err.Error(), Fix: fix, Err: err}
}

var ipv4 = regexp.MustCompile(`from ip: (\d{1,3}(?:\.\d{1,3}){3})`)

// addressIn is the address that the platform saw the call come from.
func addressIn(text string) string {
	if m := ipv4.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return "this machine's outgoing address"
}

// examineAgent reads the app's own settings, which tells whether agent_id and secret belong together.
func (b *Bot) examineAgent(ctx context.Context) bots.Symptom {
	var out struct {
		Name   string `json:"name"`
		Closed int    `json:"close"`
	}
	if err := b.get(ctx, "read the app", "/cgi-bin/agent/get", url.Values{"agentid": {b.agent()}}, &out); err != nil {
		return sick("agent", err)
	}
	if out.Closed == 1 {
		return bots.Symptom{Part: "agent", What: "the app is disabled", Fix: fixes["50003"], Err: errors.New("disabled")}
	}
	return bots.Symptom{Part: "agent", What: "agent_id is that of " + strconv.Quote(out.Name)}
}

// examineRange counts who can see the app.
func (b *Bot) examineRange(ctx context.Context) bots.Symptom {
	departments, err := b.departments(ctx)
	if err != nil {
		return sick("range", err)
	}
	if len(departments) == 0 {
		return bots.Symptom{Part: "range", What: "the app sees no department: only members who are named one by one get messages", Fix: fixes["60011"]}
	}
	return bots.Symptom{Part: "range", What: fmt.Sprintf("%d departments are visible", len(departments))}
}

// examineCallback does what saving the callback settings does: it asks the public address to open an encrypted text.
func (b *Bot) examineCallback(ctx context.Context, address string) bots.Symptom {
	const part = "callback"
	if address == "" {
		return bots.Symptom{Part: part, What: "server.public_url is empty: nobody's message or click arrives, and cards with buttons are refused", Fix: "write the https address under which the internet reaches this gateway"}
	}
	target := strings.TrimRight(address, "/") + "/callbacks/wecom"
	const plain = "lingke-doctor"
	sealed := b.cipher.encrypt(rand.Text()[:16], plain)
	stamp := strconv.FormatInt(b.now().Unix(), 10)
	query := url.Values{"msg_signature": {b.cipher.sign(stamp, plain, sealed)}, "timestamp": {stamp}, "nonce": {plain}, "echostr": {sealed}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target+"?"+query.Encode(), nil)
	if err != nil {
		return bots.Symptom{Part: part, What: "server.public_url is no address", Fix: "write it as https://host", Err: errors.New("bad address")}
	}
	resp, err := b.http.Do(req)
	if err != nil {
		err = bare(err)
		return bots.Symptom{Part: part, What: fmt.Sprintf("%s: %v", target, err), Fix: "start lingke serve, and let the proxy or tunnel lead this address to server.addr", Err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch {
	case err != nil:
		return bots.Symptom{Part: part, What: err.Error(), Fix: "try again", Err: err}
	case resp.StatusCode == http.StatusUnauthorized:
		return bots.Symptom{Part: part, What: target + " answers 401: the gateway there has another token, key or corp_id, or its clock is off",
			Fix: pageReceive + ": Token and EncodingAESKey as token and encoding_aes_key, then restart the gateway", Err: errors.New("401")}
	case resp.StatusCode != http.StatusOK || string(body) != plain:
		err := fmt.Errorf("%s answers %s and not the opened text", target, resp.Status)
		return bots.Symptom{Part: part, What: err.Error(), Fix: "let the proxy or tunnel lead this address, with its path and query, to server.addr, and change nothing of the answer", Err: err}
	}
	return bots.Symptom{Part: part, What: target + " opens what the platform sends; it belongs into " + pageReceive}
}
