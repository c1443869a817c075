package dingtalk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"lingke/bots"
)

// maxMsgParam is the platform's limit of msgParam in bytes, stated for groups and kept for people too.
const maxMsgParam = 15000 - 100 // and room for a mark

// markdown is the content of a text, the same keys in both ways to send it.
type markdown struct {
	Title string `json:"title"` // what the chat list previews
	Text  string `json:"text"`
}

// sendText tries the conversation's own reply address first: it costs nothing of the monthly budget.
func (b *Bot) sendText(ctx context.Context, m bots.Outgoing) (bots.Receipt, error) {
	if b.mayReply(m) {
		err := b.reply(ctx, m)
		if err == nil {
			return bots.Receipt{}, nil
		}
		// Only a clear refusal proves that nothing was shown; after a time-out a second way could show it twice.
		var refusal *bots.Error
		if !errors.As(err, &refusal) || (len(m.To) == 0 && m.Conversation == "") {
			return bots.Receipt{}, err
		}
		b.log.InfoContext(ctx, "reply address refused, using the robot API", "id", m.ID, "code", refusal.Code)
	}
	if len(m.To) == 0 && m.Conversation == "" {
		return bots.Receipt{}, failed("send text", "reply address over", "it expired or is not the platform's, and no receiver is named")
	}
	return b.sendByRobot(ctx, "send text", m, robotContent{"sampleMarkdown", jsonText(marked(fitMarkdown(m.Text), m))})
}

// marked is a content that fits, with the message's mark. Of work notices the platform keeps back what has the same words as an earlier one of the day (143105); where it
// does the same with the robot's messages, nothing is lost, and a message whose answer was lost is not shown twice.
func marked(c markdown, m bots.Outgoing) markdown {
	if m.Mark != "" && len(m.To) > 0 {
		c.Text += "\n\n" + m.Mark
	}
	return c
}

// mayReply reports whether the reply address is the platform's own and still lives. The address came in a message, whose
// content a stranger could have shaped.
func (b *Bot) mayReply(m bots.Outgoing) bool {
	if m.ReplyURL == "" || (!m.ReplyUntil.IsZero() && !b.now().Before(m.ReplyUntil)) {
		return false
	}
	u, err := url.Parse(m.ReplyURL)
	if err != nil || u.User != nil {
		return false
	}
	for _, own := range []string{defaultOapiURL, b.cfg.OapiURL} {
		if o, err := url.Parse(own); err == nil && u.Scheme == o.Scheme && strings.EqualFold(u.Host, o.Host) {
			return true
		}
	}
	return false
}

func (b *Bot) reply(ctx context.Context, m bots.Outgoing) error {
	body, err := encode(map[string]any{"msgtype": "markdown", "markdown": fitMarkdown(m.Text)})
	if err != nil {
		return err
	}
	return b.api.once(ctx, "reply", http.MethodPost, m.ReplyURL, "", body, nil)
}

// robotContent is a message of the robot API: one of its templates, and that one's parameters as JSON inside a string.
type robotContent struct{ key, param string }

func (b *Bot) sendToPeople(ctx context.Context, op string, m bots.Outgoing, c robotContent) (bots.Receipt, error) {
	req := map[string]any{"robotCode": b.cfg.RobotCode, "userIds": m.To, "msgKey": c.key, "msgParam": c.param}
	var out struct {
		Key     string   `json:"processQueryKey"`
		Invalid []string `json:"invalidStaffIdList"`
		Flow    []string `json:"flowControlledStaffIdList"`
	}
	if err := b.api.call(ctx, op, http.MethodPost, "/v1.0/robot/oToMessages/batchSend", req, &out); err != nil {
		return bots.Receipt{}, err
	}
	refused := append(refusals(m.To, out.Invalid, "not a user id of this organisation"),
		refusals(m.To, out.Flow, "flow controlled")...)
	if len(out.Flow) > 0 && len(refused) >= len(m.To) {
		return bots.Receipt{}, &bots.Error{Kind: bots.ErrRateLimited, Platform: bots.DingTalk, Op: op,
			Code: "flowControlledStaffIdList", Text: "everybody left is flow controlled", Wait: time.Minute}
	}
	r, err := receipt(op, sentKey(out.Key), refused, m.To)
	r.Ask = askRobot
	return r, err
}

// refusals names the people of to who are in left, each once.
func refusals(to, left []string, reason string) []bots.Refusal {
	var refused []bots.Refusal
	for _, id := range to {
		if slices.Contains(left, id) {
			refused = append(refused, bots.Refusal{To: id, Reason: reason})
		}
	}
	return refused
}

func (b *Bot) sendToGroup(ctx context.Context, op string, m bots.Outgoing, c robotContent) (bots.Receipt, error) {
	req := map[string]any{"robotCode": b.cfg.RobotCode, "openConversationId": m.Conversation, "msgKey": c.key, "msgParam": c.param}
	var out struct {
		Key string `json:"processQueryKey"`
	}
	if err := b.api.call(ctx, op, http.MethodPost, "/v1.0/robot/groupMessages/send", req, &out); err != nil {
		return bots.Receipt{}, err
	}
	return bots.Receipt{Handle: bots.Handle{Message: sentKey(out.Key)}}, nil
}

// sendByRobot shows content to people or in a group.
func (b *Bot) sendByRobot(ctx context.Context, op string, m bots.Outgoing, c robotContent) (bots.Receipt, error) {
	if len(m.To) > 0 {
		return b.sendToPeople(ctx, op, m, c)
	}
	return b.sendToGroup(ctx, op, m, c)
}

// fitMarkdown cuts text so that the JSON of the whole stays within maxMsgParam bytes, escapes included.
func fitMarkdown(text string) markdown {
	m := markdown{Title: preview(text), Text: bots.Cut(hardBreaks(text), maxMsgParam)}
	for {
		size := len(jsonText(m))
		if size <= maxMsgParam {
			return m
		}
		// In proportion, as escapes make some texts six times as long; always by more than the ellipsis.
		m.Text = bots.Cut(m.Text, min(len(m.Text)*maxMsgParam/size, len(m.Text)-len("…")-1))
	}
}

// hardBreaks makes every line break one that markdown shows: it joins lines that do not end in two blanks.
func hardBreaks(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines[:len(lines)-1] {
		if line != "" && lines[i+1] != "" && !strings.HasPrefix(lines[i+1], "- ") {
			lines[i] = strings.TrimRight(line, " ") + "  "
		}
	}
	return strings.Join(lines, "\n")
}

// preview is the first line that says something, without marks.
func preview(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(strings.TrimLeft(line, "#*>-` \t\r\n")); line != "" {
			return bots.CutRunes(strings.ReplaceAll(line, "**", ""), 40)
		}
	}
	return "消息"
}
