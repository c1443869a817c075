package wecom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"lingke/bots"
)

// maxRobotMarkdown is the limit of a group robot's markdown in bytes.
const maxRobotMarkdown = 4096

// sendByGroupRobot posts text to a group robot's webhook (群机器人), which needs no token and no trusted address.
func (b *Bot) sendByGroupRobot(ctx context.Context, name string, m bots.Outgoing) (bots.Receipt, error) {
	const op = "send by group robot"
	robot, ok := b.cfg.Robots[name]
	if !ok {
		return bots.Receipt{}, &bots.Error{Kind: bots.ErrMisconfigured, Platform: bots.WeCom, Op: op, Code: "unknown robot", Text: fmt.Sprintf("no group robot is called %q", name)}
	}
	text := m.Text
	switch {
	case m.Card != nil:
		text = cardText(*m.Card, true)
	case m.File != nil:
		text = m.File.Alt
	}
	if text == "" {
		return bots.Receipt{}, invalid(op, "the message is empty")
	}
	if wait := b.pace.Take(name, b.now()); wait > 0 {
		return bots.Receipt{}, &bots.Error{Kind: bots.ErrRateLimited, Platform: bots.WeCom, Op: op, Code: "20 a minute", Text: "the robot's minute is full", Wait: wait}
	}
	body, err := json.Marshal(map[string]any{"msgtype": "markdown", "markdown": markdownBody{bots.Cut(text, maxRobotMarkdown)}})
	if err != nil {
		return bots.Receipt{}, fmt.Errorf("wecom: %s: %w", op, err)
	}
	target := *b.base
	target.Path += "/cgi-bin/webhook/send"
	target.RawQuery = url.Values{"key": {robot}}.Encode()
	return bots.Receipt{}, b.postRobot(ctx, op, target.String(), robot, plainJSON(body))
}

func (b *Bot) postRobot(ctx context.Context, op, target, key string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("wecom: %s: %w", op, errors.New("cannot build the request"))
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := b.http.Do(req)
	if err != nil {
		return fmt.Errorf("wecom: %s: %w", op, bare(err))
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("wecom: %s: %w", op, err)
	}
	var said struct {
		Code int64  `json:"errcode"`
		Text string `json:"errmsg"`
	}
	if err := json.Unmarshal(answer, &said); err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("wecom: %s: the platform answered HTTP %d", op, resp.StatusCode)
	}
	if said.Code != 0 {
		return b.refusal(op, said.Code, said.Text, key)
	}
	return nil
}
