package configs

import (
	"bytes"
	"reflect"
	"slices"
)

// Plays is a checked plays file: what customers ask for and how soon it is answered, whom the company is about to lose, the days and the rhythm on which they are remembered, and
// what is done for whom. Spans are working time as in Task.Due.
type Plays struct {
	SLA           SLA `yaml:"sla"`
	Signals       []Signal
	Churn         *Churn // nil: nobody is warned
	Anniversaries []Anniversary
	Cadence       Cadence
	PlaysDaily    int // customers a day at most for whom a play asks one owner for something; 0: no limit
	Plays         []Play
}

// SLA says when people are told of tasks that are not done, and how far tasks may be postponed.
type SLA struct {
	Warn     string // so long before it is due the owner is warned
	WarnLong string // the same for tasks that were given more than Long
	Long     string
	Escalate string // so long after it is due the managers are told
	Postpone Postponement
}

// Postponement bounds how often and how long after the first due time.
type Postponement struct {
	Times   int
	Longest string
}

// Signal is something that a customer does and that asks for an answer at once.
type Signal struct {
	Name       string
	Title      Text
	Activities []string // types of activities, from any source
	Within     Duration // older ones are history and ask for nothing
	Due        string
	Tiers      map[string]string // due by tier of the leading scheme, where it differs
	Advice     Text
}

// Churn says who counts as about to be lost, and what is done then.
type Churn struct {
	Rules    Thresholds            // for everybody
	Tiers    map[string]Thresholds // what differs for a tier of the leading scheme
	Products map[string]Thresholds // what differs for a product line; it counts more than the tier
	Calm     Calm
	Words    ChurnWords
	Due      string
	Daily    int             // alerts a day for one owner at most, of those that the morning finds; the others follow
	Advice   map[string]Text // by cause: price, service, competitor, silence
}

// Thresholds are when the warnings speak up; what is absent is as in Churn, and there as shipped.
type Thresholds struct {
	SilentDays    *int  // no order and no opened message for so many days
	WithoutPushes *bool // that holds too where no message was sent
	PeriodDays    *int  // two periods of so many days are compared
	Drop          *Share
	MinOrders     *int // of the earlier period
	HintDays      *int // how long a remark counts
	Probability   *Share
	Horizon       *int // days
	Overdue       *Share
}

// Calm says how long a customer is left alone after it was at risk.
type Calm struct {
	Days int // after an answer
	Same int // after which the same silence counts again
}

// ChurnWords are what notes are searched for, by cause.
type ChurnWords struct {
	Competitor []string
	Service    []string
	Price      []string
}

// Anniversary is a day of the year on which customers are remembered.
type Anniversary struct {
	Name   Text   // its Chinese is what the store knows it by
	Field  string // a field of the customer that holds the date; "first_order" for the day of the first order
	Title  Text
	Ahead  int      // workdays before
	Tiers  []string // of the leading scheme; empty: all
	Advice Text
}

// Cadence is how often customers are contacted.
type Cadence struct {
	Scheme  string // whose tiers; empty: the leading one
	Daily   int    // tasks a day for one owner at most
	Rhythms []Rhythm
}

// Rhythm is the cadence of one tier.
type Rhythm struct {
	Tier    string
	Title   Text
	Every   int  // days between two contacts: the floor
	Cap     int  // contacts in 30 days, above which nobody is asked to make another; 0: none
	Channel Text // where the customer told no preference
	Due     string
	Advice  Text
}

// Play is what is done for some customers.
type Play struct {
	ID      string
	Name    Text
	When    string // the audience: a condition in the words of the scoring model
	Risk    string // only customers at risk for this cause, once somebody named or something showed it
	AtOnce  bool   // also as soon as something arrives, not only in the morning
	Again   Duration
	Holdout Share
	Measure Duration // how long before and after is compared
	Respond []string // what counts as an answer: "order" or types of activities; empty: order
	Stop    string   // a condition on which the rest is left out, beside an answer
	Steps   []Step
}

// Step is one thing to do; exactly one of Tag, Task, Message and Webhook is set.
type Step struct {
	After   Duration // after the step before
	If      string   // clicked: a message of ours was opened; silent: nothing came back. Otherwise the step is left out
	Tag     string
	Task    *PlayTask
	Message string // what the owner sends in their own name; with {{variables}}
	Webhook string // the name of the event that the webhooks are sent
}

// PlayTask is a task of a step.
type PlayTask struct {
	Title Text // with {{variables}}
	Due   string
	Why   Text // with {{variables}}
}

// What a step may depend on.
const (
	IfClicked = "clicked"
	IfSilent  = "silent"
)

// RespondOrder is what a play counts as an answer unless it says otherwise.
const RespondOrder = "order"

// DefaultPlays is what holds where a plays file says nothing.
func DefaultPlays() Plays {
	return Plays{
		SLA: SLA{Warn: "30m", WarnLong: "4h", Long: "8h", Escalate: "30m", Postpone: Postponement{Times: 2, Longest: "5 workdays"}},
	}
}

// LoadPlays reads and checks the plays file that the config names; nil where it names none. The error is Problems, or tells why the file could not be read.
func (c *Config) LoadPlays(opts ...Option) (*Plays, error) {
	file, text, err := c.ReadPlays()
	if err != nil || file == "" {
		return nil, err
	}
	return c.ParsePlays(file, text, opts...)
}

// ParsePlays is LoadPlays of a text that is there already.
func (c *Config) ParsePlays(file string, text []byte, opts ...Option) (*Plays, error) {
	root, broken := parse(file, text)
	if broken != nil {
		return nil, Problems{*broken}
	}
	d := newDecoder(file, func(string) (string, bool) { return "", false })
	d.lastLine = bytes.Count(text, []byte("\n")) + 1
	plays := DefaultPlays()
	if root != nil {
		d.value("", root, reflect.ValueOf(&plays).Elem())
	}
	check := &playsChecker{checker: &checker{decoder: d, cfg: c}, plays: &plays}
	for _, option := range opts {
		option(check.checker)
	}
	check.all()
	d.problems.sort()
	d.problems = slices.Compact(d.problems)
	if err := d.problems.Err(); err != nil {
		return nil, err
	}
	plays.settle()
	return &plays, nil
}

// settle derives what the file leaves to defaults.
func (p *Plays) settle() {
	for i := range p.Signals {
		if p.Signals[i].Within == 0 {
			p.Signals[i].Within = Duration(2 * day)
		}
	}
	if c := p.Churn; c != nil && c.Due == "" {
		c.Due = "2 workdays"
	}
	for i := range p.Anniversaries {
		if p.Anniversaries[i].Ahead == 0 {
			p.Anniversaries[i].Ahead = 3
		}
	}
	for i := range p.Plays {
		if len(p.Plays[i].Respond) == 0 {
			p.Plays[i].Respond = []string{RespondOrder}
		}
		if p.Plays[i].Measure == 0 {
			p.Plays[i].Measure = Duration(90 * day)
		}
	}
}
