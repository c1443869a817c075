package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"lingke/internal/access"
)

// readLog keeps who was shown what; see access.Log.
type readLog interface {
	Add(ctx context.Context, r access.Read) error
	Find(ctx context.Context, q access.ReadQuery) (page []access.Read, next string, err error)
	Check(ctx context.Context, noted ...string) (access.Checked, error)
}

// shower is an answer's body that tells of customers: their ids.
type shower interface{ shows() []string }

func (v Customer) shows() []string    { return []string{v.ID} }
func (v Explanation) shows() []string { return []string{v.Customer} }
func (v Task) shows() []string        { return []string{v.Customer} }
func (v PartedBody) shows() []string  { return []string{v.Rest.ID, v.Part.ID} }

func (v Delivery) shows() []string {
	if v.Customer == "" {
		return nil
	}
	return []string{v.Customer}
}

func (v CustomerPage) shows() []string { return showsAll(v.Customers) }
func (v TaskPage) shows() []string     { return showsAll(v.Tasks) }
func (v DeliveryPage) shows() []string { return showsAll(v.Deliveries) }

// shows of a list of questions names records instead of customers: it tells their telephone numbers.
func (v QuestionPage) shows() []string { return showsAll(v.Questions) }

func (v MergeQuestion) shows() []string {
	return []string{v.A.Source + "/" + v.A.ID, v.B.Source + "/" + v.B.ID}
}

func (v Trial) shows() (ids []string) {
	for _, m := range v.Moves {
		ids = append(ids, m.Customer)
	}
	return ids
}

func showsAll[T shower](all []T) (ids []string) {
	for _, v := range all {
		ids = append(ids, v.shows()...)
	}
	return ids
}

// customerID lets the log name the customer of an answer that does not name it itself.
func (in CustomerPath) customerID() string {
	id, err := pathText(in.ID)
	if err != nil {
		return in.ID
	}
	return id
}

// shownBy returns the customers that an operation's answer tells of, whose input was in.
func shownBy(in, out any) []string {
	v := reflect.Indirect(reflect.ValueOf(out))
	if v.Kind() != reflect.Struct {
		return nil
	}
	if body := v.FieldByName("Body"); body.IsValid() && body.CanInterface() {
		if s, ok := body.Interface().(shower); ok {
			return s.shows()
		}
	}
	if p, ok := in.(interface{ customerID() string }); ok {
		return []string{p.customerID()}
	}
	return nil
}

// logShown adds the line about an answer that tells of customers, before it is given: what cannot be logged is not told. The API shows every layer to who has a token, and
// telephone numbers masked.
func (s *server) logShown(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	req := requestOf(ctx)
	err := s.Reads.Add(ctx, access.Read{
		ID: "api-" + uuid.NewString(), Account: req.token, Platform: "api", Place: req.path, Command: req.command, Layers: everything.String(),
	}.Saw(ids...))
	if err != nil {
		return fmt.Errorf("log what is shown: %w", err)
	}
	return nil
}

var everything = access.Sight{Tier: true, Basis: true, Money: true}

func (s *server) registerReads(api huma.API) {
	tags := []string{"reads"}
	handle(s, api, huma.Operation{
		OperationID: "list-reads", Method: http.MethodGet, Path: "/reads", Tags: tags, Summary: "List who was shown what of which customers, newest first",
		Description: "One line for each answer in chat, each page and each answer of this API that tells of customers. Lines are kept for a year.",
	}, s.listReads)
	handle(s, api, huma.Operation{
		OperationID: "check-reads", Method: http.MethodGet, Path: "/reads/check", Tags: tags, Summary: "Whether the log of reads is as it was written",
		Description: "Each line is sealed over the one before it. The answer names every place where a line is missing, changed or moved.",
	}, s.checkReads)
}

// ReadLine is one line of the log.
type ReadLine struct {
	N         int64     `json:"n"`
	At        time.Time `json:"at"`
	Person    string    `json:"person,omitempty" doc:"A person's id"`
	Account   string    `json:"account,omitempty" doc:"The platform's user id, or which API token"`
	Platform  string    `json:"platform" example:"dingtalk"`
	Place     string    `json:"place" example:"private"`
	Command   string    `json:"command" example:"查"`
	Layers    string    `json:"layers,omitempty" example:"tier basis" doc:"What was shown of the customers: tier, basis, money"`
	Customers []string  `json:"customers,omitempty" nullable:"false" doc:"Ids"`
	More      int       `json:"more,omitempty" doc:"How many more customers were shown"`
	Note      Text      `json:"note,omitempty" doc:"A reason that was given, or why nothing was shown"`
	Seal      string    `json:"seal"`
}

// ReadPage is one page of the log.
type ReadPage struct {
	Reads []ReadLine `json:"reads" nullable:"false"`
	Next  string     `json:"next,omitempty" doc:"after of the next page; absent on the last"`
}

type readsInput struct {
	Person   string `query:"person" maxLength:"200" doc:"A person's id"`
	Customer string `query:"customer" maxLength:"200" doc:"A customer's id"`
	Paging
}

type readPageOutput struct{ Body ReadPage }

func (s *server) listReads(ctx context.Context, in *readsInput) (*readPageOutput, error) {
	q := access.ReadQuery{Person: in.Person, Customer: in.Customer}
	after, err := decodeCursor(q, in.After)
	if err != nil {
		return nil, err
	}
	paged := q
	paged.After, paged.Limit = after, in.Limit
	found, next, err := s.Reads.Find(ctx, paged)
	if err != nil {
		return nil, err
	}
	out := &readPageOutput{ReadPage{Reads: make([]ReadLine, 0, len(found)), Next: encodeCursor(q, next)}}
	for _, r := range found {
		out.Body.Reads = append(out.Body.Reads, ReadLine{
			N: r.N, At: r.At, Person: r.Person, Account: r.Account, Platform: r.Platform, Place: r.Place, Command: r.Command, Layers: r.Layers,
			Customers: r.Customers, More: r.More, Note: Text(r.Note), Seal: r.Seal,
		})
	}
	return out, nil
}

// ReadCheck is what a check of the log found.
type ReadCheck struct {
	Whole  bool         `json:"whole"`
	Lines  int64        `json:"lines"`
	Purged int64        `json:"purged" doc:"Up to this number the lines were old enough to be forgotten"`
	Head   string       `json:"head" doc:"Number and seal of the newest line; note it elsewhere and give it as noted later"`
	Damage []ReadDamage `json:"damage" nullable:"false"`
}

// ReadDamage is one place where the log is not as it was written.
type ReadDamage struct {
	From int64  `json:"from" doc:"Number of the first line"`
	To   int64  `json:"to"`
	What string `json:"what"`
}

type checkReadsInput struct {
	Noted string `query:"noted" maxLength:"200" doc:"head of an earlier check"`
}

type readCheckOutput struct{ Body ReadCheck }

func (s *server) checkReads(ctx context.Context, in *checkReadsInput) (*readCheckOutput, error) {
	found, err := s.Reads.Check(ctx, in.Noted)
	if err != nil {
		return nil, err
	}
	out := &readCheckOutput{ReadCheck{Whole: found.Whole(), Lines: found.Lines, Purged: found.Purged, Head: found.Head(), Damage: []ReadDamage{}}}
	for _, d := range found.Damage {
		out.Body.Damage = append(out.Body.Damage, ReadDamage(d))
	}
	return out, nil
}
