package contact_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/connectortest"
	"lingke/connectors/contact"
	"lingke/internal/clocktest"
	emulator "lingke/internal/emulator/wecom"
	"lingke/internal/emulator/world"
	"lingke/internal/testdata"
)

// enterprise is an emulated one with a clock of its own.
type enterprise struct {
	*emulator.Server
	url string

	mu sync.Mutex
	*clocktest.Clock
	calls []string
	// instead answers a call in the platform's place; "" lets it through.
	instead func(path string) string
}

func newEnterprise(t *testing.T, change func(*emulator.Options)) *enterprise {
	t.Helper()
	e := &enterprise{Clock: clocktest.At(time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC))}
	opts := emulator.Options{CorpID: "wwcorp", AgentID: 1000002, Secret: "contact-secret", Token: "t", AESKey: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"}
	if change != nil {
		change(&opts)
	}
	e.Server = emulator.New(opts, world.New([]world.Person{
		{ID: "zhangwei", Name: "张伟", WeCom: "ZhangWei"}, {ID: "lina", Name: "李娜", WeCom: "LiNa"},
	}, e.Now))
	mux := http.NewServeMux()
	e.Mount(mux)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		e.calls = append(e.calls, r.URL.Path)
		instead := e.instead
		e.mu.Unlock()
		if instead != nil {
			if text := instead(r.URL.Path); text != "" {
				_, _ = w.Write([]byte(text))
				return
			}
		}
		mux.ServeHTTP(w, r)
	}))
	e.url = srv.URL
	t.Cleanup(func() {
		srv.Close()
		e.Close()
	})
	return e
}

func (e *enterprise) put(t *testing.T, fields map[string]any) {
	t.Helper()
	if err := e.PutRecord("external_contact", fields); err != nil {
		t.Fatal(err)
	}
}

func (e *enterprise) open(t *testing.T) *contact.Conn {
	t.Helper()
	c, err := contact.Config{CorpID: "wwcorp", Secret: "contact-secret", BaseURL: e.url, TagGroup: "客户层级", PlayTagGroup: "客户打法"}.Open("contacts", contact.WithClock(e.Now))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestContract(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, func(t *testing.T) connectortest.Source {
		e := newEnterprise(t, nil)
		var want []connectortest.Key
		for n := range 130 { // more than a page
			id := fmt.Sprintf("wm%03d", n)
			e.put(t, map[string]any{"external_userid": id, "userid": []string{"ZhangWei", "LiNa"}[n%2], "name": fmt.Sprintf("客户%d", n)})
			want = append(want, connectortest.Key{Kind: connectors.Customer, ID: id})
		}
		return connectortest.Source{Connector: e.open(t), Want: want, Change: func(t *testing.T) connectortest.Key {
			e.Pass(time.Hour)
			e.put(t, map[string]any{"external_userid": "wmNew", "userid": "LiNa", "name": "新客户"})
			return connectortest.Key{Kind: connectors.Customer, ID: "wmNew"}
		}}
	})
}

// follow returns what a change makes of the contact wmA.
func follow(t *testing.T, c *contact.Conn, e *enterprise, change, user string) ([]connectors.Record, error) {
	t.Helper()
	event := connectors.Event{ID: "wecom:event:" + change, Platform: "wecom", Type: "change_external_contact", At: e.Now(), Fields: map[string]string{
		"ChangeType": change, "UserID": user, "ExternalUserID": "wmA",
	}}
	if !c.Follows(event) {
		return nil, nil
	}
	return c.Follow(t.Context(), event)
}

