package wecom_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lingke/bots"
	"lingke/internal/emulator/world"
)

func TestTheAddressBookIsReadAndItsEventsAreUnderstood(t *testing.T) {
	o := newOffice(t, world.Person{ID: "wang", Name: "王芳", Role: "manager", Team: "销售一部", WeCom: "WangFang"})
	var all []bots.Member
	if err := o.bot.Staff(t.Context(), func(m bots.Member) error { all = append(all, m); return nil }); err != nil {
		t.Fatal(err)
	}
	want := []bots.Member{{ID: "LiNa", Name: "李娜"}, {ID: "WangFang", Name: "王芳", Teams: []string{"销售一部"}, Leader: true}, {ID: "ZhangWei", Name: "张伟"}}
	if diff := cmp.Diff(want, all, cmpopts.SortSlices(func(a, b bots.Member) bool { return a.ID < b.ID })); diff != "" {
		t.Error(diff)
	}
	one, err := o.bot.Member(t.Context(), "wangfang")
	if diff := cmp.Diff(want[1], one); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := o.bot.Member(t.Context(), "nobody"); !errors.Is(err, bots.ErrNoMember) {
		t.Errorf("nobody: %v", err)
	}
	for _, c := range []struct {
		send func() error
		want bots.MemberChange
	}{
		{func() error { return o.e.WeCom().Joined(t.Context(), world.Person{WeCom: "New"}) }, bots.MemberChange{Changed: []string{"New"}}},
		{func() error { return o.e.WeCom().Changed(t.Context(), world.Person{WeCom: "New"}, "New") }, bots.MemberChange{Changed: []string{"New"}}},
		{func() error { return o.e.WeCom().Changed(t.Context(), world.Person{WeCom: "Newer"}, "New") }, bots.MemberChange{Changed: []string{"Newer"}, Renamed: map[string]string{"New": "Newer"}}},
		{func() error { return o.e.WeCom().Left(t.Context(), world.Person{WeCom: "Newer"}) }, bots.MemberChange{Left: []string{"Newer"}}},
	} {
		if err := c.send(); err != nil {
			t.Fatal(err)
		}
		in := <-o.came
		got, ok := o.bot.Change(*in.Event)
		if diff := cmp.Diff(c.want, got); !ok || diff != "" {
			t.Errorf("%+v is read as %v %s", in.Event, ok, diff)
		}
	}
}

func TestTheMembersOfAnAppsGroupAreTold(t *testing.T) {
	o := newOffice(t)
	group, err := o.bot.NewGroup(t.Context(), "销售一组", "LiNa", []string{"LiNa", "ZhangWei"})
	if err != nil || group == "" {
		t.Fatal(group, err)
	}
	if _, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "m", Conversation: group, Text: "大家好"}); err != nil || len(o.sees("zhang")) != 1 {
		t.Fatalf("%v, zhang sees %+v", err, o.sees("zhang"))
	}
	users, all, err := o.bot.Members(t.Context(), group)
	if err != nil || !all || len(users) != 2 {
		t.Errorf("%v %v %v", users, all, err)
	}
	if err := o.bot.ChangeGroup(t.Context(), group, nil, []string{"LiNa"}); err == nil {
		t.Error("a group of one is taken")
	}
	if users, all, err := o.bot.Members(t.Context(), "foreign"); err != nil || all || users != nil {
		t.Errorf("a foreign group: %v %v %v", users, all, err)
	}
}
