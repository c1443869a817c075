// Package store is the contract that Lingke's storage keeps, one small interface a kind of record. Package storetest checks a
// backend against the whole of it; packages sqlite and mongo are the backends.
//
// What every backend promises: a write that returned nil survives a crash of the process and of the machine; times keep their
// milliseconds and are UTC; texts are any valid UTF-8; methods may be called from any number of goroutines and, for mongo, from
// any number of processes; queries that grow with the data are served by an index.
package store

import (
	"context"
	"errors"
	"time"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/batch"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/delivery/budget"
	"lingke/internal/followup"
	"lingke/internal/inbox"
	"lingke/internal/models"
	"lingke/internal/outbound"
	"lingke/schedules"
)

// The kinds of failure; test with errors.Is.
var (
	ErrNotFound = errors.New("not found")
	// ErrConflict: somebody else wrote the record since it was read; read it again.
	ErrConflict = errors.New("changed by somebody else")
	// ErrDailySpent: the person has claimed as many customers today as allowed.
	ErrDailySpent = errors.New("daily allowance is spent")
	// ErrHoldingFull: the person owns as many customers as allowed.
	ErrHoldingFull = errors.New("holding allowance is full")
	// ErrLeaseLost: the lease ended and somebody else may have taken the work over; the write was not made.
	ErrLeaseLost = errors.New("lease is lost")
	// ErrCursor: a query's After is not what an earlier page of the same query gave.
	ErrCursor = errors.New("not a cursor of this query")
)

// Store is everything.
type Store interface {
	Customers
	Identity
	History
	Tasks
	Deliveries
	Events
	Posts
	Jobs
	Models
	Imports
	Raws
	Refusals
	Documents
	Reads
	budget.Store
	// Ping reports whether the store answers.
	Ping(ctx context.Context) error
	// Close finishes the writes under way and releases everything.
	Close() error
}

// Customers keeps customers.
type Customers interface {
	// Customer returns the customer of an id, also of an id that was merged into another. ErrNotFound.
	Customer(ctx context.Context, id string) (customer.Customer, error)
	// CustomersByKey returns, sorted by id, every customer that has one of the refs or one of the keys (customer.Customer.Keys).
	CustomersByKey(ctx context.Context, refs []customer.Ref, keys []string) ([]customer.Customer, error)
	// Holders returns the first customers by id, up to limit, that have one of the keys, each with all its keys and no more: it costs a fraction of CustomersByKey.
	Holders(ctx context.Context, keys []string, limit int) ([]Holder, error)
	// KeyHolders returns, of each of the keys that somebody has, the ids of the customers that have it, in any order. It reads no more than that.
	KeyHolders(ctx context.Context, keys []string) (map[string][]string, error)
	// PutCustomer stores c with Rev+1 if the stored Rev still is c.Rev (0: if there is none yet); else ErrConflict. An id that was another name of a
	// merged customer becomes a customer again, with a greater Rev than it ever had.
	PutCustomer(ctx context.Context, c customer.Customer) error
	// PutCustomers stores each as PutCustomer does, all in few writes, and returns the positions of those that conflict, which are not stored. Where it
	// fails, some may be stored.
	PutCustomers(ctx context.Context, all []customer.Customer) (conflicts []int, err error)
	// Regroup stores every customer of put as PutCustomer does, and then turns each id of gone, guarded by its Rev, into another
	// name of the customer that its Into names, or of put[0]. On ErrConflict a backend without transactions may have stored some of put: CustomersByKey then shows all
	// that still hold the records, and the caller regroups them again.
	Regroup(ctx context.Context, put []customer.Customer, gone []Gone) error
	// Claim is PutCustomer that also spends one of the owner's (a.Person's) allowances of the day and of holding, both or neither.
	// ErrConflict, ErrDailySpent, ErrHoldingFull. One write decides: of any number of simultaneous claims one succeeds.
	Claim(ctx context.Context, c customer.Customer, a Allowance) error
	// Release is PutCustomer that also gives the holding allowance of person back, but not the day's.
	Release(ctx context.Context, c customer.Customer, person string) error
	// Spent returns how much of the allowances person has used: claims on that day (YYYY-MM-DD), and customers owned.
	Spent(ctx context.Context, person, day string) (daily, holding int, err error)

	// RemoveCustomer forgets a customer and its other names if the stored Rev still is rev; else ErrConflict. Its history stays.
	RemoveCustomer(ctx context.Context, id string, rev int64) error

	// PendingCustomers returns up to limit customers with effects, any order.
	PendingCustomers(ctx context.Context, limit int) ([]customer.Customer, error)
	// ClearEffects removes effects by id; ids that are gone already do not matter. It counts as a write (Rev) if it removed any.
	// ErrNotFound where no customer has the id itself (any more).
	ClearEffects(ctx context.Context, id string, effects []string) error

	// LapsedCustomers returns up to limit customers whose Lapses is set and not after now, earliest first.
	LapsedCustomers(ctx context.Context, now time.Time, limit int) ([]customer.Customer, error)

	// ClockedCustomers returns up to limit customers whose Clock.Next is set and not after now, earliest first.
	ClockedCustomers(ctx context.Context, now time.Time, limit int) ([]customer.Customer, error)
	// NextOwner returns the first id of an owner of customers that comes after another id; "" where there is none.
	NextOwner(ctx context.Context, after string) (string, error)

	// Customers returns one page in the query's order, and what to put into Query.After for the next; "" after the last.
	// Customers that do not change meanwhile are in exactly one page. ErrCursor.
	Customers(ctx context.Context, q CustomerQuery) (page []customer.Customer, next string, err error)
	// CountCustomers counts what a query selects, up to most; After, Through and Limit do not matter.
	CountCustomers(ctx context.Context, q CustomerQuery, most int) (int, error)
	// CustomerBound returns an id up to which, behind after, at most n customers lie in id order; "" where all that are left may be taken as one more
	// piece. Pieces that are cut so, by After and Through of CustomerQuery, can be read side by side.
	CustomerBound(ctx context.Context, after string, n int) (string, error)
	// EachCustomer calls fn for every customer in id order, in bounded memory and without holding a lock or a connection during
	// fn, so that fn may write. It stops at the first error of fn and returns it.
	EachCustomer(ctx context.Context, fn func(customer.Customer) error) error
	// EachHolder calls fn for every customer as its keys tell of it, under the terms of EachCustomer. It costs a fraction of that.
	EachHolder(ctx context.Context, fn func(Holder) error) error
	// EachTotal calls fn with the score of every customer that is not lost, in any order. fn only counts: it must not use the store.
	EachTotal(ctx context.Context, fn func(total float64)) error
	// SearchCustomers finds customers whose name contains text (at least one character; case and width do not matter): exact names first,
	// then names that start with it, then the rest, each by id. Served by an index for two or more characters.
	SearchCustomers(ctx context.Context, text string, limit int) ([]customer.Customer, error)
	// SoundingCustomers finds customers by how their names begin when they are spelled (customer.SoundKey): those that are spelled so to the end first, each by id.
	// At least two letters; served by an index.
	SoundingCustomers(ctx context.Context, spelled string, limit int) ([]customer.Customer, error)
}

