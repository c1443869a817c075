package dingtalk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"lingke/bots"
)

// robotPrefix marks a handle that is the processQueryKey of a robot message and no card's outTrackId, which has no colon.
const robotPrefix = "robot:"

var _ bots.Tracker = (*Bot)(nil)

func sentKey(key string) string {
	if key == "" {
		return ""
	}
	return robotPrefix + key
}

func robotKey(h bots.Handle) (string, bool) { return strings.CutPrefix(h.Message, robotPrefix) }

// Track asks who has read a message of the robot to people (24 hours back). Of cards and group messages the platform tells nothing here.
func (b *Bot) Track(ctx context.Context, h bots.Handle) (bots.Tracked, error) {
	const op = "read status"
	if task, ok := noticeTask(h); ok {
		return b.noticeResult(ctx, task)
	}
	key, ok := robotKey(h)
	if !ok {
		return bots.Tracked{}, fmt.Errorf("dingtalk: %s: %w", op, bots.ErrUntracked)
	}
	var out struct {
		Status string `json:"sendStatus"`
		People []struct {
			UserID string `json:"userId"`
			Status string `json:"readStatus"`
		} `json:"messageReadInfoList"`
	}
	query := url.Values{"robotCode": {b.cfg.RobotCode}, "processQueryKey": {key}}
	err := b.api.call(ctx, op, http.MethodGet, "/v1.0/robot/oToMessages/readStatus?"+query.Encode(), nil, &out)
	if code(err) == "invalid.processQueryKey" {
		return bots.Tracked{}, fmt.Errorf("dingtalk: %s: %w: %w", op, bots.ErrUntracked, err)
	}
	if err != nil {
		return bots.Tracked{}, err
	}
	t := bots.Tracked{Done: out.Status != "PROCESSING"}
	for _, p := range out.People {
		if p.Status == "READ" {
			t.Read = append(t.Read, p.UserID)
		} else {
			t.Unread = append(t.Unread, p.UserID)
		}
	}
	return t, nil
}

// Recall takes a message of the robot, or a work notice, back from the people who got it, within 24 hours. Cards are closed instead.
func (b *Bot) Recall(ctx context.Context, h bots.Handle) error {
	const op = "recall message"
	if task, ok := noticeTask(h); ok {
		return b.recallNotice(ctx, task)
	}
	key, ok := robotKey(h)
	if !ok {
		return fmt.Errorf("dingtalk: %s: it is no message of the robot: %w", op, bots.ErrNotUpdatable)
	}
	req := map[string]any{"robotCode": b.cfg.RobotCode, "processQueryKeys": []string{key}}
	var out struct {
		Failed map[string]string `json:"failedResult"`
	}
	if err := b.api.call(ctx, op, http.MethodPost, "/v1.0/robot/otoMessages/batchRecall", req, &out); err != nil {
		return err
	}
	if why, left := out.Failed[key]; left {
		return notUpdatable(op, b.api.clean(why), "the platform does not take it back")
	}
	return nil
}
