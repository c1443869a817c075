package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"lingke/configs"
	"lingke/connectors"
	"lingke/connectors/kingdee"
	"lingke/connectors/webhook"
	"lingke/internal/inbox"
	"lingke/internal/ingest"
)

// opener is a connector type's settings; opening gives a connectors.Connector, a connectors.Receiver, or both.
type opener interface {
	open(name string, a *App) (any, error)
}

// connectorTypes are the types that a config may name.
func connectorTypes() map[string]func() opener {
	return map[string]func() opener{
		"kingdee": func() opener { return new(kingdeeSettings) },
		"webhook": func() opener { return new(webhookSettings) },
	}
}

type kingdeeSettings struct{ kingdee.Config }

func (k *kingdeeSettings) open(name string, a *App) (any, error) {
	return k.Config.Open(name, kingdee.WithClock(a.now), kingdee.WithLogger(a.log))
}

type webhookSettings struct{ webhook.Config }

func (w *webhookSettings) open(name string, _ *App) (any, error) { return w.Config.Open(name) }

// settings is what the YAML is decoded into.
func settings(o opener) any {
	switch o := o.(type) {
	case *kingdeeSettings:
		return &o.Config
	case *webhookSettings:
		return &o.Config
	default:
		return o
	}
}

// openConnectors opens every connector of the config and reports all problems at once, by place.
func (a *App) openConnectors() error {
	a.connectors, a.receivers = make(map[string]connectors.Connector), make(map[string]connectors.Receiver)
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
	}
	return errors.Join(problems...)
}

func (a *App) openConnector(name string, c configs.Connector) (any, error) {
	newSettings, ok := connectorTypes()[c.Type]
	if !ok {
		return nil, configs.Problems{c.Settings.Problem("type", fmt.Sprintf("connector %q: unknown type %q; known are kingdee, webhook", name, c.Type))}
	}
	o := newSettings()
	if err := c.Settings.Decode(settings(o)).Err(); err != nil {
		return nil, err
	}
	opened, err := o.open(name, a)
	if err != nil {
		return nil, configs.Problems{c.Settings.Problem("", err.Error())}
	}
	return opened, nil
}

// ErrNoHook says that nothing is pushed under that name.
var ErrNoHook = errors.New("no such hook")

// Pushed tells what became of a push.
type Pushed struct {
	Fresh    bool     // false for a redelivery
	Accepted int      // records that are stored and will be taken in
	Refused  []string // what is wrong with the others, each with its place
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
	good, refused, err := a.understand(r, body)
	if err != nil {
		return Pushed{}, err
	}
	fresh, err := a.inbox.Accept(ctx, "hook:"+name+":"+id, "hook:"+name, body)
	return Pushed{Fresh: fresh, Accepted: len(good), Refused: refused}, err
}

// understand decodes and checks the records of a push; the error is for one without a good record.
func (a *App) understand(r connectors.Receiver, body []byte) (good []connectors.Record, refused []string, err error) {
	records, bad := r.Decode(body)
	if bad != nil {
		refused = append(refused, bad.Error())
	}
	for _, record := range records {
		if err := ingest.Check(record, a.now()); err != nil {
			refused, bad = append(refused, err.Error()), errors.Join(bad, err)
			continue
		}
		good = append(good, record)
	}
	if len(good) == 0 && bad != nil {
		return nil, nil, bad
	}
	return good, refused, nil
}

// workHook takes the records of a stored push in.
func (a *App) workHook(ctx context.Context, e inbox.Event) error {
	name := strings.TrimPrefix(e.Source, "hook:")
	r, ok := a.receivers[name]
	if !ok {
		return fmt.Errorf("%w: %q", ErrNoHook, name)
	}
	good, _, err := a.understand(r, e.Body)
	if err != nil {
		return inbox.Permanent(err)
	}
	err = a.ingest.ApplyAll(ctx, name, good)
	if errors.Is(err, connectors.ErrBadRecord) {
		a.log.LogAttrs(ctx, slog.LevelWarn, "records refused", slog.String("connector", name), slog.Any("err", err))
		return nil
	}
	return err
}
