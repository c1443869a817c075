package approval

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/connectors/budget"
	"lingke/connectors/egress"
	"lingke/connectors/token"
)

// maxAnswer bounds an answer: a form with a large table has some 100 kB.
const maxAnswer = 4 << 20

// errNoInstance says that there is no approval of that id.
var errNoInstance = fmt.Errorf("no such approval: %w", connectors.ErrBadRecord)

// instance is an approval as the platform has it.
type instance struct {
	Status     string      `json:"status"` // RUNNING, TERMINATED, COMPLETED
	Result     string      `json:"result"` // agree, refuse
	FinishTime string      `json:"finishTime"`
	Form       []component `json:"formComponentValues"`
}

// component is one field of a form.
type component struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Value    string `json:"value"` // always text
	BizAlias string `json:"bizAlias"`
}

// api makes the platform's calls with the app's token.
type api struct {
	cfg    Config
	http   *http.Client
	now    func() time.Time
	budget *budget.Budget

	tokens *token.Source // like the budget, set once the clock is
}

func newAPI(cfg Config) *api {
	return &api{cfg: cfg, now: time.Now, http: egress.OneHost(&http.Client{Timeout: 15 * time.Second})}
}

// instance reads one approval: GET /v1.0/workflow/processInstances, permission Workflow.Instance.Read.
func (a *api) instance(ctx context.Context, id string) (instance, error) {
	var out struct {
		Result instance `json:"result"`
	}
	err := a.call(ctx, http.MethodGet, "/v1.0/workflow/processInstances?processInstanceId="+url.QueryEscape(id), nil, &out)
	return out.Result, err
}

// call is one call with the app's token.
func (a *api) call(ctx context.Context, method, path string, in, out any) error {
	return a.tokens.With(ctx, func(text string) error { return a.once(ctx, method, path, text, in, out) }, func(err error) bool {
		var r *refusal
		return errors.As(err, &r) && r.Code == "InvalidAuthentication"
	})
}

// fetchToken is POST /v1.0/oauth2/accessToken.
func (a *api) fetchToken(ctx context.Context) (string, time.Duration, error) {
	var out struct {
		AccessToken string      `json:"accessToken"`
		ExpireIn    json.Number `json:"expireIn"` // seconds
	}
	err := a.once(ctx, http.MethodPost, "/v1.0/oauth2/accessToken", "", map[string]string{"appKey": a.cfg.ClientID, "appSecret": a.cfg.ClientSecret}, &out)
	if err != nil {
		return "", 0, err
	}
	seconds, _ := out.ExpireIn.Int64() // what is no number is no life
	return out.AccessToken, time.Duration(seconds) * time.Second, nil
}

func (a *api) once(ctx context.Context, method, path, token string, in, out any) error {
	if err := a.budget.Take(ctx, interfaceOf(path)); err != nil {
		return err
	}
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(a.cfg.BaseURL, "/")+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("x-acs-dingtalk-access-token", token)
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return egress.Plain(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := egress.Read(resp.Body, maxAnswer)
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return a.refused(resp.StatusCode, answer)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("the answer is not the JSON expected: %w", err)
	}
	return nil
}

// refusal is the platform's own complaint.
type refusal struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
	kind    error
}

func (r *refusal) Error() string { return fmt.Sprintf("HTTP %d %s: %s", r.Status, r.Code, r.Message) }

// Unwrap returns the kind, if any: what has none may pass by itself.
func (r *refusal) Unwrap() error { return r.kind }

// refused classifies a complaint by its code.
func (a *api) refused(status int, answer []byte) error {
	r := &refusal{Status: status}
	if json.Unmarshal(answer, r) != nil || r.Code == "" {
		r.Code = http.StatusText(status) // a proxy's page
	}
	r.Message = a.clean(r.Message)
	switch {
	case r.Code == "processInstanceNotExist", r.Code == "processInstanceIdError":
		r.kind = errNoInstance
	case status == http.StatusTooManyRequests, strings.Contains(r.Code, ".Qps"), strings.Contains(r.Code, ".Qpm"), strings.Contains(r.Code, "ApiCountLimit"):
		r.kind = connectors.ErrThrottled
	case r.Code == "needAuth", r.Code == "invalidClientIdOrSecret", r.Code == "InvalidAuthentication", status == http.StatusForbidden, status == http.StatusUnauthorized:
		r.kind = connectors.ErrUnauthorized
	case r.Code == "invalidParameter", r.Code == "processInstanceInvalidParameter":
		r.kind = connectors.ErrBadRecord
	}
	return r
}

// clean keeps the platform's words short and free of the secret.
func (a *api) clean(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, a.cfg.ClientSecret, "[secret]"), "?")
	if r := []rune(text); len(r) > 300 {
		text = string(r[:300]) + "…"
	}
	return text
}

// interfaceOf is a call's path without its query: what the platform counts by.
func interfaceOf(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}
