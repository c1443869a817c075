package app

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/followup"
	"lingke/internal/httpapi/h5"
)

// pages makes the pages behind links in cards; nil where nothing outside reaches the gateway.
func (a *App) pages() (http.Handler, error) {
	if a.links == nil {
		return nil, nil
	}
	keys, err := access.Derive("pages", a.secrets...)
	if err != nil {
		return nil, err
	}
	logins := make(map[string]h5.Login)
	for _, b := range a.bots {
		if login, ok := b.(bots.Identifier); ok {
			logins[string(b.Platform())] = login
		}
	}
	corp, client := "", ""
	if c := a.cfg.Bots.DingTalk; c != nil {
		corp, client = c.CorpID, c.ClientID
	}
	return h5.New(h5.Deps{
		Records: a.store, Reads: a.reads, People: a.people, Links: a.links, Keys: keys, Cards: a.dispatch.Cards, Explain: a.dispatch.Cards.Explain,
		Sees: func(who access.Person, c customer.Customer) access.Sight {
			return a.people.Sees(who, a.rules.Load().Pools.Concern(c))
		},
		View:   a.assign.View,
		Logins: logins, CorpID: corp, ClientID: client, Claim: a.claimOnPage, Complete: a.completeOnPage, Refused: a.chat.Refused,
		Zone: a.cfg.Location, Now: a.now, Log: a.log,
	}), nil
}

func (a *App) claimOnPage(ctx context.Context, id string, who access.Person) (customer.Customer, error) {
	c, err := a.assign.Claim(ctx, id, who, "")
	if err != nil {
		return c, err
	}
	return c, a.dispatch.Carry(ctx, c.ID)
}

func (a *App) completeOnPage(ctx context.Context, id string, who access.Person, result string) (followup.Task, error) {
	t, err := a.tasks.Complete(ctx, id, who, bots.Cut(result, 2000))
	if err != nil {
		return t, err
	}
	return t, a.dispatch.ShowTask(ctx, t)
}

// openLinks makes what signs links to pages, where the gateway has an address.
func (a *App) openLinks() error {
	if a.cfg.Server.PublicURL == "" {
		return nil
	}
	keys, err := access.Derive("links", a.secrets...)
	if err == nil {
		a.links = access.NewLinks(keys, a.cfg.Server.PublicURL)
		a.seal.WithLink(a.pageOf)
	}
	return err
}

// pageOf is the page about what a card is about: made for the one to whom it goes, or for nobody in particular where people share it. Who opens it has to say who they are, and
// sees what they may.
func (a *App) pageOf(d delivery.Delivery, until time.Time) string {
	person := ""
	if len(d.To) == 1 {
		who, _ := a.people.ByPlatform(string(d.Platform), d.To[0])
		person = who.ID
	}
	switch {
	case d.Task != "":
		return a.links.To("/h5/tasks/"+url.PathEscape(d.Task), person, until)
	case d.Customer != "" && !strings.HasPrefix(d.Kind, "text"):
		return a.links.To("/h5/customers/"+url.PathEscape(d.Customer), person, until)
	}
	return ""
}
