package dingtalk_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"lingke/bots"
	emulated "lingke/internal/emulator/dingtalk"
	"lingke/internal/emulator/world"
)

// TestWhatNobodyTookIsFetchedAfterwards lets events come while the gateway is down, and fetches them: each once, under an id of its own, also where the store fails at first.
func TestWhatNobodyTookIsFetchedAfterwards(t *testing.T) {
	o := newHTTPOffice(t, func(bots.Incoming) bots.Answer { return bots.Answer{} })
	o.back.Close() // the gateway is down
	for _, p := range []world.Person{{ID: "a", DingTalk: "u-a"}, {ID: "b", DingTalk: "u-b"}} {
		if err := o.e.DingTalk().Left(p); !errors.Is(err, emulated.ErrEventURL) {
			t.Fatalf("the event was taken: %v", err)
		}
	}
	tries, taken := 0, map[string]string{}
	take := func(_ context.Context, in bots.Incoming) (bots.Answer, error) {
		if tries++; tries == 1 {
			return bots.Answer{}, errors.New("the store is away")
		}
		if in.Event == nil || in.Event.Type != "user_leave_org" || taken[in.ID] != "" {
			t.Errorf("%+v", in)
		}
		taken[in.ID] = in.Event.Fields["userId"]
		return bots.Answer{}, nil
	}
	deadline := time.Now().Add(20 * time.Second)
	for len(taken) < 2 && time.Now().Before(deadline) { // the platform gives its repeats up first
		if _, err := o.bot.Missed(t.Context(), take); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	users := map[string]bool{}
	for _, user := range taken {
		users[user] = true
	}
	if len(taken) != 2 || !users["u-a"] || !users["u-b"] || tries != 3 {
		t.Errorf("%d tries took %v", tries, taken)
	}
	if n, err := o.bot.Missed(t.Context(), take); n != 0 || err != nil {
		t.Errorf("read again: %d %v", n, err)
	}
}

// TestMissedEventsInTheShapesOfTheDocuments reads the list as the platform's page has it, an approval among it, and what nobody can use.
func TestMissedEventsInTheShapesOfTheDocuments(t *testing.T) {
	const list = `{"errcode":0,"errmsg":"ok","has_more":false,"failed_list":[
		{"call_back_tag":"bpms_instance_change","event_time":1700000000000,"bpms_instance_change":{"corpid":"dingcorp","bpmsCallBackData":{"processInstanceId":"p1","type":"finish","result":"agree"}}},
		{"call_back_tag":"user_add_org","event_time":"1700000000001","user_add_org":{"corpid":"dingcorp","userid":["u1","u2"]}},
		{"event_time":1},{"call_back_tag":"org_change","org_change":7}]}`
	o := newHTTPOffice(t, func(bots.Incoming) bots.Answer { return bots.Answer{} })
	o.post("/_emulator/faults", map[string]any{"match": "GET /call_back/get_call_back_failed_result", "times": 1, "status": http.StatusOK, "body": json.RawMessage(list)})
	var got []bots.Event
	n, err := o.bot.Missed(t.Context(), func(_ context.Context, in bots.Incoming) (bots.Answer, error) {
		got = append(got, *in.Event)
		return bots.Answer{}, nil
	})
	if n != 2 || err != nil {
		t.Fatalf("%d %v", n, err)
	}
	if e := got[0]; e.Type != "bpms_instance_change" || e.Fields["processInstanceId"] != "p1" || e.Fields["result"] != "agree" || !e.At.Equal(time.UnixMilli(1_700_000_000_000)) {
		t.Errorf("%+v", e)
	}
	if e := got[1]; e.Type != "user_add_org" || e.Fields["userid"] != "u1,u2" || !e.At.Equal(time.UnixMilli(1_700_000_000_001)) {
		t.Errorf("%+v", e)
	}
}
