package e2e_test

import (
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/internal/access"
	"lingke/internal/emulator"
	"lingke/internal/emulator/world"
)

// The browsers in which pages are opened.
const (
	inDingTalk = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 AliApp(DingTalk/7.6.0)"
	inWeCom    = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 wxwork/4.1.30 MicroMessenger/7.0.1"
	anywhere   = "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0"
)

// browser is one person's, with its cookies.
type browser struct {
	t      *testing.T
	s      *site
	agent  string
	client *http.Client
	header http.Header // sent besides
}

// shown is what a browser ends up with.
type shown struct {
	status  int
	body    string
	address *url.URL
}

func (s *site) browser(agent string) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &browser{t: s.t, s: s, agent: agent, client: &http.Client{Jar: jar, Timeout: 20 * time.Second}, header: http.Header{}}
}

func (b *browser) ask(method, address string, form url.Values) shown {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header = b.header.Clone()
	r.Header.Set("User-Agent", b.agent)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return shown{resp.StatusCode, string(body), resp.Request.URL}
}

func (b *browser) open(address string) shown {
	b.t.Helper()
	return b.ask(http.MethodGet, address, nil)
}

// as opens an address for the first time as somebody: it goes through the login that the browser is led to.
func (b *browser) as(address string, p world.Person) shown {
	b.t.Helper()
	page := b.open(address)
	switch b.agent {
	case inDingTalk:
		return b.ask(http.MethodPost, on(page.address, "/h5/login/inapp"), url.Values{"state": {field(page.body, "state")}, "code": {b.s.inAppCode(p)}})
	case inWeCom: // went to the platform's page at once
		return b.open(with(page.address.String(), "as", p.ID))
	}
	platform := "dingtalk"
	if p.WeCom != "" {
		platform = "wecom"
	}
	return b.open(with(choice(b.t, page.body, platform), "as", p.ID))
}

// inAppCode is what the client gives to a page inside it.
func (s *site) inAppCode(p world.Person) string {
	s.t.Helper()
	var out struct{ Code string }
	if err := s.control(s.t.Context(), http.MethodPost, "/codes", map[string]string{"person": p.ID}, &out); err != nil {
		s.t.Fatal(err)
	}
	return out.Code
}

// on is another path of the same host.
func on(u *url.URL, path string) string { return u.Scheme + "://" + u.Host + path }

