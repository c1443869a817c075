package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"lingke/bots"
	"lingke/bots/dingtalk"
	"lingke/bots/wecom"
	"lingke/configs"
	"lingke/internal/access"
	"lingke/internal/inbox"
)

// openPlatforms opens the bots of the config.
func (a *App) openPlatforms() error {
	var problems []error
	if c := a.cfg.Bots.DingTalk; c != nil {
		b, err := openDingTalk(c, a)
		problems = append(problems, err)
		if err == nil {
			a.bots = append(a.bots, b)
		}
	}
	if c := a.cfg.Bots.WeCom; c != nil {
		b, err := wecom.Open(wecom.Config{
			CorpID: c.CorpID, AgentID: c.AgentID, Secret: c.Secret.Reveal(), Token: c.Token.Reveal(),
			EncodingAESKey: c.EncodingAESKey.Reveal(), BaseURL: c.BaseURL, Robots: wecomRobots(c),
		}, wecom.WithNow(a.now), wecom.WithLogger(a.log), wecom.WithMeter(metered{a, bots.WeCom}), wecom.WithRefusalHook(func(r wecom.Refusal) {
			a.metrics.ObserveRefusal(string(bots.WeCom), string(r))
		}))
		problems = append(problems, err)
		if err == nil {
			a.bots = append(a.bots, b)
		}
	}
	return errors.Join(problems...)
}

func openDingTalk(c *configs.DingTalk, a *App) (bots.Bot, error) {
	b, err := dingtalk.Open(dingtalk.Config{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret.Reveal(), RobotCode: c.RobotCode, CardTemplate: c.CardTemplate, CorpID: c.CorpID, AgentID: c.AgentID,
		EventToken: c.EventToken.Reveal(), EventAESKey: c.EventAESKey.Reveal(), BaseURL: c.BaseURL, OapiURL: c.OapiURL,
		Robots: dingtalkRobots(c), CardRouteKey: cardRoute(c), CardSecret: dingtalk.CardSecretOf(c.ClientSecret.Reveal()),
	}, dingtalk.WithClock(a.now), dingtalk.WithLogger(a.log), dingtalk.WithSeen(a.remember), dingtalk.WithPrivileged(a.privileged), dingtalk.WithMeter(metered{a, bots.DingTalk}))
	if err != nil {
		return nil, fmt.Errorf("bots.dingtalk: %w", err)
	}
	return b, nil
}

func dingtalkRobots(c *configs.DingTalk) map[string]dingtalk.GroupRobot {
	out := make(map[string]dingtalk.GroupRobot, len(c.Robots))
	for name, r := range c.Robots {
		out[name] = dingtalk.GroupRobot{Token: r.Token.Reveal(), Secret: r.Secret.Reveal(), Keyword: r.Keyword}
	}
	return out
}

func wecomRobots(c *configs.WeCom) map[string]string {
	out := make(map[string]string, len(c.Robots))
	for name, key := range c.Robots {
		out[name] = key.Reveal()
	}
	return out
}

// cardRoute is the key under which clicks come back over HTTP; none over the stream.
func cardRoute(c *configs.DingTalk) string {
	if c.Mode == configs.ModeHTTP {
		return "lingke"
	}
	return ""
}

// remember keeps a key in the store, for as long as events are kept, and reports whether it is new.
func (a *App) remember(ctx context.Context, key string) (bool, error) {
	now := a.now().UTC()
	return a.store.AddEvent(ctx, inbox.Event{ID: key, Source: "seen", Received: now, State: inbox.Done, Due: now})
}

// privileged reports whether a DingTalk user may do what somebody could want to forge a message for.
func (a *App) privileged(user string) bool {
	p, known := a.people.ByPlatform(access.DingTalk, user)
	return known && (p.May(access.Manage) || p.May(access.Admin) || p.May(access.SeeMoney))
}

// registerCards tells DingTalk where clicks go in HTTP mode, until it has taken it or ctx ends.
func (a *App) registerCards(ctx context.Context) {
	c := a.cfg.Bots.DingTalk
	if c == nil || c.Mode != configs.ModeHTTP || a.cfg.Server.PublicURL == "" || c.CardTemplate == "" {
		return
	}
	for _, b := range a.bots {
		r, ok := b.(interface {
			RegisterCards(ctx context.Context, address string) error
		})
		for delay := time.Second; ok; delay = min(2*delay, 5*time.Minute) {
			err := r.RegisterCards(ctx, a.cfg.Server.PublicURL+cardCallback)
			if err == nil || ctx.Err() != nil {
				break
			}
			a.log.LogAttrs(ctx, slog.LevelWarn, "register the card callback", slog.Any("err", err))
			select {
			case <-ctx.Done():
			case <-time.After(delay):
			}
		}
	}
}

// cardCallback is where clicks on DingTalk's cards come in over HTTP.
const cardCallback = "/callbacks/dingtalk/card"

// listens reports whether a bot takes what people do from a connection of its own, and not from callbacks.
func (a *App) listens(b bots.Bot) bool {
	return b.Platform() != bots.DingTalk || a.cfg.Bots.DingTalk.Mode == configs.ModeStream
}

// callbacks are the platforms' callback URLs by path.
func (a *App) callbacks() map[string]http.Handler {
	out := make(map[string]http.Handler)
	for _, b := range a.bots {
		r, ok := b.(bots.Receiver)
		if !ok {
			continue
		}
		switch b.Platform() {
		case bots.WeCom:
			out["/callbacks/wecom"] = r.Callback(a.take)
		case bots.DingTalk:
			h := r.Callback(a.take)
			out["/callbacks/dingtalk/robot"], out["/callbacks/dingtalk/card"], out["/callbacks/dingtalk/event"] = h, h, h
		}
	}
	return out
}

// CardTemplate is the card template to import into DingTalk's card platform, as it exports its own.
func CardTemplate() ([]byte, error) {
	text, err := configs.FS.ReadFile("cards/dingtalk.json")
	if err != nil {
		return nil, fmt.Errorf("card template: %w", err)
	}
	return text, nil
}
