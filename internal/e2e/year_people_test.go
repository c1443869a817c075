package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"lingke/internal/customer"
	"lingke/internal/emulator/world"
	"lingke/internal/store"
)

// comers is how many customers there are at the end of a day: three fifths of them from the first day of work on, as in a company that begins with Lingke, the others come evenly.
func (y *year) comers(day, of int) int {
	early := *yearSize * 3 / 5
	return early + (*yearSize-early)*(day+1)/of
}

// eachTime bounds how many customers are told of at a time, beside the first.
const eachTime = 400

// arrive is what customers do: some come, some buy, visit or complain.
func (y *year) arrive() {
	for n := 0; len(y.ids) < y.expected && n < eachTime; n++ {
		y.come()
	}
	for range 1 + y.rnd.IntN(3) {
		y.happen()
	}
}

// come tells of a customer that was not known.
func (y *year) come() {
	id := fmt.Sprintf("k%04d", len(y.ids))
	y.ids = append(y.ids, id)
	y.names[id] = fmt.Sprintf("第%04d号客户", len(y.ids))
	data := map[string]any{"id": id, "name": y.names[id], "industry": pick(y.rnd, "制造业", "零售", "教育"), "headcount": 50 + y.rnd.IntN(2000), "region": pick(y.rnd, "华东", "华南")}
	if y.rnd.IntN(max(*yearSize/40, 4)) == 0 { // as many as a small company has: each of them costs a whole year time
		data["product_line"] = pick(y.rnd, "软件", "硬件", "服务", "项目")
	}
	if y.rnd.IntN(5) == 0 {
		data["contract_end"] = y.at.AddDate(0, 0, 30+y.rnd.IntN(200)).Format(time.DateOnly)
	}
	y.tell(item{"customer.upsert", data})
}

// happen is something that a customer does, or nothing.
func (y *year) happen() {
	id := y.ids[y.rnd.IntN(len(y.ids))]
	y.events++
	date := y.at.UTC().Format(time.RFC3339)
	switch y.rnd.IntN(10) {
	case 0:
		y.tell(item{"order.upsert", map[string]any{
			"id": fmt.Sprintf("o%d", y.events), "customer_id": id, "amount": fmt.Sprintf("%d.%02d", 1000+y.rnd.IntN(200_000), y.rnd.IntN(100)), "date": date, "status": pick(y.rnd, "won", "won", "won", "lost"),
		}})
	case 1:
		y.tell(item{"activity.created", map[string]any{"id": fmt.Sprintf("a%d", y.events), "customer_id": id, "type": "complaint", "date": date, "text": "送货晚了"}})
	case 2, 3, 4:
		y.tell(item{"activity.created", map[string]any{"id": fmt.Sprintf("a%d", y.events), "customer_id": id, "type": pick(y.rnd, "visit", "download", "trial"), "date": date}})
	}
}

func pick(rnd *rand.Rand, of ...string) string { return of[rnd.IntN(len(of))] }

// tell pushes one record, sometimes twice, and sometimes with one beside it that cannot be read: the answer then names the place, and the good one is kept.
func (y *year) tell(i item) {
	y.t.Helper()
	items, bad := []item{i}, 0
	if y.rnd.IntN(12) == 0 {
		items, bad = append(items, item{"order.upsert", map[string]any{"id": "broken", "amount": "1.00"}}), 1
	}
	for range 1 + y.rnd.IntN(8)/7 {
		status, answer, err := y.push(y.t.Context(), fmt.Sprintf("push-%s-%v", i.Type, i.Data["id"]), items...)
		if err != nil || status != 200 {
			y.t.Fatalf("push %v: %d %s %v", i, status, answer, err)
		}
		if strings.Contains(string(answer), "data.customer_id: is missing") != (bad == 1) {
			y.t.Errorf("push of %d broken records: %s", bad, answer)
		}
	}
	y.counts["records"]++
	y.counts["broken records"] += bad
	y.told[fmt.Sprint("website/", i.Data["id"])] = true
	y.settle()
}

