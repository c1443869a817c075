package app

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/chat"
	"lingke/internal/delivery"
	"lingke/internal/store"
)

// ErrNobody: there is no such person in the config.
var ErrNobody = errors.New("nobody of that id or name is in people")

// Talk is a conversation of one person with the bot without any platform: what a gateway would send back is returned, and stays here. What follows for others, or goes
// where the person's cards go, is left to the gateway as always. It is for one goroutine.
type Talk struct {
	app  *App
	who  access.Person
	card *delivery.Delivery // the last one shown with buttons
}

// Said is one thing that the bot answers: a text, or a card with the labels of its buttons.
type Said struct {
	Text    string
	Card    *bots.Card
	Buttons []bots.Action
}

// Talk begins a conversation as a person, named by id or by name. ErrNobody.
func (a *App) Talk(person string) (*Talk, error) {
	for _, p := range a.people.All() {
		if p.ID == person || p.Name == person {
			return &Talk{app: a, who: p}, nil
		}
	}
	return nil, fmt.Errorf("%w: %q; there are %s", ErrNobody, person, named(a.people.All()))
}

// named names people, as many as fit a line.
func named(people []access.Person) string {
	const most = 12
	var names []string
	for _, p := range people[:min(len(people), most)] {
		names = append(names, p.ID+" "+p.Name)
	}
	if more := len(people) - most; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// Name is what the person is called.
func (t *Talk) Name() string { return t.who.Name }

// Say writes a text to the bot and returns its answers.
func (t *Talk) Say(ctx context.Context, text string) ([]Said, error) {
	in := bots.Incoming{
		ID: "terminal:" + uuid.NewString(), Platform: access.Terminal, Message: &bots.Message{From: t.who.ID, Text: strings.TrimSpace(text), At: t.app.now().UTC()},
	}
	if _, err := t.app.chat.Handle(ctx, in); err != nil {
		return nil, err
	}
	return t.fetch(ctx)
}

// Press presses button n, from 1, of the card shown last, with what its inputs ask for.
func (t *Talk) Press(ctx context.Context, n int, inputs map[string]string) ([]Said, error) {
	buttons := t.Buttons()
	if n < 1 || n > len(buttons) {
		return nil, fmt.Errorf("%w: there is no button %d", store.ErrNotFound, n)
	}
	d, err := t.app.store.Delivery(ctx, t.card.ID)
	if err != nil {
		return nil, err
	}
	user := t.account(d.Platform)
	click := &bots.Click{From: user, Card: delivery.MessageID(d.ID, d.Replaced), Action: buttons[n-1].ID, Inputs: inputs, At: t.app.now().UTC()}
	in := bots.Incoming{ID: "terminal:" + uuid.NewString(), Platform: d.Platform, Click: click}
	answer, err := t.app.chat.Handle(ctx, in)
	if err != nil {
		return nil, err
	}
	var out []Said
	if answer.Toast != "" {
		out = append(out, Said{Text: answer.Toast})
	}
	if answer.Card != nil {
		d.Card = answer.Card
		out = append(out, t.shown(d))
	}
	if d.Platform != access.Terminal { // what the answer says besides lies where the card does
		for _, id := range chat.Replies(in.ID) {
			if x, err := t.app.store.Delivery(ctx, id); err == nil {
				out = append(out, t.shown(x))
			}
		}
	}
	more, err := t.fetch(ctx)
	more = slices.DeleteFunc(more, func(s Said) bool {
		return s.Card != nil && answer.Card != nil && reflect.DeepEqual(s.Card, answer.Card)
	}) // is shown already
	return append(out, more...), err
}

// Buttons are those of the card shown last.
func (t *Talk) Buttons() []bots.Action {
	if t.card == nil {
		return nil
	}
	return t.buttons(*t.card)
}

func (t *Talk) buttons(d delivery.Delivery) []bots.Action {
	card := t.app.seal.Card(d, d.Card)
	if card == nil || !card.Live() {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(card.Actions), func(a bots.Action) bool { return a.URL != "" })
}

func (t *Talk) account(p bots.Platform) string {
	switch p {
	case bots.DingTalk:
		return t.who.DingTalk
	case bots.WeCom:
		return t.who.WeCom
	}
	return t.who.ID
}

// Cards returns the person's newest cards that can be pressed, on whichever platform they lie, the newest last.
func (t *Talk) Cards(ctx context.Context) ([]Said, error) {
	const looked, shown = 500, 5
	page, _, err := t.app.store.Deliveries(ctx, delivery.Query{Limit: looked})
	if err != nil {
		return nil, err
	}
	var mine []delivery.Delivery
	for _, d := range page {
		user := t.account(d.Platform)
		own := slices.ContainsFunc(d.To, func(to string) bool { return user != "" && d.Platform.SameUser(to, user) })
		twin := slices.ContainsFunc(mine, func(o delivery.Delivery) bool { // the same on the other platform
			return d.Customer != "" && o.Kind == d.Kind && o.Customer == d.Customer && o.Task == d.Task
		})
		if own && !twin && d.Card != nil && d.Card.Live() && len(mine) < shown {
			mine = append(mine, d)
		}
	}
	var out []Said
	for _, d := range slices.Backward(mine) {
		out = append(out, t.shown(d))
	}
	return out, nil
}

// shown remembers a card, so that its buttons can be pressed.
func (t *Talk) shown(d delivery.Delivery) Said {
	if d.Card == nil {
		return Said{Text: d.Text}
	}
	t.card = &d
	return Said{Card: d.Card, Buttons: t.buttons(d)}
}

// fetch takes what the bot has answered, as a platform's sender would.
func (t *Talk) fetch(ctx context.Context) ([]Said, error) {
	var out []Said
	for {
		now, token := t.app.now().UTC(), uuid.NewString()
		leased, err := t.app.store.LeaseDeliveries(ctx, access.Terminal, now, now.Add(delivery.Lease), token, 20)
		if err != nil || len(leased) == 0 {
			return out, err
		}
		for _, d := range leased {
			if slices.Contains(d.To, t.who.ID) {
				out = append(out, t.shown(d))
			}
			d.State, d.Shown, d.Ended = delivery.Done, d.Rev, now
			if err := t.app.store.FinishDelivery(ctx, d, token); err != nil {
				return out, err
			}
		}
	}
}
