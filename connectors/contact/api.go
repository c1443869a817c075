package contact

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

// maxAnswer bounds an answer: a page of 100 contacts has some 200 kB.
const maxAnswer = 8 << 20

// errNoContact says that nobody has the contact, or that it does not exist.
var errNoContact = fmt.Errorf("nobody has this contact: %w", connectors.ErrBadRecord)

// Codes of the platform that we tell apart.
const (
	codeToken     = 40014
	codeExpired   = 42001
	codeNoContact = 40096
	codeRelation  = 84061
)

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

func (a *api) followUsers(ctx context.Context) ([]string, error) {
	var out struct {
		Users []string `json:"follow_user"`
	}
	return out.Users, a.call(ctx, http.MethodGet, "get_follow_user_list", nil, nil, &out)
}

type page struct {
	List []struct {
		Contact person   `json:"external_contact"`
		Info    relation `json:"follow_info"`
	} `json:"external_contact_list"`
	Next string `json:"next_cursor"`
}

func (a *api) contactsOf(ctx context.Context, users []string, cursor string) (page, error) {
	var out page
	err := a.call(ctx, http.MethodPost, "batch/get_by_user", nil, map[string]any{"userid_list": users, "cursor": cursor, "limit": batch}, &out)
	return out, err
}

// maxFollowerPages bounds the pages of one contact's followers: 500 each.
const maxFollowerPages = 20

func (a *api) contact(ctx context.Context, id string) (person, []relation, error) {
	var who person
	var all []relation
	cursor := ""
	for range maxFollowerPages {
		var out struct {
			Contact   person     `json:"external_contact"`
			Relations []relation `json:"follow_user"`
			Next      string     `json:"next_cursor"`
		}
		query := url.Values{"external_userid": {id}}
		if cursor != "" {
			query.Set("cursor", cursor)
		}
		if err := a.call(ctx, http.MethodGet, "get", query, nil, &out); err != nil {
			return who, nil, err
		}
		who, all = out.Contact, append(all, out.Relations...)
		if out.Next == "" || out.Next == cursor {
			break
		}
		cursor = out.Next
	}
	if who.ID == "" {
		return who, nil, errors.New("the answer holds no contact")
	}
	return who, all, nil
}

type tagGroup struct {
	Name string `json:"group_name"`
	Tags []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"tag"`
}

func (a *api) tagGroups(ctx context.Context) ([]tagGroup, error) {
	var out struct {
		Groups []tagGroup `json:"tag_group"`
	}
	return out.Groups, a.call(ctx, http.MethodPost, "get_corp_tag_list", nil, map[string]any{}, &out)
}

// addTag makes a tag, and its group where that is missing, and returns its id.
func (a *api) addTag(ctx context.Context, group, name string) (string, error) {
	var out struct {
		Group tagGroup `json:"tag_group"`
	}
	err := a.call(ctx, http.MethodPost, "add_corp_tag", nil, map[string]any{"group_name": group, "tag": []map[string]any{{"name": name}}}, &out)
	if err != nil {
		return "", err
	}
	for _, t := range out.Group.Tags {
		if t.Name == name {
			return t.ID, nil
		}
	}
	return "", fmt.Errorf("the answer holds no tag %q", name)
}

func (a *api) mark(ctx context.Context, user, id string, add, remove []string) error {
	return a.call(ctx, http.MethodPost, "mark_tag", nil, map[string]any{"userid": user, "external_userid": id, "add_tag": add, "remove_tag": remove}, &struct{}{})
}

// call is one call below /cgi-bin/externalcontact/ with the app's token.
func (a *api) call(ctx context.Context, method, op string, query url.Values, in, out any) error {
	return a.tokens.With(ctx, func(text string) error {
		q := url.Values{"access_token": {text}}
		for k, v := range query {
			q[k] = v
		}
		return a.once(ctx, method, "/cgi-bin/externalcontact/"+op, q, in, out)
	}, func(err error) bool {
		var r *refusal
		return errors.As(err, &r) && (r.Code == codeToken || r.Code == codeExpired)
	})
}

// fetchToken is GET /cgi-bin/gettoken.
func (a *api) fetchToken(ctx context.Context) (string, time.Duration, error) {
	var out struct {
		Token   string `json:"access_token"`
		Expires int64  `json:"expires_in"` // seconds
	}
	err := a.once(ctx, http.MethodGet, "/cgi-bin/gettoken", url.Values{"corpid": {a.cfg.CorpID}, "corpsecret": {a.cfg.Secret}}, nil, &out)
	return out.Token, time.Duration(out.Expires) * time.Second, err
}

// once makes one exchange; addresses hold secrets and never get into errors.
func (a *api) once(ctx context.Context, method, path string, query url.Values, in, out any) error {
	if err := a.budget.Take(ctx, path); err != nil {
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
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(a.cfg.BaseURL, "/")+path+"?"+query.Encode(), body)
	if err != nil {
		return errors.New("the address is not usable")
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
		return fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	var r refusal
	if err := json.Unmarshal(answer, &r); err != nil {
		return fmt.Errorf("the answer is not the JSON expected: %w", err)
	}
	if r.Code != 0 {
		r.Text = a.clean(r.Text)
		return &r
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("the answer is not the JSON expected: %w", err)
	}
	return nil
}

// refusal is the platform's own complaint, in an HTTP 200.
type refusal struct {
	Code int    `json:"errcode"`
	Text string `json:"errmsg"`
}

func (r *refusal) Error() string { return fmt.Sprintf("errcode %d: %s", r.Code, r.Text) }

// Unwrap returns the kind, if any: what has none, such as -1 (busy), may pass by itself.
func (r *refusal) Unwrap() error {
	switch r.Code {
	case codeNoContact, codeRelation:
		return errNoContact
	case 45009, 45033, 45035:
		return connectors.ErrThrottled
	case 40001, 40013, 41004, 48001, 48002, 48006, 50003, 60020, 701008:
		return connectors.ErrUnauthorized
	case 40003, 40058, 40068, 60111:
		return connectors.ErrBadRecord
	}
	return nil
}

// clean keeps the platform's words short and free of secrets.
func (a *api) clean(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, a.cfg.Secret, "[secret]"), "?")
	if r := []rune(text); len(r) > 300 {
		text = string(r[:300]) + "…"
	}
	return text
}
