package chat

import (
	"fmt"
	"strings"
	"testing"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/scoring"
)

// shelf stores n customers of tier A and one of C.
func (w *world) shelf(n int) {
	w.t.Helper()
	for i := range n {
		w.lead(fmt.Sprint(i+1), fmt.Sprintf("公司%02d", i+1), 800)
	}
	w.lead("c", "小作坊", 5)
}

func listNames(c *bots.Card) string {
	var all []string
	for _, f := range c.Fields {
		all = append(all, f.Name+" "+strings.Fields(f.Value)[0])
	}
	return strings.Join(all, ", ")
}

func TestAListGoesOnByTheButtonAndByTheWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shelf(14)
	asked := w.say(bots.DingTalk, "boss", "名单 A级", false)
	first := w.answer(asked).Card
	if first == nil || first.State != "第 1–6 家，共 14 家" || first.Title != "客户名单（A 级）" || len(first.Fields) != 6 || !first.Live() {
		t.Fatalf("%+v", first)
	}
	turn := w.tap(asked, "boss", cards.ActionNext)
	second := w.handle(turn).Card
	if second == nil || second.State != "第 7–12 家，共 14 家" || second.Fields[0].Name != "7" {
		t.Fatalf("%+v", second)
	}
	if again := w.handle(turn).Card; listNames(again) != listNames(second) { // after a crash
		t.Errorf("the same click shows %s, after %s", listNames(again), listNames(second))
	}
	if shown := w.reply(asked).Card; listNames(shown) != listNames(second) {
		t.Errorf("the card still shows %s", listNames(shown))
	}
	word := w.say(bots.DingTalk, "boss", "下一页", false)
	third := w.answer(word).Card
	if third == nil || third.State != "第 13–14 家，共 14 家" || third.Live() {
		t.Fatalf("%+v", third)
	}
	seen := map[string]bool{}
	for _, c := range []*bots.Card{first, second, third} {
		for _, f := range c.Fields {
			seen[strings.Fields(f.Value)[0]] = true
		}
	}
	if len(seen) != 14 || seen["小作坊"] {
		t.Errorf("seen: %v", seen)
	}
	if back := w.answer(w.say(bots.DingTalk, "boss", "上一页", false)).Card; back == nil || back.State != "第 7–12 家，共 14 家" || listNames(back) != listNames(second) {
		t.Errorf("one page back is %+v", back)
	}
	if again := w.answer(w.say(bots.DingTalk, "boss", "往回翻一页", false)).Card; again == nil || again.State != "第 1–6 家，共 14 家" {
		t.Errorf("two pages back is %+v", again)
	}
	wantText(t, shown(w.answer(w.say(bots.DingTalk, "boss", "上一页", false))), "已经是第一页")
	if other := w.handle(w.tap(asked, "lina", cards.ActionNext)); other.Card != nil || other.Toast != "这张卡片不是发给你的" {
		t.Errorf("somebody else turned the page: %+v", other)
	}
}

func TestListsAreFilteredAndKeepTheLayers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shelf(2)
	w.handle(w.say(bots.DingTalk, "zw", "领取 公司01", false))
	for _, tt := range []struct {
		from, text string
		group      bool
		want       []string
		aside      []string
	}{
		{"boss", "名单 A级 张伟", false, []string{"客户名单（A 级，张伟），共 1 家：", "1. 公司01 · 高价值 · 85 分 · 张伟"}, nil},
		{"boss", "无人认领的A级客户", false, []string{"共 1 家", "公司02 · 高价值 · 85 分 · 无人认领"}, nil},
		{"boss", "高级销售的客户", false, []string{"共 1 家", "公司01"}, nil},
		{"boss", "普通销售的客户", false, []string{"没有符合的客户"}, nil},
		{"zw", "我的客户", false, []string{"客户名单（张伟），共 1 家", "公司01"}, nil},
		{"zw", "我的客户 C级", false, []string{"没有符合的客户"}, nil},
		{"zhaolei", "A级客户有哪些", false, []string{"公司01 · 高价值 · 张伟", "!85"}, nil},
		{"money", "A级客户有哪些", false, []string{"公司01 · 高价值", "!85"}, nil},
		{"boss", "A级客户有哪些", true, []string{"已私下发给你", "!公司"}, []string{"公司01"}},
		{"boss", "名单 紫色的", false, []string{"没看懂“紫色的”"}, nil},
		{"boss", "下一页", false, []string{"已经是最后一页"}, nil}, {"lina", "下一页", false, []string{"没有可以继续的名单"}, nil},
	} {
		in := w.say(bots.DingTalk, tt.from, tt.text, tt.group)
		wantText(t, shown(w.answer(in)), tt.want...)
		wantText(t, w.aside(in), tt.aside...)
	}
}

