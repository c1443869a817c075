// Package configs is lingke.yaml: its types, its defaults, strict loading, and what ships inside the binary (models, samples).
//
// The way of a file: Load reads it → parse turns text into a YAML tree (or says where the syntax breaks) → decoder fills
// Config from the tree, expands ${NAME} from the environment, and remembers where every value stood → check looks at the
// values and at what they say about each other. Problems are collected, never returned one by one, so that an operator
// mends a file once. Each connector's own settings stay a piece of the tree, which Settings.Decode fills into the
// connector's type later under the same rules.
package configs

import (
	"time"
)

// Config is a checked lingke.yaml with its defaults filled in. It is read-only after Load.
type Config struct {
	// Timezone is an IANA name; Location is the same, loaded.
	Timezone   string
	Location   *time.Location `yaml:"-"`
	Calendar   Calendar
	Store      Store
	Server     Server
	Bots       Bots
	Connectors map[string]Connector
	// Sources are the names of where values come from, the most trusted first. Connectors that the file does not list
	// follow in the order in which they stand in it.
	Sources []string
	People  []Person
	// AddressBook says what the platforms tell about people beyond what People says.
	AddressBook AddressBook
	Pools       []Pool
	// Ownership is for how long owners may do nothing with a customer.
	Ownership Ownership
	Webhooks  []Webhook
	Groups    []Group
	// Approvals are what takes effect only once a manager agrees by a click on a card: ApprovePublish.
	Approvals []string
	Limits    Limits
	Delivery  Delivery
	// Model and Plays are files as written, relative to the config's folder; see ReadModels and ReadPlays.
	Model string
	Plays string
	// Jobs are the times of jobs, by name: specs as Connector.Every, or JobOff; see JobSpecs.
	Jobs map[string]string
	// Models are several models instead of the one: the first whose scope covers a customer leads for it, so the last is for all.
	Models []string
	// Fields is a file of the company's own fields; see ReadFields.
	Fields string
	// Schemes give every customer a tier each; routing and lists follow the one that is Leading.
	Schemes []Scheme
	Leading string
	// Settle is how long the tiers of a new customer follow its score at once, whatever the bands.
	Settle    Duration
	BigEvents BigEvents

	// Warnings are doubts that do not stop a start: a secret in plain sight, a team without people.
	Warnings Problems `yaml:"-"`

	file string // as the operator named it
}

// Calendar says when the company works.
type Calendar struct {
	// Hours are the working hours of every workday, such as "09:00-12:00, 13:30-18:00"; empty means those.
	Hours string
	// Holidays are files of public holidays for years that the program does not know, relative to the config's folder.
	Holidays []string
}

// Store says where Lingke keeps what it knows.
type Store struct {
	// URI is sqlite://PATH (already joined to the config's folder) or mongodb://…. It may hold a password.
	URI Secret
}

// Server is the HTTP side.
type Server struct {
	Addr      string
	PublicURL string // without a slash at its end; empty where nothing outside reaches the gateway
	Tokens    []Secret
	// Secrets sign what Lingke must recognise later: buttons, links, the read log. The first signs, all are accepted. Without any, one is made and kept in the store.
	Secrets   []Secret
	BodyLimit int // bytes of one request

	ReadTimeout  Duration
	WriteTimeout Duration
	IdleTimeout  Duration
	DrainTimeout Duration // how long a stop waits for what is under way
}

// Bots are the chat platforms; nil means that the organisation does not use it.
type Bots struct {
	DingTalk *DingTalk `yaml:"dingtalk"`
	WeCom    *WeCom    `yaml:"wecom"`
}

// DingTalk is one in-house app of a DingTalk organisation.
type DingTalk struct {
	ClientID     string
	ClientSecret Secret
	RobotCode    string // empty: the same as ClientID
	CorpID       string
	AgentID      int64 // of the app, for work notices; 0: none are sent
	// Notices are kinds of messages that go as work notices (工作通知) where AgentID is set: they reach people whom the robot does not.
	Notices      []string
	Mode         string // ModeStream or ModeHTTP
	CardTemplate string
	// Robots are group robots (自定义机器人); a group with conversation "robot:NAME" is told by one.
	Robots      map[string]GroupRobot
	EventToken  Secret
	EventAESKey Secret
	BaseURL     string // empty: the real platform
	OapiURL     string // empty: the real platform
}

// How DingTalk's events reach the gateway.
const (
	ModeStream = "stream" // over a connection that the gateway opens
	ModeHTTP   = "http"   // as calls to /callbacks/dingtalk/…
)

// GroupRobot is a robot that somebody added to a group: it only speaks.
type GroupRobot struct {
	Token   Secret // access_token in its webhook's address
	Secret  Secret // SEC…, where 加签 is on
	Keyword string // where 自定义关键词 is on
}

// WeCom is one self-built app of a WeCom organisation.
type WeCom struct {
	CorpID         string
	AgentID        int
	Secret         Secret
	Token          Secret
	EncodingAESKey Secret
	// Robots are keys of group robots (群机器人); a group with conversation "robot:NAME" is told by one.
	Robots  map[string]Secret
	BaseURL string // empty: the real platform
}

// Connector is one source of records. Its name is its key in Config.Connectors and stands in /hooks/NAME.
type Connector struct {
	Type  string
	Every string // a cron spec of five fields or @every; empty: never by the clock
	Scan  string // when it is looked for what was deleted at the source, where the connector can: a spec as Every, or ScanNever; empty: weekly, at night
	// KeepRaw is for how long what the source told is kept word for word, so that it can be read anew after a change of the mapping: a time span, or KeepRawNever; empty is
	// ShippedKeepRaw.
	KeepRaw  string
	Settings Settings // everything else, in the words of its type
}