// Holder is a customer as its keys tell of it.
type Holder struct {
	ID   string
	Keys []string // customer.Customer.Keys, sorted
}

// Gone names a customer that becomes another name of a merged one.
type Gone struct {
	ID   string
	Rev  int64
	Into string // an id of put; "" for put[0]
}

// Allowance is what a claim spends.
type Allowance struct {
	Person  string
	Day     string // YYYY-MM-DD in the company's time zone
	Daily   int    // how many claims a day are allowed
	Given   bool   // somebody else decided: the day is neither asked nor spent
	Holding int    // how many customers may be owned at once
}

// CustomerQuery selects customers that fulfil all of it; the zero value of a field does not restrict.
type CustomerQuery struct {
	Owner   string
	Owners  []string // any of them
	Unowned bool
	Owned   bool
	Pool    string
	Tier    string
	Stage   customer.Stage
	AtRisk  bool   // only those at risk of being lost
	Place   string // where it is: one of customer.Customer.Places
	// ActiveFrom and ActiveTo select by Standing.Active: from the first instant on, before the second.
	ActiveFrom, ActiveTo time.Time
	ByScore              bool   // highest total first (then id) instead of by id
	After                string // from the previous page
	Through              string // an id: none that comes after it. Only in id order
	Limit                int    // 1…1000; 0 means 100
}

// Identity keeps what people decided about who is the same customer, and what they are asked.
type Identity interface {
	// PutDecision stores d unless the stored decision about the same records counts rather (customer.Decision.Replaces), and reports whether it did.
	PutDecision(ctx context.Context, d customer.Decision) (bool, error)
	// Decisions returns the decisions about any of the refs, sorted by A and then B.
	Decisions(ctx context.Context, refs []customer.Ref) ([]customer.Decision, error)
	// AddQuestion stores a new question; one with the same ID stays as it is. It reports whether it was new.
	AddQuestion(ctx context.Context, q customer.Question) (bool, error)
	Question(ctx context.Context, id string) (customer.Question, error) // ErrNotFound
	// PutQuestion stores q with Rev+1 if the stored Rev still is q.Rev; else ErrConflict.
	PutQuestion(ctx context.Context, q customer.Question) error
	// Questions returns one page of the questions in a state, by Due and then ID. next as in Customers.
	Questions(ctx context.Context, state customer.QuestionState, after string, limit int) (page []customer.Question, next string, err error)
}

