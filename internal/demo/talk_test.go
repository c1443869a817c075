package demo

import (
	"errors"
	"strings"
	"testing"
	"time"

	"lingke/internal/app"
)

// TestSomebodyTalksToTheBotWithoutAPlatform talks beside a running demo, as lingke chat --data does.
func TestSomebodyTalksToTheBotWithoutAPlatform(t *testing.T) {
	dir := t.TempDir()
	r := start(t, Options{Customers: 60, Orders: 300, LeadEvery: time.Hour, Dir: dir})
	link(t, r.page, "wecom", "zhangwei", "新线索") // a lead's card is there
	cfg, err := Kept(dir)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	if _, err := a.Talk("没有这个人"); !errors.Is(err, app.ErrNobody) {
		t.Errorf("Talk = %v", err)
	}
	talk, err := a.Talk("张伟")
	if err != nil {
		t.Fatal(err)
	}
	said, err := talk.Cards(t.Context())
	if err != nil || len(said) == 0 || len(talk.Buttons()) < 2 || talk.Buttons()[0].Label != "领取" {
		t.Fatalf("cards %+v, %v", said, err)
	}
	titles := map[string]bool{}
	for _, s := range said {
		if titles[s.Card.Title] {
			t.Errorf("%s is shown twice", s.Card.Title)
		}
		titles[s.Card.Title] = true
	}
	name := strings.TrimPrefix(said[len(said)-1].Card.Title, "新线索：")
	why, err := talk.Press(t.Context(), 2, nil)
	if err != nil || len(why) != 1 || !strings.Contains(why[0].Text, "评分模型") {
		t.Fatalf("why: %+v, %v", why, err)
	}
	claimed, err := talk.Press(t.Context(), 1, nil)
	if err != nil || len(claimed) < 2 || claimed[0].Text != "领取成功，请尽快联系客户" || claimed[1].Card.State != "已被 张伟 领取" {
		t.Fatalf("claim: %+v, %v", claimed, err)
	}
	if _, err := talk.Press(t.Context(), 9, nil); err == nil {
		t.Error("a button that is not there was pressed")
	}
	remindsLater(t, talk)
	turnsOver(t, talk)
	for text, want := range map[string]string{"我的客户": "客户名单（张伟）", "查 " + name: "负责人：张伟", "退回 " + name: "请确认"} {
		answer, err := talk.Say(t.Context(), text)
		if err != nil || len(answer) != 1 {
			t.Fatalf("%s: %+v, %v", text, answer, err)
		}
		shown := answer[0].Text
		if answer[0].Card != nil {
			shown = answer[0].Card.Title + answer[0].Card.State + answer[0].Card.Body
		}
		if !strings.Contains(shown, want) {
			t.Errorf("%s: %s, want %s", text, shown, want)
		}
	}
}

// remindsLater asks for a reminder in the terminal, which nothing can be sent to later: it goes where the person is told things.
func remindsLater(t *testing.T, talk *app.Talk) {
	t.Helper()
	if _, err := talk.Say(t.Context(), "提醒 明天10点 交合同"); err != nil {
		t.Fatal(err)
	}
	list, err := talk.Say(t.Context(), "提醒 列表")
	if err != nil || len(list) != 1 || !strings.Contains(list[0].Text, "交合同") {
		t.Errorf("reminders: %+v, %v", list, err)
	}
}

// turnsOver presses 下一页 of a list: the page is shown once.
func turnsOver(t *testing.T, talk *app.Talk) {
	t.Helper()
	first, err := talk.Say(t.Context(), "名单 无人认领")
	for deadline := time.Now().Add(patience); err == nil && len(first) == 1 && first[0].Card == nil && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond) // the first pull is under way: there is not more than a page yet
		first, err = talk.Say(t.Context(), "名单 无人认领")
	}
	if err != nil || len(first) != 1 || first[0].Card == nil {
		t.Fatalf("list: %+v, %v", first, err)
	}
	second, err := talk.Press(t.Context(), 1, nil)
	if err != nil || len(second) != 1 || second[0].Card == nil || second[0].Card.State == first[0].Card.State {
		t.Errorf("next page: %+v, %v", second, err)
	}
}

func TestThereIsNoDemoWhereNoneWasKept(t *testing.T) {
	t.Parallel()
	if _, err := Kept(t.TempDir()); !errors.Is(err, ErrNotKept) || !strings.Contains(err.Error(), "lingke demo --data ") {
		t.Error(err)
	}
}
