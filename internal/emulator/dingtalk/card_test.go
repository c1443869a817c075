package dingtalk_test

import (
	"strings"
	"testing"

	"lingke/internal/emulator/dingtalk"
)

const createPath = "/v1.0/card/instances/createAndDeliver"

func TestCreateAndDeliverRefusals(t *testing.T) {
	t.Parallel()
	a := start(t, func(o *dingtalk.Options) { o.Limits.QPS = -1 })
	good := lead("c1", li.DingTalk)
	data := func(v any) object { return object{"cardParamMap": object{"title": v}} }
	for _, c := range []struct {
		name string
		req  object
		code string
	}{
		{"no template", with(good, "cardTemplateId", nil), "param.cardTemplateIdEmpty"},
		{"unknown template", with(good, "cardTemplateId", "x.schema"), "param.templateNotExist"},
		{"no outTrackId", with(good, "outTrackId", nil), "param.outTrackIdEmpty"},
		{"outTrackId of 65", with(good, "outTrackId", strings.Repeat("x", 65)), "outTrackId.outOfLimit"},
		{"no data", with(good, "cardData", nil), "param.cardPublicDataEmpty"},
		{"a number as value", with(good, "cardData", data(1)), "param.invalid"},
		{"a list as value", with(good, "cardData", data([]int{1})), "param.invalid"},
		{"a value over 1 KB", with(good, "cardData", data(strings.Repeat("长", 342))), "param.invalid"},
		{"lower case callbackType", with(good, "callbackType", "stream"), "param.invalid"},
		{"no space", with(good, "openSpaceId", nil), "param.openSpaceIdEmpty"},
		{"a space without prefix", with(good, "openSpaceId", "IM_ROBOT.u1"), "param.openSpaceIdInvalid"},
		{"an unknown kind of space", with(good, "openSpaceId", "dtv1.card//IM_X.u1"), "param.openSpaceIdInvalid"},
		{"no deliver model", with(good, "imRobotOpenDeliverModel", nil), "param.openDeliverModelEmpty"},
		{"another robot", with(good, "imRobotOpenDeliverModel", object{"robotCode": "x"}), "param.openDeliverModelError"},
		{"a group without its model", with(good, "openSpaceId", "dtv1.card//IM_GROUP."+group), "param.spaceDeliverModelEmpty"},
		{"private data of nobody", with(good, "privateData", object{"x": data("1")}), "param.userIdNotExist"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, got := a.do("POST", createPath, c.req); status != 400 || code(got) != c.code {
				t.Errorf("got %d %v, want 400 %s", status, got, c.code)
			}
		})
	}
}

func results(answer object) []object {
	result, _ := answer["result"].(object)
	list, _ := result["deliverResults"].([]any)
	var out []object
	for _, x := range list {
		out = append(out, x.(object))
	}
	return out
}

func TestRobotCodeInTheDeliverModel(t *testing.T) {
	t.Parallel()
	a := start(t, func(o *dingtalk.Options) { o.Limits.QPS = -1 })
	single, inGroup := "imRobotOpenDeliverModel", "imGroupOpenDeliverModel"
	for _, c := range []struct {
		name, model, space string
		value              object
		status             int
	}{
		{"may be missing in the single chat", single, "IM_ROBOT." + li.DingTalk, object{"spaceType": "IM_ROBOT"}, 200},
		{"must be in a group", inGroup, "IM_GROUP." + group, object{}, 400},
		{"names the robot in a group", inGroup, "IM_GROUP." + group, object{"robotCode": clientID}, 200},
	} {
		req := with(with(lead("lead "+c.name, li.DingTalk), "openSpaceId", "dtv1.card//"+c.space), single, nil)
		req = with(with(req, "imGroupOpenSpaceModel", object{}), c.model, c.value)
		if status, got := a.do("POST", createPath, req); status != c.status {
			t.Errorf("%s: %d %v, want %d", c.name, status, got, c.status)
		}
	}
}

func TestCreateAndDeliverToSeveral(t *testing.T) {
	t.Parallel()
	a := start(t)
	req := lead("lead-1", li.DingTalk, zhang.DingTalk, "cidNotAUser==")
	req["openSpaceId"] = req["openSpaceId"].(string) + ";im_group." + group + ";"
	req["imGroupOpenSpaceModel"] = object{}
	req["imGroupOpenDeliverModel"] = object{"robotCode": clientID}
	status, got := a.do("POST", createPath, req)
	r := results(got)
	if status != 200 || len(r) != 4 {
		t.Fatalf("got %d %v", status, got)
	}
	if r[2]["success"] != false || r[2]["errorMsg"] != "spaceId is illegal" {
		t.Errorf("a conversation id after IM_ROBOT: %v", r[2])
	}
	if r[3]["success"] != true || r[3]["spaceType"] != "IM_GROUP" || r[3]["carrierId"] == "" {
		t.Errorf("the group: %v", r[3])
	}
	card := a.last(li).Card
	if card == nil || card.Title != "新线索" || card.State != "待领取" || len(card.Fields) != 1 || len(card.Actions) != 2 ||
		card.Actions[1].Inputs[0].Options[0].Label != "太远" {
		t.Errorf("card = %+v", card)
	}
	if len(a.messages(zhang, group)) != 1 {
		t.Error("the group does not show the card")
	}
}

