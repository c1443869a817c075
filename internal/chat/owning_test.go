package chat

import (
	"fmt"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/dispatch"
	"lingke/internal/followup"
)

// deliver makes all that is due arrive.
func (w *world) deliver() {
	w.t.Helper()
	for _, p := range bots.Platforms() {
		all, err := w.store.LeaseDeliveries(w.t.Context(), string(p), w.now(), w.now().Add(time.Minute), "t", 1000)
		must(w.t, err)
		for _, d := range all {
			d.State, d.Shown, d.Ended = delivery.Done, d.Rev, w.now()
			must(w.t, w.store.FinishDelivery(w.t.Context(), d, "t"))
		}
	}
}

// pass lets time go by, looks at the clocks and delivers what follows.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	w.clock.Add(d.Milliseconds())
	_, err := w.chat.Outgoing.(*dispatch.Dispatcher).RunClocks(w.t.Context())
	must(w.t, err)
	w.deliver()
}

const workday = 24 * time.Hour

// warned is a customer of 张伟's whose card warns him.
func (w *world) warned() customer.Customer {
	w.t.Helper()
	c := w.owned()
	w.deliver()
	w.pass(3*workday + time.Minute)
	return w.customer(c.ID)
}

// card is the newest card of a kind about a customer.
func (w *world) card(c customer.Customer, kind string) delivery.Delivery {
	w.t.Helper()
	page, _, err := w.store.Deliveries(w.t.Context(), delivery.Query{Customer: c.ID, Limit: 1000})
	must(w.t, err)
	for _, d := range page {
		if d.Kind == kind {
			return d
		}
	}
	return delivery.Delivery{}
}

func TestTheOwnerIsWarnedAndWhatHelpsIsOnTheCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.warned()
	warning := w.card(c, cards.KindWarning)
	if warning.To[0] != "zw" {
		t.Fatalf("the card goes to %v", warning.To)
	}
	wantText(t, shown(warning), "跟进提醒：华星机械", "[延长 3 个工作日]", "[转交]", "[暂缓到]")
	wantText(t, fmt.Sprint(warning.Card.Fields), "{还可延长 2 次，每次 3 个工作日}")
	if to := warning.Card.Actions[1].Inputs[0]; len(to.Options) != 1 || to.Options[0].Label != "李娜" {
		t.Errorf("colleagues: %+v", to)
	}

	a := w.handle(w.press(bots.DingTalk, "zw", c, cards.KindWarning, cards.ActionExtend))
	wantText(t, a.Toast, "已延长", "3月16日")
	wantText(t, fmt.Sprint(a.Card.Fields), "{还可延长 1 次，每次 3 个工作日}")

	w.handle(w.say(bots.DingTalk, "zw", "跟进 华星 已约周三拜访", false))
	must(t, w.chat.Outgoing.Carry(t.Context(), c.ID))
	if closed := w.card(c, cards.KindWarning).Card; closed.Live() || closed.Closed != "已有跟进，重新计时" {
		t.Errorf("after a note: %+v", closed)
	}
	wantText(t, w.handle(w.press(bots.DingTalk, "zw", c, cards.KindWarning, cards.ActionExtend)).Toast, "没有需要延长")
}

func TestATaskThatIsDoneClosesTheWarning(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.warned()
	w.handle(w.press(bots.DingTalk, "zw", c, cards.KindTask, cards.ActionDone))
	must(t, w.chat.Outgoing.Carry(t.Context(), c.ID))
	if got := w.card(c, cards.KindWarning).Card.Closed; got != "已有跟进，重新计时" {
		t.Errorf("the card says %q", got)
	}
	if got := w.customer(c.ID).Clock; !got.From.Equal(w.now()) {
		t.Errorf("the clock runs from %s", got.From)
	}
}

func TestDoingNothingEndsInThePool(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.warned()
	w.pass(4 * workday) // from Friday over the weekend
	told := w.text(c, "boss")
	wantText(t, told, "张伟", "没有跟进 华星机械", "移回公海", "分配 华星机械")
	w.pass(2 * workday)
	if c = w.customer(c.ID); c.Owner != "" || c.Waiting.Why != customer.WaitOffered {
		t.Fatalf("after 7 workdays: %q, %+v", c.Owner, c.Waiting)
	}
	if got := w.card(c, cards.KindWarning).Card.Closed; got != "已移回公海" {
		t.Errorf("the card says %q", got)
	}
	for _, to := range w.card(c, cards.KindLead).To {
		if to == "zw" {
			t.Error("who lost the customer sees it among the new leads")
		}
	}
	wantText(t, w.answer(w.say(bots.DingTalk, "zw", "领取 华星", false)).Text, "退回过这个客户")
	wantText(t, w.answer(w.say(bots.DingTalk, "lina", "领取 华星", false)).Text, "已由你领取")
	over := w.card(c, cards.KindHandover)
	if over.To[0] != "lina" {
		t.Fatalf("the history goes to %v", over.To)
	}
	wantText(t, shown(over), "接手客户：华星机械")
	tasks, _, err := w.store.Tasks(t.Context(), followup.Query{Owner: "zhangwei", State: followup.Open})
	must(t, err)
	if len(tasks) > 0 {
		t.Errorf("who lost the customer still has %d tasks", len(tasks))
	}
}

