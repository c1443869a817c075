package yonyou

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lingke/connectors"
)

// fetchToken asks the relay for a token, which lasts two hours.
func (u *U8) fetchToken(ctx context.Context) (token, time.Duration, error) {
	q := url.Values{"from_account": {u.cfg.FromAccount}, "app_key": {u.cfg.AppKey}, "app_secret": {u.cfg.AppSecret}}
	r, err := u.exchange(ctx, request{method: http.MethodGet, url: u.cfg.BaseURL + "/system/token?" + q.Encode()})
	if err != nil {
		return token{}, 0, fmt.Errorf("fetch a token: %w", err)
	}
	got, err := u8Answer(r)
	if err != nil {
		return token{}, 0, u.named("fetch a token", refusedU8Token(err))
	}
	text := got.text("token.id")
	if text == "" {
		return token{}, 0, fmt.Errorf("fetch a token: it is missing: %w", errNoAnswer)
	}
	return token{text: text, base: u.cfg.BaseURL}, seconds(got.at("token.expiresIn"), u8TokenLife), nil
}

// refusedU8Token: but for trouble, a token is refused only to somebody with wrong credentials.
func refusedU8Token(err error) error {
	var e *Error
	if errors.As(err, &e) && e.HTTP == 0 && !errors.Is(e.Kind, connectors.ErrThrottled) {
		e.Kind, e.Text = connectors.ErrUnauthorized, "from_account, app_key or app_secret: "+e.Text
	}
	return err
}

// u8Answer opens the relay's envelope. 20002 is how it says that nothing was found.
func u8Answer(r reply) (object, error) {
	var env object
	err := decodeJSON(r.body, &env)
	if err != nil || !env.has("errcode") {
		if r.status != http.StatusOK {
			return nil, refusedByStatus(r)
		}
		if err == nil {
			err = fmt.Errorf("%w: it has no errcode", errNoAnswer)
		}
		return nil, err
	}
	code := env.text("errcode")
	if code == "0" && r.status == http.StatusOK {
		return env, nil
	}
	e := &Error{Code: code, Text: orElse(env.text("errmsg"), "refused without a message"), wait: r.wait}
	if r.status != http.StatusOK {
		e.HTTP, e.Kind = r.status, refusedByStatus(r).Kind
	}
	switch said := strings.ToLower(e.Text); {
	case e.Kind != nil:
	case strings.Contains(said, "token"):
		e.Kind = ErrTokenLost
	case strings.Contains(said, "频繁"), strings.Contains(said, "限流"), strings.Contains(said, "超过限制"):
		e.Kind = connectors.ErrThrottled
	}
	return nil, e
}

const u8Nothing = "20002"

// rows asks for one page of a resource; beyond the last there are none.
func (u *U8) rows(ctx context.Context, resource string, filter url.Values, page, size int) ([]object, error) {
	path := "/api/" + resource + "/batch_get"
	var rows []object
	err := u.patiently(ctx, "list "+resource, func(ctx context.Context) error {
		return u.withToken(ctx, func(ctx context.Context, t token) (err error) {
			if err := u.budget.Take(ctx, path); err != nil {
				return err
			}
			r, err := u.exchange(ctx, request{method: http.MethodGet, url: t.base + path + "?" + u.query(t, filter, page, size).Encode()})
			if err != nil {
				return err
			}
			rows, err = u8Rows(r, resource)
			return u.aged(t, err)
		})
	})
	return rows, err
}

func (u *U8) query(t token, filter url.Values, page, size int) url.Values {
	q := url.Values{
		"from_account": {u.cfg.FromAccount}, "to_account": {u.cfg.ToAccount}, "app_key": {u.cfg.AppKey}, "token": {t.text},
		"ds_sequence": {u.cfg.DataSource}, "page_index": {strconv.Itoa(page)}, "rows_per_page": {strconv.Itoa(size)},
	}
	for key, values := range filter {
		q[key] = values
	}
	return q
}

// u8Rows reads the rows of an answer: the list is called like the resource.
func u8Rows(r reply, resource string) ([]object, error) {
	env, err := u8Answer(r)
	var e *Error
	if errors.As(err, &e) && e.Code == u8Nothing && e.HTTP == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, ok := env[resource].([]any)
	if !ok {
		return nil, fmt.Errorf("%w: it has no list %q", errNoAnswer, resource)
	}
	rows := make([]object, 0, len(list))
	for _, item := range list {
		row, ok := item.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%w: a row of %s is no object", errNoAnswer, resource)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// aged takes a refusal without a known reason for the end of a token that is about to end: the relay's code for that is
// not documented.
func (u *U8) aged(t token, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Kind == nil && e.HTTP == 0 && u.now().Sub(t.issued) > u8OldToken {
		e.Kind = ErrTokenLost
	}
	return err
}

// Check tries the credentials and both interfaces with one row each.
func (u *U8) Check(ctx context.Context) error {
	for resource, kind := range map[string]connectors.Kind{u8Customers: connectors.Customer, u8Orders: connectors.Order} {
		rows, err := u.rows(ctx, resource, nil, 1, sampleRows)
		if err != nil {
			return fmt.Errorf("u8 %q: check %s: %w", u.id, resource, err)
		}
		u.doubt(ctx, resource, u.cfg.Mapping, kind, rows)
	}
	return nil
}
