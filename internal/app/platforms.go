package app

import (
	"errors"
	"fmt"
	"net/http"

	"lingke/bots"
	"lingke/bots/dingtalk"
	"lingke/bots/wecom"
	"lingke/configs"
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
			EncodingAESKey: c.EncodingAESKey.Reveal(), BaseURL: c.BaseURL,
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
	}, dingtalk.WithClock(a.now), dingtalk.WithLogger(a.log), dingtalk.WithMeter(metered{a, bots.DingTalk}))
	if err != nil {
		return nil, fmt.Errorf("bots.dingtalk: %w", err)
	}
	return b, nil
}

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
