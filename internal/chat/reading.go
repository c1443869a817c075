package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/dispatch"
)

// readLog keeps who was shown what; see access.Log.
type readLog interface {
	Add(ctx context.Context, r access.Read) error
	Find(ctx context.Context, q access.ReadQuery) (page []access.Read, next string, err error)
	Check(ctx context.Context, noted ...string) (access.Checked, error)
}

// saw notes in a reply that it shows these layers of these customers, in the chat or to the asker alone. Every command whose answer tells more of a customer than that it is
// there says so; the answer leaves one line in the read log.
func (r reply) saw(sight access.Sight, all ...customer.Customer) reply {
	r.shown.sight = r.shown.sight.Or(sight)
	for _, c := range all {
		r.shown.customers = append(r.shown.customers, c.ID)
	}
	return r
}

// showing is what a reply tells.
type showing struct {
	command   string
	sight     access.Sight
	customers []string
	note      string
}

// line is the read log's line about an answer.
func (s *Service) line(in bots.Incoming, who access.Person, x showing) access.Read {
	sum := sha256.Sum256([]byte(in.ID))
	from := placeOf(in)
	r := access.Read{
		ID: "chat-" + hex.EncodeToString(sum[:16]), Person: who.ID, Account: from.user, Platform: string(in.Platform), Place: from.logged(), Command: x.command,
		Layers: x.sight.String(), Note: x.note,
	}
	if r.Layers == "" {
		return r
	}
	return r.Saw(x.customers...)
}

// log adds the line about an answer. It comes before the answer: what cannot be logged is not shown.
func (s *Service) log(ctx context.Context, in bots.Incoming, who access.Person, x showing) error {
	if err := s.Log.Add(ctx, s.line(in, who, x)); err != nil {
		return fmt.Errorf("log what is shown: %w", err)
	}
	return nil
}

// logShown adds the line about an answer that shows something of a customer; who shows nothing leaves the line to whoever sends the answer.
func (s *Service) logShown(ctx context.Context, in bots.Incoming, who access.Person, x showing) error {
	if x.sight == (access.Sight{}) {
		return nil
	}
	return s.log(ctx, in, who, x)
}

// logSent adds a line for each of people about what is sent to them because somebody else asked or decided, before it is sent. id names what is sent, the same at each attempt.
func (s *Service) logSent(ctx context.Context, id, command string, sight access.Sight, about string, people ...access.Person) error {
	for _, p := range people {
		platform, account := dispatch.Reach(p, "")
		if account == "" { // nothing reaches them
			continue
		}
		line := access.Read{ID: "sent-" + id + "-" + p.ID, Person: p.ID, Account: account, Platform: string(platform), Place: "private", Command: command, Layers: sight.String()}
		if err := s.Log.Add(ctx, line.Saw(about)); err != nil {
			return fmt.Errorf("log what is sent: %w", err)
		}
	}
	return nil
}

// clicked is what the answer to a click shows: the card, to everybody who has it.
func (s *Service) clicked(ctx context.Context, p press, a bots.Answer) (showing, error) {
	x := showing{command: cards.LoggedClick + p.click.Action}
	if a.Card == nil || p.delivery.Customer == "" {
		x.note = a.Toast
		return x, nil
	}
	c, err := s.Records.Customer(ctx, p.delivery.Customer)
	if err != nil {
		return x, fmt.Errorf("customer of card %s: %w", p.delivery.ID, err)
	}
	x.sight, x.customers = dispatch.Sight(s.People, s.Pools(), p.delivery, c), []string{c.ID}
	return x, nil
}