// History keeps what customers bought and did.
type History interface {
	// PutOrder stores o unless a version that is not older (Order.Version) is stored, and reports whether it did.
	PutOrder(ctx context.Context, o customer.Order) (bool, error)
	// PutOrders stores each as PutOrder does, all in few writes, and returns beside each whose order the version stored before was; "" where there
	// was none. Where it fails, some may be stored.
	PutOrders(ctx context.Context, all []customer.Order) (before []customer.Ref, err error)
	// Orders returns the orders of the refs that are not deleted, by Date and then ID.
	Orders(ctx context.Context, refs []customer.Ref) ([]customer.Order, error)
	// EachOrder calls fn for every order of a source, the deleted ones too, by ID, under the terms of Customers.EachCustomer.
	EachOrder(ctx context.Context, source string, fn func(customer.Order) error) error
	PutActivity(ctx context.Context, a customer.Activity) (bool, error)
	// PutActivities is PutOrders of activities.
	PutActivities(ctx context.Context, all []customer.Activity) (before []customer.Ref, err error)
	// ReplaceOrder makes o what is stored of an order, whatever its version, or forgets the order where o is nil, and returns whose order was
	// stored before; "" where there was none. It is for sources that take back what they told.
	ReplaceOrder(ctx context.Context, id customer.Ref, o *customer.Order) (former customer.Ref, err error)
	// ReplaceActivity is ReplaceOrder of an activity.
	ReplaceActivity(ctx context.Context, id customer.Ref, a *customer.Activity) (former customer.Ref, err error)
	// Activities returns the activities of the refs since an instant that are not deleted, by At and then ID.
	Activities(ctx context.Context, refs []customer.Ref, since time.Time) ([]customer.Activity, error)
}

// Marked is an ability of a History whose backend can tell at once that nothing was written to it. A cluster has no such place: every write would have to wait for it.
type Marked interface {
	// HistoryMark returns a number that is another once an order or an activity of anybody was written, by whatever process: where it is the same as before, what was read
	// in between still stands.
	HistoryMark(ctx context.Context) (int64, error)
}

// Tasks keeps tasks.
type Tasks interface {
	// AddTask stores a new task; one with the same ID stays as it is. It reports whether it was new.
	AddTask(ctx context.Context, t followup.Task) (bool, error)
	Task(ctx context.Context, id string) (followup.Task, error) // ErrNotFound
	// PutTask stores t with Rev+1 if the stored Rev still is t.Rev; else ErrConflict.
	PutTask(ctx context.Context, t followup.Task) error
	// Tasks returns one page, by ID; with Owner, DueFrom or DueBefore set, by Due and then ID; with WakeBefore set, by Wake and then ID. next as in Customers.
	Tasks(ctx context.Context, q followup.Query) (page []followup.Task, next string, err error)
}

