package chat

import (
	"context"
	"slices"
	"strings"
	"testing"

	"lingke/bots"
	"lingke/internal/customer"
)

func TestCommandsAreAnswered(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		from  string
		text  string
		group bool
		want  []string // "!" before what must not be there
		aside []string // in the private answer
	}{
		{"help lists what one may do", "lina", "帮助", false, []string{"查 <客户>", "领取 <客户>"}, nil},
		{"help of finance leaves out what reps do", "money", "帮助", false, []string{"查 <客户>", "!领取", "!为什么"}, nil},
		{"unknown text", "lina", "明天天气如何", false, []string{"没看懂“明天天气如何”", "帮助"}, nil},
		{"a stranger", "nobody", "查 华星", false, []string{"人员名单", "!华星"}, nil},
		{"somebody from outside in a group", "", "查 华星", true, []string{"人员名单"}, nil},

		{"ask finds by a part of the name", "lina", "查 华星", false, []string{"华星机械", "高价值", "85", "六百人企业"}, nil},
		{"ask tells the owner", "lina", "查 已有主", false, []string{"负责人：王芳"}, nil},
		{"ask without the basis tells the tier only", "money", "查 华星", false, []string{"高价值", "!85", "!六百人"}, nil},
		{"ask in a group tells the tier only", "boss", "查 华星", true, []string{"高价值", "!85", "!六百人"}, nil},
		{"ask ignores a question mark", "lina", "查 华星机械？", false, []string{"85"}, nil},
		{"ask without a name", "lina", "查", false, []string{"哪个客户"}, nil},
		{"ask for nobody we know", "lina", "查 不存在", false, []string{"没有找到", "不存在"}, nil},
		{"ask for one of several", "lina", "查 东方", false, []string{"哪一家", "1. 东方一号", "2. 东方二号", "!3."}, nil},
		{"the whole name decides", "lina", "查 东方一号", false, []string{"东方一号", "!多个"}, nil},
		{"more than five are cut", "lina", "查 分公司", false, []string{"1. 分公司", "5. 分公司", "还有更多", "!6. "}, nil},

		{"why tells every reason", "lina", "为什么 华星", false, []string{"85", "六百人企业"}, nil},
		{"why in a group answers the person alone", "lina", "为什么 华星", true, []string{"已私下发给你", "!85"}, []string{"85", "六百人企业"}},
		{"why without permission", "money", "为什么 华星", false, []string{"没有使用“为什么”的权限", "!85"}, nil},

		{"mine lists", "boss", "我的客户", false, []string{"1. 已有主"}, nil},
		{"mine in a group answers the person alone", "boss", "我的客户", true, []string{"已私下", "!有主"}, []string{"1. 已有主"}},
		{"mine is empty", "lina", "我的客户", false, []string{"没有符合的客户"}, nil},

		{"today tells tasks and allowances", "boss", "今日", false, []string{"首次联系：已有主", "今天还可领取 19 个，名下还可增加 19 个"}, nil},
		{"today in a group answers the person alone", "boss", "今日", true, []string{"!有主"}, []string{"首次联系：已有主"}},
		{"today without tasks", "lina", "今日", false, []string{"没有待办任务"}, nil},
		{"today without permission", "money", "今日", false, []string{"权限"}, nil},

		{"note without a text", "boss", "跟进 已有主", false, []string{"请写成"}, nil},
		{"note keeps punctuation as typed", "boss", "跟进 已有主 周三，10:30！", false, []string{"已记录 已有主公司 的跟进：周三，10:30！"}, nil},
		{"note about somebody else's customer", "lina", "跟进 已有主 聊过", false, []string{"只有负责人或主管"}, nil},
		{"note about nobody we know", "boss", "跟进 不存在 聊过", false, []string{"没有找到"}, nil},

		{"phone wants a reason", "boss", "电话 已有主", false, []string{"<原因>", "!13812345678"}, nil},
		{"phone for a manager", "boss", "电话 已有主 回访", false, []string{"13812345678", "回访"}, nil},
		{"phone in a group answers the person alone", "boss", "电话 已有主 回访", true, []string{"已私下", "!5678"}, []string{"13812345678"}},
		{"phone of another's customer", "lina", "电话 已有主 回访", false, []string{"只有负责人或主管", "!138"}, nil},
		{"phone of who has none", "boss", "电话 华星 回访", false, []string{"没有登记"}, nil},

		{"why of another team's customer", "zhaolei", "为什么 华星", false, []string{"不归你的团队", "!85"}, nil},
		{"ask of another team's customer", "zhaolei", "查 华星", false, []string{"高价值", "!85", "!六百人"}, nil},
		{"ask of what another team's member owns", "lina", "查 已有主", false, []string{"负责人：王芳", "!85"}, nil},
		{"ask in a group sends the rest to the asker", "lina", "查 华星", true, []string{"高价值", "私下", "!85"}, []string{"85", "六百人企业"}},
		{"note in a group is not repeated there", "boss", "跟进 已有主 周三见", true, []string{"已记录 已有主公司 的跟进。", "!周三"}, nil},

		{"won", "boss", "赢单 已有主 12.5万 30天 年框", false, []string{"已登记 已有主公司 赢单：125,000 元，用时 30 天"}, nil},
		{"won, as people write it", "boss", "成交 已有主 ￥１２，０００.5元", false, []string{"赢单：12,000.50 元"}, nil},
		{"won in a group is not repeated there", "boss", "赢单 已有主 12.5万", true, []string{"已登记 已有主公司 的结果", "!12"}, nil},
		{"won without an amount", "boss", "赢单 已有主", false, []string{"请写成"}, nil},
		{"won for nothing", "boss", "赢单 已有主 0", false, []string{"请写成"}, nil},
		{"won of another's customer", "lina", "赢单 已有主 5万", false, []string{"只有 已有主公司 的负责人或主管"}, nil},
		{"lost", "boss", "输单 已有主 价格太高 竞品更低", false, []string{"已登记 已有主公司 输单：价格太高 竞品更低"}, nil},
		{"lost without a reason", "boss", "输单 已有主", false, []string{"请写成"}, nil},
		{"feedback", "boss", "反馈 已有主 差 没有预算", false, []string{"已有主公司 是差线索"}, nil},
		{"feedback without a word", "boss", "反馈 已有主 不知道", false, []string{"好/一般/差"}, nil},

		{"take", "lina", "领取 华星", false, []string{"华星机械 已由你领取"}, nil},
		{"take what another has", "lina", "领取 已有主", false, []string{"已被 王芳 领取"}, nil},
		{"take from another team's pool", "zhaolei", "领取 华星", false, []string{"只对所属团队开放"}, nil},
		{"take what is in no pool", "lina", "领取 小作坊", false, []string{"现在不能领取"}, nil},
		{"take without permission", "money", "领取 华星", false, []string{"权限"}, nil},

		{"give back asks first", "boss", "退回 已有主", false, []string{"请确认", "把你名下的 已有主公司 退回线索池", "!已退回"}, nil},
		{"give back what another has", "lina", "退回 已有主", false, []string{"只有负责人或主管"}, nil},
		{"give back what nobody has", "lina", "退回 华星", false, []string{"现在没有负责人"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.lead("1", "华星机械", 800)
			w.phones = map[string]string{"2": "13812345678"}
			owned := w.lead("2", "已有主公司", 800)
			if strings.Contains(tt.text, "小作坊") {
				w.lead("3", "小作坊", 5)
			}
			for _, name := range []string{"东方一号", "东方二号", "分公司1", "分公司2", "分公司3", "分公司4", "分公司5", "分公司6"} {
				if strings.Contains(tt.text, name[:len("东方")]) {
					w.lead(name, name, 5)
				}
			}
			_, err := w.chat.Claims.Claim(t.Context(), owned.ID, staff()[3], "")
			must(t, err)
			must(t, w.chat.Outgoing.Carry(t.Context(), owned.ID))
			in := w.say(bots.DingTalk, tt.from, tt.text, tt.group)
			d := w.answer(in)
			wantText(t, shown(d), tt.want...)
			wantText(t, w.aside(in), tt.aside...)
			if tt.group && (d.Conversation != "group1" || len(d.To) > 0) || !tt.group && !slices.Equal(d.To, []string{tt.from}) {
				t.Errorf("answered to %q, %v", d.Conversation, d.To)
			}
		})
	}
}

func TestACommandDoneAgainChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("1", "华星机械", 800)
	take := w.say(bots.DingTalk, "zw", "领取 华星", false)
	w.handle(take)
	w.handle(w.say(bots.DingTalk, "zw", "退回 华星", false))
	back := w.say(bots.DingTalk, "zw", "确认", false)
	w.handle(back)
	w.handle(take) // the crash came before the event was finished
	if got := w.customer(c.ID); got.Owner != "" {
		t.Fatalf("an old claim was done again for %q", got.Owner)
	}
	w.handle(w.say(bots.DingTalk, "lina", "领取 华星", false))
	w.handle(back)
	if got := w.customer(c.ID); got.Owner != "lina" || got.Round != 1 {
		t.Errorf("owner %q in round %d", got.Owner, got.Round)
	}
	note := w.say(bots.DingTalk, "lina", "跟进 华星 聊过", false)
	for range 3 {
		w.handle(note)
	}
	notes, err := w.store.Activities(context.Background(), c.Refs(), c.Since.AddDate(-1, 0, 0))
	must(t, err)
	if len(notes) != 1 || notes[0].Text != "聊过" || notes[0].By != "lina" || notes[0].Customer != customer.NewRef("crm", "1") {
		t.Errorf("%+v", notes)
	}
}
