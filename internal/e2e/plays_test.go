package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/internal/app"
	"lingke/internal/customer"
	"lingke/internal/emulator/world"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/internal/outbound"
	"lingke/internal/report"
)

// part is a customer with a part in a play, and its owner.
type part struct {
	id, name string // at the source
	ref      customer.Ref
	owner    world.Person
	play     string // the play's name, as cards tell it
}

// playing is a company whose customers come to have parts in the plays that ship: one gateway whose timetable is run by hand, everything through the signed webhook,
// the emulated platforms and a receiver of webhooks.
type playing struct {
	*site
	gateway *inProcess
	parts   []*part
	events  int

	mu    sync.Mutex
	posts []outbound.PlayMessage
}

func newPlaying(t *testing.T, reps int) *playing {
	t.Helper()
	p := &playing{}
	hook := httptest.NewServer(http.HandlerFunc(p.receive))
	t.Cleanup(hook.Close)
	p.site = newSite(t, plan{
		people: append(crowd(reps), world.Person{ID: "boss", Name: "王主管", Role: "manager", Team: team, DingTalk: "boss1"}),
		more:   fmt.Sprintf("webhooks:\n  - {name: benefits, url: %q, secret: %q, allow_private: true}\n", hook.URL, hookSecret),
	})
	p.em.World().SetNow(time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)) // Monday, 10:00 in Shanghai
	p.gateway = p.run(app.ByHand())
	return p
}

