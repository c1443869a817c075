// Package connectors is what the systems have in common that customers come from: the Record that a source delivers, the
// ways it delivers (a pull with a cursor, a signed push), and the way back (Change). Each upstream is a package of its own
// below this one and imports nothing else of Lingke.
package connectors

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Kind tells what a Record is about.
type Kind string

// The kinds of records.
const (
	Customer Kind = "customer"
	Order    Kind = "order"
	Activity Kind = "activity"
)

// Record is one version of one thing, as a source tells it. Records may arrive repeatedly and in any order: what counts is
// ModifiedAt, never the time of arrival.
type Record struct {
	Kind Kind `json:"kind"`
	// ID is the source's own id of the thing: stable, unique per Kind in the source, never a name. At most 200 bytes.
	ID string `json:"id"`
	// Customer is the source's id of the customer that an order or activity belongs to; empty for a customer.
	Customer string `json:"customer,omitempty"`
	// ModifiedAt is when the source made this version, UTC, milliseconds.
	ModifiedAt time.Time `json:"modified_at"`
	// Deleted says that the source no longer has the thing.
	Deleted bool `json:"deleted,omitempty"`
	// Fields are the values by Lingke's field names (see the Field constants), as canonical text: numbers as plain decimals
	// ("1250000.50"), times as RFC 3339. A field that is absent was not told and keeps its value; one with "" was emptied.
	Fields map[string]string `json:"fields"`
	// Raw is what the source told of this version before any mapping, as valid JSON of a form that only its connector knows; see Rereader. It is nil unless that was asked for.
	Raw []byte `json:"-" bson:"-"`
	// Bad says why the connector could make no record of what the source told; it wraps ErrBadRecord. Kind, and Raw where that is kept, are then all that is sure to be
	// there. Who takes records in notes it and goes on: one that cannot be read neither stops the others nor is it lost.
	Bad error `json:"-" bson:"-"`
}

// Unreadable is a record of a kind of which nothing can be made, for a reason. What is known of it may be added.
func Unreadable(kind Kind, why error) Record {
	if !errors.Is(why, ErrBadRecord) {
		why = fmt.Errorf("%w: %w", ErrBadRecord, why)
	}
	return Record{Kind: kind, Bad: why}
}

// The field names of the three kinds. A customer may have more (custom fields).
const (
	FieldName       = "name"
	FieldCreditCode = "credit_code" // unified social credit code, 统一社会信用代码
	FieldPhone      = "phone"
	FieldContact    = "contact"
	FieldOwner      = "owner" // the id or name of the person who has the customer, as its source knows it; see the README for what follows
	FieldPool       = "pool"  // the name of the pool in which it shall wait while nobody owns it, instead of the one its score leads to
	FieldMobile     = "mobile"
	FieldTaxNumber  = "tax_number" // 纳税人识别号: a credit code, or the 15 characters that came before it
	FieldKind       = "kind"       // KindCompany or KindPerson; without it, a customer named like its contact is a person
	FieldSameAs     = "same_as"    // records of other sources that this one is the same customer as: "kingdee/100231", several parted by commas

	FieldAmount  = "amount"  // order: yuan with tax, decimal
	FieldDate    = "date"    // order: when it was placed; activity: when it happened
	FieldStatus  = "status"  // order: open, won, lost, cancelled; only "won" counts as bought
	FieldProduct = "product" // order
	FieldMargin  = "margin"  // order: yuan
	FieldRep     = "rep"     // order: the source's name of the sales person
	FieldOpened  = "opened"  // order: when the opportunity began that it came from
	FieldReason  = "reason"  // order: why it was lost

	FieldType = "type" // activity: one of the Activity types, or any other word
	FieldText = "text" // activity: what happened
)

// The types of activities that facts follow from. Others are kept and count as interactions.
const (
	ActivityVisit      = "visit"    // of the website or the shop
	ActivityLogin      = "login"    // to the product
	ActivityTrial      = "trial"    // of one feature
	ActivityEvent      = "event"    // taken part in
	ActivityContent    = "content"  // read or watched
	ActivityDownload   = "download" // of content
	ActivityTicket     = "ticket"   // asked the service for help
	ActivityInquiry    = "inquiry"  // asked before buying
	ActivityComplaint  = "complaint"
	ActivityEscalation = "escalation" // a complaint that went up to a manager
	ActivityReferral   = "referral"   // brought another customer
	ActivityReply      = "mail_reply" // to one of our mails
	ActivitySocial     = "social"     // a like, a share, a comment
	ActivityReview     = "review"     // rated us in public
	ActivityOpened     = "push_opened"
	ActivityUnopened   = "push_unopened" // a message of ours that the customer left alone
	ActivityCompetitor = "competitor"    // the customer named a competitor
	ActivityDelivery   = "delivery"      // goods that left for the customer
	ActivityUnfollow   = "unfollow"      // the customer deleted somebody of the staff
	ActivityResponded  = "responded"     // a person noted that the customer answered
	ActivityCause      = "churn_cause"   // a person named why the customer may leave; its text is the cause
	ActivityNote       = "note"          // what a person noted; nothing that the customer did
	ActivityQuality    = "lead_quality"  // what a rep says of the lead: good, fair or bad
)

// The kinds of customers, of FieldKind.
const (
	KindCompany = "company"
	KindPerson  = "person"
)

// Order status values.
const (
	StatusOpen      = "open"
	StatusWon       = "won"
	StatusLost      = "lost"
	StatusCancelled = "cancelled"
)

// Cursor is how far a pull has come; only its connector understands it. The empty Cursor starts from the beginning.
type Cursor string