func TestWhatEventsBecome(t *testing.T) {
	t.Parallel()
	e := newEnterprise(t, nil)
	c := e.open(t)
	e.put(t, map[string]any{"external_userid": "wmA", "userid": "ZhangWei", "name": "李四", "position": "采购总监", "corp_full_name": "北方电子有限公司", "add_way": 16})
	e.Pass(time.Minute)
	e.put(t, map[string]any{"external_userid": "wmA", "userid": "LiNa", "remark_mobiles": []string{"13700000000"}})
	who := connectors.Record{Kind: connectors.Customer, ID: "wmA", ModifiedAt: e.Now(), Fields: map[string]string{
		"name": "北方电子有限公司", "contact": "李四", "contact_role": "采购总监", "phone": "13700000000", "source": "企业微信:获客链接",
	}}
	sign := func(change, kind, text string) connectors.Record {
		return connectors.Record{Kind: connectors.Activity, ID: "wecom:event:" + change, Customer: "wmA", ModifiedAt: e.Now(), Fields: map[string]string{
			"type": kind, "text": text, "date": "2026-03-02T01:31:00Z",
		}}
	}
	for change, want := range map[string][]connectors.Record{
		"add_external_contact":      {who, sign("add_external_contact", "wecom_added", "成为 LiNa 的企业微信联系人")},
		"add_half_external_contact": {who, sign("add_half_external_contact", "wecom_added", "成为 LiNa 的企业微信联系人")},
		"edit_external_contact":     {who},
		"del_follow_user":           {who, sign("del_follow_user", "unfollow", "客户删除了企业微信联系人 LiNa")},
		"del_external_contact":      nil, // the member's doing, not the customer's
		"transfer_fail":             nil,
	} {
		got, err := follow(t, c, e, change, "LiNa")
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s: %v %s", change, err, d)
		}
	}
	// The last member goes before the event is worked on: the sign remains.
	e.put(t, map[string]any{"external_userid": "wmA", "userid": "LiNa", "change": "del_external_contact"})
	e.put(t, map[string]any{"external_userid": "wmA", "userid": "ZhangWei", "change": "del_external_contact"})
	if got, err := follow(t, c, e, "del_follow_user", "LiNa"); err != nil || len(got) != 1 || got[0].Kind != connectors.Activity {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTheTierIsATagOfEveryRelation(t *testing.T) {
	t.Parallel()
	e := newEnterprise(t, nil)
	c := e.open(t)
	for _, user := range []string{"ZhangWei", "LiNa"} {
		e.put(t, map[string]any{"external_userid": "wmA", "userid": user, "name": "李四"})
	}
	tags := func() string {
		resp, err := http.Get(e.url + "/cgi-bin/gettoken?corpid=wwcorp&corpsecret=contact-secret")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		var token struct {
			Token string `json:"access_token"`
		}
		if err := json.NewDecoder(resp.Body).Decode(&token); err != nil {
			t.Fatal(err)
		}
		got, err := http.Get(e.url + "/cgi-bin/externalcontact/get?external_userid=wmA&access_token=" + token.Token)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = got.Body.Close() }()
		var out struct {
			Users []struct {
				UserID string
				Tags   []struct {
					Name  string `json:"tag_name"`
					Group string `json:"group_name"`
				}
			} `json:"follow_user"`
		}
		if err := json.NewDecoder(got.Body).Decode(&out); err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, u := range out.Users {
			for _, tag := range u.Tags {
				words = append(words, u.UserID+"="+tag.Group+":"+tag.Name)
			}
		}
		return strings.Join(words, " ")
	}
	for _, step := range []struct{ tier, want string }{
		{"A", "LiNa=客户层级:A ZhangWei=客户层级:A"},
		{"A", "LiNa=客户层级:A ZhangWei=客户层级:A"},
		{"B", "LiNa=客户层级:B ZhangWei=客户层级:B"},
		{"A", "LiNa=客户层级:A ZhangWei=客户层级:A"},
		{"", ""},
	} {
		if err := c.WriteBack(t.Context(), connectors.Change{ID: "wmA", Fields: map[string]string{connectors.WriteTier: step.tier}}); err != nil {
			t.Fatal(err)
		}
		if got := tags(); got != step.want {
			t.Errorf("after %q: %q, want %q", step.tier, got, step.want)
		}
	}
	for _, step := range []struct{ tier, marks, want string }{
		{"A", "VIP", "LiNa=客户层级:A LiNa=客户打法:VIP ZhangWei=客户层级:A ZhangWei=客户打法:VIP"},
		{"A", "VIP、VIP优先购", "LiNa=客户层级:A LiNa=客户打法:VIP LiNa=客户打法:VIP优先购 ZhangWei=客户层级:A ZhangWei=客户打法:VIP ZhangWei=客户打法:VIP优先购"},
		{"B", "VIP优先购", "LiNa=客户层级:B LiNa=客户打法:VIP优先购 ZhangWei=客户层级:B ZhangWei=客户打法:VIP优先购"},
		{"", "", ""},
	} {
		change := connectors.Change{ID: "wmA", Fields: map[string]string{connectors.WriteTier: step.tier, connectors.WriteTags: step.marks}}
		if err := c.WriteBack(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		got := strings.Fields(tags())
		slices.Sort(got)
		if want := strings.Fields(step.want); !slices.Equal(got, want) {
			t.Errorf("after %q and %q: %q, want %q", step.tier, step.marks, got, want)
		}
	}
	if err := c.WriteBack(t.Context(), connectors.Change{ID: "wmNobody", Fields: map[string]string{connectors.WriteTier: "A"}}); !errors.Is(err, connectors.ErrBadRecord) {
		t.Errorf("a contact that is gone: %v", err)
	}
	if err := c.WriteBack(t.Context(), connectors.Change{ID: "wmA", Fields: map[string]string{connectors.WriteOwner: "lina"}}); err != nil {
		t.Errorf("a field without a place: %v", err)
	}
}

func TestFailuresHaveTheirKind(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		server func(*emulator.Options)
		answer string
		kind   error // nil: may pass by itself
	}{
		{"the app may not call customer contact", func(o *emulator.Options) { o.NoContacts = true }, "", connectors.ErrUnauthorized},
		{"the secret is wrong", func(o *emulator.Options) { o.Secret = "other" }, "", connectors.ErrUnauthorized},
		{"too often", nil, `{"errcode":45009,"errmsg":"api freq out of limit"}`, connectors.ErrThrottled},
		{"busy", nil, `{"errcode":-1,"errmsg":"system busy contact-secret"}`, nil},
		{"a proxy's page", nil, `<html>`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEnterprise(t, tt.server)
			e.instead = func(path string) string {
				if strings.HasSuffix(path, "gettoken") {
					return ""
				}
				return tt.answer
			}
			err := e.open(t).Check(t.Context())
			if err == nil || tt.kind != nil && !errors.Is(err, tt.kind) || tt.kind == nil && errors.Is(err, connectors.ErrUnauthorized) {
				t.Errorf("%v", err)
			}
			if strings.Contains(fmt.Sprint(err), "contact-secret") {
				t.Errorf("the secret is told: %v", err)
			}
		})
	}
}

