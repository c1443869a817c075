package dingtalk

import (
	"context"
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
	pageCredentials = "open-dev.dingtalk.com → 应用开发 → the app → 凭证与基础信息" //nolint:gosec // the name of a page
	pagePermissions = "open-dev.dingtalk.com → 应用开发 → the app → 权限管理"
	pageRobot       = "open-dev.dingtalk.com → 应用开发 → the app → 机器人"
	pageSecurity    = "open-dev.dingtalk.com → 应用开发 → the app → 安全设置"
	pageEvents      = "open-dev.dingtalk.com → 应用开发 → the app → 事件订阅"
	pageCards       = "open-dev.dingtalk.com → 卡片平台"
)

// nothing is an id that no message and no card has.
const nothing = "lingke-doctor"

// Examine tries token, outgoing address, permissions, robot code, card template, stream and callbacks. It stops after the token where that is refused: nothing else could
// be told apart then.
func (b *Bot) Examine(ctx context.Context, address string) []bots.Symptom {
	token := b.examineToken(ctx)
	all := []bots.Symptom{token}
	if token.Err != nil {
		return all
	}
	all = append(all, b.examineRobot(ctx), b.examineCards(ctx), b.examineContacts(ctx))
	if b.cfg.AgentID != 0 {
		all = append(all, b.examineNotices(ctx))
	}
	if b.cfg.CardRouteKey == "" {
		return append(all, b.examineStream(ctx))
	}
	return append(all, b.examineCallbacks(ctx, address)...)
}

func well(part, what string) bots.Symptom { return bots.Symptom{Part: part, What: what} }

// sick is a failure; what the platform's own code says about the way to mend it goes before the usual fix.
func sick(part string, err error, fix string) bots.Symptom {
	c := code(err)
	switch {
	case errors.Is(err, bots.ErrRateLimited):
		return bots.Symptom{Part: part, What: err.Error(), Fix: "the limit passes by itself: try again in a minute, or next month where the month's calls are spent"}
	case strings.Contains(c, "IpNotInWhiteList") || c == "60020":
		fix = pageSecurity + " → 服务器出口 IP: add " + addressIn(err)
	case strings.Contains(c, "AccessTokenPermissionDenied") || c == "60011" || c == "88":
		fix = pagePermissions + ": " + fix
	case strings.HasPrefix(c, "invalidParameter.robotCode"):
		fix = pageRobot + ": copy RobotCode into robot_code, and switch the robot on (发布)"
	case c == "":
		fix = "check this machine's way to the internet (proxy, DNS, firewall) to api.dingtalk.com and oapi.dingtalk.com"
	}
	return bots.Symptom{Part: part, What: err.Error(), Fix: fix, Err: err}
}

var ipv4 = regexp.MustCompile(`\b\d{1,3}(\.\d{1,3}){3}\b`)

// addressIn is the address that the platform saw the call come from, where it says so.
func addressIn(err error) string {
	if ip := ipv4.FindString(err.Error()); ip != "" {
		return ip
	}
	return "this machine's outgoing address"
}

func (b *Bot) examineToken(ctx context.Context) bots.Symptom {
	if err := b.Check(ctx); err != nil {
		return sick("", err, pageCredentials+": copy Client ID and Client Secret into client_id and client_secret")
	}
	return well("", "the credentials are taken")
}

// expected reports whether a call failed as it does for something that is not there: then everything before that was right.
func expected(err error, codes ...string) bool {
	for _, c := range codes {
		if code(err) == c {
			return true
		}
	}
	return err == nil
}

// examineRobot asks for the readers of a message that does not exist.
func (b *Bot) examineRobot(ctx context.Context) bots.Symptom {
	query := url.Values{"robotCode": {b.cfg.RobotCode}, "processQueryKey": {nothing}}
	err := b.api.call(ctx, "try the robot", http.MethodGet, "/v1.0/robot/oToMessages/readStatus?"+query.Encode(), nil, nil)
	if expected(err, "invalid.processQueryKey", "invalidParameter.param.invalid", "resource.not.found") {
		return well("robot", "robot code and permission are right")
	}
	return sick("robot", err, "企业内机器人发送消息权限 (qyapi_robot_sendmsg)")
}

