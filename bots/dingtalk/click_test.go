package dingtalk

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/bots"
	"lingke/internal/testdata"
)

func TestPublishedClicks(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]bots.Click{
		"card_callback_action.json": {From: "staff_clicker", Card: "select-abc", Action: "select", Inputs: map[string]string{"sid": "s-42"}, At: noon},
		"card_callback_submit.json": {From: "u1", Card: "t1", Action: "submit_action", Inputs: map[string]string{"user_input": "hi", "selected_options": "继续"}, At: noon},
	} {
		got, err := parseClick(testdata.Read(t, "payloads/dingtalk/"+file), "m", noon)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if diff := cmp.Diff(&want, got.Click); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
	got, err := parseFrame(testdata.Read(t, "payloads/dingtalk/stream_frame_card.json"), noon)
	want := &bots.Click{From: "dd_op", Card: "d-1", Action: "approve", At: time.UnixMilli(1700000000000).UTC()}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Click); diff != "" {
		t.Error(diff)
	}
}

func TestClickContent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, content string // content before it is put into a string
		action        string
		inputs        map[string]string
	}{
		{"action in params wins", `{"cardPrivateData":{"actionIds":["single_button_node_1"],"params":{"action":"claim"}}}`, "claim", nil},
		{"an unresolved variable gives way to the row's id", `{"cardPrivateData":{"actionIds":["pass"],"params":{"action":"${button.id}"}}}`, "pass", nil},
		{"a component's own id is better than nothing", `{"cardPrivateData":{"actionIds":["Button_7"]}}`, "Button_7", nil},
		{"params beside the private data", `{"params":{"action":"done","note":" 已联系 "}}`, "done", map[string]string{"note": "已联系"}},
		{"params in both places", `{"params":{"a":"1"},"cardPrivateData":{"params":{"action":"x","b":2}}}`, "x", map[string]string{"a": "1", "b": "2"}},
		{"nested inputs", `{"cardPrivateData":{"params":{"action":"pass","inputs":{"reason":"budget"}}}}`, "pass", map[string]string{"reason": "budget"}},
		{"nested inputs as text", `{"cardPrivateData":{"params":{"action":"pass","inputs":"{\"reason\":\"budget\"}"}}}`, "pass", map[string]string{"reason": "budget"}},
		{"a choice and a list of choices", `{"cardPrivateData":{"params":{"action":"x","one":{"index":0,"value":"a"},"many":["b",{"value":"c"},null,"b"]}}}`, "x", map[string]string{"one": "a", "many": "b,c"}},
		{"other types as they are written", `{"cardPrivateData":{"params":{"action":"x","n":1.50,"yes":true,"o":{"k": 1},"none":null}}}`, "x", map[string]string{"n": "1.50", "yes": "true", "o": `{"k":1}`, "none": ""}},
	} {
		inText, err := json.Marshal(c.content)
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range []string{
			`{"outTrackId":"t","userId":"u","content":` + string(inText) + `}`,
			`{"outTrackId":"t","userId":"u","content":` + c.content + `}`,
			`{"outTrackId":"t","userId":"u","value":` + string(inText) + `}`,
			`{"outTrackId":"t","userId":"u","content":"broken","value":` + string(inText) + `}`,
		} {
			got, err := parseClick([]byte(body), "m", noon)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			} else if diff := cmp.Diff(c.inputs, got.Click.Inputs); diff != "" || got.Click.Action != c.action {
				t.Errorf("%s: %q %s", c.name, got.Click.Action, diff)
			}
		}
	}
}

func TestBadClicks(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"not JSON": `x`, "no card": `{"userId":"u","content":"{}"}`, "nobody": `{"outTrackId":"t"}`,
		"no action": `{"outTrackId":"t","userId":"u","content":"{}"}`, "broken content": `{"outTrackId":"t","userId":"u","content":"{"}`,
		"an endless action": `{"outTrackId":"t","userId":"u","content":{"actionIds":["` + strings.Repeat("x", 100) + `"]}}`,
	} {
		if _, err := parseClick([]byte(body), "m", noon); !errors.Is(err, errMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClickIDTellsClicksApart(t *testing.T) {
	t.Parallel()
	id := func(delivery, card, user, action string) string {
		in, err := parseClick(fmt.Appendf(nil, `{"outTrackId":%q,"userId":%q,"content":{"actionIds":[%q]}}`, card, user, action), delivery, noon)
		if err != nil || len(in.ID) > maxID {
			t.Fatal(in.ID, err)
		}
		return in.ID
	}
	same := id("m1", "c", "u", "claim")
	if same != id("m1", "c", "u", "claim") {
		t.Error("a redelivery has another id")
	}
	for name, other := range map[string]string{"frame": id("m2", "c", "u", "claim"), "card": id("m1", "d", "u", "claim"),
		"person": id("m1", "c", "v", "claim"), "action": id("m1", "c", "u", "pass"), "no frame id": id("", "c", "u", "claim")} {
		if other == same {
			t.Errorf("another %s has the same id", name)
		}
	}
}

func TestInputsAreBounded(t *testing.T) {
	t.Parallel()
	params := map[string]any{"action": "x", "long": strings.Repeat("x", maxInputValue+1)}
	for i := range 200 {
		params[fmt.Sprint("p", i)] = i
	}
	body, err := json.Marshal(map[string]any{"outTrackId": "t", "userId": "u", "content": map[string]any{"params": params}})
	if err != nil {
		t.Fatal(err)
	}
	in, err := parseClick(body, "m", noon)
	if err != nil || len(in.Click.Inputs) != maxInputs || in.Click.Inputs["long"] != "" {
		t.Errorf("%d inputs, %v", len(in.Click.Inputs), err)
	}
}

func FuzzClick(f *testing.F) {
	f.Add([]byte(`{"outTrackId":"t","userId":"u","content":"{\"cardPrivateData\":{\"actionIds\":[\"claim\"],\"params\":{\"a\":[1,{\"value\":[2]}]}}}"}`))
	f.Add([]byte(`{"outTrackId":"t","userId":"u","value":{"params":{"action":"x","inputs":"{\"a\":null}"}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, err := parseClick(raw, "m", noon)
		checkIncoming(t, in, err)
	})
}
