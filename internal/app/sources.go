package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"lingke/configs"
	"lingke/connectors"
	"lingke/connectors/approval"
	"lingke/connectors/contact"
	"lingke/connectors/kingdee"
	"lingke/connectors/mapping"
	"lingke/connectors/rest"
	"lingke/connectors/webhook"
	"lingke/connectors/xingchen"
	"lingke/connectors/yonyou"
	"lingke/internal/inbox"
	"lingke/internal/ingest"
)

// opener is a type of connectors.
type opener struct {
	// open opens a connector from its settings: a connectors.Connector, a connectors.Receiver, or both.
	open func(name string, s configs.Settings) (any, error)
	// mappings are the mappings in right settings, by their place.
	mappings func(s configs.Settings) map[string]mapping.Mapping
}

// connectorTypes are the types that a config may name.
func (a *App) connectorTypes() map[string]opener {
	return map[string]opener{
		"kingdee": with(func(name string, c kingdee.Config) (any, error) {
			return c.Open(name, kingdee.WithClock(a.now), kingdee.WithLogger(a.log))
		}),
		"rest": with(func(name string, c rest.Config) (any, error) {
			return c.Open(name, rest.WithClock(a.now), rest.WithLogger(a.log))
		}),
		"webhook":  with(func(name string, c webhook.Config) (any, error) { return c.Open(name) }),
		"approval": with(func(name string, c approval.Config) (any, error) { return c.Open(name, approval.WithClock(a.now)) }),
		"contact":  with(func(name string, c contact.Config) (any, error) { return c.Open(name, contact.WithClock(a.now)) }),
		"xingchen": with(func(name string, c xingchen.Config) (any, error) {
			return c.Open(name, xingchen.WithClock(a.now), xingchen.WithLogger(a.log))
		}),
		"yonyou": with(func(name string, c yonyou.Config) (any, error) {
			return c.Open(name, yonyou.WithClock(a.now), yonyou.WithLogger(a.log))
		}),
		"chanjet": with(func(name string, c yonyou.ChanjetConfig) (any, error) {
			return c.Open(name, yonyou.WithClock(a.now), yonyou.WithLogger(a.log))
		}),
		"u8": with(func(name string, c yonyou.U8Config) (any, error) {
			return c.Open(name, yonyou.WithClock(a.now), yonyou.WithLogger(a.log))
		}),
	}
}

// connectorPage is the page by which an operator connects a type, and which names what is not verified about its platform.
func connectorPage(kind string) string {
	switch kind {
	case "xingchen":
		kind = "kingdee"
	case "u8", "chanjet":
		kind = "yonyou"
	}
	return "connectors/" + kind + "/README.md"
}

// with decodes a connector's settings into its own Config before it opens it. Both kinds of mistakes are reported by place.
func with[C any](open func(name string, c C) (any, error)) opener {
	return opener{
		open: func(name string, s configs.Settings) (any, error) {
			var c C
			if err := s.Decode(&c).Err(); err != nil {
				return nil, err
			}
			opened, err := open(name, c)
			if err != nil {
				return nil, configs.Problems{s.Problem(place(err), err.Error())}
			}
			return opened, nil
		},
		mappings: func(s configs.Settings) map[string]mapping.Mapping {
			var c C
			if s.Decode(&c).Err() != nil {
				return nil
			}
			return mappingsIn(reflect.ValueOf(c))
		},
	}
}

// place is the key that an error of a connector is about, as far as it says.
func place(err error) string {
	var at *mapping.Error
	if errors.As(err, &at) {
		return "mapping." + string(at.Target)
	}
	return ""
}

// openConnectors opens every connector of the config and reports all problems at once, by place.
func (a *App) openConnectors() error {
	a.connectors, a.receivers = make(map[string]connectors.Connector), make(map[string]connectors.Receiver)
	a.followers, a.checkers = make(map[string]connectors.Follower), make(map[string]connectors.Checker)
	a.rereaders = make(map[string]connectors.Rereader)
	var problems []error
	for name, c := range a.cfg.Connectors {
		opened, err := a.openConnector(name, c)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if pulls, ok := opened.(connectors.Connector); ok {
			a.connectors[name] = pulls
		}
		if takes, ok := opened.(connectors.Receiver); ok {
			a.receivers[name] = takes
		}
		if checks, ok := opened.(connectors.Checker); ok {
			a.checkers[name] = checks
		}
		if follows, ok := opened.(connectors.Follower); ok {
			a.followers[name] = follows
		}
		if rereads, ok := opened.(connectors.Rereader); ok {
			a.rereaders[name] = rereads
			if c.RawFor() > 0 {
				rereads.KeepRaw()
			}
		}
	}
	return errors.Join(problems...)
}

