package world_test

import (
	"sync"
	"testing"
	"time"

	"lingke/internal/emulator/world"
)

var (
	zhang = world.Person{ID: "zhangwei", Name: "张伟", DingTalk: "d1", WeCom: "ZhangWei"}
	li    = world.Person{ID: "lina", Name: "李娜", DingTalk: "d2"}
)

func fresh(now func() time.Time) *world.World { return world.New([]world.Person{zhang, li}, now) }

func TestClockFollowsUntilSetAndThenGoesOn(t *testing.T) {
	t.Parallel()
	real := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	w := fresh(func() time.Time { return real })
	if !w.Now().Equal(real) {
		t.Errorf("Now() = %v, want %v", w.Now(), real)
	}
	set := time.Date(2030, 1, 1, 8, 0, 0, 0, time.UTC)
	w.SetNow(set)
	real = real.Add(time.Minute)
	if want := set.Add(time.Minute); !w.Now().Equal(want) {
		t.Errorf("a minute after SetNow: %v, want %v", w.Now(), want)
	}
}

func TestFindPerson(t *testing.T) {
	t.Parallel()
	w := fresh(time.Now)
	for _, c := range []struct {
		name string
		find func(string) (world.Person, bool)
		id   string
		want string
	}{
		{"DingTalk id", w.ByDingTalk, "d2", "lina"},
		{"DingTalk ids keep their case", w.ByDingTalk, "D2", ""},
		{"WeCom id in any case", w.ByWeCom, "zhangWEI", "zhangwei"},
		{"no account is nobody's", w.ByWeCom, "", ""},
		{"own id", w.ByID, "lina", "lina"},
	} {
		if p, ok := c.find(c.id); p.ID != c.want || ok != (c.want != "") {
			t.Errorf("%s: found %q, %v", c.name, p.ID, ok)
		}
	}
}

func TestGroupMessageReachesEveryMemberAndNobodyElse(t *testing.T) {
	t.Parallel()
	w := fresh(time.Now)
	w.AddGroup("wecom", "g1", "销售群", "ZhangWei", "other")
	id := w.Post("wecom", "", "g1", world.Message{Text: "早"})
	for user, want := range map[string]int{"zhangwei": 1, "other": 1, "d1": 0} {
		got := 0
		for _, c := range w.Conversations("wecom", user) {
			if c.ID == "g1" && c.Title == "销售群" && c.Kind == "group" {
				got = len(c.Messages)
			}
		}
		if got != want {
			t.Errorf("%s sees %d messages, want %d", user, got, want)
		}
	}
	if id == "" || w.Post("wecom", "", "unknown", world.Message{Text: "x"}) != "" {
		t.Error("want an id for the group and none for an unknown conversation")
	}
}

func TestSetCardChangesOneView(t *testing.T) {
	t.Parallel()
	w := fresh(time.Now)
	w.AddGroup("dingtalk", "g", "群", "d1", "d2")
	made := world.Card{ID: "c", State: "待领取", Fields: []world.Field{{Name: "客户", Value: "甲"}}}
	id := w.Post("dingtalk", "", "g", world.Message{Card: &made})
	made.Fields[0].Value = "changed later by its maker"
	if !w.SetCard("dingtalk", "d1", id, world.Card{ID: "c", State: "已领取"}) {
		t.Fatal("SetCard found nothing")
	}
	mine, _ := w.Message("dingtalk", "d1", id)
	other, _ := w.Message("dingtalk", "d2", id)
	if mine.Card.State != "已领取" || other.Card.State != "待领取" || other.Card.Fields[0].Value != "甲" {
		t.Errorf("mine %+v, other %+v", mine.Card, other.Card)
	}
	if w.SetCard("dingtalk", "d1", "unknown", world.Card{}) || w.SetCard("wecom", "d1", id, world.Card{}) {
		t.Error("SetCard changed what is not there")
	}
}

func TestRecall(t *testing.T) {
	t.Parallel()
	w := fresh(time.Now)
	id := w.Post("dingtalk", "d1", "", world.Message{Text: "x"})
	if !w.Recall("dingtalk", "d1", id) || w.Recall("dingtalk", "d1", id) {
		t.Error("want the first recall to find the message and the second not")
	}
	if n := len(w.Conversations("dingtalk", "d1")[0].Messages); n != 0 {
		t.Errorf("%d messages left", n)
	}
}

func TestLongChatForgetsItsBeginning(t *testing.T) {
	t.Parallel()
	w := fresh(time.Now)
	first := w.Post("dingtalk", "d1", "", world.Message{Text: "first"})
	for range 20000 {
		w.Post("dingtalk", "d1", "", world.Message{Text: "x"})
	}
	if _, ok := w.Message("dingtalk", "d1", first); ok || len(w.Conversations("dingtalk", "d1")[0].Messages) != 20000 {
		t.Error("want the newest 20000 messages")
	}
}

func TestSubscriberMissesNoChange(t *testing.T) {
	t.Parallel()
	w := fresh(time.Now)
	changed, end := w.Subscribe()
	w.Post("dingtalk", "d1", "", world.Message{Text: "x"})
	w.Post("dingtalk", "d1", "", world.Message{Text: "y"})
	<-changed // both, told once
	select {
	case <-changed:
		t.Error("two changes in a row were told twice to a subscriber who was busy")
	default:
	}
	end()
	w.SetNow(time.Now())
	select {
	case <-changed:
		t.Error("told after the end")
	default:
	}
}

func TestManyWritersAndReaders(t *testing.T) {
	t.Parallel()
	w := fresh(time.Now)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				id := w.Post("dingtalk", "d1", "", world.Message{Card: &world.Card{ID: "c"}})
				w.SetCard("dingtalk", "d1", id, world.Card{ID: "c", State: "x"})
				w.Conversations("dingtalk", "d1")
			}
		})
	}
	wg.Wait()
	if n := len(w.Conversations("dingtalk", "d1")[0].Messages); n != 400 {
		t.Errorf("%d messages, want 400", n)
	}
}
