package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/silenceper/wechat/v2/util"
	"github.com/silenceper/wechat/v2/work/appchat"
	workcontext "github.com/silenceper/wechat/v2/work/context"
	"github.com/silenceper/wechat/v2/work/message"

	"lingke/bots"
)

// duplicateInterval is the longest time, in seconds, for which the platform recognises a repeated card.
const duplicateInterval = 14400

// maxRecipients is what package bots promises for one call.
const maxRecipients = 20

// appMessage is the body of message/send (document 90236). The agent id is a number there; the library's own type
// would send it as text.
type appMessage struct {
	ToUser            string        `json:"touser"`
	MsgType           string        `json:"msgtype"`
	AgentID           int           `json:"agentid"`
	Markdown          *markdownBody `json:"markdown,omitempty"`
	TemplateCard      *templateCard `json:"template_card,omitempty"`
	Image             *media        `json:"image,omitempty"`
	File              *media        `json:"file,omitempty"`
	DuplicateCheck    int           `json:"enable_duplicate_check"`
	DuplicateInterval int           `json:"duplicate_check_interval,omitempty"`
}

type markdownBody struct {
	Content string `json:"content"`
}

// chatMessage is the body of appchat/send, which knows no cards.
type chatMessage struct {
	ChatID   string        `json:"chatid"`
	MsgType  string        `json:"msgtype"`
	Markdown *markdownBody `json:"markdown,omitempty"`
	Image    *media        `json:"image,omitempty"`
	File     *media        `json:"file,omitempty"`
}

// Send shows m as a new message. A live card becomes a card with buttons; one that has nothing to press becomes text,
// because the platform's cards need a button or a link, and so does every card in a group, where the platform allows
// none. Text and such cards have a handle that cannot be updated.
//
// A card that was sent before under the same ID is success, with a handle without codes. ReplyURL is not used: the
// platform knows none.
func (b *Bot) Send(ctx context.Context, m bots.Outgoing) (bots.Receipt, error) {
	const op = "send message"
	if why := check(m); why != "" {
		return bots.Receipt{}, invalid(op, why)
	}
	if name, ok := bots.RobotName(m.Conversation); ok && inGroup(m) {
		return b.sendByGroupRobot(ctx, name, m)
	}
	if m.File != nil {
		return b.sendFile(ctx, m)
	}
	if m.Card != nil && m.Card.Live() && !inGroup(m) {
		return b.sendCard(ctx, m)
	}
	content := markdown(m)
	if strings.TrimSpace(content) == "" {
		return bots.Receipt{}, invalid(op, "the message is empty")
	}
	return b.sendWords(ctx, m, content)
}

// sendWords sends text to people or to a group.
func (b *Bot) sendWords(ctx context.Context, m bots.Outgoing, content string) (bots.Receipt, error) {
	if inGroup(m) {
		return b.sendGroup(ctx, chatMessage{ChatID: m.Conversation, MsgType: "markdown", Markdown: &markdownBody{content}})
	}
	return b.sendText(ctx, m, content)
}

// inGroup reports whether m goes to a group.
func inGroup(m bots.Outgoing) bool { return len(m.To) == 0 }

// check names what is wrong with m, or nothing.
func check(m bots.Outgoing) string {
	switch {
	case !validID(m.ID):
		return "the id must be 1-64 characters of 0-9 A-Z a-z _ -"
	case contents(m) != 1:
		return "exactly one of text, card and file must be set"
	case m.File != nil && (len(m.File.Data) <= minFile || len(m.File.Data) > bots.MaxAttachment):
		return fmt.Sprintf("a file has more than %d and at most %d bytes", minFile, bots.MaxAttachment)
	case len(m.To) == 0 && m.Conversation == "":
		return "there is no recipient"
	case len(m.To) > maxRecipients:
		return fmt.Sprintf("more than %d recipients", maxRecipients)
	}
	for _, to := range m.To {
		// "|" separates recipients and "@all" is everybody: neither may come in as one person's id.
		if to == "" || strings.ContainsAny(to, "|") || strings.HasPrefix(to, "@") {
			return "a recipient is no user id"
		}
	}
	return ""
}

func contents(m bots.Outgoing) int {
	n := 0
	for _, set := range []bool{m.Text != "", m.Card != nil, m.File != nil} {
		if set {
			n++
		}
	}
	return n
}

// validID keeps task_id within the platform's alphabet, which is why 42014 can only mean a repetition (see sendCard).
func validID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	return !strings.ContainsFunc(id, func(c rune) bool {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		return !letter && (c < '0' || c > '9') && c != '_' && c != '-'
	})
}

