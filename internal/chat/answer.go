package chat

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/width"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
)

// response is what a person says to a dialog.
type response struct {
	yes    bool
	choice int    // from 1; 0 for none
	text   string // for what a button needs
}

func bare(text string) string {
	return strings.ToLower(strings.TrimFunc(width.Fold.String(strings.TrimSpace(withoutMention(text))), around))
}

// answerTyped takes a message as the answer to the newest dialog that it can be one to; false where it is none.
func (s *Service) answerTyped(ctx context.Context, in bots.Incoming, q question) (r reply, answered bool, err error) {
	all, _, err := s.dialogs(ctx, q.who.ID)
	if err != nil {
		return reply{}, false, err
	}
	word := bare(in.Message.Text)
	for _, d := range slices.Backward(all) {
		if d.Asks == asksMore || d.Asks == asksForm || d.Asks == asksNothing || d.By != "" && d.By != in.ID || d.Until.Before(q.at) || !d.heardAt(q.from) {
			continue
		}
		if said, ok := d.response(in.Message.Text, word); ok {
			r, _, err := s.settle(ctx, in, q, d.ID, said)
			return r, true, err
		}
	}
	if slices.Contains(closing, word) {
		return said(q.say("没有等你确认的操作。要确认的事 2 分钟内有效，请重新发一次。", "Nothing waits for your answer. A question is open for 2 minutes; please send the command again.")), true, nil
	}
	return reply{}, false, nil
}

// heardAt reports whether a word at the place can answer the dialog.
func (d dialog) heardAt(p place) bool {
	return d.Platform == p.platform && (!p.group || p.conversation == d.Group)
}

// response reads a text as an answer to the dialog.
func (d dialog) response(text, word string) (response, bool) {
	if slices.Contains(noWords, word) {
		return response{}, true
	}
	switch d.Asks {
	case asksConfirm:
		return response{yes: true}, slices.Contains(yesWords, word)
	case asksChoice:
		n, err := strconv.Atoi(strings.Trim(word, counters))
		return response{yes: true, choice: n}, err == nil && n >= 1 && n <= len(d.Choices)
	case asksMeaning:
		n, err := strconv.Atoi(strings.Trim(word, counters))
		if len(d.Texts) == 1 && slices.Contains(yesWords, word) {
			n, err = 1, nil
		}
		return response{yes: true, choice: n}, err == nil && n >= 1 && n <= len(d.Texts)
	case asksInput:
		return response{yes: true, text: text}, !commandLike(text)
	}
	return response{}, false
}

// commandLike reports whether somebody who is asked for a reason gives a command instead: its word alone, or with a blank behind it. "今天没空" is a reason.
func commandLike(text string) bool {
	t := withoutMentions(newTyped(text))
	_, n := words().first(t)
	return n > 0 && (n == len(t.as) || blank(t.as[n]))
}

// settle lets an answer count if it is the first, and does what follows from it. outcome is what the dialog's card says then.
func (s *Service) settle(ctx context.Context, in bots.Incoming, q question, id string, a response) (r reply, outcome string, err error) {
	d, known, err := s.take(ctx, q.who.ID, id, in.ID)
	switch {
	case err != nil:
		return reply{}, "", err
	case !known:
		gone := q.say("这个问题已过期，请重新发一次。", "This question is over; please send the command again.")
		return said(gone), gone, nil
	case d.By != in.ID && d.Outcome == "":
		outcome = q.say("正在处理", "Being done")
		return said(outcome), outcome, nil
	case d.By != in.ID || d.Outcome != "" && d.Asks == asksConfirm: // the latter is done again after a crash
		r = d.retold()
		return r, d.Outcome, s.logShown(ctx, in, q.who, r.shown)
	case d.Until.Before(q.at):
		outcome = q.say("已过期，没有执行", "Too late, nothing was done")
		r = said(outcome)
	case !a.yes:
		outcome = q.say("已取消", "Cancelled")
		r = said(outcome)
	default:
		r, outcome, err = s.follow(ctx, in, q, d, a)
	}
	if err != nil {
		return reply{}, "", err
	}
	if d.Asks == asksConfirm && r.dialog == nil {
		d.Sight = r.shown.sight
	}
	if err := s.logShown(ctx, in, q.who, r.shown); err != nil { // before the outcome stands on the dialog's card
		return reply{}, "", err
	}
	return r, outcome, s.end(ctx, q.who.ID, d, outcome)
}

// retold is what came of a dialog, for whoever answers it again.
func (d dialog) retold() reply {
	r := said(d.Outcome)
	if d.Sight == (access.Sight{}) {
		return r
	}
	if c, known := commandByID(d.Command); known {
		r.shown.command = c.words[0]
	}
	return r.saw(d.Sight, customer.Customer{ID: d.Customer})
}

