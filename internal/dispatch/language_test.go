package dispatch_test

import (
	"slices"
	"testing"

	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/lang"
)

func TestEverybodyReadsTheirOwnLanguage(t *testing.T) {
	t.Parallel()
	john := access.Person{ID: "john", Name: "John", Role: access.RoleRep, Team: "高级销售", DingTalk: "john", Daily: 5, Holding: 5, Language: lang.English}
	w := newWorld(t, john)
	c := w.tell("1", 800)
	states := func() map[bool]string {
		out := map[bool]string{}
		for _, d := range w.deliveries(c, cards.KindLead) {
			english := slices.Contains(d.To, "john")
			if english && len(d.To) > 1 {
				t.Errorf("one card for %v", d.To)
			}
			out[english] = d.Card.Title + " " + d.Card.State
		}
		return out
	}
	if got := states(); got[true] != "New lead: 公司1 Open" || got[false] != "新线索：公司1 待领取" {
		t.Errorf("offered: %v", got)
	}
	_, err := w.assign.Claim(t.Context(), c.ID, john, "")
	must(t, err)
	w.settle("1")
	if got := states(); got[true] != "New lead: 公司1 Claimed by John" || got[false] != "新线索：公司1 已被 John 领取" {
		t.Errorf("claimed: %v", got)
	}
	if tasks := w.deliveries(c, cards.KindTask); len(tasks) != 1 || tasks[0].Card.State != "Open" {
		t.Errorf("the task is shown as %+v", tasks)
	}
}
