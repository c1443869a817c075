package httpapi

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestPutCustomerStoresScoresAndAnswersTheCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("C-1", "华东精密机械", "phone", "13812345678", "industry", "制造业", "headcount", "1200", "remark", "找王总 13900001111")
	if c.Name != "华东精密机械" || c.Stage != "lead" || c.Pool != "线索池" || c.Score.Total <= 0 {
		t.Errorf("got %+v", c)
	}
	if c.Fields["phone"].Value != "138****5678" || c.Fields["remark"].Value != "找王总 139****1111" || c.Fields["headcount"].Value != "1200" {
		t.Errorf("fields %+v", c.Fields)
	}
	if len(c.Records) != 1 || c.Records[0].Source != "crm" || c.Records[0].ID != "C-1" || c.Records[0].Fields["phone"].Value != "138****5678" {
		t.Errorf("records %+v", c.Records)
	}
	if got := decode[Customer](t, w.api("GET", "/api/v1/customers/"+c.ID, ""), 200); got.ID != c.ID {
		t.Errorf("read back %+v", got)
	}
}

func TestPutCustomerTakesAnyIDThatCanBeEscaped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range []string{"a/b", "a+b c", "客户-1", "50%", "A?b#c", "..", "a%2Fb"} {
		path := "/api/v1/customers/crm/" + strings.ReplaceAll(url.PathEscape(id), "..", "%2E%2E")
		c := decode[Customer](t, w.api("PUT", path, `{"modified_at":"2026-03-01T00:00:00Z","fields":{"name":"x"}}`), 200)
		if string(c.Records[0].ID) != id {
			t.Errorf("id %q came out as %q", id, c.Records[0].ID)
		}
	}
}

func TestPutCustomerAgainOrOlderChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.api("PUT", "/api/v1/customers/crm/1", `{"modified_at":"2026-03-01T10:00:00Z","fields":{"name":"新名"}}`)
	again := w.api("PUT", "/api/v1/customers/crm/1", `{"modified_at":"2026-03-01T10:00:00Z","fields":{"name":"新名"}}`)
	if first.body != again.body {
		t.Errorf("first  %s\nsecond %s", first.body, again.body)
	}
	older := decode[Customer](t, w.api("PUT", "/api/v1/customers/crm/1", `{"modified_at":"2026-02-01T10:00:00Z","fields":{"name":"旧名"}}`), 200)
	if older.Name != "新名" {
		t.Errorf("an older version won: %q", older.Name)
	}
}

func TestPutCustomerRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const fine = `{"modified_at":"2026-03-01T00:00:00Z","fields":{"name":"x"}}`
	for name, c := range map[string]struct {
		path, body string
		status     int
		code, says string
	}{
		"no time":                    {"crm/1", `{"fields":{"name":"x"}}`, 422, "invalid", "modified_at"},
		"not a time":                 {"crm/1", `{"modified_at":"gestern"}`, 422, "invalid", "body.modified_at"},
		"time from the far future":   {"crm/1", `{"modified_at":"2027-01-01T00:00:00Z"}`, 422, "bad_record", "modified_at"},
		"a number for a text":        {"crm/1", `{"modified_at":"2026-03-01T00:00:00Z","fields":{"headcount":12}}`, 422, "invalid", "body.fields.headcount"},
		"an unknown member":          {"crm/1", `{"modified_at":"2026-03-01T00:00:00Z","feilds":{}}`, 422, "invalid", "feilds"},
		"a member twice":             {"crm/1", `{"modified_at":"2026-03-01T00:00:00Z","fields":{"name":"a","name":"b"}}`, 400, "body", "name"},
		"something behind the value": {"crm/1", fine + `{}`, 400, "body", "follows"},
		"cut off":                    {"crm/1", fine[:20], 400, "body", ""},
		"no body":                    {"crm/1", ``, 400, "body", "required"},
		"not UTF-8":                  {"crm/1", "{\"modified_at\":\"2026-03-01T00:00:00Z\",\"fields\":{\"name\":\"\xff\"}}", 400, "body", "UTF-8"},
		"a dollar in a field's name": {"crm/1", `{"modified_at":"2026-03-01T00:00:00Z","fields":{"$where":"1"}}`, 422, "bad_record", "$where"},
		"a NUL":                      {"crm/1", `{"modified_at":"2026-03-01T00:00:00Z","fields":{"name":"a\u0000b"}}`, 422, "bad_record", "name"},
		"too long an id":             {"crm/" + strings.Repeat("x", 201), fine, 422, "bad_record", "id"},
		"a slash in the source":      {"a%2Fb/1", fine, 422, "invalid", "source"},
		"a control character":        {"crm/a%0Ab", fine, 422, "invalid", "path"},
		"too large":                  {"crm/1", `{"modified_at":"2026-03-01T00:00:00Z","fields":{"a":"` + strings.Repeat("x", 1<<20) + `"}}`, 413, "too_large", ""},
	} {
		p := decode[Problem](t, w.api("PUT", "/api/v1/customers/"+c.path, c.body), c.status)
		if text := fmt.Sprint(p.Detail, p.Errors); p.Code != c.code || p.Type != typePrefix+c.code || p.Status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if got := decode[CustomerPage](t, w.api("GET", "/api/v1/customers", ""), 200); len(got.Customers) != 0 {
		t.Errorf("something was stored: %+v", got)
	}
}

func TestListCustomersFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	big := w.lead("1", "东方机械", "industry", "制造业", "headcount", "1200")
	small := w.lead("2", "南方贸易", "industry", "贸易")
	owned := w.lead("3", "北方机械")
	decode[Customer](t, w.api("POST", "/api/v1/customers/"+owned.ID+"/claim", `{"person":"zhangwei"}`), 200)
	for query, want := range map[string][]string{
		"owner=zhangwei":           {owned.ID},
		"owner=nobody":             {},
		"unowned=true&order=score": {big.ID, small.ID},
		"pool=" + url.QueryEscape("线索池") + "&unowned=true&order=score": {big.ID, small.ID},
		"tier=" + big.Tier + "&unowned=true&order=score&limit=1":       {big.ID},
		"stage=active":                 {},
		"q=" + url.QueryEscape("机械"):   sorted(big.ID, owned.ID),
		"q=" + url.QueryEscape("南方贸易"): {small.ID},
	} {
		got := decode[CustomerPage](t, w.api("GET", "/api/v1/customers?"+query, ""), 200)
		if ids := ids(got.Customers); !slices.Equal(ids, want) {
			t.Errorf("%s: %v, want %v", query, ids, want)
		}
	}
}

func ids(all []Customer) []string {
	out := []string{}
	for _, c := range all {
		out = append(out, c.ID)
	}
	return out
}

func sorted(s ...string) []string { slices.Sort(s); return s }

func TestListCustomersGivesEachCustomerOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 23 {
		w.lead(fmt.Sprint(i), fmt.Sprintf("客户%d", i))
	}
	for _, order := range []string{"id", "score"} {
		seen := map[string]int{}
		after, pages := "", 0
		for {
			p := decode[CustomerPage](t, w.api("GET", "/api/v1/customers?limit=5&order="+order+"&after="+after, ""), 200)
			for _, c := range p.Customers {
				seen[c.ID]++
			}
			if pages++; p.Next == "" {
				break
			}
			after = p.Next
		}
		if len(seen) != 23 || pages != 5 {
			t.Errorf("order %s: %d customers on %d pages", order, len(seen), pages)
		}
	}
}

func TestListCustomersRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 3 {
		w.lead(fmt.Sprint(i), "客户")
	}
	next := decode[CustomerPage](t, w.api("GET", "/api/v1/customers?limit=1", ""), 200).Next
	for query, want := range map[string]struct {
		status int
		code   string
	}{
		"limit=0":                   {422, "invalid"},
		"limit=1001":                {422, "invalid"},
		"limit=many":                {422, "invalid"},
		"order=name":                {422, "invalid"},
		"stage=vip":                 {422, "invalid"},
		"reveal=true":               {422, "invalid"},
		"after=%21":                 {400, "cursor"},
		"after=AAAA":                {400, "cursor"},
		"tier=A&after=" + next:      {400, "cursor"},
		"order=score&after=" + next: {400, "cursor"},
		"q=x&tier=A":                {422, "invalid"},
		"q=x&after=" + next:         {422, "invalid"},
	} {
		p := decode[Problem](t, w.api("GET", "/api/v1/customers?"+query, ""), want.status)
		if p.Code != want.code {
			t.Errorf("%s: %+v", query, p)
		}
	}
}

func TestExplainAddsUpToTheTotal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("1", "东方机械", "industry", "制造业", "headcount", "1200")
	for lang, word := range map[string]string{"": "来源 crm", "?lang=en": "crm"} {
		e := decode[Explanation](t, w.api("GET", "/api/v1/customers/"+c.ID+"/explain"+lang, ""), 200)
		thousandths := 0.0
		for _, k := range e.Contributions {
			thousandths += k.Points * 1000
		}
		if int(thousandths+0.5) != int(e.Score.Total*1000+0.5) || e.Score != c.Score {
			t.Errorf("contributions give %v, total %v", thousandths, e.Score.Total)
		}
		if len(e.Contributions) == 0 || len(e.Sentences) != len(e.Contributions)+len(e.Missing) || !strings.Contains(fmt.Sprint(e.Sentences), word) {
			t.Errorf("%+v", e)
		}
	}
}

func TestClaimHasOneWinnerAndReleaseGivesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var c [6]Customer
	for i := range c {
		c[i] = w.lead(fmt.Sprint(i), fmt.Sprintf("客户%d", i))
	}
	steps := []struct {
		name, verb string
		customer   Customer
		person     string
		status     int
		code       string
	}{
		{"the first claim wins", "claim", c[0], "zhangwei", 200, ""},
		{"again changes nothing", "claim", c[0], "zhangwei", 200, ""},
		{"the next one hears who has it", "claim", c[0], "lina", 409, "taken"},
		{"another team may not", "claim", c[1], "zhaolei", 403, "not_member"},
		{"a stranger is nobody", "claim", c[1], "mallory", 422, "unknown_person"},
		{"second of the day", "claim", c[1], "zhangwei", 200, ""},
		{"the day's allowance is spent", "claim", c[2], "zhangwei", 429, "daily_spent"},
		{"one may be held", "claim", c[3], "lina", 200, ""},
		{"not two", "claim", c[4], "lina", 409, "holding_full"},
		{"only the owner gives back", "release", c[0], "lina", 403, "not_owner"},
		{"the owner does", "release", c[0], "zhangwei", 200, ""},
		{"the manager does", "release", c[1], "wangfang", 200, ""},
		{"what nobody owns cannot be released", "release", c[1], "zhangwei", 403, "not_owner"},
	}
	for _, s := range steps {
		r := w.api("POST", "/api/v1/customers/"+s.customer.ID+"/"+s.verb, `{"person":"`+s.person+`"}`)
		if s.code != "" {
			p := decode[Problem](t, r, s.status)
			if p.Code != s.code {
				t.Errorf("%s: %+v", s.name, p)
			}
			if s.code == "taken" && (p.Owner != "zhangwei" || p.OwnerName != "张伟" || !strings.Contains(p.Detail, "张伟")) {
				t.Errorf("%s: does not name the owner: %+v", s.name, p)
			}
			continue
		}
		got := decode[Customer](t, r, s.status)
		if s.verb == "claim" && (got.Owner != s.person || got.OwnerName == "" || !got.OwnedAt.Equal(start)) || s.verb == "release" && got.Owner != "" {
			t.Errorf("%s: %+v", s.name, got)
		}
	}
	p := decode[Problem](t, w.api("POST", "/api/v1/customers/cnone/claim", `{"person":"lina"}`), 404)
	if p.Code != "not_found" {
		t.Errorf("%+v", p)
	}
}

func TestOfManyClaimsAtOnceOneWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("1", "东方机械")
	people := []string{"zhangwei", "lina", "wangfang"}
	replies := make([]reply, 60)
	var all sync.WaitGroup
	for i := range replies {
		all.Go(func() {
			replies[i] = w.api("POST", "/api/v1/customers/"+c.ID+"/claim", `{"person":"`+people[i%len(people)]+`"}`)
		})
	}
	all.Wait()
	owner := decode[Customer](t, w.api("GET", "/api/v1/customers/"+c.ID, ""), 200).Owner
	for i, r := range replies {
		if people[i%len(people)] == owner {
			decode[Customer](t, r, 200)
			continue
		}
		if p := decode[Problem](t, r, 409); p.Code != "taken" || p.Owner != owner {
			t.Errorf("%+v, owner %s", p, owner)
		}
	}
}

func TestTasksAreListedAndCompleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("1", "东方机械", "phone", "13812345678")
	decode[Customer](t, w.api("POST", "/api/v1/customers/"+c.ID+"/claim", `{"person":"zhangwei"}`), 200)
	due := url.QueryEscape(start.Add(3 * time.Hour).Format(time.RFC3339))
	open := decode[TaskPage](t, w.api("GET", "/api/v1/tasks?owner=zhangwei&state=open&customer="+c.ID+"&due_before="+due, ""), 200).Tasks
	if len(open) != 1 || open[0].Title != "首次联系" || !open[0].Due.Equal(start.Add(2*time.Hour)) {
		t.Fatalf("tasks %+v", open)
	}
	early := url.QueryEscape(start.Format(time.RFC3339))
	if none := decode[TaskPage](t, w.api("GET", "/api/v1/tasks?due_before="+early, ""), 200).Tasks; len(none) != 0 {
		t.Errorf("due before now: %+v", none)
	}
	path := "/api/v1/tasks/" + open[0].ID + "/complete"
	if p := decode[Problem](t, w.api("POST", path, `{"person":"lina"}`), 403); p.Code != "not_owner" {
		t.Errorf("%+v", p)
	}
	done := decode[Task](t, w.api("POST", path, `{"person":"zhangwei","result":"回电 13812345678"}`), 200)
	if done.State != "done" || done.Result != "回电 138****5678" || !done.Ended.Equal(start) {
		t.Errorf("%+v", done)
	}
	if p := decode[Problem](t, w.api("POST", path, `{"person":"zhangwei"}`), 409); p.Code != "ended" {
		t.Errorf("%+v", p)
	}
	if p := decode[Problem](t, w.api("POST", "/api/v1/tasks/none/complete", `{"person":"zhangwei"}`), 404); p.Code != "not_found" {
		t.Errorf("%+v", p)
	}
	card := decode[DeliveryPage](t, w.api("GET", "/api/v1/deliveries?customer="+c.ID, ""), 200)
	if !slices.ContainsFunc(card.Deliveries, func(d Delivery) bool { return d.Task == open[0].ID && strings.HasPrefix(string(d.Shows), "已完成") }) {
		t.Errorf("the task's card does not follow: %+v", card.Deliveries)
	}
}

func TestPeopleAreListedWithoutTheirPlatformIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.api("GET", "/api/v1/people", "")
	p := decode[PersonList](t, r, 200).People
	if len(p) != 4 || p[0].Name != "张伟" || !slices.Equal(p[0].Platforms, []string{"dingtalk", "wecom"}) || p[3].Role != "manager" {
		t.Errorf("%+v", p)
	}
	if strings.Contains(r.body, "manager4220") {
		t.Error("a platform id leaves")
	}
}
