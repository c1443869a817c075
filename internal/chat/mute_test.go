package chat

import (
	"strings"
	"testing"

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/store"
)

func TestPeopleSayWhenTheyWantToBeTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.chat.Wishes = delivery.NewWishBook(w.store, w.now, store.ErrConflict)
	for _, c := range []struct{ say, want string }{
		{"静音", "没有静音"},
		{"静音 2h 开会", "已静音所有提醒，到 3月2日 03:00（开会）"},
		{"静音 流失 3天", "已静音流失，到 3月5日"},
		{"静音 查看", "已静音所有提醒"},
		{"静音 22:00-09:00", "每天 22:00–09:00 免打扰"},
		{"静音 60天", "最长可以静音 30 天"},
		{"静音 一会儿", "要静音多久"},
		{"静音 取消", "已取消静音"},
		{"免打扰", "没有静音"},
		{"mute 30m", "已静音所有提醒"},
	} {
		if got := w.ask("zw", c.say); !strings.Contains(got, c.want) {
			t.Errorf("%q is answered %q, want %q", c.say, got, c.want)
		}
	}
	wishes, err := w.chat.Wishes.Wishes(t.Context())
	must(t, err)
	if len(wishes) != 1 || len(wishes.Of("zhangwei").Mutes) != 1 {
		t.Errorf("wishes %+v", wishes)
	}
}

func TestPeopleAskToBeReminded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("1", "华星机械", 900)
	for _, x := range []struct{ say, want string }{
		{"提醒", "没有待提醒的事"},
		{"提醒 明天10点 华星机械 报价", "3月3日 10:00 提醒你：华星机械 报价"},
		{"提醒我 30分钟后 回电话", "提醒你：回电话"},
		{"提醒 明天", "提醒什么"},
		{"提醒 报价", "没看懂时间"},
		{"提醒 列表", "2. 3月3日 10:00　华星机械 报价"},
		{"提醒 取消 9", "取消哪一条"},
		{"提醒 取消 1", "已取消"},
		{"提醒", "1. 3月3日 10:00"},
	} {
		if got := w.ask("zw", x.say); !strings.Contains(got, x.want) {
			t.Errorf("%q is answered %q, want %q", x.say, got, x.want)
		}
	}
	page, _, err := w.store.Deliveries(t.Context(), delivery.Query{Customer: c.ID, State: delivery.Due})
	must(t, err)
	for _, d := range page {
		if d.Kind == delivery.KindPersonal {
			if d.Platform != bots.DingTalk || d.To[0] != "zw" || d.Rank != delivery.Urgent || d.Text != "⏰ 你定的提醒：华星机械 报价" {
				t.Errorf("%+v", d)
			}
			return
		}
	}
	t.Error("the reminder is not about the customer")
}

func TestEveryKindThatCanBeMutedIsOne(t *testing.T) {
	t.Parallel()
	for _, k := range kindWords {
		if !delivery.Known(k.kind) {
			t.Errorf("%q mutes %q, which nobody sends", k.word, k.kind)
		}
	}
}
