package chat

import (
	"math"
	"strings"
	"sync"
	"testing"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
)

func TestAManagerAdjustsAScoreOnceItIsConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.owned() // 85 points
	asked := w.say(bots.DingTalk, "boss", "调整 华星 +10% 30天 原因：多年的老客户", false)
	wantText(t, shown(w.answer(asked)), "请确认", "把 华星机械 的得分调整 +8.5（现在 85.0 分），30 天有效。原因：多年的老客户")
	if got := w.customer(c.ID); len(got.Adjustments) != 0 {
		t.Fatal("adjusted before it was confirmed")
	}
	yes := w.say(bots.DingTalk, "boss", "确认", false)
	for range 2 {
		wantText(t, shown(w.answer(yes)), "华星机械 已调整 +8.5，现在 93.5 分。")
	}
	got := w.customer(c.ID)
	if len(got.Adjustments) != 1 || math.Abs(got.Score.Total-93.5) > 1e-9 || got.Adjustments[0].By != "wangfang" || got.Adjustments[0].Expires.Sub(got.Adjustments[0].At).Hours() > 30*24 {
		t.Errorf("%+v, total %v", got.Adjustments, got.Score.Total)
	}
}

func TestAnAdjustmentThatCannotBeMadeSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.owned()
	for _, tt := range [][3]string{
		{"boss", "调整 华星 +20.1% 老客户", "最多调整 ±17.0（20%）"}, {"boss", "调整 华星 +18 老客户", "+18.0 超出了"}, {"boss", "调整 华星 +10%", "请写成"}, {"boss", "调整 华星 10% 老客户", "请写成"},
		{"boss", "调整 华星", "请写成"}, {"boss", "调整 华星 +0 老客户", "请写成"}, {"boss", "调整 华星 +NaN 老客户", "请写成"}, {"zhaolei", "调整 华星 +10% 老客户", "不归你的团队"}, {"money", "调整 华星 +10% 老客户", "权限"},
	} {
		wantText(t, shown(w.answer(w.say(bots.DingTalk, tt[0], tt[1], false))), tt[2], "!已调整")
	}
}

// approvals are the delivered cards of requests about a customer.
func (w *world) approvals(c customer.Customer) []delivery.Delivery {
	w.t.Helper()
	page, _, err := w.store.Deliveries(w.t.Context(), delivery.Query{Customer: c.ID})
	must(w.t, err)
	var out []delivery.Delivery
	for _, d := range page {
		if d.Kind == cards.KindApproval {
			out = append(out, d)
		}
	}
	return out
}

// requested is a customer for which 张伟 has asked for an adjustment.
func (w *world) requested() customer.Customer {
	w.t.Helper()
	c := w.owned()
	w.handle(w.say(bots.DingTalk, "zw", "调整 华星 +10% 老客户", false))
	wantText(w.t, shown(w.answer(w.say(bots.DingTalk, "zw", "确认", false))), "已提交主管审批")
	return c
}

func TestARepsAdjustmentIsMadeOnceAManagerAgrees(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.requested()
	asked := w.approvals(c)
	if len(asked) != 1 || asked[0].To[0] != "boss" || !strings.Contains(shown(asked[0]), "待审批") || len(w.customer(c.ID).Adjustments) != 0 {
		t.Fatalf("%+v", asked)
	}
	var clicks sync.WaitGroup
	for range 6 {
		in := w.press(bots.DingTalk, "boss", c, cards.KindApproval, cards.ActionAgree)
		clicks.Go(func() {
			if _, err := w.chat.Handle(t.Context(), in); err != nil {
				t.Error(err)
			}
		})
	}
	clicks.Wait()
	got := w.customer(c.ID)
	if len(got.Adjustments) != 1 || math.Abs(got.Score.Total-93.5) > 1e-9 || got.Adjustments[0].By != "zhangwei" {
		t.Fatalf("%+v, total %v", got.Adjustments, got.Score.Total)
	}
	late := w.handle(w.press(bots.DingTalk, "boss", c, cards.KindApproval, cards.ActionReject))
	if card := w.approvals(c)[0].Card; card.Live() || !strings.HasPrefix(card.State, "已同意（王芳）") {
		t.Errorf("the card says %q", card.State)
	}
	wantText(t, late.Toast, "已同意（王芳）")
	if n := w.told("zw", "你对 华星机械 的申请：已同意"); n != 1 {
		t.Errorf("the asker was told %d times", n)
	}
}

func TestARefusalNeedsAReasonAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.requested()
	in := w.press(bots.DingTalk, "boss", c, cards.KindApproval, cards.ActionReject)
	if a := w.handle(in); a.Ask == nil || w.approvals(c)[0].Card.State != "待审批" {
		t.Fatalf("refused without a reason: %+v", a)
	}
	in = w.press(bots.DingTalk, "boss", c, cards.KindApproval, cards.ActionReject)
	in.Click.Inputs = map[string]string{cards.InputReason: "没有依据"}
	wantText(t, w.handle(in).Toast, "已驳回（王芳：没有依据）")
	wantText(t, w.handle(w.press(bots.DingTalk, "boss", c, cards.KindApproval, cards.ActionAgree)).Toast, "已驳回（王芳：没有依据）")
	if got := w.customer(c.ID); len(got.Adjustments) != 0 || w.told("zw", "你对 华星机械 的申请：已驳回") != 1 {
		t.Errorf("%+v", got.Adjustments)
	}
}

// told counts the texts to somebody that begin so.
func (w *world) told(to, text string) int {
	w.t.Helper()
	page, _, err := w.store.Deliveries(w.t.Context(), delivery.Query{Limit: 1000})
	must(w.t, err)
	n := 0
	for _, d := range page {
		if len(d.To) == 1 && d.To[0] == to && strings.HasPrefix(d.Text, text) {
			n++
		}
	}
	return n
}