// follow goes on with what the dialog was about.
func (s *Service) follow(ctx context.Context, in bots.Incoming, q question, d dialog, a response) (r reply, outcome string, err error) {
	if d.Asks == asksInput {
		return s.followClick(ctx, in, q, d, a.text)
	}
	if d.Asks == asksMeaning {
		return s.followMeaning(ctx, in, q, d, a)
	}
	c, known := commandByID(d.Command)
	if !known {
		outcome = q.say("这个命令已不存在", "This command is no more")
		return said(outcome), outcome, nil
	}
	q.id, q.rest, q.at = d.Question, d.Rest, d.At
	chosen := d.Customer
	if d.Asks == asksChoice {
		chosen = d.Choices[a.choice-1]
	}
	if chosen != "" {
		if q.customer, err = s.Records.Customer(ctx, chosen); err != nil {
			return reply{}, "", err
		}
	}
	if d.Asks == asksChoice {
		r, err = s.do(ctx, c, q, "")
		if r.dialog != nil { // what follows is open as long as it takes from now on
			r.dialog.Until = actedAt(in, s.Now()).Add(confirmFor)
		}
		return r, q.sayf("已选择：%s", "Chosen: %s", cards.Name(q.customer)), err
	}
	r, err = s.do(ctx, c, q, d.What)
	if r.dialog != nil {
		r.dialog.Until = actedAt(in, s.Now()).Add(confirmFor)
		return r, q.say("情况有变，请再确认", "Things have changed, please confirm again"), err
	}
	outcome, _, _ = strings.Cut(r.text, "\n")
	return r, outcome, err
}

// followClick does the click that waited for an input.
func (s *Service) followClick(ctx context.Context, in bots.Incoming, q question, d dialog, text string) (reply, string, error) {
	inputs := map[string]string{d.Input: text}
	for id, value := range d.Inputs {
		inputs[id] = value
	}
	click := bots.Click{From: q.from.user, Card: d.Card, Action: d.Action, Inputs: inputs, At: q.at}
	a, err := s.click(ctx, bots.Incoming{ID: in.ID, Platform: in.Platform, Click: &click})
	outcome := a.Toast
	if outcome == "" && a.Card != nil {
		outcome = a.Card.State
	}
	return said(outcome), outcome, err
}

// dialogClick answers a dialog by a button of its card.
func (s *Service) dialogClick(ctx context.Context, p press) (bots.Answer, error) {
	a := response{yes: p.click.Action == cards.ActionConfirm}
	if p.delivery.Kind == cards.KindChoice {
		a.choice = slices.Index(cards.PickActions, p.click.Action) + 1
		a.yes = a.choice > 0
	}
	if !a.yes && p.click.Action != cards.ActionCancel {
		return p.void(), nil
	}
	q := s.question(p.in, p.who)
	r, outcome, err := s.settle(ctx, p.in, q, p.delivery.ID, a)
	if err != nil {
		return bots.Answer{}, err
	}
	if err := s.closeCard(ctx, p.delivery.ID, outcome); err != nil { // of a dialog that is not kept any more
		return bots.Answer{}, err
	}
	if r.dialog != nil || r.card != nil || len([]rune(r.text)) > shortOutcome || r.text != outcome {
		if err := s.respond(ctx, p.in, q, r); err != nil {
			return bots.Answer{}, err
		}
	}
	card := cards.Closed(*p.delivery.Card, outcome)
	return bots.Answer{Card: &card, Toast: outcome}, nil
}

// shortOutcome is how many characters stand in the place of a card's buttons on every platform. What is longer comes as a message as well.
const shortOutcome = 30

// choose asks which customer is meant.
func (s *Service) choose(c command, q question, found []customer.Customer) reply {
	shown := found[:min(len(found), shownChoices)]
	ids := make([]string, len(shown))
	for i, x := range shown {
		ids[i] = x.ID
	}
	card := s.cards(q).Choice(shown, len(found) > len(shown))
	return reply{card: &card, private: true, dialog: &dialog{
		Asks: asksChoice, Command: c.id, Question: q.id, Rest: q.rest, At: q.at, Choices: ids, Until: q.at.Add(confirmFor),
	}}.saw(access.Sight{Tier: true}, shown...)
}

// respond records what a person is answered, the part for the place where they wrote as the last: where that stands, everything was done before a crash.
func (s *Service) respond(ctx context.Context, in bots.Incoming, q question, r reply) error {
	if err := s.log(ctx, in, q.who, r.shown); err != nil {
		return err
	}
	id := replyID(in.ID)
	aside := r.private && q.group()
	if aside {
		id += "p"
	}
	x := delivery.Delivery{Platform: in.Platform, To: []string{q.from.user}, Text: r.text, Card: r.card}
	if !aside {
		x = q.from.delivery(r.text)
		x.Card = r.card
	}
	if r.dialog != nil {
		r.dialog.ID, r.dialog.Platform, r.dialog.Group = id, in.Platform, q.from.conversation
		if err := s.open(ctx, q.who.ID, *r.dialog); err != nil {
			return err
		}
	}
	if r.file != nil {
		picture := x
		picture.Text, picture.Card, picture.ReplyURL, picture.File = "", nil, "", r.file
		if err := s.Outgoing.Reply(ctx, id+"f", picture); err != nil {
			return err
		}
	}
	switch {
	case aside:
		if err := s.Outgoing.Reply(ctx, id, x); err != nil {
			return err
		}
		return s.Outgoing.Reply(ctx, replyID(in.ID), q.from.delivery(q.say("已私下发给你。", "Sent to you in private.")))
	case r.aside != "":
		if err := s.private(ctx, in, q.from.user, r.aside); err != nil {
			return err
		}
	}
	return s.Outgoing.Reply(ctx, id, x)
}

// question is the start of what a person asks.
func (s *Service) question(in bots.Incoming, who access.Person) question {
	return question{id: replyID(in.ID), who: who, from: placeOf(in), at: actedAt(in, s.Now()), readers: []access.Person{who}}
}