// text is the newest text about a customer, or about none, to a person.
func (w *world) text(c customer.Customer, to string) string {
	w.t.Helper()
	page, _, err := w.store.Deliveries(w.t.Context(), delivery.Query{Limit: 1000})
	must(w.t, err)
	for _, d := range page {
		if d.Kind == "text" && len(d.To) == 1 && d.To[0] == to && (d.Customer == "" || d.Customer == c.ID) {
			return d.Text
		}
	}
	return ""
}

func TestPuttingOffOnTheCardAsksForDayAndReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.warned()
	in := w.press(bots.DingTalk, "zw", c, cards.KindWarning, cards.ActionDelay)
	if ask := w.handle(in).Ask; ask == nil || len(ask.Inputs) != 2 {
		t.Fatalf("the card asks %+v", ask)
	}
	in.ID, in.Click.Inputs = in.ID+"b", map[string]string{cards.InputUntil: "2026-03-20", cards.InputWhy: "等客户预算"}
	w.handle(in)
	c = w.customer(c.ID)
	if want := time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC); !c.Clock.Delay.Until.Equal(want) || c.Clock.Delay.Why != "等客户预算" {
		t.Fatalf("put off: %+v", c.Clock.Delay)
	}
	wantText(t, w.card(c, cards.KindWarning).Card.Closed, "已暂缓到 3月20日：等客户预算")
	wantText(t, w.text(c, "boss"), "张伟 把 华星机械 暂缓到 3月20日：等客户预算")
	wantText(t, w.answer(w.say(bots.DingTalk, "zw", "暂缓 华星 昨年", false)).Text, "请写成")
	wantText(t, w.answer(w.say(bots.DingTalk, "zw", "暂缓 华星 4月1日", false)).Text, "请写上原因")
	wantText(t, w.answer(w.say(bots.DingTalk, "zw", "暂缓 华星 2030年3月1日 等预算", false)).Text, "最多暂缓", "天")
	wantText(t, w.answer(w.say(bots.DingTalk, "zw", "暂缓 华星 两周后 客户出差", false)).Text, "已暂缓到")
	wantText(t, w.answer(w.say(bots.DingTalk, "lina", "暂缓 华星 两周后 客户出差", false)).Text, "只有负责人或主管")
}

func TestAColleagueTakesOverWhoIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.owned()
	wantText(t, w.answer(w.say(bots.DingTalk, "zw", "转交 华星 李娜", false)).Text, "已请 李娜 接手")
	wantText(t, shown(w.card(c, cards.KindOffer)), "张伟 想把客户转交给你：华星机械", "[接手]", "[不接]")
	a := w.handle(w.press(bots.DingTalk, "lina", c, cards.KindOffer, cards.ActionAccept))
	wantText(t, a.Card.Closed, "你已接手")
	if got := w.customer(c.ID); got.Owner != "lina" {
		t.Fatalf("the owner is %q", got.Owner)
	}
	over := w.card(c, cards.KindHandover)
	wantText(t, shown(over), "接手客户：华星机械")
	wantText(t, over.Card.Fields[2].Value, "张伟 转交")
	wantText(t, w.handle(w.press(bots.DingTalk, "lina", c, cards.KindOffer, cards.ActionDecline)).Toast, "不再有效")
}

func TestWhoIsAskedMayRefuseAndTheOwnerHearsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.owned()
	w.handle(w.say(bots.DingTalk, "zw", "转交 华星 李娜", false))
	w.handle(w.press(bots.DingTalk, "lina", c, cards.KindOffer, cards.ActionDecline))
	wantText(t, w.card(c, cards.KindOffer).Card.Closed, "你没有接手")
	wantText(t, w.text(c, "zw"), "李娜 没有接受 华星机械 的转交")
	if got := w.customer(c.ID); got.Owner != "zhangwei" {
		t.Errorf("the owner is %q", got.Owner)
	}
	for text, want := range map[string]string{
		"转交 华星 张伟": "已经是你自己", "转交 华星 李": "是不是：李娜", "转交 华星 无名氏": "没有“无名氏”", "转交 华星 钱进": "不能持有客户", "转交 华星": "交给谁",
	} {
		wantText(t, w.answer(w.say(bots.DingTalk, "zw", text, false)).Text, want)
	}
	wantText(t, w.answer(w.say(bots.DingTalk, "lina", "转交 华星 赵磊", false)).Text, "不在你名下")
}

func TestManagersAssignByWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("1", "华星机械", 800)
	wantText(t, w.answer(w.say(bots.DingTalk, "zw", "分配 华星 李娜", false)).Text, "请写上理由")
	wantText(t, w.answer(w.say(bots.DingTalk, "boss", "分配 华星 李娜", false)).Text, "华星机械 已分配给 李娜")
	if got := w.customer(c.ID); got.Owner != "lina" || got.Handed.By != "wangfang" {
		t.Fatalf("assigned: %q, %+v", got.Owner, got.Handed)
	}
	asked := w.say(bots.DingTalk, "boss", "分配 华星 张伟", false) // it has an owner: the manager confirms
	w.handle(asked)
	if got := w.customer(c.ID); got.Owner != "lina" {
		t.Fatalf("without a confirmation it went to %q", got.Owner)
	}
	w.handle(w.tap(asked, "boss", cards.ActionConfirm))
	if got := w.customer(c.ID); got.Owner != "zhangwei" {
		t.Errorf("confirmed, the owner is %q", got.Owner)
	}
}

func TestLeaveIsTakenAndEndedInChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t) // Monday, 2 March 2026
	say := func(from, text string, want ...string) {
		t.Helper()
		wantText(t, w.answer(w.say(bots.DingTalk, from, text, false)).Text, want...)
	}
	say("zw", "请假", "没有登记")
	say("zw", "请假 明天 感冒", "张伟 请假：3月3日。")
	say("zw", "请假 3月9日-3月11日 年假", "3月9日至3月11日")
	say("zw", "请假 3月20日 到 22日", "3月20日至3月22日")
	say("zw", "请假 周五下午", "3月6日下午")
	say("zw", "请假 3月3日-明年3月2日", "没看懂")
	say("zw", "请假 3月10日-3月9日", "时间太长")
	say("zw", "请假 昨天的事", "没看懂")
	say("boss", "请假 李娜 明天", "李娜 请假：3月3日")
	say("zw", "请假 李娜 明天", "没看懂")
	say("zw", "请假", "3月3日 感冒", "3月6日下午", "3月9日至3月11日 年假", "3月20日至3月22日")
	say("zw", "请假 3月25日 年假 代理 李娜", "3月25日", "到期的任务转给 李娜")
	say("zw", "请假 3月26日 代理人：李娜", "转给 李娜")
	say("zw", "请假 3月27日 由李娜代理", "转给 李娜")
	say("zw", "请假 3月30日 由于搬家", "3月30日", "期限顺延", "!转给")
	say("zw", "请假 3月31日 代理 李四四", "没有")
	say("zw", "请假 3月31日 代理 张伟", "不能由本人代理")
	say("zw", "请假", "3月25日 年假（代理 李娜）", "3月30日 由于搬家", "!3月31日")
	say("zw", "销假 3月25日-3月31日", "3月25日", "3月26日", "3月27日", "3月30日")
	say("zw", "销假 3月10日", "3月9日至3月11日")
	say("zw", "销假", "3月3日", "3月6日下午", "3月20日至3月22日", "!3月9日")
	say("zw", "销假", "没有登记")
	if all := w.chat.Leave.Entries(""); len(all) != 1 || all[0].Person != "lina" || all[0].By != "wangfang" {
		t.Errorf("what is left: %+v", all)
	}
}

func TestDaysAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CST", 8*3600)
	now := time.Date(2026, 12, 30, 23, 30, 0, 0, zone) // a Wednesday
	for text, want := range map[string]string{
		"今天": "2026-12-30", "明天": "2026-12-31", "后天": "2027-01-01", "2027-02-03": "2027-02-03", "２０２７年２月３日": "2027-02-03", "12月31日": "2026-12-31",
		"1月5日": "2027-01-05", "2月29日": "2028-02-29", "31日": "2026-12-31", "5号": "2027-01-05", "周五": "2027-01-01", "周一": "2027-01-04", "本周一": "2026-12-28",
		"下周一": "2027-01-04", "下周日": "2027-01-10", "两周后": "2027-01-13", "10天后": "2027-01-09", "三个月后": "2027-03-30", "两个月后": "2027-02-28", "2月30日": "", "13月1日": "", "": "", "以后": "",
	} {
		at, ok := parseDay(text, now, zone)
		got := ""
		if ok {
			got = at.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string][2]string{
		"明天": {"12-31 00:00", "01-01 00:00"}, "明天上午": {"12-31 00:00", "12-31 13:00"}, "1月4日至6日": {"01-04 00:00", "01-07 00:00"},
		"2027-01-04..2027-01-06": {"01-04 00:00", "01-07 00:00"}, "2027-01-04-2027-01-06": {"01-04 00:00", "01-07 00:00"}, "12月31日下午到1月2日上午": {"12-31 13:00", "01-02 13:00"},
		"30日-2日": {"12-30 00:00", "01-03 00:00"}, "5日到5日": {"01-05 00:00", "01-06 00:00"},
	} {
		from, to, ok := parseDays(text, now, zone)
		const layout = "01-02 15:04"
		if !ok || from.Format(layout) != want[0] || to.Format(layout) != want[1] {
			t.Errorf("%q is %s to %s (%v), want %v", text, from.Format(layout), to.Format(layout), ok, want)
		}
	}
}