func TestMissingSpaceModelFailsUnder200(t *testing.T) {
	t.Parallel()
	a := start(t)
	status, got := a.do("POST", createPath, with(lead("c1", li.DingTalk), "imRobotOpenSpaceModel", nil))
	if r := results(got); status != 200 || len(r) != 1 || r[0]["success"] != false || r[0]["errorMsg"] != "spaces of card is empty" {
		t.Fatalf("got %d %v", status, got)
	}
	if status, got := a.do("PUT", "/v1.0/card/instances/spaces", object{"outTrackId": "c1", "imRobotOpenSpaceModel": object{}}); status != 200 {
		t.Fatalf("add the space: %d %v", status, got)
	}
	deliver := object{"outTrackId": "c1", "openSpaceId": "dtv1.card//IM_ROBOT." + li.DingTalk, "imRobotOpenDeliverModel": object{"robotCode": clientID}}
	if status, got := a.do("POST", "/v1.0/card/instances/deliver", deliver); status != 200 || a.last(li).Card == nil {
		t.Errorf("deliver: %d %v", status, got)
	}
	for path, want := range map[string]string{"spaces": "param.emptyAppendSpaces", "deliver": "param.cardNotExist"} {
		method := map[string]string{"spaces": "PUT", "deliver": "POST"}[path]
		if _, got := a.do(method, "/v1.0/card/instances/"+path, object{"outTrackId": "none"}); code(got) != want {
			t.Errorf("%s of an unknown card: %v, want %s", path, got, want)
		}
	}
}

func TestRepeatedOutTrackID(t *testing.T) {
	t.Parallel()
	for _, silent := range []bool{false, true} {
		a := start(t, func(o *dingtalk.Options) { o.SilentRepeat = silent })
		a.do("POST", createPath, lead("c1", li.DingTalk))
		status, got := a.do("POST", createPath, lead("c1", li.DingTalk))
		if silent && status != 200 || !silent && code(got) != "param.cardAlreadyExist" {
			t.Errorf("silent %v: got %d %v", silent, status, got)
		}
		if n := len(a.messages(li, "")); n != 1 {
			t.Errorf("silent %v: %d messages shown, want 1", silent, n)
		}
	}
}

func TestUpdateReplacesOrMerges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		req          object
		title, state string // what the other person sees then
		mine         string // what the private data's owner sees as state
	}{
		{"by key keeps the rest", object{"cardData": object{"cardParamMap": object{"state": "已领取"}}, "cardUpdateOptions": object{"updateCardDataByKey": true}}, "新线索", "已领取", "已领取"},
		{"without by key the whole map goes", object{"cardData": object{"cardParamMap": object{"state": "已领取"}}}, "", "已领取", "已领取"},
		{"private data is for one", object{"privateData": object{li.DingTalk: object{"cardParamMap": object{"state": "你的"}}}}, "新线索", "待领取", "你的"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := start(t)
			a.do("POST", createPath, lead("c1", li.DingTalk, zhang.DingTalk))
			status, got := a.do("PUT", "/v1.0/card/instances", with(c.req, "outTrackId", "c1"))
			if status != 200 || got["result"] != true {
				t.Fatalf("got %d %v", status, got)
			}
			other, mine := a.last(zhang).Card, a.last(li).Card
			if other.Title != c.title || other.State != c.state || mine.State != c.mine {
				t.Errorf("other %q %q, mine %q; want %q %q, %q", other.Title, other.State, mine.State, c.title, c.state, c.mine)
			}
		})
	}
}

func TestUpdateRefusals(t *testing.T) {
	t.Parallel()
	a := start(t)
	vars := object{"cardParamMap": object{"state": "x"}}
	for _, c := range []struct {
		name string
		req  object
		code string
	}{
		{"unknown card", object{"outTrackId": "none", "cardData": vars}, "param.cardNotExist"},
		{"nothing to change", object{"outTrackId": "none"}, "param.cardDataAndPrivateDataBothEmpty"},
		{"no outTrackId", object{"cardData": vars}, "param.outTrackIdEmpty"},
		{"private data of nobody", object{"outTrackId": "c", "privateData": object{"x": vars}}, "param.userIdNotExist"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, got := a.do("PUT", "/v1.0/card/instances", c.req); status != 400 || code(got) != c.code {
				t.Errorf("got %d %v, want %s", status, got, c.code)
			}
		})
	}
}

func TestClosedCardHasNothingToPress(t *testing.T) {
	t.Parallel()
	a := start(t)
	a.do("POST", createPath, lead("c1", li.DingTalk))
	a.do("PUT", "/v1.0/card/instances", object{
		"outTrackId": "c1", "cardData": object{"cardParamMap": object{"closed": "已被张伟领取"}},
		"cardUpdateOptions": object{"updateCardDataByKey": true},
	})
	card := a.last(li).Card
	if card.Note != "已被张伟领取" || len(card.Actions) != 0 {
		t.Errorf("card = %+v", card)
	}
}

func TestGroupCardForRecipientsOnly(t *testing.T) {
	t.Parallel()
	a := start(t)
	req := with(lead("c1"), "openSpaceId", "dtv1.card//IM_GROUP."+group)
	req["imGroupOpenSpaceModel"] = object{}
	req["imGroupOpenDeliverModel"] = object{"robotCode": clientID, "recipients": []string{li.DingTalk}}
	if status, got := a.do("POST", createPath, req); status != 200 {
		t.Fatalf("got %d %v", status, got)
	}
	if len(a.messages(li, group)) != 1 || len(a.messages(zhang, group)) != 0 {
		t.Error("want the card with its recipient only")
	}
}