func with(address, key, value string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set(key, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// field is the value of a hidden input of a page.
func field(body, name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

func choice(t *testing.T, body, platform string) string {
	t.Helper()
	m := regexp.MustCompile(`data-login="` + platform + `" href="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no login with %s: %s", platform, body)
	}
	return html.UnescapeString(m[1])
}

// href is the first link of a page to a path that begins so.
func href(t *testing.T, page shown, path string) string {
	t.Helper()
	m := regexp.MustCompile(`(?:href|action)="(` + regexp.QuoteMeta(path) + `[^"]*)"`).FindStringSubmatch(page.body)
	if m == nil {
		t.Fatalf("nothing leads to %s: %d %s", path, page.status, page.body)
	}
	return on(page.address, html.UnescapeString(m[1]))
}

// office is a company with somebody of each role, and a customer that bought.
type office struct {
	*site
	g     *inProcess
	staff map[string]world.Person
	link  string // to the customer's page, made for the owner
	task  string // to its task's page
}

// openOffice has the customer claimed by 张三, with a phone, an order of 123,456 yuan and a task.
func openOffice(t *testing.T, tune func(*emulator.Options)) *office {
	t.Helper()
	people := []world.Person{
		{ID: "zhangsan", Name: "张三", Role: "rep", Team: team, DingTalk: "d1", WeCom: "W1"},
		{ID: "lisi", Name: "李四", Role: "rep", Team: team, DingTalk: "d2"},
		{ID: "eve", Name: "Eve", Role: "rep", Team: team, WeCom: "W3", Language: "en"},
		{ID: "other", Name: "外组", Role: "rep", Team: "市场部", DingTalk: "d4", WeCom: "W4"},
		{ID: "boss", Name: "王总", Role: "manager", Team: "管理", DingTalk: "d5"},
		{ID: "money", Name: "钱会计", Role: "finance", Team: "财务", WeCom: "W6"},
		{ID: "admin", Name: "管理员", Role: "admin", Team: "信息", DingTalk: "d7", WeCom: "W7"},
	}
	o := &office{site: newSite(t, plan{people: people, tune: tune}), staff: map[string]world.Person{}}
	for _, p := range people {
		o.staff[p.ID] = p
	}
	o.g = o.run()
	status, answer, err := o.push(t.Context(), "push-1",
		item{"customer.upsert", map[string]any{"id": "c1", "name": "海川机械有限公司", "industry": "制造业", "headcount": 900, "contact": "陈经理", "mobile": "13812345678", "annual_revenue": 50_000_000}},
		item{"activity.created", map[string]any{"id": "a1", "customer_id": "c1", "type": "inquiry", "text": "请回电 13812345678", "date": o.now().Add(-time.Hour).Format(time.RFC3339), "modified_at": o.now().Format(time.RFC3339)}})
	if err != nil || status != http.StatusOK {
		t.Fatalf("push: %d %s %v", status, answer, err)
	}
	o.claimFirst(t)
	status, answer, err = o.push(t.Context(), "push-2", item{"order.upsert", map[string]any{
		"id": "o1", "customer_id": "c1", "amount": "123456", "status": "won", "product": "检测设备", "date": o.now().Add(-24 * time.Hour).Format(time.RFC3339), "modified_at": o.now().Format(time.RFC3339)}})
	if err != nil || status != http.StatusOK {
		t.Fatalf("push: %d %s %v", status, answer, err)
	}
	eventually(t, 20*time.Second, "the order is on the manager's page", func() error {
		page := o.browser(inDingTalk).as(o.link, o.staff["boss"])
		if !strings.Contains(page.body, "123,456") {
			return fmt.Errorf("%d %s", page.status, page.body)
		}
		o.task = href(t, page, "/h5/tasks/")
		return nil
	})
	return o
}

// claimFirst has 张三 claim the only lead, and keeps the link of its card.
func (o *office) claimFirst(t *testing.T) {
	t.Helper()
	p := o.staff["zhangsan"]
	eventually(t, 20*time.Second, "the lead's card", func() error {
		leads := o.leadsOf("wecom", p, "", 0)
		if len(leads) == 0 {
			return errors.New("no card")
		}
		for _, a := range leads[0].card.Actions {
			if strings.Contains(a.ID, "/h5/") {
				o.link = a.ID
			}
		}
		if out, err := o.click(t.Context(), "wecom", p, leads[0].message, "claim"); err != nil || !out.Accepted {
			return fmt.Errorf("%+v %w", out, err)
		}
		return nil
	})
}

// TestEachRoleSeesItsLayersOnEachPage opens the same links as each role, logged in by each way: no page holds a whole telephone number, only few hold amounts, and what is
// withheld is nowhere in the source either.
func TestEachRoleSeesItsLayersOnEachPage(t *testing.T) {
	t.Parallel()
	o := openOffice(t, nil)
	all := []string{"138****5678", "陈经理", "请回电", "评分模型", "Model:", "123,456", "检测设备", "谁看过", "Who looked", "海川机械", "没有权限"}
	basis := []string{"138****5678", "陈经理", "请回电", "评分模型", "海川机械"}
	for _, tt := range []struct {
		person, agent string
		customer      []string // of all, what the page holds
		task          []string
	}{
		{"zhangsan", inWeCom, append([]string{"谁看过"}, basis...), []string{"138****5678", "陈经理", "海川机械"}},
		{"zhangsan", inDingTalk, append([]string{"谁看过"}, basis...), []string{"138****5678", "陈经理", "海川机械"}},
		{"lisi", inDingTalk, basis, []string{"138****5678", "陈经理", "海川机械"}},
		{"eve", anywhere, []string{"138****5678", "陈经理", "请回电", "Model:", "海川机械"}, []string{"138****5678", "陈经理", "海川机械"}},
		{"other", anywhere, []string{"海川机械"}, []string{"没有权限"}},
		{"boss", inDingTalk, append([]string{"谁看过", "123,456", "检测设备"}, basis...), []string{"138****5678", "陈经理", "海川机械"}},
		{"money", inWeCom, []string{"123,456", "检测设备", "海川机械"}, []string{"没有权限"}},
		{"admin", anywhere, append([]string{"谁看过"}, basis...), []string{"138****5678", "陈经理", "海川机械"}},
	} {
		b := o.browser(tt.agent)
		page := b.as(o.link, o.staff[tt.person])
		shows(t, tt.person+"'s customer page", page, all, tt.customer)
		if foreign := strings.Contains(page.body, `class="foreign"`); foreign != (tt.person != "zhangsan") {
			t.Errorf("%s: the page says that the link is somebody else's: %v", tt.person, foreign)
		}
		shows(t, tt.person+"'s task page", b.open(o.task), all, tt.task)
		list := b.open(href(t, page, "/h5/lists/mine"))
		var mine []string
		if tt.person == "zhangsan" {
			mine = []string{"海川机械"}
		}
		shows(t, tt.person+"'s list", list, all, mine)
		free := b.open(href(t, list, "/h5/lists/free"))
		shows(t, tt.person+"'s list of nobody's", free, all, nil)
	}
	o.loggedEach(t)
}

// shows fails where a page lacks one of the parts that it is to hold, or holds another of them, or a whole number.
func shows(t *testing.T, what string, page shown, all, want []string) {
	t.Helper()
	for _, part := range all {
		if has := strings.Contains(page.body, part); has != slices.Contains(want, part) {
			t.Errorf("%s (%d): %q is there: %v", what, page.status, part, has)
		}
	}
	if strings.Contains(page.body, "13812345678") {
		t.Errorf("%s shows the whole number", what)
	}
}

// loggedEach fails unless the read log has a line of each reader's page, with the layers that it held.
func (o *office) loggedEach(t *testing.T) {
	t.Helper()
	page := o.browser(inDingTalk).as(o.link, o.staff["boss"])
	_, seen, _ := strings.Cut(page.body, "data-seen")
	if strings.Count(seen, "客户页") == 0 || !strings.Contains(seen, "管理员") || !strings.Contains(seen, "Eve") {
		t.Errorf("who looked: %s", seen)
	}
}

// TestALoginCountsOnceAndForWhoBeganIt plays logins again, on other browsers, too late and as people whom nobody knows.
func TestALoginCountsOnceAndForWhoBeganIt(t *testing.T) {
	t.Parallel()
	o := openOffice(t, func(e *emulator.Options) {
		e.People = append(e.People, world.Person{ID: "stranger", Name: "路人", Role: "rep", Team: team, DingTalk: "d99", WeCom: "W99"})
	})
	zhang, stranger := o.staff["zhangsan"], world.Person{ID: "stranger", DingTalk: "d99", WeCom: "W99"}
	began := func() (b *browser, inapp, state string) {
		b = o.browser(inDingTalk)
		page := b.open(o.link)
		return b, on(page.address, "/h5/login/inapp"), field(page.body, "state")
	}
	form := func(state, code string) url.Values { return url.Values{"state": {state}, "code": {code}} }
	refused := func(name string, page shown, status int) {
		t.Helper()
		if page.status != status || strings.Contains(page.body, "海川机械") {
			t.Errorf("%s: %d, want %d: %s", name, page.status, status, page.body)
		}
	}

	b, inapp, state := began()
	code := o.inAppCode(zhang)
	if page := b.ask(http.MethodPost, inapp, form(state, code)); page.status != http.StatusOK || !strings.Contains(page.body, "海川机械") {
		t.Fatalf("log in: %d %s", page.status, page.body)
	}
	refused("the same form again, its cookie spent", b.ask(http.MethodPost, inapp, form(state, code)), http.StatusBadRequest)

	b, inapp, state = began()
	refused("a code that was used", b.ask(http.MethodPost, inapp, form(state, code)), http.StatusBadGateway)
	b, inapp, _ = began()
	refused("the state of another browser", b.ask(http.MethodPost, inapp, form(state, o.inAppCode(zhang))), http.StatusBadRequest)
	b, inapp, _ = began()
	refused("no state", b.ask(http.MethodPost, inapp, form("", o.inAppCode(zhang))), http.StatusBadRequest)
	_, inapp, state = began()
	refused("a browser that began nothing", o.browser(inDingTalk).ask(http.MethodPost, inapp, form(state, o.inAppCode(zhang))), http.StatusBadRequest)
	b, inapp, state = began()
	refused("no code", b.ask(http.MethodPost, inapp, form(state, "")), http.StatusBadRequest)
	b, inapp, state = began()
	refused("a code of 2000 letters", b.ask(http.MethodPost, inapp, form(state, strings.Repeat("a", 2000))), http.StatusBadGateway)
	b, inapp, state = began()
	refused("somebody whom Lingke does not know", b.ask(http.MethodPost, inapp, form(state, o.inAppCode(stranger))), http.StatusForbidden)
	refused("the same on WeCom", o.browser(inWeCom).as(o.link, stranger), http.StatusForbidden)
	refused("the same in any browser", o.browser(anywhere).as(o.link, stranger), http.StatusForbidden)

	b, inapp, state = began()
	code = o.inAppCode(zhang)
	o.advance(6 * time.Minute)
	refused("a code of six minutes ago", b.ask(http.MethodPost, inapp, form(state, code)), http.StatusBadGateway)
	b, inapp, state = began()
	o.advance(11 * time.Minute)
	refused("a login begun eleven minutes ago", b.ask(http.MethodPost, inapp, form(state, o.inAppCode(zhang))), http.StatusBadRequest)

	w := o.browser(inWeCom) // the address with WeCom's code, opened twice: a browser's reload
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	back := o.returns(w, zhang)
	if page := w.open(back); page.status != http.StatusSeeOther {
		t.Errorf("return from WeCom: %d %s", page.status, page.body)
	}
	refused("the way back from WeCom again", w.open(back), http.StatusBadRequest)
	other := o.browser(inWeCom)
	refused("the way back in another browser", other.open(back), http.StatusBadRequest)
	if page := o.browser(anywhere).open(strings.Replace(choice(t, o.browser(anywhere).open(o.link).body, "wecom"), "/wwopen/sso/qrConnect", "/connect/oauth2/authorize", 1)); page.status != http.StatusForbidden {
		t.Errorf("the client's page in another browser: %d", page.status) // as the platform does, so that the other page is needed
	}
}

// returns follows the way to WeCom and returns the address to which it sends the browser back.
func (o *office) returns(b *browser, p world.Person) string {
	o.t.Helper()
	address := with(o.link, "", "")
	for range 4 {
		r, err := http.NewRequestWithContext(o.t.Context(), http.MethodGet, address, nil)
		if err != nil {
			o.t.Fatal(err)
		}
		r.Header.Set("User-Agent", b.agent)
		resp, err := b.client.Do(r)
		if err != nil {
			o.t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusOK { // the platform asks who it is
			address = with(address, "as", p.ID)
			continue
		}
		next, err := resp.Location()
		if err != nil {
			o.t.Fatal(err)
		}
		if address = next.String(); strings.Contains(address, "/h5/login/wecom") {
			return address
		}
	}
	o.t.Fatalf("the login did not come back: %s", address)
	return ""
}

// TestAPageForgetsWhoLeft: a session ends when its owner leaves, a link of theirs stays a link, and they cannot log in again.
func TestAPageForgetsWhoLeft(t *testing.T) {
	t.Parallel()
	o := openOffice(t, nil)
	b := o.browser(inDingTalk)
	page := b.as(o.link, o.staff["zhangsan"])
	if !strings.Contains(page.body, "评分模型") {
		t.Fatalf("%d %s", page.status, page.body)
	}
	list, done := href(t, page, "/h5/lists/mine"), strings.Split(o.task, "?")[0]+"/complete"
	csrf := field(b.open(o.task).body, "csrf")
	everybody := o.g.app.Directory().All()
	for i := range everybody {
		if everybody[i].ID == "zhangsan" {
			everybody[i].Left = o.now().Add(-time.Second)
		}
	}
	if err := o.g.app.Directory().Replace(everybody); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{o.link, o.task, list} {
		if page := b.open(address); page.address.Path != "/h5/login" || strings.Contains(page.body, "海川机械") {
			t.Errorf("%s after leaving: %d at %s", address, page.status, page.address)
		}
	}
	if page := b.ask(http.MethodPost, done, url.Values{"csrf": {csrf}}); page.status != http.StatusUnauthorized {
		t.Errorf("a form after leaving: %d %s", page.status, page.body)
	}
	for _, agent := range []string{inDingTalk, inWeCom, anywhere} {
		if page := o.browser(agent).as(o.link, o.staff["zhangsan"]); page.status != http.StatusForbidden || strings.Contains(page.body, "海川机械") {
			t.Errorf("log in after leaving: %d %s", page.status, page.body)
		}
	}
	if page := o.browser(inDingTalk).as(o.link, o.staff["lisi"]); page.status != http.StatusOK || !strings.Contains(page.body, "评分模型") {
		t.Errorf("a colleague opens the link: %d %s", page.status, page.body)
	}
}

// TestFormsCountOnlyFromOwnPages sends what the pages' forms send, without what they hold, with what others' hold, and from other sites.
func TestFormsCountOnlyFromOwnPages(t *testing.T) {
	t.Parallel()
	o := openOffice(t, nil)
	lisi, zhang, other, money := o.browser(inDingTalk), o.browser(inDingTalk), o.browser(anywhere), o.browser(inWeCom)
	lisi.as(o.link, o.staff["lisi"])
	zhang.as(o.link, o.staff["zhangsan"])
	other.as(o.link, o.staff["other"])
	money.as(o.link, o.staff["money"])
	token := func(b *browser) string { return field(o.formOf(b).body, "csrf") }
	task := strings.Split(o.task, "?")[0] + "/complete"
	mine, his := token(zhang), token(lisi)
	if mine == "" || his == "" || mine == his {
		t.Fatalf("tokens %q %q", mine, his)
	}
	session := func(b *browser, value string) *browser {
		u, err := url.Parse(task)
		if err != nil {
			t.Fatal(err)
		}
		b.client.Jar.SetCookies(u, []*http.Cookie{{Name: "lingke_h5", Value: value, Path: "/h5/"}})
		return b
	}
	form := url.Values{"csrf": {mine}, "result": {"已联系"}}
	for _, tt := range []struct {
		name string
		from *browser
		site string
		form url.Values
		want int
	}{
		{"no token", zhang, "", url.Values{"result": {"x"}}, http.StatusForbidden},
		{"a token of somebody else", zhang, "", url.Values{"csrf": {his}}, http.StatusForbidden},
		{"a changed token", zhang, "", url.Values{"csrf": {mine + "A"}}, http.StatusForbidden},
		{"from another site", zhang, "cross-site", form, http.StatusForbidden},
		{"from a neighbouring site", zhang, "same-site", form, http.StatusForbidden},
		{"no session", o.browser(inDingTalk), "", form, http.StatusUnauthorized},
		{"a form's token as the session", session(o.browser(inDingTalk), mine), "", form, http.StatusUnauthorized},
		{"an invented session", session(o.browser(inDingTalk), "zzzzzz.emhhbmdzYW4.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "", form, http.StatusUnauthorized},
		{"a plain name as the session", session(o.browser(inDingTalk), "zhangsan"), "", form, http.StatusUnauthorized},
		{"a colleague's task", lisi, "", url.Values{"csrf": {his}}, http.StatusConflict},
		{"the own task", zhang, "same-origin", form, http.StatusOK},
		{"the own task again", zhang, "same-origin", form, http.StatusConflict},
	} {
		if tt.site != "" {
			tt.from.header.Set("Sec-Fetch-Site", tt.site)
		}
		if page := tt.from.ask(http.MethodPost, task, tt.form); page.status != tt.want {
			t.Errorf("%s: %d, want %d: %s", tt.name, page.status, tt.want, page.body)
		}
		tt.from.header.Del("Sec-Fetch-Site")
	}
	o.claims(t, other, money, lisi, token)

	o.advance(11 * time.Hour) // a session and its forms end after a working day
	if page := zhang.ask(http.MethodPost, task, url.Values{"csrf": {mine}}); page.status != http.StatusUnauthorized {
		t.Errorf("after eleven hours: %d", page.status)
	}
}

// formOf opens some page on which a person has a form of their own: each holds the same kind of token, whatever it asks for.
func (o *office) formOf(b *browser) shown {
	o.t.Helper()
	o.lead("free", "新来的客户")
	var page shown
	eventually(o.t, 20*time.Second, "a free customer", func() error {
		page = b.open(href(o.t, b.open(href(o.t, b.open(o.link), "/h5/lists/mine")), "/h5/lists/free"))
		if !strings.Contains(page.body, "新来的客户") {
			return fmt.Errorf("%d %s", page.status, page.body)
		}
		return nil
	})
	return b.open(href(o.t, page, "/h5/customers/"))
}

// claims tries to claim a free customer as who may not, and at last as who may.
func (o *office) claims(t *testing.T, other, money, lisi *browser, token func(*browser) string) {
	t.Helper()
	if token(other) != "" || token(money) != "" {
		t.Error("who may not claim is offered to")
	}
	page := o.formOf(lisi)
	claim := href(t, page, page.address.Path+"/claim")
	for name, b := range map[string]*browser{"of another team": other, "finance": money} {
		if got := b.ask(http.MethodPost, claim, url.Values{"csrf": {field(page.body, "csrf")}}); got.status != http.StatusForbidden {
			t.Errorf("%s claims with a colleague's token: %d", name, got.status)
		}
	}
	for range 2 { // pressed twice
		if got := lisi.ask(http.MethodPost, claim, url.Values{"csrf": {field(page.body, "csrf")}}); got.status != http.StatusOK || !strings.Contains(got.body, "负责人 李四") {
			t.Errorf("claim: %d %s", got.status, got.body)
		}
	}
}

// TestAnExpiredLinkSaysSoInItsReadersLanguage opens links that are too old, or of another page.
func TestAnExpiredLinkSaysSoInItsReadersLanguage(t *testing.T) {
	t.Parallel()
	o := openOffice(t, nil)
	eve := o.browser(anywhere)
	page := eve.as(o.link, o.staff["eve"])
	if !strings.Contains(page.body, `<html lang="en">`) || !strings.Contains(page.body, "Owner: 张三") {
		t.Errorf("%d %s", page.status, page.body)
	}
	hers := href(t, page, "/h5/lists/mine")
	fresh := o.browser(anywhere)
	fresh.header.Set("Accept-Language", "zh-CN")
	if page := fresh.open(hers); !strings.Contains(page.body, "Log in with WeCom") {
		t.Errorf("the login of her link: %s", page.body)
	}
	if page := eve.open(strings.Replace(hers, "/mine", "/free", 1)); page.status != http.StatusForbidden || !strings.Contains(page.body, "not valid") {
		t.Errorf("the signature of another page: %d %s", page.status, page.body)
	}
	o.advance(8 * 24 * time.Hour)
	if page := fresh.open(hers); page.status != http.StatusGone || !strings.Contains(page.body, "The link has expired") {
		t.Errorf("after eight days: %d %s", page.status, page.body)
	}
	o.advance(60 * 24 * time.Hour)
	if page := fresh.open(o.link); page.status != http.StatusGone || !strings.Contains(page.body, "链接已过期") {
		t.Errorf("the card's link after its buttons ended: %d %s", page.status, page.body)
	}
}

// TestAListIsNarrowedAndTurnedOver pages through the customers that nobody owns, tier by tier.
func TestAListIsNarrowedAndTurnedOver(t *testing.T) {
	t.Parallel()
	o := openOffice(t, nil)
	const n = 120
	var items []item
	for i := range n {
		items = append(items, item{"customer.upsert", map[string]any{"id": fmt.Sprintf("f%d", i), "name": fmt.Sprintf("散客%03d", i), "headcount": 10 + 10*i}})
	}
	if status, answer, err := o.push(t.Context(), "push-free", items...); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s %v", status, answer, err)
	}
	b := o.browser(inDingTalk)
	first := href(t, b.open(href(t, b.as(o.link, o.staff["boss"]), "/h5/lists/mine")), "/h5/lists/free")
	eventually(t, 30*time.Second, "all free customers are listed over three pages", func() error {
		seen, pages := map[string]bool{}, 0
		for page := b.open(first); ; pages++ {
			for _, name := range regexp.MustCompile(`散客\d{3}`).FindAllString(page.body, -1) {
				seen[name] = true
			}
			m := regexp.MustCompile(`rel="next" href="([^"]*)"`).FindStringSubmatch(page.body)
			if m == nil {
				break
			}
			page = b.open(on(page.address, html.UnescapeString(m[1])))
		}
		if len(seen) != n || pages != 2 {
			return fmt.Errorf("%d customers, %d more pages", len(seen), pages)
		}
		return nil
	})
	page, narrowed := b.open(first), 0
	for _, m := range regexp.MustCompile(`class="chip" href="([^"]*tier=[^"]*)">([^<]*)<`).FindAllStringSubmatch(page.body, -1) {
		got := b.open(on(page.address, html.UnescapeString(m[1])))
		if !strings.Contains(got.body, `aria-current="true">`+m[2]) {
			t.Errorf("tier %s is not marked as chosen", m[2])
		}
		for _, x := range regexp.MustCompile(`<span class="tier">([^<]*)</span>`).FindAllStringSubmatch(got.body, -1) {
			if narrowed++; x[1] != m[2] {
				t.Errorf("tier %s lists %s", m[2], x[1])
			}
		}
	}
	if narrowed == 0 {
		t.Error("no tier lists anybody")
	}
	for _, bad := range []string{"&after=%00%ff", "&after=zzz", "&tier=%E4%B8%8D", "&risk=1"} {
		if got := b.open(first + bad); got.status != http.StatusOK && got.status != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, got.status)
		}
	}
	if p, ok := o.g.app.Directory().ByPlatform(access.DingTalk, ""); ok {
		t.Errorf("the empty user id is %s", p.ID)
	}
}
