package dingtalk

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lingke/bots"
)

const createPath = "/v1.0/card/instances/createAndDeliver"

func TestGoldenCards(t *testing.T) {
	t.Parallel()
	for name, card := range map[string]bots.Card{"lead": leadCard(), "claimed": claimedCard(), "task": taskCard()} {
		goldenJSON(t, name+".golden.json", cardParams(card))
		golden(t, name+".golden.md", []byte(plainCard(card)+"\n"))
	}
}

func TestCardParamsStayWithinTheLimitAndReadable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		card := bots.Card{Title: rapid.String().Draw(t, "title"), Body: strings.Repeat("客户", rapid.IntRange(0, 400).Draw(t, "body"))}
		for i := range rapid.IntRange(0, 30).Draw(t, "fields") {
			card.Fields = append(card.Fields, bots.Field{Name: fmt.Sprint("字段", i), Value: rapid.String().Draw(t, "value")})
		}
		for i := range rapid.IntRange(0, 5).Draw(t, "actions") {
			a := bots.Action{ID: fmt.Sprint("a", i), Label: "操作", Inputs: []bots.Input{{ID: "to", Label: "转给"}}}
			for j := range rapid.IntRange(0, 40).Draw(t, "options") {
				a.Inputs[0].Options = append(a.Inputs[0].Options, bots.Option{ID: fmt.Sprint(j), Label: "王小明"})
			}
			card.Actions = append(card.Actions, a)
		}
		params := cardParams(card)
		for name, value := range params {
			if len(value) > maxParam {
				t.Fatalf("%s has %d bytes", name, len(value))
			}
		}
		var fields []fieldParam
		var buttons []buttonParam
		var form formParam
		if json.Unmarshal([]byte(params["fields"]), &fields) != nil || json.Unmarshal([]byte(params["buttons"]), &buttons) != nil || json.Unmarshal([]byte(params["form"]), &form) != nil {
			t.Fatalf("a list is not JSON: %v", params)
		}
		if n := len(card.Actions); n > 0 && (len(buttons) != n-1 || len(form.Fields) != 2) {
			t.Fatalf("%d buttons and %d fields left of %d actions", len(buttons), len(form.Fields), n)
		}
	})
}

// TestALinkThatHasNoPlaceAmongTheButtonsStandsInTheText: the buttons of a task with their sealed values fill the platform's limit, so that the one that opens the page moves.
func TestALinkThatHasNoPlaceAmongTheButtonsStandsInTheText(t *testing.T) {
	t.Parallel()
	const address = "https://crm.example.com/h5/tasks/t_01K0ABCDEFGHJKMNPQRSTVWXYZ-first_contact-1?k=tkq3c0.bWFuYWdlcjQyMjA.AbCdEfGhIjKlMnOpQrStUv(1)"
	task := func(buttons int, body string) bots.Card {
		card := bots.Card{Title: "首次联系：苏州华星", State: "待办", Body: body, Actions: []bots.Action{{ID: "open", Label: "详情", URL: address}}}
		for i := range buttons {
			card.Actions = append(card.Actions, bots.Action{ID: fmt.Sprintf("action%d.AbCdEfGhIjKl", i), Label: "求助同事"})
		}
		return card
	}
	for _, tt := range []struct {
		buttons        int
		body           string
		kept           int
		button, inText bool
	}{
		{2, "联系后点完成", 3, true, false},
		{5, "联系后点完成", 5, false, true},
		{5, "", 5, false, true},
		{5, strings.Repeat("客户", 600), 5, false, true},
		{9, "联系后点完成", 6, false, true},
	} {
		params := cardParams(task(tt.buttons, tt.body))
		var buttons []buttonParam
		if err := json.Unmarshal([]byte(params["buttons"]), &buttons); err != nil || len(params["buttons"]) > maxParam || len(params["body"]) > maxParam {
			t.Fatalf("%v %d %d", err, len(params["buttons"]), len(params["body"]))
		}
		inText := strings.HasSuffix(params["body"], "[详情](https://crm.example.com/h5/tasks/t_01K0ABCDEFGHJKMNPQRSTVWXYZ-first_contact-1?k=tkq3c0.bWFuYWdlcjQyMjA.AbCdEfGhIjKlMnOpQrStUv%281%29)")
		if button := strings.Contains(params["buttons"], address); len(buttons) != tt.kept || button != tt.button || inText != tt.inText {
			t.Errorf("%d buttons and %d bytes of text: %d are left, the link a button %v, in the text %v", tt.buttons, len(tt.body), len(buttons), button, inText)
		}
	}
}

