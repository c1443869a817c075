package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lingke/internal/delivery"
)

func (s *server) registerDeliveries(api huma.API) {
	tags := []string{"deliveries"}
	handle(s, api, huma.Operation{
		OperationID: "list-deliveries", Method: http.MethodGet, Path: "/deliveries", Tags: tags, Summary: "List messages on their way, newest first",
		Description: "state=dead lists what was given up, with the reason.",
	}, s.listDeliveries)
	handle(s, api, huma.Operation{
		OperationID: "replay-delivery", Method: http.MethodPost, Path: "/deliveries/{id}/replay", Tags: tags, Summary: "Try a dead delivery again",
		Description: "not_found where it is not dead.",
	}, s.replayDelivery)
}

// Delivery is one message on its way to one conversation.
type Delivery struct {
	ID       string    `json:"id"`
	Platform string    `json:"platform"`
	Kind     string    `json:"kind" example:"lead"`
	Customer string    `json:"customer,omitempty"`
	Task     string    `json:"task,omitempty"`
	To       []string  `json:"to" nullable:"false" doc:"Ids of people; of somebody who is in nobody's list only \"unknown\""`
	Group    bool      `json:"group,omitempty" doc:"It goes to a group"`
	Title    Text      `json:"title,omitempty" doc:"Of the card"`
	Shows    Text      `json:"shows,omitempty" doc:"Where the card says it stands"`
	Text     Text      `json:"text,omitempty"`
	State    string    `json:"state" enum:"due,done,dead,merged,withdrawn"`
	Into     string    `json:"into,omitempty" doc:"The digest that tells it, where it was merged"`
	Report   *Result   `json:"report,omitempty" doc:"What the platform told of it afterwards"`
	Rev      int64     `json:"rev" doc:"Number of the wished state"`
	Shown    int64     `json:"shown" doc:"Number of the state that the platform shows; 0 before the first"`
	Attempts int       `json:"attempts" doc:"Since the last success or change of wish"`
	Due      time.Time `json:"due"`
	Why      Text      `json:"why,omitempty" doc:"The last failure"`
	Refused  []Refusal `json:"refused,omitempty" nullable:"false" doc:"Who was left out by the platform"`
	Created  time.Time `json:"created"`
	Ended    time.Time `json:"ended,omitzero" required:"false"`
}

// Result is what a platform tells of a message after it was sent.
type Result struct {
	At      time.Time `json:"at"`
	Read    int       `json:"read" doc:"People who have seen it"`
	Unread  int       `json:"unread" doc:"People who have it and have not looked"`
	Refused []Refusal `json:"refused,omitempty" nullable:"false" doc:"Whom the platform refused after it had taken the message; each is told by a message of its own, whose id begins with again-"`
}

// Refusal is one person whom the platform left out.
type Refusal struct {
	To     string `json:"to"`
	Reason Text   `json:"reason"`
}

func (s *server) viewDelivery(d delivery.Delivery) Delivery {
	v := Delivery{
		ID: d.ID, Platform: string(d.Platform), Kind: d.Kind, Customer: d.Customer, Task: d.Task, To: []string{}, Group: d.Conversation != "",
		Text: Text(d.Text), State: string(d.State), Rev: d.Rev, Shown: d.Shown, Attempts: d.Attempts, Due: d.Due, Why: Text(d.Why),
		Created: d.Created, Ended: d.Ended, Into: d.Into, Report: s.viewResult(d),
	}
	if d.Card != nil {
		v.Title, v.Shows = Text(d.Card.Title), Text(d.Card.State)
	}
	for _, to := range d.To {
		v.To = append(v.To, s.recipient(d, to))
	}
	for _, r := range d.Refused {
		v.Refused = append(v.Refused, Refusal{To: s.recipient(d, r.To), Reason: Text(r.Reason)})
	}
	return v
}

func (s *server) viewResult(d delivery.Delivery) *Result {
	if d.Report == nil {
		return nil
	}
	v := &Result{At: d.Report.At, Read: d.Report.Read, Unread: d.Report.Unread}
	for _, r := range d.Report.Failed {
		v.Refused = append(v.Refused, Refusal{To: s.recipient(d, r.To), Reason: Text(r.Reason)})
	}
	return v
}

// recipient is our id of a platform's user.
func (s *server) recipient(d delivery.Delivery, user string) string {
	if who, ok := s.People.ByPlatform(string(d.Platform), user); ok {
		return who.ID
	}
	return "unknown"
}

type listDeliveriesInput struct {
	State    string `query:"state" enum:"due,done,dead,merged,withdrawn"`
	Customer string `query:"customer" maxLength:"200"`
	Paging
}

// DeliveryPage is one page of deliveries.
type DeliveryPage struct {
	Deliveries []Delivery `json:"deliveries" nullable:"false"`
	Next       string     `json:"next,omitempty" doc:"after of the next page; absent on the last"`
}

type deliveryPageOutput struct{ Body DeliveryPage }

func (s *server) listDeliveries(ctx context.Context, in *listDeliveriesInput) (*deliveryPageOutput, error) {
	q := delivery.Query{State: delivery.State(in.State), Customer: in.Customer}
	after, err := decodeCursor(q, in.After)
	if err != nil {
		return nil, err
	}
	paged := q
	paged.After, paged.Limit = after, in.Limit
	found, next, err := s.Records.Deliveries(ctx, paged)
	if err != nil {
		return nil, err
	}
	out := &deliveryPageOutput{DeliveryPage{Deliveries: make([]Delivery, 0, len(found)), Next: encodeCursor(q, next)}}
	for _, d := range found {
		out.Body.Deliveries = append(out.Body.Deliveries, s.viewDelivery(d))
	}
	return out, nil
}

type deliveryID struct {
	ID string `path:"id" maxLength:"200"`
}

type deliveryOutput struct{ Body Delivery }

func (s *server) replayDelivery(ctx context.Context, in *deliveryID) (*deliveryOutput, error) {
	id, err := pathText(in.ID)
	if err != nil {
		return nil, err
	}
	if err := s.Records.Replay(ctx, id, s.Now().UTC().Truncate(time.Millisecond)); err != nil {
		return nil, err
	}
	d, err := s.Records.Delivery(ctx, id)
	if err != nil {
		return nil, err
	}
	return &deliveryOutput{s.viewDelivery(d)}, nil
}
