package risk

import (
	"testing"
	"time"
)

var today = time.Date(2026, 6, 30, 10, 0, 0, 0, time.UTC)

func ago(days int) time.Time { return today.AddDate(0, 0, -days) }

func orders(days ...int) (out []Order) {
	for _, d := range days {
		out = append(out, Order{ago(d), "kingdee"})
	}
	return out
}

func rules(signals []Signal) (out string) {
	for _, s := range signals {
		out += s.Rule + " " + string(s.Cause) + " "
	}
	return out
}

func TestAssess(t *testing.T) {
	t.Parallel()
	regular := &Rhythm{Shape: 2, R: 3, Alpha: 3 * 30 * 30, A: 1, B: 9} // about a month, rather regular
	monthly := orders(300, 270, 240, 210, 180, 150, 120, 90)
	onlyFixed := DefaultRules()
	needPush := DefaultRules()
	needPush.WithoutPushes = false
	for _, c := range []struct {
		name string
		b    Behaviour
		r    Rules
		m    *Rhythm
		want string
	}{
		{"nobody", Behaviour{}, onlyFixed, regular, ""},
		{"bought today", Behaviour{Orders: orders(0)}, onlyFixed, regular, ""},
		{"silent for 179 days", Behaviour{Orders: orders(179)}, onlyFixed, nil, ""},
		{"silent for 180 days", Behaviour{Orders: orders(180)}, onlyFixed, nil, "silent silence "},
		{"silent, but opened a push", Behaviour{Orders: orders(200), Pushes: []Push{{ago(20), ago(19)}}}, onlyFixed, nil, ""},
		{"silent, opened only before the last order", Behaviour{Orders: orders(200), Pushes: []Push{{ago(300), ago(290)}, {ago(20), time.Time{}}}}, onlyFixed, nil, "silent silence "},
		{"silent, no push was sent, and one is needed", Behaviour{Orders: orders(200)}, needPush, nil, ""},
		{"silent, a push stayed unopened", Behaviour{Orders: orders(200), Pushes: []Push{{ago(20), time.Time{}}}}, needPush, nil, "silent silence "},
		{"half as many orders", Behaviour{Orders: orders(10, 100, 120)}, onlyFixed, nil, "drop silence "},
		{"a third fewer", Behaviour{Orders: orders(10, 20, 100, 120, 130)}, onlyFixed, nil, ""},
		{"one order before says too little", Behaviour{Orders: orders(100)}, onlyFixed, nil, ""},
		{"monthly, silent for three", Behaviour{Orders: monthly}, onlyFixed, regular, "drop silence rhythm silence "},
		{"one order is judged by the population", Behaviour{Orders: orders(60)}, onlyFixed, regular, ""},
		{"a competitor was named", Behaviour{Orders: orders(3), Hints: []Hint{{Competitor, ago(5), "A 公司报价更低", "note", false}}}, onlyFixed, regular, "competitor competitor "},
		{"the contact was ended", Behaviour{Orders: orders(3), Hints: []Hint{{Silence, ago(5), "删除了销售", "wecom", true}}}, onlyFixed, regular, "left silence "},
		{"it was ended long ago", Behaviour{Orders: orders(3), Hints: []Hint{{Silence, ago(91), "删除了销售", "wecom", true}}}, onlyFixed, regular, ""},
		{"it was named long ago", Behaviour{Orders: orders(3), Hints: []Hint{{Competitor, ago(91), "A 公司", "note", false}}}, onlyFixed, regular, ""},
		{"named after the instant", Behaviour{Orders: orders(3), Hints: []Hint{{Competitor, ago(-1), "A 公司", "note", false}}}, onlyFixed, regular, ""},
		{"a complaint is a cause, not a signal", Behaviour{Orders: orders(3), Hints: []Hint{{Service, ago(5), "维修太慢", "ticket", false}}}, onlyFixed, regular, ""},
		{"silent after a complaint and a remark on the price", Behaviour{Orders: orders(200), Hints: []Hint{{Service, ago(5), "维修太慢", "ticket", false}, {Price, ago(2), "太贵", "note", false}}}, onlyFixed, nil, "silent service "},
		{"all switched off", Behaviour{Orders: orders(500)}, Rules{}, regular, ""},
	} {
		if got := rules(Assess(c.b, c.r, c.m, today)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSignalsCarryTheirEvidence(t *testing.T) {
	t.Parallel()
	b := Behaviour{Orders: orders(200), Pushes: []Push{{ago(20), time.Time{}}, {ago(9), time.Time{}}}, Hints: []Hint{{Price, ago(4), "太贵", "note", false}}}
	got := Assess(b, DefaultRules(), nil, today)
	if len(got) != 1 || got[0].Text.ZH != "200 天未下单，推送 2 条未打开" || got[0].Anchor != "order 2025-12-12" || len(got[0].Evidence) != 3 {
		t.Fatalf("%+v", got)
	}
	e := got[0].Evidence
	if e[0].Value != "200" || e[0].Source != "kingdee" || !e[0].At.Equal(ago(200)) || e[1].Value != "2" || e[2].Value != "太贵" || e[2].Source != "note" {
		t.Errorf("%+v", e)
	}
}

func TestDaysAreThoseOfTheInstantsZone(t *testing.T) {
	t.Parallel()
	china := time.FixedZone("Asia/Shanghai", 8*3600)
	at := time.Date(2026, 6, 30, 0, 30, 0, 0, china) // still the 29th in UTC
	b := Behaviour{Orders: []Order{{at.AddDate(0, 0, -180).Add(20 * time.Hour), ""}}}
	if got := rules(Assess(b, DefaultRules(), nil, at)); got != "silent silence " {
		t.Errorf("in China: %q", got)
	}
	if got := rules(Assess(b, DefaultRules(), nil, at.UTC())); got != "" {
		t.Errorf("in UTC: %q", got)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	w := DefaultWords()
	w[Competitor] = append(w[Competitor], "GE", "金蝶")
	for text, want := range map[string]Cause{
		"客户说太贵，要等明年":         Price,
		"一点也不太贵":             "",
		"没有投诉":               "",
		"上个月投诉过一次，没有投诉第二次":   Service,
		"在看 ge 的报价":          Competitor,
		"the manager called": "",
		"GE的价格高":             Competitor,
		"售后态度差，还太贵":          Service,
		"客户在比较金蝶":            Competitor,
		"":                   "",
	} {
		got := w.Find(text)
		switch {
		case want == "" && len(got) > 0, want != "" && (len(got) == 0 || got[0].Cause != want):
			t.Errorf("%q: %v, want %q", text, got, want)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("客户说太贵", "贵")
	f.Add("K\u212A", "\u212A")
	f.Add("\xff\xfe不贵", "\xff")
	f.Fuzz(func(t *testing.T, text, word string) {
		for _, found := range (Words{Price: {word}}).Find(text) {
			if found.Cause != Price || found.Word != word {
				t.Errorf("%q in %q: %+v", word, text, found)
			}
		}
	})
}
