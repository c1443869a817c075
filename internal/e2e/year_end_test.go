package e2e_test

import (
	"strings"
	"time"

	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/followup"
	"lingke/internal/inbox"
)

// shows fails a stretch in which there was too little to look at.
func (y *year) shows(least int, what ...string) {
	for _, one := range what {
		if y.counts[one] < least {
			y.t.Errorf("%d %s: the stretch shows nothing", y.counts[one], one)
		}
	}
}

// atTheEnd looks at what accumulates.
func (y *year) atTheEnd() {
	ctx := y.t.Context()
	dead, _, err := y.store.Deliveries(ctx, delivery.Query{State: delivery.Dead, Limit: 10})
	if err != nil || len(dead) > 0 {
		y.t.Errorf("dead deliveries: %v, %v", dead, err)
	}
	bad, err := y.store.Events(ctx, inbox.Dead, 10)
	if err != nil || len(bad) > 0 {
		y.t.Errorf("events given up: %+v, %v", bad, err)
	}
	y.runs.verify()
	y.checkTold()
	y.checkReads()
	y.checkChats()
	open, _, err := y.store.Tasks(ctx, followup.Query{State: followup.Open, Limit: 1000})
	if err != nil {
		y.t.Fatal(err)
	}
	for _, task := range open {
		if c, err := y.store.Customer(ctx, task.Customer); err != nil || c.Owner != task.Owner && len(task.Passed) == 0 {
			y.t.Errorf("task %s of %s: the customer is %s's, %v", task.Title, task.Owner, c.Owner, err)
		}
	}
}

// codeLife is for how long WeCom lets a card be changed. What became of the matter is then told by a message of its own, and a press on the old card is refused.
const codeLife = 72 * time.Hour

// checkChats: nobody can claim what somebody owns, but on cards that WeCom no longer changes, or whose answer was lost with a killed gateway; a press on those is refused.
func (y *year) checkChats() {
	y.t.Helper()
	var stale, lost []view
	for _, p := range y.people {
		for _, v := range append(y.leadsOf("dingtalk", p, "", 0), y.leadsOf("wecom", p, "", 0)...) {
			y.counts["lead cards in chats"]++
			c := y.before[v.customer()]
			if c.Owner == "" || !v.claimable() {
				continue
			}
			switch {
			case v.platform == "wecom" && c.OwnedAt.Sub(v.at) >= codeLife:
				stale = append(stale, v)
			case v.platform == "wecom" && y.killed && y.unanswered(v):
				lost = append(lost, v)
			default:
				y.t.Errorf("%s can claim %s of %s on %s, which %s has since %s", p.Name, v.card.ID, v.at, v.platform, c.Owner, c.OwnedAt)
			}
		}
	}
	y.counts["too old to be changed"] = len(stale)
	y.counts["lost answers"] = len(lost)
	for _, v := range append(lost, stale[:min(len(stale), 5)]...) {
		before := y.before[v.customer()].Owner
		y.clickOn(v.platform, v.person, v.message, "claim")
		y.settle()
		c, err := y.store.Customer(y.t.Context(), v.customer())
		if err != nil || c.Owner != before {
			y.t.Errorf("a press on the old card %s: %s has %s, not %s (%v)", v.card.ID, c.Owner, c.Name, before, err)
		}
	}
}

// unanswered reports whether nobody knows by what a card could be changed or taken back, since the gateway that sent it was killed before it kept WeCom's answer: a successor
// came, or there is none and no id of the message.
func (y *year) unanswered(v view) bool {
	d, err := y.store.Delivery(y.t.Context(), replaced.ReplaceAllString(v.card.ID, ""))
	if err != nil {
		y.t.Fatal(err)
	}
	return d.Handle.Message == "" || delivery.MessageID(d.ID, d.Replaced) != v.card.ID
}

// checkReads: the read log is whole, and has one line for each answer that somebody got.
func (y *year) checkReads() {
	y.t.Helper()
	found, err := y.app.Reads().Check(y.t.Context())
	if err != nil || !found.Whole() {
		y.t.Errorf("read log: %v, %v", found.Damage, err)
	}
	y.counts["lines of the read log"] = int(found.Lines)
	lines, after := 0, int64(0)
	for {
		page, err := y.store.ReadsAfter(y.t.Context(), after, 1000)
		if err != nil {
			y.t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, r := range page {
			if after = r.N; strings.HasPrefix(r.ID, "chat-") {
				lines++
			}
		}
	}
	if lines != y.answers {
		y.t.Errorf("%d answers, %d lines in the read log", y.answers, lines)
	}
}

// checkTold: everything that a source told, and every note that a rep wrote, is there once, and nothing else of theirs.
func (y *year) checkTold() {
	y.t.Helper()
	found, ctx := map[string]int{}, y.t.Context()
	err := y.store.EachCustomer(ctx, func(c customer.Customer) error {
		notes := 0
		for _, ref := range c.Refs() {
			found[string(ref)]++
		}
		orders, err := y.store.Orders(ctx, c.Refs())
		if err != nil {
			return err
		}
		for _, o := range orders {
			found[string(o.ID)]++
		}
		activities, err := y.store.Activities(ctx, c.Refs(), time.Time{})
		for _, a := range activities {
			if a.ID.Source() == "website" {
				found[string(a.ID)]++
			} else if a.Type == "note" && a.Text == noteText {
				notes++
			}
		}
		if notes != y.notes[c.ID] {
			y.t.Errorf("%s: %d notes, %d were written", c.Name, notes, y.notes[c.ID])
		}
		return err
	})
	if err != nil {
		y.t.Fatal(err)
	}
	for ref := range y.told {
		if found[ref] != 1 {
			y.t.Errorf("%s was told, and is there %d times", ref, found[ref])
		}
		delete(found, ref)
	}
	for ref := range found {
		y.t.Errorf("%s is there, and nobody told it", ref)
	}
}