// receive keeps what webhooks tell of plays.
func (p *playing) receive(_ http.ResponseWriter, r *http.Request) {
	var m outbound.PlayMessage
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(body, &m) != nil || !strings.HasPrefix(m.Type, "play.") {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.posts = append(p.posts, m)
}

// have adds a customer whom the lot takes into a play, or holds out of it, with an owner of its own.
func (p *playing) have(play, name string, share float64, held bool, fields map[string]any) *part {
	p.t.Helper()
	i := len(p.parts)
	x := &part{name: fmt.Sprintf("第%04d号客户", i), owner: p.people[i], play: name}
	for n := 0; x.id == "" || followup.Held(play, customer.IDOf(x.ref), share) != held; n++ {
		x.id = fmt.Sprintf("%s-%d-%d", play, i, n)
		x.ref = customer.NewRef("website", x.id)
	}
	p.parts = append(p.parts, x)
	data := map[string]any{"id": x.id, "name": x.name, "contact": "陈总"}
	for k, v := range fields {
		data[k] = v
	}
	p.told(p.gateway, "new-"+x.id, item{"customer.upsert", data})
	if _, err := p.say(p.t.Context(), p.platformOf(x.owner), x.owner, "领取 "+x.name); err != nil {
		p.t.Fatal(err)
	}
	eventually(p.t, 20*time.Second, x.name+" has its owner", func() error {
		if c := p.customer(x); c.Owner != x.owner.ID {
			return fmt.Errorf("owner %q", c.Owner)
		}
		return nil
	})
	return x
}

func (p *playing) platformOf(who world.Person) string {
	if who.DingTalk != "" {
		return "dingtalk"
	}
	return "wecom"
}

func (p *playing) customer(x *part) customer.Customer {
	p.t.Helper()
	c, err := p.gateway.app.Store().Customer(p.t.Context(), customer.IDOf(x.ref))
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

// buys is an order of some yuan, some days ago.
func (p *playing) buys(x *part, yuan, daysAgo int, product string) {
	p.t.Helper()
	p.events++
	p.told(p.gateway, fmt.Sprint("order", p.events), item{"order.upsert", map[string]any{
		"id": fmt.Sprint("o", p.events), "customer_id": x.id, "amount": fmt.Sprint(yuan), "status": "won", "product": product,
		"date": p.now().AddDate(0, 0, -daysAgo).Add(-time.Minute).Format(time.RFC3339), "modified_at": p.now().Format(time.RFC3339),
	}})
}

// does is something that a customer did some days ago.
func (p *playing) does(x *part, kind, text string, daysAgo int) {
	p.t.Helper()
	p.events++
	p.told(p.gateway, fmt.Sprint("act", p.events), item{"activity.created", map[string]any{
		"id": fmt.Sprint("a", p.events), "customer_id": x.id, "type": kind, "text": text,
		"date": p.now().AddDate(0, 0, -daysAgo).Add(-time.Minute).Format(time.RFC3339), "modified_at": p.now().Format(time.RFC3339),
	}})
}

// day moves the clock to the n-th day after the first, at eleven, and runs the morning's jobs.
func (p *playing) day(n int) {
	p.t.Helper()
	p.em.World().SetNow(time.Date(2026, 3, 2+n, 3, 0, 0, 0, time.UTC))
	for _, job := range []string{"churn", "plays"} {
		if err := p.gateway.app.RunJob(p.t.Context(), job, io.Discard); err != nil {
			p.t.Fatal(err)
		}
	}
	p.settled(p.gateway.app.Store(), 30*time.Second)
}

// cards are the texts of the cards by which a play asked a customer's owner for something, oldest first.
func (p *playing) cards(x *part) (out []string) {
	for _, m := range p.messages(p.platformOf(x.owner), x.owner, 0) {
		if m.Card == nil || !strings.Contains(m.Card.Title, x.name) {
			continue
		}
		if text := fmt.Sprintf("%+v", *m.Card); strings.Contains(text, "打法："+x.play) {
			out = append(out, text)
		}
	}
	return out
}

// shows fails the test unless the play has asked for exactly so many things by now, each with its words.
func (p *playing) shows(x *part, when string, want ...string) {
	p.t.Helper()
	eventually(p.t, 20*time.Second, x.play+" of "+x.name+", "+when, func() error {
		got := p.cards(x)
		if len(got) != len(want) {
			return fmt.Errorf("%d cards, want %d: %q; parts %+v", len(got), len(want), got, p.customer(x).Exposures)
		}
		for i, words := range want {
			for w := range strings.SplitSeq(words, "|") {
				if !strings.Contains(got[i], w) {
					return fmt.Errorf("card %d does not say %q: %s", i, w, got[i])
				}
			}
		}
		return nil
	})
}

// strategic is what makes a customer A together with a big order.
func strategic() map[string]any {
	return map[string]any{
		"industry": "制造业", "headcount": 5000, "annual_revenue": 1_000_000_000, "contact_role": "总经理", "region": "华东", "potential_acv": 500_000,
	}
}

// TestShippedPlaysRunToTheirEndThroughTheGateway drives each play of the plays file that ships: its trigger, its steps with their texts, what stops it, whom the lot holds
// out, and what the report says in the end.
func TestShippedPlaysRunToTheirEndThroughTheGateway(t *testing.T) {
	t.Parallel()
	p := newPlaying(t, 30)
	const tenth = 0.1
	vip := p.have("vip-service", "VIP 权益开通", 0, false, strategic())
	gift := p.have("spend-gift", "累计消费满 10 万定制服务", tenth, false, nil)
	giftHeld := p.have("spend-gift", "累计消费满 10 万定制服务", tenth, true, nil)
	presale := p.have("presale-first", "高价值客户新品预售优先", tenth, false, strategic())
	presaleBought := p.have("presale-first", "高价值客户新品预售优先", tenth, false, strategic())
	presaleHeld := p.have("presale-first", "高价值客户新品预售优先", tenth, true, strategic())
	ladder := p.have("ladder-3-to-5", "阶梯优惠：满 5 单赠一次服务", tenth, false, nil)
	ladderDone := p.have("ladder-3-to-5", "阶梯优惠：满 5 单赠一次服务", tenth, false, nil)
	ladderHeld := p.have("ladder-3-to-5", "阶梯优惠：满 5 单赠一次服务", tenth, true, nil)
	upgrade := p.have("upgrade-offer", "入门产品升级 8 折", tenth, false, nil)
	upgradeQuiet := p.have("upgrade-offer", "入门产品升级 8 折", tenth, false, nil)
	upgradeBought := p.have("upgrade-offer", "入门产品升级 8 折", tenth, false, nil)
	upgradeHeld := p.have("upgrade-offer", "入门产品升级 8 折", tenth, true, nil)
	bundle := p.have("interest-bundle", "反复浏览后的组合优惠", tenth, false, nil)
	bundleHeld := p.have("interest-bundle", "反复浏览后的组合优惠", tenth, true, nil)
	season := p.have("seasonal-content", "季节内容和免费检测", tenth, false, nil)
	seasonHeld := p.have("seasonal-content", "季节内容和免费检测", tenth, true, nil)
	yearly := p.have("yearly-review", "战略客户年度回顾", 0, false, strategic())
	care := p.have("care-for-lower-tiers", "低层级客户不遗忘", tenth, false, nil)
	careHeld := p.have("care-for-lower-tiers", "低层级客户不遗忘", tenth, true, nil)
	price := p.have("win-back-price", "挽回（价格）：老客额外 9 折", 0, false, nil)
	service := p.have("win-back-service", "挽回（服务）：一对一处理并赠保养", 0, false, nil)
	rival := p.have("win-back-competitor", "挽回（竞品）：差异对比", 0, false, nil)
	silence := p.have("win-back-silence", "挽回（沉默）：回访了解需求", 0, false, nil)
	silenceBack := p.have("win-back-silence", "挽回（沉默）：回访了解需求", 0, false, nil)

	for _, x := range []*part{gift, giftHeld} {
		p.buys(x, 90_000, 40, "机床")
	}
	for _, x := range []*part{presale, presaleBought, presaleHeld} {
		p.buys(x, 150_000, 20, "机床")
	}
	for _, x := range []*part{ladder, ladderDone, ladderHeld} {
		for daysAgo := range 3 {
			p.buys(x, 2_000, 30+daysAgo, "滤芯")
		}
	}
	for _, x := range []*part{upgrade, upgradeQuiet, upgradeBought, upgradeHeld, season, seasonHeld} {
		p.buys(x, 3_000, 45, "入门版车床")
	}
	for _, x := range []*part{bundle, bundleHeld} {
		for daysAgo := range 3 {
			p.does(x, "content", "儿童座椅", daysAgo+1)
		}
	}
	p.buys(yearly, 150_000, 400, "产线")
	p.buys(yearly, 30_000, 10, "备件")
	for _, x := range []*part{price, service, silence, silenceBack} {
		p.buys(x, 8_000, 200, "配件")
	}
	p.buys(rival, 8_000, 20, "配件")
	p.does(service, "complaint", "维修太慢，返厂两周", 60)

	p.day(1) // Tuesday: everybody is known for a day
	p.shows(gift, "before the sum")
	p.shows(vip, "before the upgrade")
	p.buys(vip, 150_000, 0, "产线") // at once, not in the morning
	p.shows(vip, "at once", "开通 VIP 权益通道|指定专属顾问，告知 "+vip.name)
	p.buys(gift, 20_000, 0, "机床")
	p.buys(giftHeld, 20_000, 0, "机床")
	p.shows(gift, "at once", "满额礼遇和定制服务|累计消费 110000 元")
	p.shows(presale, "the invitation", "代发消息|陈总您好，新品预售已为您预留名额（VIP 优先购）|"+presale.owner.Name)
	p.shows(ladder, "the first message", "您今年已下单 3 次，满 5 次即赠一次免费服务")
	p.shows(upgrade, "the offer", "您在用的 入门版车床 现在升级享 8 折")
	p.shows(bundle, "the offer", "组合优惠（立减 500 元）|"+bundle.name+" 近期多次浏览")
	p.shows(season, "the guide", "这是本季的使用和保养指南，欢迎预约一次免费检测")
	p.shows(yearly, "the review", "年度回顾和下一年计划|近一年 1 单、30000 元")
	p.shows(care, "the news", "近期有客户活动和使用案例分享")
	p.shows(service, "the cause is inferred", "一对一处理原投诉|赠一次免费保养")
	p.shows(price, "the cause is not known")
	if _, err := p.say(t.Context(), p.platformOf(price.owner), price.owner, "流失原因 "+price.name+" 价格"); err != nil {
		t.Fatal(err)
	}
	p.shows(price, "the cause is named", "您已 201 天没有下单，为老客户准备了额外 9 折")
	p.does(rival, "competitor", "询问过某品牌的报价", 0)
	p.shows(rival, "at once", "送上差异对比|对比客户在意的三项优势")

	p.advance(time.Hour)
	p.does(presale, "push_opened", "", 0)
	p.does(upgrade, "push_opened", "", 0)
	p.buys(presaleBought, 5_000, 0, "机床")
	p.buys(upgradeBought, 5_000, 0, "专业版车床")
	p.day(2)
	p.does(silenceBack, "visit", "", 0) // it answers before the message is due
	p.day(4)
	p.shows(silence, "after two days", "好久没有联系，近来有什么新的需要吗")
	p.shows(silenceBack, "it came back by itself")
	p.shows(presale, "clicked, not bought", "新品预售", "新品预售跟进|点开了消息但还没有下单")
	p.shows(presaleBought, "bought: nothing more", "新品预售")
	p.day(8)
	p.shows(upgrade, "clicked, not bought", "升级享 8 折", "看到您了解过升级方案，这周内确认再加送一年质保")
	p.shows(upgradeQuiet, "not clicked: no second offer", "升级享 8 折")
	p.shows(upgradeBought, "bought: nothing more", "升级享 8 折")
	p.buys(ladderDone, 2_000, 0, "滤芯")
	p.buys(ladderDone, 2_000, 0, "滤芯")
	p.day(32)
	p.shows(ladder, "silent for a month", "您今年已下单 3 次", "再下单就离免费服务更近一步")
	p.shows(ladderDone, "bought: nothing more", "您今年已下单 3 次")

	for _, x := range []*part{giftHeld, presaleHeld, ladderHeld, upgradeHeld, bundleHeld, seasonHeld, careHeld} {
		p.shows(x, "held out")
		if c := p.customer(x); !slices.ContainsFunc(c.Exposures, func(e customer.Exposure) bool { return e.Held && strings.HasPrefix(x.id, e.Play+"-") }) || len(c.Tags) > 0 && x != presaleHeld {
			t.Errorf("%s: parts %+v, marks %q", x.id, c.Exposures, c.Tags)
		}
	}
	p.marks(vip, "VIP", "VIP优先购") // with an order it is invited as well
	p.marks(presaleHeld, "VIP")   // held out of the invitation, not of the service
	p.hooks(vip, service)
	p.ended(map[*part]string{
		vip: "done", gift: "done", presale: "done", presaleBought: "answered", ladder: "done", ladderDone: "answered", upgrade: "done", upgradeQuiet: "done", upgradeBought: "answered",
		bundle: "done", season: "done", yearly: "done", care: "done", price: "done", service: "done", rival: "done", silence: "done", silenceBack: "stopped",
	})
	p.day(95) // the time in which a purchase counts has passed
	p.reported()
	noneDead(t, p.gateway.app.Store())
}

// marks fails the test unless a customer carries some marks, and its owner reads them in 查.
func (p *playing) marks(x *part, want ...string) {
	p.t.Helper()
	if got := p.customer(x).Tags; !slices.Equal(got, want) {
		p.t.Errorf("%s is marked %q, want %q", x.name, got, want)
	}
	platform := p.platformOf(x.owner)
	if _, err := p.say(p.t.Context(), platform, x.owner, "查 "+x.name); err != nil {
		p.t.Fatal(err)
	}
	eventually(p.t, 20*time.Second, "查 "+x.name, func() error {
		all := p.messages(platform, x.owner, 0)
		if last := all[len(all)-1]; !strings.Contains(fmt.Sprintf("%+v", last), "标记："+strings.Join(want, "、")) {
			return fmt.Errorf("%+v", last)
		}
		return nil
	})
}

// hooks fails the test unless other systems were told of the steps that are theirs, once each.
func (p *playing) hooks(vip, service *part) {
	p.t.Helper()
	for x, event := range map[*part]string{vip: "play.vip_opened", service: "play.fast_lane"} {
		eventually(p.t, 20*time.Second, event, func() error {
			p.mu.Lock()
			defer p.mu.Unlock()
			n := 0
			for _, m := range p.posts {
				if m.Type == event && slices.Contains(m.Data.Refs, string(x.ref)) {
					n++
					if m.Data.Owner != x.owner.ID || m.Data.Name != x.name || event == "play.vip_opened" && !slices.Contains(m.Data.Tags, "VIP") {
						return fmt.Errorf("%+v", m)
					}
				}
			}
			if n != 1 {
				return fmt.Errorf("told %d times", n)
			}
			return nil
		})
	}
}

// ended fails the test unless the plays ended as they should have.
func (p *playing) ended(want map[*part]string) {
	p.t.Helper()
	for x, why := range want {
		c := p.customer(x)
		i := slices.IndexFunc(c.Exposures, func(e customer.Exposure) bool { return strings.HasPrefix(x.id, e.Play+"-") })
		if i < 0 || c.Exposures[i].Why != why || c.Exposures[i].Ended.IsZero() || c.Exposures[i].Held {
			p.t.Errorf("%s of %s ended otherwise than %s: %+v", x.play, x.name, why, c.Exposures)
		}
	}
}

// reported compares the report's figures of plays with a count by hand of what the customers carry and bought.
func (p *playing) reported() {
	p.t.Helper()
	period := report.Period{From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), To: p.now()}
	got, err := p.gateway.app.Effects(p.t.Context(), period)
	if err != nil {
		p.t.Fatal(err)
	}
	type figures struct{ treated, held, waiting, bought, heldBought, answered int }
	want := map[string]figures{}
	for _, x := range p.parts {
		c := p.customer(x)
		orders, err := p.gateway.app.Store().Orders(p.t.Context(), c.Refs())
		if err != nil {
			p.t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, e := range c.Exposures {
			measure := 90 * 24 * time.Hour
			if e.Play == "ladder-3-to-5" {
				measure *= 2
			}
			f := want[e.Play]
			end := e.At.Add(measure)
			bought := slices.ContainsFunc(orders, func(o customer.Order) bool { return !o.Date.Before(e.At) && o.Date.Before(end) })
			switch {
			case seen[e.Play]:
			case end.After(period.To):
				f.waiting++
			case e.Held:
				f.held++
				f.heldBought += map[bool]int{true: 1}[bought]
			default:
				f.treated++
				f.bought += map[bool]int{true: 1}[bought]
				f.answered += map[bool]int{true: 1}[!e.Responded.IsZero() && e.Responded.Before(end)]
			}
			seen[e.Play], want[e.Play] = true, f
		}
	}
	if len(got.Plays) != len(want) || len(want) != 13 {
		p.t.Errorf("%d plays are reported, %d have parts", len(got.Plays), len(want))
	}
	for _, x := range got.Plays {
		f := want[x.Play]
		said := figures{x.Treated, x.Held, x.Waiting, shareOf(x.Rate.Value, x.Treated), shareOf(x.HeldRate.Value, x.Held), shareOf(x.Answered.Value, x.Treated)}
		if said != f {
			p.t.Errorf("%s: reported %+v, counted %+v", x.Title, said, f)
		}
		p.t.Logf("%s: %d treated, %d held out, %d bought, %d answered; %s", x.Title, x.Treated, x.Held, said.bought, said.answered, x.Verdict(lang.Chinese))
	}
	if f := want["presale-first"]; f.treated < 2 || f.held < 1 || f.bought < 1 {
		p.t.Errorf("presale: %+v", f)
	}
	boss := p.people[len(p.people)-1]
	if _, err := p.say(p.t.Context(), "dingtalk", boss, "报表 今年"); err != nil {
		p.t.Fatal(err)
	}
	eventually(p.t, 20*time.Second, "the report in chat", func() error {
		all := p.messages("dingtalk", boss, 0)
		for _, m := range all[max(0, len(all)-3):] {
			if text := fmt.Sprintf("%+v", m); strings.Contains(text, "打法") && strings.Contains(text, "样本太少") {
				return nil
			}
		}
		return fmt.Errorf("no word of plays in %+v", all[len(all)-1])
	})
}

// shareOf is how many of n a share is.
func shareOf(share float64, n int) int {
	if n == 0 {
		return 0
	}
	return int(share*float64(n) + 0.5)
}
