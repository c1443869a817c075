// Package chat is what a command or a click does, and what the answer says. It knows people, customers and tasks, and no platform: cards and texts go
// out through the dispatcher under ids that name what they answer, so that doing the same event twice shows one answer.
//
// To add a command: a line in the table of its group (command.go names the groups) and its functions in the group's file. What it says comes in both languages:
//
//	return said(q.sayf("%s 已由你领取。", "%s is yours.", cards.Name(q.customer))), nil
//
// A command that cannot be taken back has an ask function beside run: it tells what would be done, and the person confirms that text (dialog.go). To add a button: a line in
// actions (click.go). An input of a button that is Required and did not come with the click is asked for in chat by itself.
package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/calendar"
	"lingke/internal/cards"
	"lingke/internal/connections"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/delivery/budget"
	"lingke/internal/dispatch"
	"lingke/internal/followup"
	"lingke/internal/inbox"
	"lingke/internal/lang"
	"lingke/internal/report"
	"lingke/internal/store"
	"lingke/scoring/risk"
)

// records is the part of the store that answers read.
type records interface {
	Customer(ctx context.Context, id string) (customer.Customer, error)
	Customers(ctx context.Context, q store.CustomerQuery) (page []customer.Customer, next string, err error)
	SearchCustomers(ctx context.Context, text string, limit int) ([]customer.Customer, error)
	SoundingCustomers(ctx context.Context, spelled string, limit int) ([]customer.Customer, error)
	CountCustomers(ctx context.Context, q store.CustomerQuery, most int) (int, error)
	Delivery(ctx context.Context, id string) (delivery.Delivery, error)
	AddCode(ctx context.Context, id, code string) error
	Deliveries(ctx context.Context, q delivery.Query) (page []delivery.Delivery, next string, err error)
	Replay(ctx context.Context, id string, now time.Time) error
	Depths(ctx context.Context, now time.Time) ([]delivery.Depth, error)
	Withdraw(ctx context.Context, id string, now time.Time, why string) error
	documents
}

// claims is what people do with customers.
type claims interface {
	Claim(ctx context.Context, id string, who access.Person, via string) (customer.Customer, error)
	Release(ctx context.Context, id string, who access.Person, via string) (customer.Customer, error)
	Left(ctx context.Context, who access.Person) (daily, holding int, err error)
	View(ctx context.Context, c customer.Customer, who access.Person) error
	owners
}

// tasks is what people do with tasks.
type tasks interface {
	Task(ctx context.Context, id string) (followup.Task, error)
	Complete(ctx context.Context, id string, who access.Person, result string) (followup.Task, error)
	Open(ctx context.Context, person string, limit int) ([]followup.Task, error)
	OpenFor(ctx context.Context, customerID, person string) ([]followup.Task, error)
	Since(ctx context.Context, customerID, person string, at time.Time) ([]followup.Task, error)
	Note(ctx context.Context, id string, who access.Person, text string, at time.Time) (followup.Task, error)
	Postpone(ctx context.Context, id string, who access.Person, by calendar.Span, reason string, asked time.Time) (followup.Task, error)
	PostponeTo(ctx context.Context, id string, who access.Person, to time.Time, reason string, asked time.Time) (followup.Task, error)
	PostponeToDay(ctx context.Context, id string, who access.Person, day time.Time, reason string, asked time.Time) (followup.Task, error)
	Hand(ctx context.Context, id string, who, to access.Person) (followup.Task, error)
	Help(ctx context.Context, id string, who access.Person, asked time.Time) (followup.Task, error)
}

// outgoing is what answers go through.
type outgoing interface {
	Reply(ctx context.Context, id string, x delivery.Delivery) error
	Change(ctx context.Context, x delivery.Delivery) error
	Broadcast(ctx context.Context, id, about string, people []access.Person, print func(*cards.Printer) bots.Card) (ids []string, err error)
	Close(ctx context.Context, ids []string, outcome func(lang.Language) string) error
	Tell(ctx context.Context, person, id string, text func(lang.Language) string) error
	ManagersOf(person string) []access.Person
	ShowTask(ctx context.Context, t followup.Task) error
	AskHelp(ctx context.Context, t followup.Task) error
	Urge(ctx context.Context, id string, t followup.Task, by string) error
	Carry(ctx context.Context, customerID string) error
	Later(ctx context.Context, x delivery.Delivery, when time.Time) error
}

// notes takes in what a person tells of a customer.
type notes interface {
	Note(ctx context.Context, a customer.Activity) error
}

// merges is what managers say about who is the same customer.
type merges interface {
	Answer(ctx context.Context, question string, who access.Person, answer customer.Answer) (customer.Question, error)
	Part(ctx context.Context, id string, refs []customer.Ref, who access.Person) (rest, part customer.Customer, err error)
}