func (a *App) openConnector(name string, c configs.Connector) (any, error) {
	types := a.connectorTypes()
	of, ok := types[c.Type]
	if !ok {
		known := strings.Join(slices.Sorted(maps.Keys(types)), ", ")
		return nil, configs.Problems{c.Settings.Problem("type", fmt.Sprintf("connector %q: unknown type %q; known are %s", name, c.Type, known))}
	}
	return of.open(name, c.Settings)
}

// ErrNoHook says that nothing is pushed under that name.
var ErrNoHook = errors.New("no such hook")

// Pushed tells what became of a push.
type Pushed struct {
	Fresh    bool     // false for a redelivery
	Accepted int      // records that are stored and will be taken in
	Refused  []string // what is wrong with the others, each with its place
	// What the source wants to hear, where it has words of its own; else empty.
	ContentType string
	Answer      []byte
}

// Push takes in what a source pushes: verified, understood and stored before it returns, worked on afterwards. Good records are kept beside bad ones.
// Errors: ErrNoHook, and those of connectors.Receiver; connectors.ErrBadRecord where no record is good.
func (a *App) Push(ctx context.Context, name string, h http.Header, body []byte) (Pushed, error) {
	r, ok := a.receivers[name]
	if !ok {
		return Pushed{}, fmt.Errorf("%w: %q", ErrNoHook, name)
	}
	id, err := r.Verify(h, body, a.now())
	if err != nil {
		return Pushed{}, err
	}
	good, _, refused, err := a.understand(r, body, a.now())
	if err != nil {
		return Pushed{}, err
	}
	fresh, err := a.inbox.Accept(ctx, "hook:"+name+":"+id, "hook:"+name, body)
	pushed := Pushed{Fresh: fresh, Accepted: len(good), Refused: refused}
	if says, ok := r.(connectors.Answerer); ok {
		pushed.ContentType, pushed.Answer = says.Answer(body)
	}
	return pushed, err
}

// understand decodes and checks the records of a push that arrived at an instant; the error is for one without a good record.
func (a *App) understand(r connectors.Receiver, body []byte, arrived time.Time) (good, unread []connectors.Record, refused []string, err error) {
	records, bad := r.Decode(body)
	if bad != nil {
		refused = append(refused, bad.Error())
	}
	for _, record := range records {
		if record.ModifiedAt.IsZero() {
			record.ModifiedAt = arrived.UTC().Truncate(time.Millisecond)
		}
		if record.Bad != nil { // bad says why
			unread = append(unread, record)
			continue
		}
		if err := ingest.Check(record, a.now()); err != nil {
			refused, bad, unread = append(refused, err.Error()), errors.Join(bad, err), append(unread, record)
			continue
		}
		good = append(good, record)
	}
	if len(good) == 0 && bad != nil {
		return nil, nil, nil, bad
	}
	return good, unread, refused, nil
}

// workHook takes the records of a stored push in.
func (a *App) workHook(ctx context.Context, e inbox.Event) error {
	name := strings.TrimPrefix(e.Source, "hook:")
	r, ok := a.receivers[name]
	if !ok {
		return fmt.Errorf("%w: %q", ErrNoHook, name)
	}
	all, err := a.pushed(ctx, r, e)
	if err != nil {
		return err
	}
	err = a.ingest.ApplyAll(ctx, name, all)
	if errors.Is(err, connectors.ErrBadRecord) {
		a.log.LogAttrs(ctx, slog.LevelWarn, "records refused", slog.String("connector", name), slog.Any("err", err))
		return nil
	}
	return err
}

// pushed are the records of a push, those that cannot be read too, and of what it only names, as the source has it now.
func (a *App) pushed(ctx context.Context, r connectors.Receiver, e inbox.Event) ([]connectors.Record, error) {
	good, unread, _, err := a.understand(r, e.Body, e.Received)
	if err != nil {
		return nil, inbox.Permanent(err)
	}
	good = append(good, unread...)
	fetches, ok := r.(connectors.Fetcher)
	if !ok {
		return good, nil
	}
	fetched, err := fetches.Fetch(ctx, e.Body)
	if errors.Is(err, connectors.ErrBadRecord) {
		return nil, inbox.Permanent(err)
	}
	return append(good, fetched...), err
}