func TestATokenThatEndsEarlyIsReplacedOnce(t *testing.T) {
	t.Parallel()
	e := newEnterprise(t, func(o *emulator.Options) { o.TokenLife = time.Minute })
	c := e.open(t)
	if err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.Pass(55 * time.Second) // renewed before it ends
	if err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	refused := false
	e.instead = func(path string) string {
		if strings.HasSuffix(path, "gettoken") || refused {
			return ""
		}
		refused = true
		return `{"errcode":40014,"errmsg":"invalid access_token"}`
	}
	if err := c.Check(t.Context()); err != nil {
		t.Errorf("after a refused token: %v", err)
	}
	e.instead = func(path string) string {
		if strings.HasSuffix(path, "gettoken") {
			return ""
		}
		return `{"errcode":42001,"errmsg":"access_token expired"}`
	}
	if err := c.Check(t.Context()); err == nil {
		t.Error("refused for ever, and no error")
	}
}

func TestWithoutAGroupOfTagsNothingIsWritten(t *testing.T) {
	t.Parallel()
	c, err := contact.Config{CorpID: "wwcorp", Secret: "s", BaseURL: "http://127.0.0.1:1"}.Open("contacts")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Takes(); got != nil {
		t.Errorf("takes %v", got)
	}
	if err := c.WriteBack(t.Context(), connectors.Change{ID: "wmA", Fields: map[string]string{connectors.WriteTier: "A"}}); err != nil {
		t.Errorf("asked somebody: %v", err)
	}
}

func TestSettingsThatAreRefused(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]contact.Config{
		"play_tag_group": {CorpID: "c", Secret: "s", TagGroup: "x", PlayTagGroup: "x"},
		"corp_id":        {Secret: "s"}, "secret": {CorpID: "c"}, "base_url": {CorpID: "c", Secret: "s", BaseURL: "ftp://x"},
	} {
		if _, err := cfg.Open("contacts"); !errors.Is(err, connectors.ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
		if text := fmt.Sprintf("%v %+v %#v", cfg, cfg, cfg); cfg.Secret != "" && strings.Contains(text, `"s"`) {
			t.Error(text)
		}
	}
}

// TestThePublishedAnswerParses reads the sample of externalcontact/get, which writes mobiles as numbers and the company as remark_company.
func TestThePublishedAnswerParses(t *testing.T) {
	t.Parallel()
	raw := testdata.Read(t, "payloads/wecom/externalcontact_get.json")
	e := newEnterprise(t, nil)
	e.instead = func(path string) string {
		if strings.HasSuffix(path, "externalcontact/get") {
			return string(raw)
		}
		return ""
	}
	got, err := follow(t, e.open(t), e, "edit_external_contact", "rocky")
	want := map[string]string{"name": "腾讯科技有限公司", "contact": "李四", "contact_role": "Manager", "phone": "138000001"}
	if err != nil || len(got) != 1 || cmp.Diff(want, got[0].Fields) != "" {
		t.Errorf("%+v, %v", got, err)
	}
}