// Service answers people. Its methods may be called from several goroutines and processes.
type Service struct {
	Records  records
	Claims   claims
	Tasks    tasks
	Outgoing outgoing
	Outcomes outcomes
	Reports  reports
	// Effects are what tiers and plays brought, Forecasts what will be bought; the latter are of no period.
	Effects   figuresOf[report.Effects]
	Forecasts figuresOf[report.Forecast]
	Notes     notes
	Adjust    adjustments
	Files     files // nil where no files are taken in
	Merges    merges
	Leave     leaves
	People    *access.Directory
	Pools     func() assign.Pools
	Rooms     *Rooms // nil: of no group it is known who reads along
	Log       readLog
	Seal      *delivery.Seal // of buttons; nil takes their values as they are
	Cards     *cards.Printer
	Ranks     func() customer.Ranks // of the sources
	// Advice tells what to do for a customer that may leave for a reason; nothing where none is known.
	Advice func(risk.Cause) lang.Text
	// Connections tells how the connectors do; nil where there are none.
	Connections func(ctx context.Context) ([]connections.Status, error)

	// Publish puts a version of the scoring model in force, as a manager has decided; no says why it cannot be. nil where models are not published by chat.
	Publish func(ctx context.Context, version, by, note string) (no string, err error)

	Wishes wishes // about being told things; nil where nobody can wish

	// Budgets tells how the platforms' budgets stand; nil where there are none.
	Budgets func(ctx context.Context) ([]budget.Standing, error)

	Zone *time.Location
	Now  func() time.Time
}

// Handle does what a person's message or click asks for. The Answer is for the clicker at once; everything else is recorded as deliveries. An error means
// that it should be tried again, unless it is wrapped by inbox.Permanent.
func (s *Service) Handle(ctx context.Context, in bots.Incoming) (bots.Answer, error) {
	switch {
	case in.Click != nil:
		return s.sealedClick(ctx, in)
	case in.Message != nil:
		return bots.Answer{}, s.message(ctx, in)
	default:
		return bots.Answer{}, inbox.Permanent(errors.New("neither a message nor a click"))
	}
}

func (s *Service) message(ctx context.Context, in bots.Incoming) error {
	from := placeOf(in)
	who, known := s.People.ByPlatform(string(in.Platform), from.user)
	readers, err := s.readers(ctx, in, who) // also of what is no command: who wrote it is in the group
	if err != nil {
		return err
	}
	if !known {
		if !from.reachable() {
			return nil // somebody outside the organisation, whom we cannot reach
		}
		if err := s.log(ctx, in, who, showing{note: lang.Chinese.Say("不在人员名单", "not among the people")}); err != nil {
			return err
		}
		return s.Outgoing.Reply(ctx, replyID(in.ID), from.delivery(lang.Chinese.Say("你还不在领客的人员名单里，请联系管理员添加。", "Lingke does not know you; please ask an administrator to add you.")))
	}
	// The reply is the last thing that a command records: where it stands, everything was done before a crash.
	_, err = s.Records.Delivery(ctx, replyID(in.ID))
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	q := s.question(in, who)
	q.readers = readers
	r, err := s.heard(ctx, in, q)
	if err != nil {
		return err
	}
	return s.respond(ctx, in, q, r)
}

// heard answers a message of somebody who is known.
func (s *Service) heard(ctx context.Context, in bots.Incoming, q question) (reply, error) {
	if in.Message.File != nil {
		return s.file(ctx, q, *in.Message.File)
	}
	r, answered, err := s.answerTyped(ctx, in, q)
	if err == nil && !answered {
		r, err = s.ask(ctx, q, in.Message.Text)
	}
	return r, err
}

// private answers the person alone, wherever they wrote.
func (s *Service) private(ctx context.Context, in bots.Incoming, to, text string) error {
	return s.Outgoing.Reply(ctx, replyID(in.ID)+"p", delivery.Delivery{Platform: in.Platform, To: []string{to}, Text: text})
}

// cards prints in the person's language.
func (s *Service) cards(q question) *cards.Printer { return s.Cards.In(q.who.Language) }

func replyID(incoming string) string {
	sum := sha256.Sum256([]byte(incoming))
	return delivery.AnswerID(hex.EncodeToString(sum[:16]))
}

// Replies are the ids under which the answers to a message or click are delivered, as far as there are any.
func Replies(incoming string) []string { return []string{replyID(incoming), replyID(incoming) + "p"} }

// audience reports whether a delivery was made for that user of that platform.
func audience(d delivery.Delivery, platform bots.Platform, user string) bool {
	return d.Platform == platform && slices.ContainsFunc(d.To, func(to string) bool { return platform.SameUser(to, user) })
}

func (s *Service) name(id string) string {
	if p, ok := s.People.ByID(id); ok {
		return p.Name
	}
	return id
}

// delivered returns the delivery that a clicked card belongs to.
func (s *Service) delivered(ctx context.Context, card string) (delivery.Delivery, error) {
	d, err := s.Records.Delivery(ctx, delivery.IDOf(card))
	if errors.Is(err, store.ErrNotFound) {
		return d, inbox.Permanent(fmt.Errorf("card %q: %w", card, err))
	}
	return d, err
}

var _ outgoing = (*dispatch.Dispatcher)(nil)
