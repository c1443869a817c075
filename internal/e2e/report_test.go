package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"lingke/internal/emulator/world"
)

// TestAManagerAsksForFiguresOnBothPlatforms: an outcome told in chat is in the figures, which come in words and as a picture through the real bots.
func TestAManagerAsksForFiguresOnBothPlatforms(t *testing.T) {
	t.Parallel()
	boss := world.Person{ID: "boss", Name: "王芳", Role: "manager", Team: "管理", DingTalk: "boss01", WeCom: "WangFang"}
	s := newSite(t, plan{people: []world.Person{boss}})
	g := s.run()
	if status, answer, err := s.push(t.Context(), "first", item{"customer.upsert", map[string]any{"id": "c1", "name": "华星机械", "industry": "制造业", "headcount": 900}}); err != nil || status != http.StatusOK {
		t.Fatalf("push: %d %s %v", status, answer, err)
	}
	drained(t, g.app.Store(), 20*time.Second)
	said := func(platform, text string, want ...string) {
		t.Helper()
		before := len(s.messages(platform, boss, 0))
		if out, err := s.say(t.Context(), platform, boss, text); err != nil || !out.Accepted {
			t.Fatalf("%q: %+v, %v", text, out, err)
		}
		eventually(t, 20*time.Second, platform+" "+text, func() error {
			var words []string
			pictures := 0
			for _, m := range s.messages(platform, boss, 0)[before:] {
				if m.From != boss.ID {
					words = append(words, m.Text)
				}
				if m.Image != "" {
					pictures++
				}
			}
			all := strings.Join(words, "\n")
			for _, w := range want {
				if w == "(picture)" && pictures != 1 || w != "(picture)" && !strings.Contains(all, w) {
					return fmt.Errorf("no %s in %q, %d pictures", w, all, pictures)
				}
			}
			return nil
		})
	}
	said("dingtalk", "赢单 华星机械 12万 30天", "已登记 华星机械 赢单：120,000 元，用时 30 天")
	said("wecom", "反馈 华星机械 好 决策人明确", "华星机械 是好线索")
	for _, platform := range platforms {
		said(platform, "报表 今年", "分层效果", "新客户成交率", "(picture)")
		said(platform, "进度 本周", "任务进度")
		said(platform, "预测", "样本太少")
	}
	noneDead(t, g.app.Store())
}