// examineCards changes a card that does not exist, and then makes one of the template that nobody gets.
func (b *Bot) examineCards(ctx context.Context) bots.Symptom {
	if b.cfg.CardTemplate == "" {
		return bots.Symptom{Part: "card_template", What: "there is no card template: cards are shown as text with words to type",
			Fix: pageCards + ": import the file of `lingke template --card FILE`, publish it, and write its id as card_template"}
	}
	err := b.putCard(ctx, "try to change a card", nothing, bots.Card{Title: nothing})
	if !expected(err, "param.cardNotExist") {
		return sick("card", err, "互动卡片实例写权限 (Card.Instance.Write)")
	}
	req, err := b.createRequest(bots.Outgoing{ID: nothing + "-" + strconv.FormatInt(b.now().UnixMilli(), 36), To: []string{nothing}, Card: &bots.Card{Title: nothing}})
	if err != nil {
		return sick("card_template", err, "")
	}
	req.OpenSpaceID, req.Robot = "", nil
	err = b.api.call(ctx, "try the card template", http.MethodPost, "/v1.0/card/instances", req, nil)
	switch code(err) {
	case "param.templateNotExist":
		return sick("card_template", err, pageCards+": copy the id of a template that was made for this app (关联应用); a template of another app or of the old builder is not found")
	case "param.templateUnpublished":
		return sick("card_template", err, pageCards+": publish the template (发布), then copy its id")
	}
	if !expected(err, "param.cardAlreadyExist") {
		return sick("card_template", err, pageCards+": look at the template's variables")
	}
	return well("card_template", "the template is there and takes the card's variables")
}

func (b *Bot) examineContacts(ctx context.Context) bots.Symptom {
	err := b.api.oapi(ctx, "try the address book", "/topapi/v2/department/listsub", map[string]any{"dept_id": rootDepartment}, nil)
	if code(err) == "50004" {
		return sick("contacts", err, pagePermissions+" → 通讯录接口权限范围: 全部员工")
	}
	if err != nil {
		return sick("contacts", err, "通讯录部门信息读权限 (qyapi_get_department_list) and 成员信息读权限 (qyapi_get_member); only needed where people come from the address book, or in HTTP mode")
	}
	return well("contacts", "the address book can be read")
}

// examineNotices asks for a task that does not exist.
func (b *Bot) examineNotices(ctx context.Context) bots.Symptom {
	in := map[string]any{"agent_id": b.cfg.AgentID, "task_id": 1}
	err := b.api.oapi(ctx, "try work notices", "/topapi/message/corpconversation/getsendprogress", in, nil)
	switch code(err) {
	case "60011", "88", "60020":
		return sick("notices", err, "工作通知发送权限")
	case "":
		if err != nil {
			return sick("notices", err, "")
		}
	}
	return well("notices", "work notices may be sent")
}

// examineStream asks for a ticket and does not use it: a second connection would take messages from the gateway that runs.
func (b *Bot) examineStream(ctx context.Context) bots.Symptom {
	body := map[string]any{"clientId": b.cfg.ClientID, "clientSecret": b.cfg.ClientSecret, "ua": "lingke",
		"subscriptions": []map[string]string{{"type": "CALLBACK", "topic": "/v1.0/im/bot/messages/get"}}}
	text, err := encode(body)
	if err == nil {
		var out struct{ Endpoint, Ticket string }
		err = b.api.once(ctx, "open a stream", http.MethodPost, b.cfg.BaseURL+"/v1.0/gateway/connections/open", "", text, &out)
		if err == nil && (out.Endpoint == "" || out.Ticket == "") {
			err = errors.New("dingtalk: open a stream: the answer holds no ticket")
		}
	}
	if err != nil {
		return sick("stream", err, pageRobot+" → 消息接收模式: Stream 模式; "+pageEvents+": Stream 模式推送")
	}
	return well("stream", "a stream can be opened")
}

