package dingtalk

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"lingke/bots"
)

// noticePrefix marks a handle that is the task id of a work notice.
const noticePrefix = "notice:"

func noticeTask(h bots.Handle) (int64, bool) {
	text, ok := strings.CutPrefix(h.Message, noticePrefix)
	task, err := strconv.ParseInt(text, 10, 64)
	return task, ok && err == nil
}

// noticeReasons are the codes with which a work notice is refused to one person.
var noticeReasons = map[flexInt]bots.Refusal{
	143105: {Reason: "143105 the same notice went to this person today", Fate: bots.Twin},
	143106: {Reason: "143106 this person got 500 notices today", Fate: bots.Tonight},
}

// How long after a message it is asked what became of it. A refused notice is known after a minute; who has read a message of the robot is worth a call of the month's
// budget only once people had the time to look.
const (
	askNotice = time.Minute
	askRobot  = 30 * time.Minute
)

// SendNotice sends m's text as a work notice (工作通知), which needs no robot: POST /topapi/message/corpconversation/asyncsend_v2 of the old API. The platform takes the
// task and works on it later, so who was left out is told by Track. The same words to the same person on the same day are refused (143105), so repeated ones need
// something that makes them differ.
func (b *Bot) SendNotice(ctx context.Context, m bots.Outgoing) (bots.Receipt, error) {
	const op = "send work notice"
	if err := checkOutgoing(m); err != nil {
		return bots.Receipt{}, err
	}
	if b.cfg.AgentID == 0 || m.Text == "" || len(m.To) == 0 {
		return bots.Receipt{}, failed(op, "bad notice", "a work notice needs agent_id, a text and people")
	}
	var out struct {
		TaskID flexInt `json:"task_id"`
	}
	err := b.api.oapi(ctx, op, "/topapi/message/corpconversation/asyncsend_v2", map[string]any{
		"agent_id": b.cfg.AgentID, "userid_list": strings.Join(m.To, ","), "msg": map[string]any{"msgtype": "markdown", "markdown": marked(fitNotice(m.Text), m)},
	}, &out)
	if err != nil {
		return bots.Receipt{}, err
	}
	if out.TaskID == 0 {
		return bots.Receipt{}, fmt.Errorf("dingtalk: %s: the answer holds no task id", op)
	}
	return bots.Receipt{Handle: bots.Handle{Message: noticePrefix + strconv.FormatInt(int64(out.TaskID), 10)}, Ask: askNotice}, nil
}

// maxNotice is the platform's limit of a whole notice in bytes.
const maxNotice = 2048

// fitNotice leaves room for the JSON around the text.
func fitNotice(text string) markdown {
	m := markdown{Title: preview(text), Text: bots.Cut(hardBreaks(text), maxNotice-200)}
	for len(jsonText(m)) > maxNotice-100 {
		m.Text = bots.Cut(m.Text, len(m.Text)*3/4)
	}
	return m
}

// noticeResult asks what became of a task, 24 hours back.
func (b *Bot) noticeResult(ctx context.Context, task int64) (bots.Tracked, error) {
	const op = "work notice result"
	in := map[string]any{"agent_id": b.cfg.AgentID, "task_id": task}
	var progress struct {
		Progress struct {
			Status flexInt `json:"status"` // 0 not begun, 1 under way, 2 done
		} `json:"progress"`
	}
	if err := b.api.oapi(ctx, op, "/topapi/message/corpconversation/getsendprogress", in, &progress); err != nil {
		return bots.Tracked{}, err
	}
	if progress.Progress.Status < 2 {
		return bots.Tracked{}, nil
	}
	var out struct {
		Result sendResult `json:"send_result"`
	}
	if err := b.api.oapi(ctx, op, "/topapi/message/corpconversation/getsendresult", in, &out); err != nil {
		return bots.Tracked{}, err
	}
	return out.Result.tracked(), nil
}

// sendResult is what getsendresult tells; lists without anybody may be missing.
type sendResult struct {
	Invalid   []string `json:"invalid_user_id_list"`
	Failed    []string `json:"failed_user_id_list"`
	Forbidden []string `json:"forbidden_user_id_list"`
	Read      []string `json:"read_user_id_list"`
	Unread    []string `json:"unread_user_id_list"`
	Reasons   []struct {
		UserID string   `json:"userid"`
		Code   flexInt  `json:"code"`
		Count  flexText `json:"count"`
	} `json:"forbidden_list"`
}

func (r sendResult) tracked() bots.Tracked {
	t := bots.Tracked{Done: true, Read: r.Read, Unread: r.Unread}
	why := map[string]bots.Refusal{}
	for _, x := range r.Reasons {
		refusal, known := noticeReasons[x.Code]
		if !known {
			refusal.Reason = strconv.FormatInt(int64(x.Code), 10)
		}
		why[x.UserID] = refusal
	}
	add := func(ids []string, reason string) {
		for _, id := range ids {
			refusal, said := why[id]
			if !said {
				refusal.Reason = reason
			}
			refusal.To = id
			t.Refused = append(t.Refused, refusal)
		}
	}
	add(r.Invalid, "not a user id of this organisation, or outside the app's range")
	add(r.Forbidden, "a limit of the day")
	add(r.Failed, "failed")
	return t
}

// recallNotice takes a work notice back, within 24 hours.
func (b *Bot) recallNotice(ctx context.Context, task int64) error {
	return b.api.oapi(ctx, "recall work notice", "/topapi/message/corpconversation/recall", map[string]any{"agent_id": b.cfg.AgentID, "msg_task_id": task}, nil)
}
