package dingtalk_test

import (
	"context"
	"errors"
	"testing"

	"lingke/bots"
	emulated "lingke/internal/emulator/dingtalk"
)

// askingCard has two actions that ask, so that one is the card's form and the other a button.
func askingCard() *bots.Card {
	return &bots.Card{Kind: "task", Title: "首次联系：杭州精工", State: "待办", Body: "近一年消费 **52 万**", Fields: []bots.Field{{Name: "截止", Value: "3月2日 14:00"}},
		Actions: []bots.Action{
			{ID: "detail", Label: "详情", URL: "https://crm.example.com/h5/c/1"},
			{ID: "done", Label: "完成", Style: bots.Primary, Inputs: []bots.Input{{ID: "note", Label: "结果", Required: true}, {ID: "next", Label: "下次"}}},
			{ID: "hand_over", Label: "转交", Style: bots.Danger, Inputs: []bots.Input{{ID: "to", Label: "转给", Required: true, Options: []bots.Option{{ID: "zhang", Label: "张伟"}, {ID: "li", Label: "李娜"}}}}},
		}}
}

// With the template that ships, one action's inputs stand on the card, another's are asked of its clicker alone, and what was asked is gone afterwards.
func TestInputsAreAskedOnTheCardAndInPlace(t *testing.T) {
	o := newOffice(t)
	clicks := make(chan bots.Click, 10)
	o.listen(func(_ context.Context, in bots.Incoming) (bots.Answer, error) {
		k := *in.Click
		clicks <- k
		action, ok := askingCard().Action(k.Action)
		if ok && len(action.Missing(k.Inputs)) > 0 {
			return bots.Answer{Ask: &action, Card: askingCard()}, nil
		}
		return bots.Answer{Card: &bots.Card{Title: "首次联系：杭州精工", State: "已转交", Closed: "已转交给 张伟"}, Toast: "已转交"}, nil
	})
	if _, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "task-1", To: []string{"u-li", "u-zhang"}, Card: askingCard()}); err != nil {
		t.Fatal(err)
	}
	card := o.sees("li")[0].Card
	if card.Title != "首次联系：杭州精工" || card.State != "待办" || card.Body != "近一年消费 **52 万**" || len(card.Fields) != 1 || card.Fields[0].Value != "3月2日 14:00" {
		t.Errorf("li sees %+v", card)
	}
	if len(card.Actions) != 3 || card.Actions[0].ID != "https://crm.example.com/h5/c/1" || card.Actions[1].Label != "转交" || len(card.Actions[1].Inputs) != 0 ||
		card.Actions[2].ID != "done" || len(card.Actions[2].Inputs) != 2 || !card.Actions[2].Inputs[1].Optional {
		t.Fatalf("li can press %+v", card.Actions)
	}
	message := o.sees("li")[0].ID
	click := func(action string, inputs map[string]string) {
		o.act("/_emulator/clicks", map[string]any{"platform": "dingtalk", "person": "li", "message": message, "action": action, "inputs": inputs})
	}
	click("hand_over", nil)
	if k := <-clicks; k.Action != "hand_over" || k.Inputs != nil {
		t.Errorf("the button brought %+v", k)
	}
	mine, other := o.sees("li")[0].Card, o.sees("zhang")[0].Card
	if last := mine.Actions[len(mine.Actions)-1]; last.ID != "hand_over" || len(last.Inputs) != 1 || last.Inputs[0].Options[1].Label != "李娜" {
		t.Errorf("li is asked %+v", mine.Actions)
	}
	if len(mine.Actions) != 3 || mine.Actions[0].Label != "详情" || mine.Actions[1].ID != "done" {
		t.Errorf("beside the question li can press %+v", mine.Actions)
	}
	if last := other.Actions[len(other.Actions)-1]; last.ID != "done" {
		t.Errorf("zhang is asked too: %+v", other.Actions)
	}
	click("hand_over", map[string]string{"to": "zhang"})
	if k := <-clicks; k.Action != "hand_over" || k.Inputs["to"] != "zhang" || len(k.Inputs) != 1 {
		t.Errorf("the form brought %+v", k)
	}
	for _, person := range []string{"li", "zhang"} {
		if c := o.sees(person)[0].Card; len(c.Actions) != 0 || c.Note != "已转交给 张伟" {
			t.Errorf("afterwards %s sees %+v", person, c)
		}
	}
}

func TestTheFormOnTheCardBringsItsInputs(t *testing.T) {
	o := newOffice(t)
	clicks := make(chan bots.Click, 10)
	o.listen(func(_ context.Context, in bots.Incoming) (bots.Answer, error) {
		clicks <- *in.Click
		return bots.Answer{}, nil
	})
	if _, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "task-1", To: []string{"u-li"}, Card: askingCard()}); err != nil {
		t.Fatal(err)
	}
	message := o.sees("li")[0].ID
	out := o.post("/_emulator/clicks", map[string]any{"platform": "dingtalk", "person": "li", "message": message, "action": "done", "inputs": map[string]string{"next": "周五"}})
	if out["accepted"] == true {
		t.Error("a form without its obligatory field was sent")
	}
	o.act("/_emulator/clicks", map[string]any{"platform": "dingtalk", "person": "li", "message": message, "action": "done", "inputs": map[string]string{"note": "已报价"}})
	if k := <-clicks; k.Action != "done" || k.Card != "task-1" || k.Inputs["note"] != "已报价" || len(k.Inputs) != 1 {
		t.Errorf("the form brought %+v", k)
	}
}

// Without a template a card is text that says what to type; its links work, and a change replaces it.
func TestWithoutATemplateACardIsTextWithWordsAndLinks(t *testing.T) {
	o := newOffice(t, func(opt *emulated.Options) { opt.CardTemplate, opt.Template = "", nil })
	card := askingCard()
	card.Actions[1].Say = "完成 杭州精工 <结果>"
	receipt, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "task-1", To: []string{"u-li"}, Card: card})
	if err != nil {
		t.Fatal(err)
	}
	text := o.sees("li")[0].Text
	for _, want := range []string{"首次联系：杭州精工", "**待办**", "截止：3月2日 14:00", "请回复：**完成 杭州精工 <结果>**", "[详情](https://crm.example.com/h5/c/1)"} {
		if !contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if _, err := o.bot.Update(t.Context(), receipt.Handle, bots.Outgoing{ID: "task-1", Card: card}); !errors.Is(err, bots.ErrNotUpdatable) {
		t.Errorf("update: %v", err)
	}
	if err := o.bot.Recall(t.Context(), receipt.Handle); err != nil || len(o.sees("li")) != 0 {
		t.Errorf("recall: %v, li sees %+v", err, o.sees("li"))
	}
}
