package wecom

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"lingke/bots"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestRenderedCards(t *testing.T) {
	task := bots.Card{
		Kind: "task", Title: "首次联系：华东精密机械", State: "截止 今天 16:30", Body: "领取后 2 小时内联系客户。",
		Fields:  []bots.Field{{Name: "客户层级", Value: "A"}, {Name: "负责人姓名", Value: "张伟"}},
		Actions: []bots.Action{{ID: "done", Label: "已完成", Style: bots.Primary}, {ID: "later", Label: "推迟一天"}},
	}
	long := bots.Card{Title: strings.Repeat("长标题", 20), State: strings.Repeat("状态", 40), Body: strings.Repeat("**正文**\n", 60)}
	for i := range 9 {
		n := fmt.Sprint(i)
		long.Fields = append(long.Fields, bots.Field{Name: "很长的字段名" + n, Value: strings.Repeat("值\n", 40)})
		long.Actions = append(long.Actions, bots.Action{ID: "act_" + n, Label: strings.Repeat("按钮", 8) + n})
	}
	for i := range 14 {
		long.Actions[3].Inputs = append(long.Actions[3].Inputs, bots.Input{ID: "line", Label: "备注"})
		if i == 0 {
			long.Actions[3].Inputs = append(long.Actions[3].Inputs, bots.Input{ID: "pick", Label: strings.Repeat("选", 30)})
		}
		in := &long.Actions[3].Inputs[1]
		in.Options = append(in.Options, bots.Option{ID: fmt.Sprint(i), Label: strings.Repeat("项", 20)})
	}
	cards := map[string]bots.Card{
		"lead": *leadCard(), "claimed": *claimed().Card, "task": task, "limits": long,
		"empty": {Actions: []bots.Action{{ID: "ok"}}}, "nothing_to_press": {Title: "已处理"},
	}
	for name, c := range cards {
		t.Run(name, func(t *testing.T) { golden(t, name+".golden.json", render("card_1", c)) })
	}
}

func TestCardsAsText(t *testing.T) {
	var b strings.Builder
	for _, group := range []bool{false, true} {
		for _, c := range []bots.Card{*leadCard(), *claimed().Card, {Body: "只有正文"}} {
			fmt.Fprintf(&b, "--- group %v\n%s\n", group, cardText(c, group))
		}
	}
	compare(t, "text.golden.md", []byte(b.String()))
}

func golden(t *testing.T, file string, v any) {
	t.Helper()
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	compare(t, file, buf.Bytes())
}

func compare(t *testing.T, file string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (run with -update after looking):\n%s", path, got)
	}
}

// Whatever a card holds, the rendered one keeps the platform's limits and is valid UTF-8.
func FuzzRenderKeepsTheLimits(f *testing.F) {
	f.Add("标题", "状态", strings.Repeat("正文", 900), "字段", "值", "按钮", "已领取")
	f.Add("", "", "", "", "", "", "")
	f.Add(" ", "0", "0", " ", "0", " ", " ")
	f.Add("a\nb", "**", "😀\u200d😀", "名称很长很长", strings.Repeat("😀", 40), "领取领取领取领取领取领取", strings.Repeat("关", 99))
	f.Fuzz(func(t *testing.T, title, state, body, name, value, label, closed string) {
		c := bots.Card{
			Title: title, State: state, Body: body, Fields: []bots.Field{{Name: name, Value: value}}, Closed: closed,
			Actions: []bots.Action{{ID: "a", Label: label, Inputs: []bots.Input{{ID: "q", Label: label, Options: []bots.Option{{ID: "o", Label: value}}}}}},
		}
		r := render("id", c)
		within := func(what, s string, limit int) {
			if n := utf8.RuneCountInString(s); n > limit {
				t.Errorf("%s has %d characters, limit %d", what, n, limit)
			}
		}
		within("title", r.MainTitle.Title, maxTitle)
		within("desc", r.MainTitle.Desc, maxDesc)
		within("body", r.SubTitleText, maxSubTitle)
		within("keyname", r.Fields[0].KeyName, maxKeyName)
		within("value", r.Fields[0].Value, maxValue)
		within("button", r.Buttons[0].Text, maxButton)
		within("replace", r.ReplaceText, maxReplace)
		if r.MainTitle.Title == "" || r.Fields[0].KeyName == "" || r.Buttons[0].Text == "" {
			t.Errorf("an obligatory text is empty: %+v", r)
		}
		m := markdown(bots.Outgoing{To: []string{"a"}, Card: &c})
		if len(m) > maxMarkdown {
			t.Errorf("markdown has %d bytes", len(m))
		}
		if utf8.ValidString(strings.Join([]string{title, state, body, name, value, closed}, "|")) && !utf8.ValidString(m) {
			t.Errorf("cut inside a character: %q", m)
		}
	})
}

func FuzzPlainJSONSaysTheSame(f *testing.F) {
	f.Add(`<font color="info">a & b</font>`)
	f.Add(`\u003c \\u003c \`)
	f.Fuzz(func(t *testing.T, s string) {
		escaped, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var want, got string
		_ = json.Unmarshal(escaped, &want)
		if err := json.Unmarshal(plainJSON(escaped), &got); err != nil || got != want {
			t.Errorf("plainJSON(%s) = %s: %q, %v", escaped, plainJSON(escaped), got, err)
		}
	})
}
