package dingtalk_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"lingke/internal/emulator/dingtalk"
)

func FuzzAck(f *testing.F) {
	f.Add([]byte(`{"code":200,"headers":{"messageId":"m1"},"message":"OK","data":"{\"response\":null}"}`))
	f.Add([]byte(`{"code":"200"}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if id, err := dingtalk.ParseAck(text); err != nil && id != "" {
			t.Errorf("ParseAck(%q) = %q beside %v", text, id, err)
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add(`{"response":{"cardData":{"cardParamMap":{"state":"已领取"}}}}`)
	f.Add(`{"response":{"cardData":{"cardParamMap":{"state":1}}}}`)
	f.Add(`{"response":null}`)
	f.Add(``)
	f.Fuzz(func(t *testing.T, data string) {
		vars, err := dingtalk.Applied(data)
		if err == nil && data != "" && !json.Valid([]byte(data)) {
			t.Errorf("Applied(%q) took what is not JSON", data)
		}
		for k, v := range vars {
			if len(k) > 100 || len(v) > 1024 {
				t.Errorf("Applied(%q) took a value beyond the limits", data)
			}
		}
	})
}

func FuzzSpaces(f *testing.F) {
	f.Add("dtv1.card//IM_ROBOT.u1;im_group.cid==;")
	f.Add("dtv1.card://IM_GROUP.x")
	f.Add("dtv1.card//;")
	f.Fuzz(func(t *testing.T, text string) {
		kinds, ok := dingtalk.Spaces(text)
		if ok != (len(kinds) > 0) {
			t.Errorf("Spaces(%q) = %v, %v", text, kinds, ok)
		}
		if ok && (!strings.HasPrefix(text, "dtv1.card") || slices.ContainsFunc(kinds, func(k string) bool { return k != strings.ToUpper(k) })) {
			t.Errorf("Spaces(%q) = %v", text, kinds)
		}
	})
}

func FuzzRender(f *testing.F) {
	f.Add(`[{"name":"客户","value":"甲"}]`, `[{"text":"领取","action":{"type":"sendCardRequest","params":{"actionId":"claim"}}}]`, `{"fields":[{"name":"why","type":"SELECT","options":[{"value":"a","text":"b"}]}]}`, "")
	f.Add(`{`, `[1]`, `[]`, "closed")
	f.Fuzz(func(t *testing.T, fields, buttons, form, closed string) {
		card := dingtalk.Render(map[string]string{"fields": fields, "buttons": buttons, "form": form, "form_label": "提交", "closed": closed})
		if closed != "" && (len(card.Actions) > 0 || card.Note != closed) {
			t.Errorf("a card with closed %q has %+v", closed, card)
		}
	})
}

func FuzzTemplate(f *testing.F) {
	f.Add([]byte(`{"editorData":"{\"schema\":{\"componentsTree\":[{\"componentName\":\"Card\",\"children\":[{\"componentName\":\"Loop\",\"props\":{\"listData\":{\"variable\":\"a\"}}}]}]}}","widgetInfo":"<x>","type":"im"}`), "[{}]")
	f.Fuzz(func(t *testing.T, text []byte, list string) {
		card, err := dingtalk.RenderTemplate(text, map[string]string{"a": list})
		if err == nil && card.ID != "c" {
			t.Errorf("%+v", card)
		}
	})
}