// sendCard sends a card whose task_id is m.ID.
func (b *Bot) sendCard(ctx context.Context, m bots.Outgoing) (bots.Receipt, error) {
	card := render(m.ID, *m.Card)
	receipt, err := b.sendApp(ctx, "send card", m.To, appMessage{
		MsgType: "template_card", TemplateCard: &card, DuplicateCheck: 1, DuplicateInterval: duplicateInterval,
	})
	var refused *bots.Error
	if errors.As(err, &refused) && refused.Code == strconv.Itoa(codeTaskID) {
		return bots.Receipt{}, nil
	}
	return receipt, err
}

// sendText switches the duplicate check off for answers: two equal ones to two questions are both wanted. What has a mark is equal only to another attempt at it.
func (b *Bot) sendText(ctx context.Context, m bots.Outgoing, content string) (bots.Receipt, error) {
	body := appMessage{MsgType: "markdown", Markdown: &markdownBody{content}}
	if m.Mark != "" {
		body.DuplicateCheck, body.DuplicateInterval = 1, duplicateInterval
		body.Markdown.Content = bots.Cut(content, maxMarkdown-len(m.Mark)-1) + "\n" + m.Mark
	}
	receipt, err := b.sendApp(ctx, "send text", m.To, body)
	receipt.Handle.Codes = nil
	return receipt, err
}

// sendApp completes and sends body.
func (b *Bot) sendApp(ctx context.Context, op string, to []string, body appMessage) (bots.Receipt, error) {
	body.ToUser, body.AgentID = strings.Join(to, "|"), b.cfg.AgentID
	var answer *message.SendResponse
	err := b.call(ctx, op, func(t ticket) (err error) {
		answer, err = message.NewClient(&workcontext.Context{AccessTokenHandle: t}).Send(op, body)
		return err
	})
	if err != nil {
		return bots.Receipt{}, err
	}
	receipt := bots.Receipt{Handle: bots.Handle{Message: answer.MsgID}, Refused: refusals(to, answer)}
	if answer.ResponseCode != "" {
		receipt.Handle.Codes = []string{answer.ResponseCode}
	}
	return receipt, nil
}

// sendGroup sends text to a chat that this app created. The answer has no message id.
func (b *Bot) sendGroup(ctx context.Context, body chatMessage) (bots.Receipt, error) {
	const op = "send group message"
	return bots.Receipt{}, b.call(ctx, op, func(t ticket) error {
		_, err := appchat.NewClient(&workcontext.Context{AccessTokenHandle: t}).Send(op, body)
		return err
	})
}

// refusals lists whom the platform left out. It answers in lower case; the caller gets its own spelling back.
func refusals(to []string, answer *message.SendResponse) []bots.Refusal {
	var list []bots.Refusal
	add := func(ids, reason string) {
		for _, id := range strings.Split(ids, "|") {
			if id != "" {
				list = append(list, bots.Refusal{To: spelling(to, id), Reason: reason})
			}
		}
	}
	add(answer.InvalidUser, "unknown or outside the app's visible range")
	add(answer.UnlicensedUser, "has no interface licence")
	return list
}

// spelling returns the id of list that is id but for its case.
func spelling(list []string, id string) string {
	for _, known := range list {
		if strings.EqualFold(known, id) {
			return known
		}
	}
	return id
}

// post is an API call that the library lacks, with the library's own HTTP and error handling.
func (b *Bot) post(ctx context.Context, op, path string, body []byte) error {
	return b.postQuery(ctx, op, path, nil, body, nil)
}

// postJSON is post with a body that is yet to be written; out gets the whole answer and may be nil.
func (b *Bot) postJSON(ctx context.Context, op, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("wecom: %s: %w", op, err)
	}
	return b.postQuery(ctx, op, path, nil, body, out)
}

func (b *Bot) postQuery(ctx context.Context, op, path string, query url.Values, body []byte, out any) error {
	if err := b.meter.Spend(ctx, path); err != nil {
		return err
	}
	return b.call(ctx, op, func(t ticket) error {
		q := url.Values{"access_token": {string(t)}}
		maps.Copy(q, query)
		answer, err := util.HTTPPostContext(ctx, platformURL+path+"?"+q.Encode(), body, nil)
		if err != nil {
			return err
		}
		if err := util.DecodeWithCommonError(answer, op); err != nil || out == nil {
			return err
		}
		return json.Unmarshal(answer, out)
	})
}