// What Connector.KeepRaw says besides time spans, and where it says nothing. It keeps personal data, so it has an end.
const (
	KeepRawNever   = "never"
	ShippedKeepRaw = 30 * day
	MostKeepRaw    = 366 * day
)

// RawFor is for how long a connector's raw records are kept; 0 where they are not. It is for a checked config.
func (c Connector) RawFor() time.Duration {
	switch c.KeepRaw {
	case "":
		return ShippedKeepRaw
	case KeepRawNever:
		return 0
	}
	d, err := ParseDuration(c.KeepRaw)
	if err != nil {
		return 0
	}
	return time.Duration(d)
}

// ScanNever is the Scan of a connector whose deletions are not looked for.
const ScanNever = "never"

// Person is a member of staff.
type Person struct {
	ID       string
	Name     string
	Role     string // one of the Role constants; empty in the file means rep
	Team     string
	DingTalk string `yaml:"dingtalk"` // user id there, or empty
	WeCom    string `yaml:"wecom"`    // user id there, or empty; upper and lower case are the same
	Monthly  int    // customers a month that are handed to the person by rule, and the share of strategies rotate and least; 0: as many as come, with a share of 1, but none for a manager without a weight
	// Weight is the share of strategy weighted; 0 counts as 1.
	Weight float64
	// Joined is the first day at work, YYYY-MM-DD: the share is a third in the first month, two thirds in the second. Empty: long ago.
	Joined string
	// Left is the first day on which the person is no longer there, YYYY-MM-DD: their customers are handed over then. Empty: they are.
	Left string
	// Leave are days on which the person does not work, "2026-03-04" or "2026-03-04..2026-03-06": nothing is handed to them, and deadlines wait.
	Leave []string
	// Deputy is the id of who gets the person's tasks that are due during a leave; empty: they are due after it.
	Deputy string
	// Attributes are what pools match customers with: {region: [华东], seniority: [资深]}.
	Attributes map[string][]string
	Daily      int    // customers that may be claimed in a day
	Holding    int    // customers that may be owned at a time
	Views      int    // customers of pools whose details may be looked at in a day; 0: the limits' number
	Hours      string // working hours of their own, as Calendar.Hours; empty: the company's
	Language   string // that the person reads in chat and on cards: zh, en; empty: zh
	// Platform is where somebody who is on both platforms is told things, "dingtalk" or "wecom"; empty: DingTalk.
	Platform string
}

// The roles of people.
const (
	RoleRep     = "rep"
	RoleManager = "manager"
	RoleFinance = "finance"
	RoleAdmin   = "admin"
)

// Pool is a set of unowned customers and how they find an owner. The first pool whose When holds gets the customer.
type Pool struct {
	Name     string
	When     string // a condition in the words of the scoring model
	Team     string
	Strategy string   // one of the Strategy constants
	Notify   []string // NotifyTeam, NotifyManager or ids of people; empty means the team
	Task     *Task    // the new owner's first task; nil for none
	Match    []Match  // who gets a customer that is handed out; where nobody who fits can, the whole team counts
	Wait     string   // working time, as Task.Due, for which somebody who gave a customer back cannot have it again; empty: none
	Lock     string   // working time for which a new customer cannot be claimed yet, so that the team sees it first; empty: none
}

// Match is one condition on who gets a customer.
type Match struct {
	When   string            // for which customers, as Pool.When; empty: all
	Same   []string          // fields of the customer, or tier, whose value the person's attribute of that name must hold
	People map[string]string // values that the person's attributes must hold
}

// The strategies of pools.
const (
	StrategyClaim    = "claim"    // the first who clicks
	StrategyRotate   = "rotate"   // handed out in turn, by capacity
	StrategyEqual    = "equal"    // handed out in turn, to all alike
	StrategyWeighted = "weighted" // handed out in turn, by weight
	StrategyLeast    = "least"    // handed to who owns the fewest for the capacity
	StrategyManager  = "manager"  // managers choose on a card
	StrategyHold     = "hold"     // kept until somebody asks
)

// Whom a pool tells, besides people by their id.
const (
	NotifyTeam    = "team"
	NotifyManager = "manager"
)

// Task is work that a pool gives to a new owner.
type Task struct {
	Title Text
	Due   string // working time: "2h", "48h" (two workdays later at the same time), "2 workdays" (by the end of the second)
}

// Limits hold for people who have none of their own.
type Limits struct {
	Daily   int
	Holding int
	// Views is how many different customers of pools somebody may look at in a day, beside managers; 0: any number.
	Views int
}

// Default returns what holds where a file says nothing.
func Default() Config {
	return Config{
		Timezone: "Asia/Shanghai",
		Store:    Store{URI: NewSecret("sqlite://data/lingke.db")},
		Server: Server{
			Addr:         ":8080",
			BodyLimit:    1 << 20,
			ReadTimeout:  Duration(10 * time.Second),
			WriteTimeout: Duration(30 * time.Second),
			IdleTimeout:  Duration(2 * time.Minute),
			DrainTimeout: Duration(20 * time.Second),
		},
		Limits:   Limits{Daily: 20, Holding: 200},
		Delivery: defaultDelivery(),
		Model:    "models/default.yaml",
		Plays:    "plays.yaml",

		Ownership: ShippedOwnership(),

		AddressBook: AddressBook{Use: BookConfig, Every: "20 3 * * *"},

		Schemes:   ShippedSchemes(),
		Leading:   "points",
		Settle:    Duration(day),
		BigEvents: BigEvents{Order: 100_000, Complaint: true},
	}
}
