package chat

import (
	"context"
	"strings"
	"testing"
	"time"

	"lingke/internal/cards"
	"lingke/internal/connections"
	"lingke/internal/customer"
	"lingke/scoring"
)

func TestSyncStatusSaysWhatAManagerHasToKnow(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	s := &Service{
		Cards: cards.New(scoring.Points(), time.UTC, func(c customer.Customer) scoring.Result { return c.Score }), Zone: time.UTC, Now: func() time.Time { return now },
		Connections: func(context.Context) ([]connections.Status, error) {
			return []connections.Status{
				{Name: "erp", Type: "kingdee", Pulls: true, Last: connections.Run{Began: now.Add(-time.Minute), Records: 12, Refused: 2}, Good: now.Add(-time.Minute), Next: now.Add(9 * time.Minute), Scan: connections.Scan{Began: now, Gone: 3},
					Refused: 7, First: []connections.Refusal{{What: "order 12", Why: "金额不是数字"}}},
				{Name: "shop", Type: "rest", Pulls: true, Last: connections.Run{Began: now.Add(-time.Minute), Error: "status 401"}, Good: now.Add(-26 * time.Hour), Failed: 3, Scan: connections.Scan{Began: now, Error: "half a list"}},
				{Name: "site", Type: "webhook"},
				{Name: "new", Type: "rest", Pulls: true},
			}, nil
		},
	}
	text, err := s.syncStatus(t.Context(), question{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"erp（kingdee）：", "同步 12 条，2 条无法读取，下次 ", "shop（rest）：连续 3 次失败", "status 401；数据截至 ", "滞后 26 小时", "核对：3 条已在来源删除，0 条恢复", "核对删除失败：half a list", "7 条读不懂，尚未导入", "order 12：金额不是数字", "lingke sync erp --replay", "site（webhook）：由对方推送", "new（rest）：还没有同步过"} {
		if !strings.Contains(text.text, want) {
			t.Errorf("lacks %q:\n%s", want, text.text)
		}
	}
	if text, err := new(Service).syncStatus(t.Context(), question{}); err != nil || text.text != "没有配置数据来源。" {
		t.Errorf("%q, %v", text.text, err)
	}
}