func TestSendCreatesOneCardForAllPeople(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.on(createPath, answer{200, `{"success":true,"result":{"outTrackId":"lead-42-v1","deliverResults":[{"spaceId":"u1","success":true},{"spaceId":"u2","success":false,"errorMsg":"spaceId is illegal"}]}}`})
	card := leadCard()
	got, err := p.bot(t, nil).Send(t.Context(), bots.Outgoing{ID: "lead-42-v1", To: []string{"u1", "u2"}, Card: &card})
	want := bots.Receipt{Handle: bots.Handle{Message: "lead-42-v1"}, Refused: []bots.Refusal{{To: "u2", Reason: "spaceId is illegal"}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	body := p.to(createPath)[0].Body
	for key, want := range map[string]any{"cardTemplateId": "t-1.schema", "outTrackId": "lead-42-v1", "callbackType": "STREAM",
		"openSpaceId": "dtv1.card//IM_ROBOT.u1;IM_ROBOT.u2", "userIdType": 1.0,
		"imRobotOpenDeliverModel": map[string]any{"spaceType": "IM_ROBOT", "robotCode": "dingapp"}} {
		if diff := cmp.Diff(want, body[key]); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
	if body["imRobotOpenSpaceModel"] == nil || body["imGroupOpenSpaceModel"] != nil {
		t.Errorf("space models: %v", body)
	}
}

func TestSendToAGroupOverHTTPCallbacks(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	card := leadCard()
	b := p.bot(t, func(c *Config) { c.CardRouteKey = "lingke" })
	if _, err := b.Send(t.Context(), bots.Outgoing{ID: "x", Conversation: "cidA==", Card: &card}); err != nil {
		t.Fatal(err)
	}
	body := p.to(createPath)[0].Body
	if body["openSpaceId"] != "dtv1.card//IM_GROUP.cidA==" || body["callbackType"] != "HTTP" || body["callbackRouteKey"] != "lingke" ||
		body["imGroupOpenDeliverModel"] == nil {
		t.Errorf("sent %v", body)
	}
}

func TestSendThatReachesNobodyFails(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"everybody refused":          `{"success":true,"result":{"deliverResults":[{"spaceId":"u1","success":false,"errorMsg":"spaceId is illegal"}]}}`,
		"the whole space is refused": `{"success":true,"result":{"deliverResults":[{"spaceType":"IM","spaceId":"IM_ALL","success":false,"errorMsg":"spaces of card is empty"}]}}`,
		"success is false":           `{"success":false}`,
	} {
		p := newPlatform(t)
		p.on(createPath, answer{200, body})
		card := leadCard()
		if r, err := p.bot(t, nil).Send(t.Context(), bots.Outgoing{ID: "x", To: []string{"u1"}, Card: &card}); !errors.Is(err, bots.ErrPermanent) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func TestRepeatedSendShowsNoSecondCardAndRefreshesTheFirst(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.on(createPath, answer{400, `{"code":"param.cardAlreadyExist","message":"param.cardAlreadyExist"}`})
	card := claimedCard()
	got, err := p.bot(t, nil).Send(t.Context(), bots.Outgoing{ID: "x", To: []string{"u1"}, Card: &card})
	if err != nil || got.Handle.Message != "x" {
		t.Fatalf("%+v, %v", got, err)
	}
	puts := p.to("/v1.0/card/instances")
	if len(puts) != 1 || puts[0].Method != http.MethodPut {
		t.Fatalf("calls %+v", puts)
	}
	params := puts[0].Body["cardData"].(map[string]any)["cardParamMap"].(map[string]any)
	options := puts[0].Body["cardUpdateOptions"].(map[string]any)
	if params["state"] != "已被张伟领取" || params["buttons"] != "[]" || options["updateCardDataByKey"] != true {
		t.Errorf("put %v", puts[0].Body)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		handle   string
		template string
		answer   answer
		kind     error
		fails    bool
	}{
		{"changes the card", "x", "t", answer{200, `{"success":true,"result":true}`}, nil, false},
		{"of a forgotten card", "x", "t", answer{400, `{"code":"param.cardNotExist"}`}, bots.ErrNotUpdatable, true},
		{"of a card sent as text", "", "t", answer{}, bots.ErrNotUpdatable, true},
		{"without a template", "x", "", answer{}, bots.ErrNotUpdatable, true},
		{"while the platform is busy", "x", "t", answer{500, `{"code":"system.busy"}`}, nil, true},
		{"with unsafe content", "x", "t", answer{400, `{"code":"param.contentUnsafe"}`}, bots.ErrPermanent, true},
	} {
		p := newPlatform(t)
		p.on("/v1.0/card/instances", c.answer)
		card := claimedCard()
		h, err := p.bot(t, func(cfg *Config) { cfg.CardTemplate = c.template }).
			Update(t.Context(), bots.Handle{Message: c.handle}, bots.Outgoing{ID: "x", Card: &card})
		if (err != nil) != c.fails || (c.kind != nil && !errors.Is(err, c.kind)) || h.Message != c.handle {
			t.Errorf("update %s: %+v, %v", c.name, h, err)
		}
		if c.kind == nil && errors.Is(err, bots.ErrPermanent) {
			t.Errorf("update %s is not worth repeating: %v", c.name, err)
		}
	}
}

func TestSendRefusesWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	card := leadCard()
	people := func(n int) []string {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = fmt.Sprintf("%060d", i)
		}
		return ids
	}
	for name, m := range map[string]bots.Outgoing{
		"no id":                {To: []string{"u"}, Text: "x"},
		"an id with a dot":     {ID: "a.b", To: []string{"u"}, Text: "x"},
		"a long id":            {ID: strings.Repeat("a", 65), To: []string{"u"}, Text: "x"},
		"nothing to say":       {ID: "a", To: []string{"u"}},
		"both text and card":   {ID: "a", To: []string{"u"}, Text: "x", Card: &card},
		"nobody":               {ID: "a", Text: "x"},
		"21 people":            {ID: "a", To: people(21), Text: "x"},
		"ids beyond the limit": {ID: "a", To: people(20), Card: &card},
		"an id that adds one":  {ID: "a", To: []string{"u;IM_ROBOT.boss"}, Card: &card},
		"an empty user":        {ID: "a", To: []string{""}, Card: &card},
		"a card to a reply":    {ID: "a", ReplyURL: "https://oapi.dingtalk.com/x", Card: &card},
	} {
		p := newPlatform(t)
		if _, err := p.bot(t, nil).Send(t.Context(), m); !errors.Is(err, bots.ErrPermanent) {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(p.to(createPath)); n != 0 {
			t.Errorf("%s: %d calls", name, n)
		}
	}
}
