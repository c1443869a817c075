package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/internal/delivery"
	"lingke/internal/emulator/world"
	"lingke/internal/inbox"
	"lingke/internal/store"
)

var platforms = []string{"dingtalk", "wecom"}

// leadID takes the id of a lead card apart: customer, round, pool, platform, part, and the successor's number.
var leadID = regexp.MustCompile(`^lead-(.+)-(\d+)-([0-9a-f]{6})-(dingtalk|wecom)-(\d+)b?(_r\d+)?$`)

// view is one card as one person sees it now.
type view struct {
	person   world.Person
	platform string
	message  string
	card     world.Card
	at       time.Time // when it came
}

func (v view) claimable() bool {
	a, ok := v.card.Action("claim")
	return ok && a.Enabled
}

// names reports whether the card says that the person has it.
func (v view) names(owner string) bool {
	said := "已被 " + owner + " 领取"
	return strings.Contains(v.card.Note, said) || strings.Contains(v.card.State, said)
}

// customer is whom a lead card is about, or "".
func (v view) customer() string {
	if m := leadID.FindStringSubmatch(v.card.ID); m != nil {
		return m[1]
	}
	return ""
}

// offer names what may be claimable once only: the customer's card of a round, on a platform, for a part of the people.
func offer(id string) string {
	m := leadID.FindStringSubmatch(id)
	if m == nil {
		return ""
	}
	return strings.Join([]string{m[1], m[2], m[4], m[5]}, " ")
}

// messages are what a person sees in the single chat with the bot, the newest n of it, or all for 0.
func (s *site) messages(platform string, p world.Person, n int) []world.Message {
	if p.Account(platform) == "" {
		return nil
	}
	if n == 0 {
		n = math.MaxInt
	}
	last, _ := s.em.World().Newest(platform, p.Account(platform), n)
	return last
}

// leads are all lead cards that anybody sees, of one customer or of all for "".
func (s *site) leads(customer string) []view {
	var out []view
	for _, p := range s.people {
		for _, platform := range platforms {
			out = append(out, s.leadsOf(platform, p, customer, 0)...)
		}
	}
	return out
}

func (s *site) leadsOf(platform string, p world.Person, customer string, newest int) []view {
	var out []view
	for _, m := range s.messages(platform, p, newest) {
		if m.Card == nil || !strings.HasPrefix(m.Card.ID, "lead-") {
			continue
		}
		v := view{p, platform, m.ID, *m.Card, m.At}
		if customer == "" || v.customer() == customer {
			out = append(out, v)
		}
	}
	return out
}

// accounts is how many chats with the bot there are.
func (s *site) accounts() int {
	n := 0
	for _, p := range s.people {
		for _, platform := range platforms {
			if p.Account(platform) != "" {
				n++
			}
		}
	}
	return n
}

// drained waits until nothing is on its way any more: no event to work on, no effect to carry out, no delivery due or leased.
func drained(t *testing.T, st store.Store, within time.Duration) {
	t.Helper()
	eventually(t, within, "everything worked off", func() error { return left(t.Context(), st, time.Time{}) })
}

// settled is drained, but for messages that wait for a later hour than it is, as another tier is told in the morning.
func (s *site) settled(st store.Store, within time.Duration) {
	s.t.Helper()
	eventually(s.t, within, "everything worked off that is due", func() error { return left(s.t.Context(), st, s.now()) })
}

// left tells what is still on its way, or was given up.
func left(ctx context.Context, st store.Store, by time.Time) error {
	events, err := st.Events(ctx, inbox.Due, 1000)
	if err != nil {
		return err
	}
	pending, err := st.PendingCustomers(ctx, 1000)
	if err != nil {
		return err
	}
	due, _, err := st.Deliveries(ctx, delivery.Query{State: delivery.Due, Limit: 1000})
	if err != nil {
		return err
	}
	due = slices.DeleteFunc(due, func(d delivery.Delivery) bool { return !by.IsZero() && d.Due.After(by) })
	if len(events)+len(pending)+len(due) == 0 {
		return nil
	}
	problem := fmt.Errorf("%d events, %d customers with effects, %d deliveries", len(events), len(pending), len(due))
	for _, e := range events[:min(3, len(events))] {
		problem = errors.Join(problem, fmt.Errorf("event %s: attempt %d, due %s: %s", e.ID, e.Attempts, e.Due, e.Why))
	}
	for _, d := range due[:min(3, len(due))] {
		problem = errors.Join(problem, fmt.Errorf("delivery %s: attempt %d, due %s: %s", d.ID, d.Attempts, d.Due, d.Why))
	}
	return problem
}

// noneDead fails the test for everything that was given up.
func noneDead(t *testing.T, st store.Store) {
	t.Helper()
	events, err := st.Events(t.Context(), inbox.Dead, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		t.Errorf("event %s was given up: %s", e.ID, e.Why)
	}
	dead, _, err := st.Deliveries(t.Context(), delivery.Query{State: delivery.Dead, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dead {
		t.Errorf("delivery %s was given up: %s", d.ID, d.Why)
	}
}
