package dingtalk_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lingke/bots"
	"lingke/internal/emulator/world"
)

func TestTheAddressBookIsReadAndItsEventsAreUnderstood(t *testing.T) {
	o := newOffice(t)
	o.e.World().Put(world.Person{ID: "li", Name: "李娜", Role: "manager", Team: "销售一部", DingTalk: "u-li"})
	var all []bots.Member
	if err := o.bot.Staff(t.Context(), func(m bots.Member) error { all = append(all, m); return nil }); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b bots.Member) int { return len(a.ID) - len(b.ID) })
	want := []bots.Member{{ID: "u-li", Name: "李娜", Teams: []string{"销售一部"}, Leader: true}, {ID: "u-zhang", Name: "张伟"}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Error(diff)
	}
	one, err := o.bot.Member(t.Context(), "u-li")
	if diff := cmp.Diff(want[0], one); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := o.bot.Member(t.Context(), "nobody"); !errors.Is(err, bots.ErrNoMember) {
		t.Errorf("nobody: %v", err)
	}
	events := make(chan bots.Incoming, 10)
	o.listen(func(_ context.Context, in bots.Incoming) (bots.Answer, error) {
		events <- in
		return bots.Answer{}, nil
	})
	o.act("/_emulator/messages", map[string]any{"platform": "dingtalk", "person": "zhang", "text": "在吗"}) // the connection is in use
	<-events
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, o.URL+"/_emulator/people/zhang", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	in := <-events
	c, ok := o.bot.Change(*in.Event)
	if diff := cmp.Diff(bots.MemberChange{Left: []string{"u-zhang"}}, c); !ok || diff != "" {
		t.Errorf("%+v is read as %v %s", in.Event, ok, diff)
	}
	if _, ok := o.bot.Change(bots.Event{Type: "bpms_instance_change"}); ok {
		t.Error("an approval concerns the address book")
	}
}
