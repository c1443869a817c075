package yonyou

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"lingke/connectors"
)

// call posts a payload to an interface of the tenant and returns the data of its answer. op says what is done.
func (c *Conn) call(ctx context.Context, op, path string, payload any) (json.RawMessage, error) {
	body, err := json.Marshal(payload)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	var data json.RawMessage
	err = c.patiently(ctx, op, func(ctx context.Context) error {
		return c.withToken(ctx, func(ctx context.Context, t token) (err error) {
			if err := c.budget.Take(ctx, path); err != nil {
				return err
			}
			r, err := c.exchange(ctx, request{
				method: http.MethodPost, body: body, url: t.base + path + "?" + url.Values{"access_token": {t.text}}.Encode(),
			})
			if err != nil {
				return err
			}
			data, err = openEnvelope(r, "200")
			return err
		})
	})
	return data, err
}

// lostText is how an unknown token is told where there is no code; one interface says nothing else, in plain text.
const lostText = "非法token"

// openEnvelope returns the data of an answer with the code of success, or the refusal.
func openEnvelope(r reply, success string) (json.RawMessage, error) {
	var env struct {
		Code    any
		Message any
		Data    json.RawMessage
	}
	if err := decodeJSON(r.body, &env); err != nil || env.Code == nil {
		switch said := strings.TrimSpace(excerpt(r.body)); {
		case strings.HasPrefix(said, lostText):
			return nil, &Error{Kind: ErrTokenLost, Text: lostText}
		case r.status != http.StatusOK:
			return nil, refusedByStatus(r)
		case err != nil:
			return nil, err
		}
		return nil, fmt.Errorf("%w: it has no code", errNoAnswer)
	}
	code := text(env.Code)
	if code == success && r.status == http.StatusOK {
		return env.Data, nil
	}
	e := &Error{Kind: codeKind(code), Code: code, Text: text(env.Message), wait: r.wait}
	if strings.Contains(e.Text, lostText) {
		e.Kind = ErrTokenLost
	}
	if r.status != http.StatusOK {
		e.HTTP = r.status
		if e.Kind == nil {
			e.Kind = refusedByStatus(r).Kind
		}
	}
	if e.Text == "" {
		e.Text = "refused without a message"
	}
	return nil, e
}

// rowsUnlessEmpty reads the rows of a list's answer. 118001 is how the list of customers says that no row matches.
func rowsUnlessEmpty(data json.RawMessage, err error) ([]object, error) {
	var e *Error
	if errors.As(err, &e) && e.Code == "118001" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return rowsOf(data)
}

func codeKind(code string) error {
	switch code {
	case "310001", "310036":
		return ErrTokenLost
	case "310032", "310039", "310042", "310046", "310043": // by system, app, product, interface; circuit open
		return connectors.ErrThrottled
	case "310005", "310006", "310031", "310037", "310038", "310041", "310047", "10018": // app, grants, IP rules
		return connectors.ErrUnauthorized
	case "310404", "310405", "310002", "310008", "310015", "310023":
		return connectors.ErrConfig
	}
	return nil
}

// rowsOf reads the rows of a list: data is an array, or an object with recordList.
func rowsOf(data json.RawMessage) ([]object, error) {
	var rows []object
	trimmed := strings.TrimSpace(string(data[:min(len(data), 64)]))
	switch {
	case strings.HasPrefix(trimmed, "["):
		return rows, decodeJSON(data, &rows)
	case strings.HasPrefix(trimmed, "{"):
		var page struct {
			RecordList  []object `json:"recordList"`
			RecordCount any      `json:"recordCount"`
		}
		if err := decodeJSON(data, &page); err != nil {
			return nil, err
		}
		if page.RecordList == nil && text(page.RecordCount) != "0" {
			return nil, fmt.Errorf("%w: it has no recordList", errNoAnswer)
		}
		return page.RecordList, nil
	}
	return nil, fmt.Errorf("%w: it has no rows: %q", errNoAnswer, excerpt(data[:min(len(data), 100)]))
}