// act is what people do: claim, note, finish, give back, hand over, choose who gets one, extend, take leave.
func (y *year) act() {
	p := y.people[y.rnd.IntN(12)]
	platform := "dingtalk"
	if p.Account(platform) == "" {
		platform = "wecom"
	}
	switch y.rnd.IntN(16) {
	case 13, 14:
		y.choose()
	case 15:
		if c, ok := y.anOwned(p); ok && y.rnd.IntN(3) == 0 {
			y.speak(platform, p, "退回 "+c.Name, c.ID)
			y.settle()
			y.speak(platform, p, "确认", c.ID)
		}
	case 12:
		if c, ok := y.anOwned(p); ok && y.rnd.IntN(3) == 0 {
			y.speak("dingtalk", y.people[12], fmt.Sprintf("调整 %s %+d%% 7天 原因：老客户介绍", c.Name, 5+y.rnd.IntN(10)), c.ID)
			y.settle()
			y.speak("dingtalk", y.people[12], "确认", c.ID)
		}
	case 0, 1, 2, 3:
		y.claim(p, platform)
	case 4, 5, 6:
		if c, ok := y.anOwned(p); ok {
			y.speak(platform, p, "跟进 "+c.Name+" "+noteText, c.ID)
			y.notes[c.ID]++
		}
	case 7, 8:
		y.finish(p, platform)
	case 9:
		y.press(p, platform, "warn", "extend")
	case 10:
		if c, ok := y.anOwned(p); ok && y.rnd.IntN(4) == 0 {
			y.speak("dingtalk", y.people[12], "分配 "+c.Name+" "+y.people[y.rnd.IntN(12)].Name, c.ID)
			y.settle()
			y.speak("dingtalk", y.people[12], "确认", c.ID)
		}
	case 11:
		if y.rnd.IntN(8) == 0 {
			y.speak(platform, p, "请假 明天 家里有事", "")
			y.askLeave(p.ID)
		}
	}
}

// noteText is what reps write about customers.
const noteText = "已联系，约下周再谈"

// speak says something to the bot and waits for its answer, so that it does not come when the clock has been moved.
func (y *year) speak(platform string, p world.Person, text, about string) {
	y.t.Helper()
	before := y.answered(platform, p)
	if _, err := y.say(y.t.Context(), platform, p, text); err != nil {
		y.t.Fatalf("%s says %q: %v", p.Name, text, err)
	}
	for deadline := time.Now().Add(30 * time.Second); y.answered(platform, p) == before; time.Sleep(500 * time.Microsecond) {
		if time.Now().After(deadline) {
			y.t.Fatalf("no answer to %q: the last one is %q", text, before)
		}
	}
	if about != "" {
		y.acted[about] = true
	}
	y.counts[strings.Fields(text)[0]]++
	y.answers++
}

// answered is the id of what the bot said last to somebody; "" where it never did.
func (y *year) answered(platform string, p world.Person) string {
	for _, m := range slices.Backward(y.messages(platform, p, 20)) {
		if m.From == world.Bot {
			return m.ID
		}
	}
	return ""
}

// claim presses a claimable card that somebody sees: of the newest, the first by its id, since two that came together came in any order.
func (y *year) claim(p world.Person, platform string) {
	var open []view
	for _, v := range y.leadsOf(platform, p, "", 40) {
		if v.claimable() {
			open = append(open, v)
		}
	}
	if len(open) == 0 {
		return
	}
	v := slices.MinFunc(open, func(a, b view) int { return strings.Compare(a.card.ID, b.card.ID) })
	y.acted[v.customer()] = true
	y.clickOn(platform, p, v.message, "claim")
}

// press presses a button of a card of a kind on which it can be pressed; of several among the newest messages, the first by its id.
func (y *year) press(p world.Person, platform, kind, action string) {
	message, card := "", ""
	for _, m := range y.messages(platform, p, 60) {
		if m.Card == nil || !strings.Contains(m.Card.ID, kind) || card != "" && card < m.Card.ID {
			continue
		}
		if a, ok := m.Card.Action(action); ok && a.Enabled {
			message, card = m.ID, m.Card.ID
		}
	}
	if message != "" {
		y.clickOn(platform, p, message, action)
	}
}

func (y *year) clickOn(platform string, p world.Person, message, action string) {
	y.t.Helper()
	if _, err := y.click(y.t.Context(), platform, p, message, action); err != nil {
		y.t.Fatalf("%s presses %s: %v", p.Name, action, err)
	}
	kind, _, _ := strings.Cut(action, ".") // what is behind it seals the button
	y.counts["pressed "+kind]++
	y.answers++
}

// finish ends an open task of somebody's by its card.
func (y *year) finish(p world.Person, platform string) { y.press(p, platform, "task-", "done") }

func (y *year) anOwned(p world.Person) (customer.Customer, bool) {
	page, _, err := y.store.Customers(y.t.Context(), store.CustomerQuery{Owner: p.ID, Limit: 1000})
	if err != nil {
		y.t.Fatal(err)
	}
	if len(page) == 0 {
		return customer.Customer{}, false
	}
	return page[y.rnd.IntN(len(page))], true
}
