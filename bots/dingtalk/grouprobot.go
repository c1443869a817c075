package dingtalk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"lingke/bots"
)

// GroupRobot is a robot that an owner of a group added there (自定义机器人). Token and secret are secrets.
type GroupRobot struct {
	Token   string // access_token of its webhook
	Secret  string // SEC…, where 加签 is on
	Keyword string // where 自定义关键词 is on: every message must contain it
}

// maxRobotText leaves the platform's 20,000 bytes of a message room for the JSON around it.
const maxRobotText = 15000

// sendByGroupRobot posts text to a group robot's webhook. The message's id makes a repeated attempt harmless.
func (b *Bot) sendByGroupRobot(ctx context.Context, name string, m bots.Outgoing) (bots.Receipt, error) {
	const op = "send by group robot"
	robot, ok := b.cfg.Robots[name]
	switch {
	case !ok:
		return bots.Receipt{}, &bots.Error{Kind: bots.ErrMisconfigured, Platform: bots.DingTalk, Op: op, Code: "unknown robot", Text: fmt.Sprintf("no group robot is called %q", name)}
	case m.File != nil && m.File.Alt != "":
		m.Text = m.File.Alt
	case m.File != nil:
		return bots.Receipt{}, failed(op, "bad content", "a group robot sends no files")
	case m.Card != nil:
		m.Text = plainCard(*m.Card)
	}
	if wait := b.pace.Take(name, b.now()); wait > 0 {
		return bots.Receipt{}, &bots.Error{Kind: bots.ErrRateLimited, Platform: bots.DingTalk, Op: op, Code: "20 a minute", Text: "the robot's minute is full", Wait: wait}
	}
	text := m.Text
	if !strings.Contains(text, robot.Keyword) {
		text = robot.Keyword + "\n\n" + text
	}
	body, err := encode(map[string]any{"msgtype": "markdown", "msgUuid": m.ID, "markdown": markdown{preview(m.Text), bots.Cut(hardBreaks(text), maxRobotText)}})
	if err != nil {
		return bots.Receipt{}, err
	}
	query := url.Values{"access_token": {robot.Token}}
	if robot.Secret != "" {
		stamp := strconv.FormatInt(b.now().UnixMilli(), 10)
		query.Set("timestamp", stamp)
		query.Set("sign", RobotSign(robot.Secret, stamp))
	}
	return bots.Receipt{}, b.api.once(ctx, op, http.MethodPost, b.cfg.OapiURL+"/robot/send?"+query.Encode(), "", body, nil)
}
