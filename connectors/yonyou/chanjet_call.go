package yonyou

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"lingke/connectors"
)

// ErrNoTicket says that no ticket has been pushed yet, or none lately; one was asked for.
var ErrNoTicket = errors.New("the platform has pushed no valid appTicket yet; one was asked for and comes to the message address of the app")

// fetchToken asks for a token of a self-built app for the newest ticket.
func (c *Chanjet) fetchToken(ctx context.Context) (token, time.Duration, error) {
	ticket, ok := c.ticket.valid(c.now())
	if !ok {
		return token{}, 0, errors.Join(ErrNoTicket, c.askForTicket(ctx))
	}
	r, err := c.post(ctx, "/v1/common/auth/selfBuiltApp/generateToken", "", map[string]string{"appTicket": ticket, "certificate": c.cfg.Certificate})
	if err != nil {
		return token{}, 0, fmt.Errorf("fetch a token: %w", err)
	}
	var got object
	if err := decodeJSON(r.body, &got); err != nil && r.status == http.StatusOK {
		return token{}, 0, fmt.Errorf("fetch a token: %w", err)
	}
	text := got.text("value.accessToken")
	if r.status == http.StatusOK && text != "" && got.text("result") == "true" {
		return token{text: text}, seconds(got.at("value.expiresIn"), time.Hour), nil
	}
	e := chanjetRefusal(r)
	if e.HTTP < http.StatusInternalServerError && !errors.Is(e.Kind, connectors.ErrThrottled) && !errors.Is(e.Kind, connectors.ErrConfig) {
		e.Kind, e.Text = connectors.ErrUnauthorized, "app_key, app_secret or certificate: "+e.Text
	}
	return token{}, 0, c.named("fetch a token", e)
}

func (c *Chanjet) askForTicket(ctx context.Context) error {
	r, err := c.post(ctx, "/auth/appTicket/resend", "", map[string]string{})
	if err == nil && r.status != http.StatusOK {
		err = chanjetRefusal(r)
	}
	return c.named("ask for a ticket", err)
}

func (c *Chanjet) post(ctx context.Context, path, token string, payload any) (reply, error) {
	body, err := json.Marshal(payload)
	if err != nil {
		return reply{}, err
	}
	return c.exchange(ctx, request{method: http.MethodPost, url: c.cfg.BaseURL + path, body: body,
		header: map[string]string{"appKey": c.cfg.AppKey, "appSecret": c.cfg.AppSecret, "openToken": token}})
}

// chanjetRefusal classifies an answer that is no list. 409 is the platform's protection of itself.
func chanjetRefusal(r reply) *Error {
	var said object
	_ = decodeJSON(r.body, &said) // a web page says nothing in a form that we know
	e := refusedByStatus(r)
	if r.status == http.StatusOK {
		e.HTTP = 0
	}
	e.Code = said.text("code", "error.code", "errorCode")
	if words := said.text("message", "msg", "error", "error.message"); words != "" {
		e.Text = words
	}
	switch {
	case r.status == http.StatusConflict, e.Code == "14002":
		e.Kind = connectors.ErrThrottled
	case e.Code == "4007", r.status == http.StatusUnauthorized && e.Code == "50000":
		e.Kind = ErrTokenLost
	case r.status == http.StatusUnauthorized && e.Code == "50112":
		e.Kind, e.Text = nil, "the quota of the month is used up: "+e.Text
	}
	return e
}

// partnerRows asks for one page of partners.
func (c *Chanjet) partnerRows(ctx context.Context, page, size int) ([]object, error) {
	const path = "/tplus/api/v2/partner/QueryPage"
	payload := map[string]any{"param": map[string]any{"PageIndex": page, "PageSize": size, "SelectFields": c.selected()}}
	var rows []object
	err := c.patiently(ctx, "list partners", func(ctx context.Context) error {
		return c.withToken(ctx, func(ctx context.Context, t token) error {
			if err := c.budget.Take(ctx, path); err != nil {
				return err
			}
			r, err := c.post(ctx, path, t.text, payload)
			if err != nil {
				return err
			}
			rows, err = chanjetRows(r)
			return err
		})
	})
	return rows, err
}

// chanjetRows reads a list: a bare array, or one in an object. Anything else is a refusal.
func chanjetRows(r reply) ([]object, error) {
	if r.status != http.StatusOK {
		return nil, chanjetRefusal(r)
	}
	var rows []object
	if decodeJSON(r.body, &rows) == nil && rows != nil {
		return rows, nil
	}
	var wrapped object
	if err := decodeJSON(r.body, &wrapped); err != nil {
		return nil, err
	}
	for _, key := range []string{"Data", "data", "value", "result"} {
		list, ok := wrapped[key].([]any)
		if !ok {
			continue
		}
		rows = make([]object, 0, len(list))
		for _, item := range list {
			row, ok := item.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("%w: a row is no object", errNoAnswer)
			}
			rows = append(rows, row)
		}
		return rows, nil
	}
	return nil, chanjetRefusal(r)
}