// Connector pulls records.
//
// Pull emits every record that changed since the cursor (and perhaps some again) and returns the cursor for next time.
// When emit or ctx fails it stops and returns that error together with a cursor from which nothing is missed. It may be
// called again at once; one connector runs one Pull at a time.
type Connector interface {
	Pull(ctx context.Context, since Cursor, emit func(Record) error) (next Cursor, err error)
}

// Resumable is a Connector that says in the middle of a pull from where it could go on, so that one that is killed does not start over.
type Resumable interface {
	Connector
	// PullAlong is Pull that also calls reached between two records, often enough to make it worth while (a page, not a record), with a cursor from
	// which nothing is missed that it has not emitted yet. Whoever calls it remembers such a cursor once all that was emitted before is stored. An error
	// of reached ends the pull as one of emit does.
	PullAlong(ctx context.Context, since Cursor, emit func(Record) error, reached func(Cursor) error) (next Cursor, err error)
}

// Lister is a connector whose source can say which things it has, so that what it has no longer is found: most sources tell of changes and say nothing of
// deletions.
type Lister interface {
	// Lists returns the kinds that EachID can list.
	Lists() []Kind
	// EachID calls fn with the id of everything of a kind that the source has all the while, as Record.ID has it, in any order, perhaps repeatedly. It returns nil
	// only where the list was read to its end, and stops at an error of fn and returns it. It may run beside a Pull.
	EachID(ctx context.Context, kind Kind, fn func(id string) error) error
}

// Receiver takes records that a source pushes. Its methods may be called from several goroutines.
type Receiver interface {
	// Verify checks that the push is genuine and fresh at now and returns its id, the same for every redelivery. The error
	// wraps ErrUnauthorized (signature), ErrStale (outside the time window) or ErrBadRecord.
	Verify(h http.Header, body []byte, now time.Time) (id string, err error)
	// Decode reads the records of a verified push. The error wraps ErrBadRecord and names the place; good records beside a
	// bad one are returned with it, and what could not be read may be among them as Unreadable. A record without ModifiedAt is as new as its push: the caller puts the time of arrival there.
	Decode(body []byte) ([]Record, error)
}

// Event is something that a chat platform tells of itself: an approval ended, a customer became somebody's contact.
type Event struct {
	ID       string            `json:"id"`       // the same for every redelivery
	Platform string            `json:"platform"` // "dingtalk", "wecom"
	Type     string            `json:"type"`     // in the platform's words
	Fields   map[string]string `json:"fields"`   // by the platform's names
	At       time.Time         `json:"at"`       // UTC
}

// Follower is a connector whose source is a chat platform: it learns by the platform's events what changed there. Its methods may be called from several goroutines.
type Follower interface {
	// Follows reports whether an event is the connector's affair. It asks nobody.
	Follows(e Event) bool
	// Follow returns the records that follow from an event, which may be none; it may ask the platform for them. The error wraps ErrBadRecord where trying again is
	// useless; good records beside a bad one are returned with it.
	Follow(ctx context.Context, e Event) ([]Record, error)
}

// Fetcher is a Receiver whose source may push no more than that something changed. Fetch reads from the source what a
// verified push is about, as it is now; Decode returns what the push tells by itself. Fetch is called after the push was
// stored, again where it failed, and from several goroutines. Its error wraps ErrBadRecord where trying again is useless.
type Fetcher interface {
	Fetch(ctx context.Context, body []byte) ([]Record, error)
}

// Answerer is a Receiver whose source wants to hear words of its own once a push is stored; without them it would push the
// same again.
type Answerer interface {
	Answer(body []byte) (contentType string, answer []byte)
}

// Rereader is a connector that can make its records anew of what the source told once, so that a changed mapping holds for the past without asking the source.
type Rereader interface {
	// KeepRaw makes the connector fill Record.Raw in from now on. It is called before the first record.
	KeepRaw()
	// Reread makes the record of a Raw by the mapping as it is now; its ModifiedAt may be left open. It asks nobody and may be called from several goroutines. The error
	// wraps ErrNotKept where the mapping reads what the raw record does not have, and names it; ErrBadRecord where nothing can be made of it.
	Reread(kind Kind, raw []byte) (Record, error)
}

// Change is what Lingke tells a source about its customer.
type Change struct {
	ID     string            // the source's id of the customer
	Fields map[string]string // by our names, those of WriteFields
}

// The fields that are told back.
const (
	WriteTier  = "tier"  // the tier of the leading scheme
	WriteScore = "score" // whole points
	WriteOwner = "owner" // the name of the person who has the customer, "" where nobody does
	WriteTags  = "tags"  // the marks that plays gave it, sorted, parted by TagComma; "" for none
)

// TagComma parts tags in one text.
const TagComma = "、"

// WriteFields are all of them.
func WriteFields() []string { return []string{WriteTier, WriteScore, WriteOwner, WriteTags} }

// Writer is a connector whose source takes changes back.
type Writer interface {
	// WriteBack writes fields of one customer and touches nothing else. Writing the same twice changes nothing.
	WriteBack(ctx context.Context, ch Change) error
	// Takes returns the fields that the source has been given a place for; nil where nothing is to be written.
	Takes() []string
}

// Checker is a connector that can test its credentials and its mapping without reading data.
type Checker interface {
	// Check tries the credentials, and names what the mapping reads and the source does not have. It runs before the first pull.
	Check(ctx context.Context) error
}

// The kinds of failure; test with errors.Is. An error of no kind may pass by itself.
var (
	ErrConfig       = errors.New("the connector's settings are incomplete or wrong")
	ErrUnauthorized = errors.New("the signature or credential is not valid")
	ErrStale        = errors.New("the message is outside its time window")
	ErrBadRecord    = errors.New("the record cannot be read")
	ErrThrottled    = errors.New("the source asks to slow down")
	ErrNotKept      = errors.New("the raw record was read without it")
)