// examineCallbacks calls the public address as the platform would.
func (b *Bot) examineCallbacks(ctx context.Context, address string) []bots.Symptom {
	if address == "" {
		return []bots.Symptom{{Part: "callback", What: "server.public_url is empty, so the platform cannot call", Fix: "write the https address under which the internet reaches this gateway"}}
	}
	stamp := strconv.FormatInt(b.now().UnixMilli(), 10)
	robot := http.Header{"Timestamp": {stamp}, "Sign": {RobotSign(b.cfg.ClientSecret, stamp)}}
	card := http.Header{"X-Ddpaas-Signature-Timestamp": {stamp}, "X-Ddpaas-Signature": {CardSign(b.cfg.CardSecret, stamp)}}
	all := []bots.Symptom{
		b.tryCallback(ctx, "robot", address, "{}", robot, http.StatusBadRequest, pageRobot+" → 消息接收地址"),
		b.tryCallback(ctx, "card", address, "{}", card, http.StatusBadRequest, "restart the gateway, which registers this address"),
	}
	if b.cfg.EventAESKey == "" {
		return append(all, bots.Symptom{Part: "callback.event", What: "events are not received: event_token and event_aes_key are empty",
			Fix: pageEvents + " → HTTP 推送: copy 签名 token and 加密 aes_key; nobody is told otherwise that somebody left"})
	}
	return append(all, b.tryEvent(ctx, address, stamp))
}

// tryEvent does what saving the address in the console does.
func (b *Bot) tryEvent(ctx context.Context, address, stamp string) bots.Symptom {
	events, err := NewEvents(b.cfg.EventToken, b.cfg.EventAESKey, b.cfg.ClientID)
	if err != nil {
		return sick("callback.event", err, pageEvents)
	}
	sealed, err := events.Seal(stamp, nothing, []byte(`{"EventType":"check_url"}`))
	if err != nil {
		return sick("callback.event", err, pageEvents)
	}
	query := url.Values{"msg_signature": {sealed.Signature}, "timestamp": {stamp}, "nonce": {nothing}}
	body := `{"encrypt":"` + sealed.Encrypt + `"}`
	return b.tryCallback(ctx, "event?"+query.Encode(), address, body, http.Header{}, http.StatusOK, pageEvents+" → HTTP 推送 请求网址")
}

// tryCallback posts a signed call that asks for nothing. A gateway with the same secrets answers want; 401 is one with others.
func (b *Bot) tryCallback(ctx context.Context, name, address, body string, header http.Header, want int, page string) bots.Symptom {
	part, _, _ := strings.Cut(name, "?")
	target := strings.TrimRight(address, "/") + "/callbacks/dingtalk/" + name
	shown := strings.TrimRight(address, "/") + "/callbacks/dingtalk/" + part
	part = "callback." + part
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(body))
	if err != nil {
		return bots.Symptom{Part: part, What: "server.public_url is no address", Fix: "write it as https://host", Err: errors.New("bad address")}
	}
	req.Header = header
	resp, err := b.http.Do(req)
	if err != nil {
		err = withoutURL(err)
		return bots.Symptom{Part: part, What: fmt.Sprintf("%s: %v", shown, err), Fix: "start lingke serve, and let the proxy or tunnel lead this address to server.addr", Err: err}
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
	_ = resp.Body.Close()
	switch resp.StatusCode {
	case want:
		return well(part, shown+" takes signed calls; it belongs into "+page)
	case http.StatusUnauthorized:
		return bots.Symptom{Part: part, What: shown + " answers 401: the gateway there has other secrets, or its clock is off", Fix: "start it with this config, and set the clock by NTP", Err: ErrSignature}
	}
	err = fmt.Errorf("%s answers %s", shown, resp.Status)
	return bots.Symptom{Part: part, What: err.Error(), Fix: "let the proxy or tunnel lead this address, with its path, to server.addr", Err: err}
}
