package dingtalk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"lingke/bots"
)

// What the parsers report. Both mean that repeating the same frame or call would change nothing.
var (
	errMalformed = errors.New("dingtalk: malformed payload")
	// errBudgetSpent is a message that came without its text, since the organisation's pushes of this month are used up
	// (code 20001).
	errBudgetSpent = errors.New("dingtalk: the month's pushes are used up, messages come without their text")
)

// maxID is the longest Incoming.ID.
const maxID = 128

// robotMessage is a message to the bot, the same over the stream and over HTTP.
type robotMessage struct {
	MsgID            string          `json:"msgId"`
	MsgType          string          `json:"msgtype"`
	Text             textContent     `json:"text"`
	Content          json.RawMessage `json:"content"`
	ConversationID   string          `json:"conversationId"`
	ConversationType flexText        `json:"conversationType"` // 1 single, 2 group
	CreateAt         flexInt         `json:"createAt"`         // ms
	SenderStaffID    string          `json:"senderStaffId"`    // empty for people outside the organisation
	SessionWebhook   string          `json:"sessionWebhook"`
	SessionUntil     flexInt         `json:"sessionWebhookExpiredTime"` // ms
	// One page of the platform names these fields errorCode, another errCode.
	ErrorCode flexInt `json:"errorCode"`
	ErrCode   flexInt `json:"errCode"`
}

type textContent struct {
	Content string `json:"content"`
}

// otherContent is what a message that is not plain text may say in words.
type otherContent struct {
	RichText []struct {
		Text string `json:"text"`
	} `json:"richText"`
	Recognition string `json:"recognition"` // what a voice message was heard to say
}

// maxFileName is the longest name of a file that is passed on, in bytes; a longer one loses its beginning.
const maxFileName = 255

// sentFile is the file of a message of type file; nil where there is none.
func sentFile(m robotMessage) *bots.File {
	var c struct {
		Name string `json:"fileName"`
		Code string `json:"downloadCode"`
	}
	if m.MsgType != "file" || json.Unmarshal(m.Content, &c) != nil || c.Code == "" {
		return nil
	}
	name := strings.ToValidUTF8(c.Name, "\uFFFD")
	return &bots.File{Name: strings.ToValidUTF8(name[max(0, len(name)-maxFileName):], ""), Code: c.Code}
}

// parseMessage reads a message to the bot; at stands in where it carries no time. Messages without words (pictures,
// films) have an empty Text.
func parseMessage(data []byte, at time.Time) (bots.Incoming, error) {
	var m robotMessage
	if err := json.Unmarshal(data, &m); err != nil {
		return bots.Incoming{}, fmt.Errorf("%w: robot message: %w", errMalformed, err)
	}
	if m.ErrorCode == 20001 || m.ErrCode == 20001 {
		return bots.Incoming{}, errBudgetSpent
	}
	if m.ConversationID == "" && m.SenderStaffID == "" {
		return bots.Incoming{}, fmt.Errorf("%w: robot message without conversation and sender", errMalformed)
	}
	group := m.ConversationType == "2"
	return bots.Incoming{ID: messageID(m.MsgID, data), Platform: bots.DingTalk, Message: &bots.Message{
		From: m.SenderStaffID, Conversation: m.ConversationID, Group: group,
		Text: spokenText(m, group), File: sentFile(m), At: instant(int64(m.CreateAt), at),
		ReplyURL: m.SessionWebhook, ReplyUntil: instant(int64(m.SessionUntil), time.Time{}),
	}}, nil
}

// messageID is the same for every redelivery: msgId stays while the frame's messageId changes.
func messageID(msgID string, data []byte) string {
	const prefix = "dingtalk:msg:"
	if msgID == "" || len(prefix)+len(msgID) > maxID {
		return prefix + digest(msgID, string(data))
	}
	return prefix + msgID
}

// digest is a hash of parts that keeps their boundaries.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// instant is ms since 1970 in UTC; a time that is missing or outside the years that JSON can carry is other.
func instant(ms int64, other time.Time) time.Time {
	const year9999 = 253402300799999
	if ms <= 0 || ms > year9999 {
		return other
	}
	return time.UnixMilli(ms).UTC()
}

func spokenText(m robotMessage, group bool) string {
	text := m.Text.Content
	var other otherContent
	if text == "" && json.Unmarshal(m.Content, &other) == nil {
		text = other.Recognition
		for _, part := range other.RichText {
			text += part.Text
		}
	}
	text = strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD"))
	if group {
		text = withoutMentions(text)
	}
	return text
}

// withoutMentions removes the leading @names: in a group the bot only sees messages that mention it.
func withoutMentions(text string) string {
	for strings.HasPrefix(text, "@") {
		name := strings.Fields(text)[0]
		text = strings.TrimSpace(strings.TrimPrefix(text, name))
	}
	return text
}
