package chat

import (
	"strings"
	"testing"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
)

// wishedFor is a customer of 王芳 for which 李娜 has asked.
func (w *world) wishedFor() customer.Customer {
	w.t.Helper()
	c := w.lead("9", "沈阳机床厂", 800)
	boss, _ := w.chat.People.ByID("wangfang")
	_, err := w.claims.Claim(w.t.Context(), c.ID, boss, "dingtalk")
	must(w.t, err)
	wantText(w.t, shown(w.answer(w.say(bots.DingTalk, "lina", "把沈阳机床分配给李娜", false))), "请写上理由")
	wantText(w.t, shown(w.answer(w.say(bots.DingTalk, "lina", "分配 沈阳机床 李娜 客户指定要我", false))), "请确认", "从 王芳 改派给 李娜", "客户指定要我")
	yes := w.say(bots.DingTalk, "lina", "确认", false)
	for range 2 {
		wantText(w.t, shown(w.answer(yes)), "已提交主管审批")
	}
	if w.customer(c.ID).Owner != "wangfang" {
		w.t.Fatal("moved before a manager agreed")
	}
	return w.customer(c.ID)
}

func (w *world) decideOn(c customer.Customer, action string, inputs map[string]string) (bots.Answer, delivery.Delivery) {
	w.t.Helper()
	k := w.press(bots.DingTalk, "boss", c, cards.KindApproval, action)
	k.Click.Inputs = inputs
	a := w.handle(k)
	w.handle(k) // delivered twice
	all := w.approvals(c)
	return a, all[len(all)-1]
}

func TestACustomerMovesOnceAManagerAgrees(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.wishedFor()
	all := w.approvals(c)
	if len(all) == 0 || !strings.Contains(all[0].Card.Fields[1].Value, "负责人 王芳 → 李娜") {
		t.Fatalf("%d cards: %+v", len(all), all)
	}
	a, d := w.decideOn(c, cards.ActionAgree, nil)
	wantText(t, a.Toast, "已同意", "已分配给 李娜")
	if got := w.customer(c.ID); got.Owner != "lina" || d.Card.Live() {
		t.Errorf("owner %q, card %+v", got.Owner, d.Card)
	}
}

func TestARefusedMoveMovesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.wishedFor()
	a, _ := w.decideOn(c, cards.ActionReject, map[string]string{cards.InputReason: "我正在跟"})
	wantText(t, a.Toast, "已驳回", "我正在跟")
	if got := w.customer(c.ID); got.Owner != "wangfang" {
		t.Errorf("owner %q", got.Owner)
	}
}

func TestAMoveIsNotMadeOnceSomebodyElseHasTheCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.wishedFor()
	boss, _ := w.chat.People.ByID("wangfang")
	zhaolei, _ := w.chat.People.ByID("zhaolei")
	_, err := w.claims.Assign(t.Context(), c.ID, zhaolei, boss, "")
	must(t, err)
	a, _ := w.decideOn(c, cards.ActionAgree, nil)
	wantText(t, a.Toast, "没有改派：负责人已变为 赵磊")
	if got := w.customer(c.ID); got.Owner != "zhaolei" {
		t.Errorf("owner %q", got.Owner)
	}
}

func TestAMoveToWhoseHandsAreFullSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.wishedFor()
	full := w.lead("10", "天津港务局", 800) // 李娜 may hold one
	_, err := w.claims.Claim(t.Context(), full.ID, func() access.Person { p, _ := w.chat.People.ByID("lina"); return p }(), "")
	must(t, err)
	a, _ := w.decideOn(c, cards.ActionAgree, nil)
	wantText(t, a.Toast, "名下的客户已满")
	if got := w.customer(c.ID); got.Owner != "wangfang" {
		t.Errorf("owner %q", got.Owner)
	}
}
