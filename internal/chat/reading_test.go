package chat

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/store"
)

// lines returns the whole read log and fails where it is damaged.
func (w *world) lines() []access.Read {
	w.t.Helper()
	found, err := w.chat.Log.Check(w.t.Context())
	must(w.t, err)
	if !found.Whole() {
		w.t.Fatalf("the log is damaged: %v", found.Damage)
	}
	all, err := w.store.ReadsAfter(w.t.Context(), 0, 1000)
	must(w.t, err)
	return all
}

func TestEachAnswerLeavesOneLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("1", "华星机械", 800)
	other := w.lead("2", "东方公司", 5)
	for _, tt := range []struct {
		name string
		in   bots.Incoming
		want string // person command layers customers place
	}{
		{"the basis", w.say(bots.DingTalk, "lina", "查 华星", false), "lina 查 [tier basis] " + c.ID + " private"},
		{"the tier only", w.say(bots.DingTalk, "lina", "查 东方公司", false), "lina 查 [tier] " + other.ID + " private"},
		{"with money", w.say(bots.DingTalk, "boss", "查 华星", false), "wangfang 查 [tier basis money] " + c.ID + " private"},
		{"in a group", w.say(bots.DingTalk, "lina", "查 华星", true), "lina 查 [tier basis] " + c.ID + " group group1"},
		{"the reasons", w.say(bots.WeCom, "zhangwei", "为什么 华星", false), "zhangwei 为什么 [tier basis] " + c.ID + " private"},
		{"what is refused", w.say(bots.DingTalk, "money", "为什么 华星", false), "qianjin 为什么 []  private"},
		{"nothing of a customer", w.say(bots.DingTalk, "lina", "帮助", false), "lina 帮助 []  private"},
		{"not understood", w.say(bots.DingTalk, "lina", "天气", false), "lina  []  private"},
		{"a stranger", w.say(bots.DingTalk, "who", "查 华星", false), "  []  private"},
		{"a click on why", w.press(bots.DingTalk, "lina", c, cards.KindLead, cards.ActionWhy), "lina click why [tier basis] " + c.ID + " private"},
		{"a click on somebody else's card", w.press(bots.DingTalk, "money", c, cards.KindLead, cards.ActionWhy), "qianjin click why []  private"},
		{"a claim", w.press(bots.DingTalk, "lina", c, cards.KindLead, cards.ActionClaim), "lina click claim [tier basis] " + c.ID + " private"},
		{"a late claim by another team", w.press(bots.DingTalk, "zhaolei", c, cards.KindLead, cards.ActionClaim), "zhaolei click claim [tier] " + c.ID + " private"},
		{"one's customers", w.say(bots.DingTalk, "lina", "我的客户", false), "lina 我的客户 [tier basis] " + c.ID + " private"},
		{"one's tasks", w.say(bots.DingTalk, "lina", "今日", false), "lina 今日 [tier basis] " + c.ID + " private"},
	} {
		before := len(w.lines())
		for range 2 { // also when it is done again after a crash
			w.handle(tt.in)
		}
		all := w.lines()
		if len(all) != before+1 {
			t.Fatalf("%s: %d lines more", tt.name, len(all)-before)
		}
		r := all[before]
		got := r.Person + " " + r.Command + " [" + r.Layers + "] " + strings.Join(r.Customers, ",") + " " + r.Place
		if got != tt.want || r.Platform != string(tt.in.Platform) || r.At.IsZero() {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestTheReasonForANumberIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.phones = map[string]string{"1": "13812345678"}
	w.lead("1", "华星机械", 800)
	w.handle(w.say(bots.DingTalk, "boss", "电话 华星 客户回访", false))
	all := w.lines()
	if r := all[len(all)-1]; r.Note != "客户回访" || r.Command != "电话" || strings.Contains(r.Note+r.Command, "138") {
		t.Errorf("%+v", r)
	}
}

// awayLog is a log that cannot be written.
type awayLog struct{ readLog }

func (awayLog) Add(context.Context, access.Read) error { return errors.New("the store is away") }

func TestWhatCannotBeLoggedIsNotShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("1", "华星机械", 800)
	w.chat.Log = awayLog{w.chat.Log}
	for _, in := range []bots.Incoming{w.say(bots.DingTalk, "lina", "查 华星", false), w.press(bots.DingTalk, "lina", c, cards.KindLead, cards.ActionWhy)} {
		a, err := w.chat.Handle(t.Context(), in)
		if err == nil || a.Card != nil {
			t.Errorf("answered %+v, %v", a, err)
		}
		for _, id := range []string{replyID(in.ID), replyID(in.ID) + "p"} {
			if _, err := w.store.Delivery(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s was sent: %v", id, err)
			}
		}
	}
}

func TestManagersAskWhoLooked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.lead("1", "华星机械", 800)
	w.lead("2", "东方公司", 5)
	w.handle(w.say(bots.DingTalk, "lina", "查 华星", false))
	w.handle(w.say(bots.WeCom, "zhangwei", "查 东方公司", false))
	for text, want := range map[string][]string{
		"日志":     {"李娜 钉钉 查：层级、依据（华星机械）", "张伟 企业微信 查：层级（东方公司）"},
		"日志 华星":  {"谁看过 华星机械", "李娜 钉钉 查：层级、依据", "!张伟"},
		"日志 检查":  {"日志完整"},
		"日志 不存在": {"没有找到"},
	} {
		wantText(t, w.answer(w.say(bots.DingTalk, "boss", text, false)).Text, want...)
	}
	wantText(t, w.answer(w.say(bots.DingTalk, "lina", "日志 华星", false)).Text, "权限", "!李娜 钉钉")
	if _, err := w.store.PurgeReads(t.Context(), 1); err != nil { // by somebody else
		t.Fatal(err)
	}
	wantText(t, w.answer(w.say(bots.DingTalk, "boss", "日志 检查", false)).Text, "1 处不完整", "第 1 行：被删除")
	if in := w.say(bots.DingTalk, "boss", "日志", true); !slices.Equal(w.answer(in).To, nil) || w.aside(in) == "" {
		t.Error("a group reads the log")
	}
}
