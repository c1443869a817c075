package chat

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/customer"
)

func TestNumbersOfAListNameItsCustomers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, name := range []string{"甲机械", "乙机械", "丙机械", "丁机械", "戊机械", "己机械", "庚机械", "辛机械"} {
		w.lead(fmt.Sprint(i+1), name, 900-i)
	}
	ask := func(text string) string { return shown(w.answer(w.say(bots.DingTalk, "boss", text, false))) }
	wantText(t, ask("查 2"), "没有找到") // there is no list yet
	var names []string              // as the list has them
	show := func(text string) {
		d := w.answer(w.say(bots.DingTalk, "boss", text, false))
		wantText(t, shown(d), "共 8 家", "回复序号")
		for _, f := range d.Card.Fields {
			name, _, _ := strings.Cut(f.Value, " ")
			names = append(names, name)
		}
	}
	show("名单 全部")
	for _, tt := range [][2]string{
		{"2", names[1]}, {"查 2", names[1]}, {"第三家", names[2]}, {"查第3个", names[2]}, {"为什么 1", names[0]}, {"第二家是什么级别", names[1]}, {"领取 4", names[3] + " 已由你领取"}, {"把第一家分给李娜", names[0] + " 已分配给 李娜"},
		{"退回第4家", names[3]}, {"取消", "已取消"}, {"分配 2 张伟", names[1] + " 已分配给 张伟"}, {"跟进3 已通电话", "已记录 " + names[2]}, {"领取 7", "没有找到"}, {"查 3M", "没有找到"},
		{"第二季度成交的客户", "!" + names[1]}, {"静音 2h", "!" + names[1]}, {"第一个月", "!" + names[0]},
	} {
		wantText(t, ask(tt[0]), tt[1])
	}
	show("名单 全部")
	names = names[6:]
	show("下一页")
	wantText(t, ask("查 7"), names[6])
	wantText(t, ask("查 2"), names[1]) // of the page before
	ask("名单 张伟")                      // a short list does not hide the longer one
	wantText(t, ask("查 7"), names[6])
	wantText(t, ask("查 1"), names[1])
	wantText(t, shown(w.answer(w.say(bots.DingTalk, "lina", "查 2", false))), "没有找到")
	w.clock.Add(int64((listed + time.Minute) / time.Millisecond))
	wantText(t, ask("查 2"), "没有找到")
}

// TestANumberThatWouldMeanAnotherTaskMeansNothing: 完成 2 must not end another task of a customer than the one that has the number.
func TestANumberThatWouldMeanAnotherTaskMeansNothing(t *testing.T) {
	t.Parallel()
	a, b := customer.Customer{ID: "a"}, customer.Customer{ID: "b"}
	if got := numbersOf(1, []customer.Customer{a, b, a}); !slices.Equal(got, []string{"a", "b", ""}) {
		t.Errorf("%q", got)
	}
}

func TestWhoIsAtRiskIsLoggedAndNumbered(t *testing.T) {
	t.Parallel()
	w, c := endangered(t)
	before := len(w.lines())
	wantText(t, shown(w.answer(w.say(bots.DingTalk, "boss", "流失", false))), "1. ")
	all := w.lines()
	if r := all[len(all)-1]; len(all) != before+1 || r.Layers != "tier basis" || len(r.Customers) != 1 || r.Customers[0] != c.ID {
		t.Errorf("%d lines more, %+v", len(all)-before, r)
	}
	wantText(t, shown(w.answer(w.say(bots.DingTalk, "boss", "回应 1", false))), c.Name)
}