// Deliveries keeps what is on its way to people.
type Deliveries interface {
	// Show stores d if its ID is new. Otherwise, if d.Rev is greater than the stored Rev, it changes the wish: Text, Card, Rev, Due,
	// with State Due, no attempts and Why "". What is Merged stays merged: only its Text, Card and Rev change. It reports whether it changed anything.
	Show(ctx context.Context, d delivery.Delivery) (bool, error)
	Delivery(ctx context.Context, id string) (delivery.Delivery, error) // ErrNotFound
	// LeaseDeliveries takes up to limit deliveries of the platform that are Due at now and not leased, the lowest Rank and then the earliest Due first, until
	// the given instant under token.
	LeaseDeliveries(ctx context.Context, platform string, now, until time.Time, token string, limit int) ([]delivery.Delivery, error)
	// FinishDelivery records what became of a leased delivery: Shown, Handle, Replaced, Refused, Rank, State, Attempts, Due, Why, Into, Ask and Ended of d, of one
	// that is Rewritten also Text and Card, and ends the lease. Where the wish changed meanwhile (stored Rev greater than d.Rev), State becomes Due with no attempts, at the later of d.Due and the new wish's Due, instead,
	// and where AddCode added codes meanwhile they stay. ErrLeaseLost.
	FinishDelivery(ctx context.Context, d delivery.Delivery, token string) error
	// AddCode appends a code to the Handle of a delivery; one that is there already is not added again. ErrNotFound.
	AddCode(ctx context.Context, id, code string) error
	// Replay makes a dead delivery due at now, with no attempts. ErrNotFound where it is not dead.
	Replay(ctx context.Context, id string, now time.Time) error
	Deliveries(ctx context.Context, q delivery.Query) (page []delivery.Delivery, next string, err error)

	// MoveDelivery is FinishDelivery of a delivery that nobody has seen, whose Platform, To, Reader and Moved change as well: it goes another way. ErrLeaseLost.
	MoveDelivery(ctx context.Context, d delivery.Delivery, token string) error
	// Waiting returns how many deliveries that merge wait unsent for a reader on a platform and are due before an instant, leased or not.
	Waiting(ctx context.Context, platform bots.Platform, reader string, before time.Time) (int, error)
	// MergeDeliveries makes those that Waiting counts and nobody has leased at now Merged, with Into, Why and Ended now, and returns how many.
	MergeDeliveries(ctx context.Context, platform bots.Platform, reader string, before, now time.Time, into, why string) (int, error)
	// Withdraw takes a delivery back that is Due, unsent and not leased at now. ErrNotFound where there is none.
	Withdraw(ctx context.Context, id string, now time.Time, why string) error
	// Unreported returns up to limit deliveries whose Ask is set and not after now, earliest first.
	Unreported(ctx context.Context, now time.Time, limit int) ([]delivery.Delivery, error)
	// SetReport records what a platform tells of a delivery (nil: nothing new), and when it is asked again (zero: never). ErrNotFound.
	SetReport(ctx context.Context, id string, r *delivery.Report, ask time.Time) error
	// Depths counts those that are Due and Dead, by state and platform.
	Depths(ctx context.Context, now time.Time) ([]delivery.Depth, error)
}

// Events keeps what arrived.
type Events interface {
	// AddEvent stores e unless its ID is known, and reports whether it was new.
	AddEvent(ctx context.Context, e inbox.Event) (bool, error)
	// TakeEvent is AddEvent that leases the new event at once under token. It reports whether it was new.
	TakeEvent(ctx context.Context, e inbox.Event, until time.Time, token string) (bool, error)
	// LeaseEvents takes up to limit events that are Due at now and not leased, earliest Due first.
	LeaseEvents(ctx context.Context, now, until time.Time, token string, limit int) ([]inbox.Event, error)
	// FinishEvent records State, Attempts, Due and Why of a leased event and ends the lease. ErrLeaseLost.
	FinishEvent(ctx context.Context, e inbox.Event, token string) error
	// Events returns events in a state, newest first.
	Events(ctx context.Context, state inbox.State, limit int) ([]inbox.Event, error)
	// PurgeEvents forgets events that were Done and received before an instant, and returns how many.
	PurgeEvents(ctx context.Context, before time.Time) (int, error)
}

// Posts keeps what other systems are to be told.
type Posts interface {
	// AddPosts stores those whose ID is not known, and returns how many that were.
	AddPosts(ctx context.Context, all []outbound.Post) (int, error)
	// LeasePosts takes up to limit posts of the target that are Due at now and not leased, earliest Due first, until the given instant under token.
	LeasePosts(ctx context.Context, target string, now, until time.Time, token string, limit int) ([]outbound.Post, error)
	// FinishPost records State, Attempts, Due, Ended and Why of a leased post and ends the lease. ErrLeaseLost.
	FinishPost(ctx context.Context, p outbound.Post, token string) error
	// ReplayPost makes a dead post due at now, with no attempts. ErrNotFound where it is not dead.
	ReplayPost(ctx context.Context, id string, now time.Time) error
	// Posts returns one page, newest first, and what to put into Query.After for the next; "" after the last. ErrCursor.
	Posts(ctx context.Context, q outbound.Query) (page []outbound.Post, next string, err error)
	// PurgePosts forgets posts that were created before an instant, whatever their state, and returns how many.
	PurgePosts(ctx context.Context, before time.Time) (int, error)
}

// Jobs keeps the timetable's runs and the connectors' cursors.
type Jobs interface {
	// StartRun takes the run (job, due) until an instant under token, if it was never started, or if its lease ended at now without an end
	// of the run. It reports whether it did.
	StartRun(ctx context.Context, job string, due, now, until time.Time, token string) (bool, error)
	// ExtendRun moves the lease's end. ErrLeaseLost.
	ExtendRun(ctx context.Context, job string, due, until time.Time, token string) error
	// EndRun records the outcome. ErrLeaseLost.
	EndRun(ctx context.Context, job string, due, ended time.Time, token, outcome string) error
	// LastRun returns the run of the job with the latest Due. ErrNotFound.
	LastRun(ctx context.Context, job string) (schedules.Run, error)
	// PurgeRuns forgets runs that were due before an instant, except the last of each job, and returns how many.
	PurgeRuns(ctx context.Context, before time.Time) (int, error)
	// Cursor returns a connector's cursor, "" where there is none.
	Cursor(ctx context.Context, name string) (string, error)
	SetCursor(ctx context.Context, name, cursor string) error
}

