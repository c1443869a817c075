package app

import (
	"fmt"
	"strings"
	"testing"

	"lingke/bots"
	"lingke/bots/wecom"
	"lingke/internal/delivery"
)

// TestTheMenuSaysWhatTheBotUnderstands, in the one language that everybody in WeCom reads.
func TestTheMenuSaysWhatTheBotUnderstands(t *testing.T) {
	t.Parallel()
	for language, first := range map[string]string{"zh": "今日", "en": "Today"} {
		c := newCompany(t)
		c.write("lingke.yaml", strings.Replace(testConfig, "id: lina,", "id: lina, wecom: LiNa, language: "+language+",", 1))
		a := c.open()
		menu := a.menu()
		if menu[0].Name != first {
			t.Errorf("%s: %+v", language, menu)
		}
		for i, item := range flat(menu) {
			in := bots.Incoming{ID: fmt.Sprint(language, i), Platform: bots.WeCom, Message: &bots.Message{From: "LiNa", Text: item.Say, At: c.Now()}}
			if _, err := a.chat.Handle(t.Context(), in); err != nil {
				t.Errorf("%q: %v", item.Say, err)
			}
		}
		answers, _, err := a.store.Deliveries(t.Context(), delivery.Query{Limit: 100})
		if err != nil || len(answers) != len(flat(menu)) {
			t.Errorf("%d answers, %v", len(answers), err)
		}
		for _, d := range answers {
			if text := d.Text + fmt.Sprint(d.Card); strings.Contains(text, "没看懂") || strings.Contains(text, "did not understand") {
				t.Errorf("%s: %s", language, text)
			}
		}
	}
}

func flat(items []wecom.MenuItem) (out []wecom.MenuItem) {
	for _, item := range items {
		if len(item.Items) == 0 {
			out = append(out, item)
		}
		out = append(out, flat(item.Items)...)
	}
	return out
}