func TestAPeriodSelectsWhoWasActiveInIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t) // it is 2 March 2026
	for i, name := range []string{"上月的", "本月的", "去年的", "前年的"} {
		c := w.customer(w.lead(fmt.Sprint(i), name, 800).ID)
		c.Active = w.now().AddDate(0, []int{-1, 0, -5, -20}[i], 0)
		must(t, w.store.PutCustomer(t.Context(), c))
	}
	for text, want := range map[string]string{
		"A级客户本季度": "上月的 本月的", "A级客户上月": "上月的", "本月有往来的客户": "本月的", "A级客户去年": "去年的", "近三个月的A级客户": "上月的 本月的", "名单 A级": "上月的 本月的 去年的 前年的", "A级客户上季度": "去年的",
		"近半年的A级客户": "上月的 本月的 去年的", "近半个月的A级客户": "本月的", "近二十三个月的A级客户": "上月的 本月的 去年的 前年的",
	} {
		got := shown(w.answer(w.say(bots.DingTalk, "boss", text, false)))
		for _, name := range []string{"上月的", "本月的", "去年的", "前年的"} {
			if strings.Contains(got, ". "+name) != strings.Contains(want, name) {
				t.Errorf("%s: %s, want %s", text, got, want)
			}
		}
	}
}

// TestAPlaceSelectsWhoIsThere: by what a source calls the region, by province and city, and by the company's name.
func TestAPlaceSelectsWhoIsThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, fields := range map[string]map[string]string{
		"苏州华星精密机械有限公司": nil, "宏远贸易": {"city": "苏州市"}, "昌盛电子": {"province": "江苏省"}, "恒通物流": {"region": "华东"}, "广州白云电器有限公司": {"region": "华南"},
	} {
		w.extra = fields
		w.lead(name, name, 800)
	}
	for text, want := range map[string]string{
		"苏州的A级客户": "苏州华星精密机械有限公司 宏远贸易", "江苏有哪些客户": "昌盛电子", "华东的客户": "恒通物流", "名单 广州": "广州白云电器有限公司", "list guangzhou": "广州白云电器有限公司", "苏州没人跟的客户": "苏州华星精密机械有限公司 宏远贸易",
	} {
		got := shown(w.answer(w.say(bots.DingTalk, "boss", text, false)))
		for _, name := range []string{"苏州华星精密机械有限公司", "宏远贸易", "昌盛电子", "恒通物流", "广州白云电器有限公司"} {
			if strings.Contains(got, ". "+name) != strings.Contains(want, name) {
				t.Errorf("%s: %s, want %s", text, got, want)
			}
		}
	}
	wantText(t, shown(w.answer(w.say(bots.DingTalk, "boss", "A级和B级的客户", false))), "一份名单只列一个层级")
}

// BenchmarkList answers "A级客户本季度" on 100,000 customers, 5,000 of them A and one in ten of those active in the quarter.
func BenchmarkList(b *testing.B) {
	w := newWorld(b)
	const customers, batch = 100_000, 2_000
	for from := 0; from < customers; from += batch {
		all := make([]customer.Customer, batch)
		for i := range all {
			n := from + i
			c := customer.Customer{ID: fmt.Sprintf("c%06d", n), Name: fmt.Sprintf("苏州第%d精密机械有限公司", n), Tier: "C", Stage: customer.Lead, Pool: "高价值线索"}
			c.Score = scoring.Result{Total: float64(n%8000) / 100}
			if n%20 == 0 {
				c.Tier, c.Score.Total = "A", 80+float64(n%1000)/50
			}
			if n%200 == 0 {
				c.Active = w.now()
			}
			c.Fields = map[string]customer.Field{"region": {Value: regions[n%len(regions)]}}
			all[i] = c
		}
		_, err := w.store.PutCustomers(b.Context(), all)
		must(b, err)
	}
	for _, text := range []string{"A级客户本季度", "名单 A级", "无人认领的A级客户 华东", "名单 浙江", "张伟的客户", "查 huaxing"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				w.handle(w.say(bots.DingTalk, "boss", text, false))
			}
		})
	}
}