// Models keeps the scoring models that were put forward, and which of them were in force when. Nothing of it is ever changed or removed.
type Models interface {
	// AddModel stores a version unless its ID is known, and reports whether it was new.
	AddModel(ctx context.Context, v models.Version) (bool, error)
	Model(ctx context.Context, id string) (models.Version, error) // ErrNotFound
	// Models returns all versions without their texts, by At and then ID.
	Models(ctx context.Context) ([]models.Version, error)
	// Publish appends p if p.N is one more than the N of the latest, or 1 for the first, and reports whether it did: of any number of
	// simultaneous ones with the same N one is stored.
	Publish(ctx context.Context, p models.Publication) (bool, error)
	// Publications returns the latest ones, newest first; all for limit 0.
	Publications(ctx context.Context, limit int) ([]models.Publication, error)
}

// Imports keeps what people imported from files, and what each batch told, so that it can be taken back.
type Imports interface {
	// PutBatch stores b with Rev+1 if the stored Rev still is b.Rev (0: if there is none yet); else ErrConflict.
	PutBatch(ctx context.Context, b batch.Batch) error
	Batch(ctx context.Context, id string) (batch.Batch, error) // ErrNotFound
	// Batches returns one page, the greatest id first. next as in Customers.
	Batches(ctx context.Context, after string, limit int) (page []batch.Batch, next string, err error)
	// AddTold keeps what a batch tells; telling again of the same record of the same batch replaces it.
	AddTold(ctx context.Context, all []batch.Told) error
	// SetTold makes everything that a batch told count, or not count any more.
	SetTold(ctx context.Context, batchID string, live bool) error
	// Told returns what live batches told of some records of one kind, by ref and then batch.
	Told(ctx context.Context, kind connectors.Kind, refs []customer.Ref) ([]batch.Told, error)
	// ToldBy returns one page of what a batch told of one kind, live or not, by ref. next as in Customers.
	ToldBy(ctx context.Context, batchID string, kind connectors.Kind, after string, limit int) (page []batch.Told, next string, err error)
	// Attach keeps a file with a batch, at most 12 MB, in place of one of the same name; Attachment returns it, or ErrNotFound. A nil content removes it.
	Attach(ctx context.Context, batchID, name string, content []byte) error
	Attachment(ctx context.Context, batchID, name string) ([]byte, error)
}

// Reads keeps the log of who was shown what; see access.Log, which seals and checks it.
type Reads interface {
	// AppendReads adds lines, numbered one after the other, if the first follows the last line of the log (N one more; 1 in an empty log), and reports whether it
	// did: of any number of simultaneous ones with the same N one is stored. The log remembers its last line also apart from the lines.
	AppendReads(ctx context.Context, lines []access.Read) (bool, error)
	// LastRead returns the line that was appended last, from where it is remembered apart; the zero Read where none ever was.
	LastRead(ctx context.Context) (access.Read, error)
	// ReadsAfter returns the first lines by number, up to limit, whose number is greater than n. A line that cannot be read any more has its N only.
	ReadsAfter(ctx context.Context, n int64, limit int) ([]access.Read, error)
	// KnownReads returns those of the ids that are the ID of a line, sorted.
	KnownReads(ctx context.Context, ids []string) ([]string, error)
	// FindReads returns one page, the greatest number first. next as in Customers.
	FindReads(ctx context.Context, q access.ReadQuery) (page []access.Read, next string, err error)
	// PurgeReads forgets the lines up to a number and returns how many; the last line is remembered as before.
	PurgeReads(ctx context.Context, through int64) (int, error)
}

// Documents keeps small things that there is one of each.
type Documents interface {
	// Document returns what was stored last under a name; nil where there is nothing.
	Document(ctx context.Context, name string) ([]byte, error)
	PutDocument(ctx context.Context, name string, text []byte) error
	// SwapDocument is PutDocument if what is stored still is old (empty: nothing, or nothing but an empty text); else ErrConflict. Of any number of
	// simultaneous ones with the same old one succeeds, unless its text is old itself.
	SwapDocument(ctx context.Context, name string, old, text []byte) error
}
