package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"lingke/internal/customer"
	"lingke/internal/emulator/world"
)

// act does something as a person on the emulated platforms, and returns the answer.
func (g *dataGateway) act(t *testing.T, what string, fields map[string]any) map[string]any {
	t.Helper()
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	g.em.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/_emulator/"+what, bytes.NewReader(body)))
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", what, w.Code, w.Body)
	}
	return out
}

// reads waits until somebody sees a message of the bot that says all of this, and returns it.
func (g *dataGateway) reads(t *testing.T, user string, parts ...string) (found world.Message) {
	t.Helper()
	eventually(t, 20*time.Second, strings.Join(parts, ", "), func() error {
		var last string
		for _, c := range g.em.World().Conversations("dingtalk", user) {
			for _, m := range c.Messages {
				text, err := json.Marshal(m)
				if err != nil {
					return err
				}
				last = string(text)
				if m.From == world.Bot && !containsNone(last, parts) {
					found = m
					return nil
				}
			}
		}
		return fmt.Errorf("the last message is %s", last)
	})
	return found
}

// containsNone reports whether a part is missing.
func containsNone(text string, parts []string) bool {
	for _, p := range parts {
		if !strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// TestAFileDroppedIntoTheChatIsImported goes the whole way: the emulated DingTalk tells of a file over the stream, the gateway fetches it, a card shows what it would do,
// the manager presses 确认, and the customers are there; a rep's file and a file that is no table are answered.
func TestAFileDroppedIntoTheChatIsImported(t *testing.T) {
	t.Parallel()
	g := newDataGateway(t, time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC), nil, nil)
	eventually(t, 10*time.Second, "the stream", func() error {
		if n := g.em.DingTalk().Stats().Connections; n == 0 {
			return fmt.Errorf("%d connections", n)
		}
		return nil
	})
	var manager, rep world.Person
	for _, p := range g.em.World().People() {
		switch p.DingTalk {
		case "manager1001":
			manager = p
		case "manager4220":
			rep = p
		}
	}
	send := func(who world.Person, name, content string) {
		t.Helper()
		g.act(t, "files", map[string]any{"platform": "dingtalk", "person": who.ID, "conversation": "", "name": name, "content": []byte(content)})
	}
	const table = "客户名称,手机,员工人数\n杭州启明机械有限公司,13800000001,900\n宁波东海电气有限公司,没有,10\n"
	send(rep, "客户.csv", table)
	g.reads(t, rep.DingTalk, "只有主管可以导入")
	send(manager, "表.pdf", "%PDF-1.7 rest")
	g.reads(t, manager.DingTalk, "表.pdf", "PDF", "导出为 .xlsx 或 CSV")
	send(manager, "客户.csv", table)
	asked := g.reads(t, manager.DingTalk, "请确认", "客户.csv", "新增 1", "第 3 行")
	got := g.act(t, "clicks", map[string]any{"platform": "dingtalk", "person": manager.ID, "message": asked.ID, "action": "confirm", "inputs": map[string]string{}})
	if got["accepted"] != true {
		t.Fatal(got)
	}
	eventually(t, 20*time.Second, "the customers", func() error {
		var names []string
		err := g.app.Store().EachCustomer(t.Context(), func(c customer.Customer) error {
			names = append(names, c.Name)
			return nil
		})
		if err == nil && strings.Join(names, " ") != "杭州启明机械有限公司" {
			err = fmt.Errorf("%v", names)
		}
		return err
	})
	g.reads(t, manager.DingTalk, "已导入：新增 1", "更正表已发给你")

	copied := g.reads(t, manager.DingTalk, "客户-更正表.xlsx")
	send(manager, copied.File, g.corrected(t, copied.Link, "B2", "13800000002"))
	asked = g.reads(t, manager.DingTalk, "请确认", "客户-更正表.xlsx", "新增 1")
	g.act(t, "clicks", map[string]any{"platform": "dingtalk", "person": manager.ID, "message": asked.ID, "action": "confirm", "inputs": map[string]string{}})
	eventually(t, 20*time.Second, "the corrected customer", func() error {
		n := 0
		err := g.app.Store().EachCustomer(t.Context(), func(customer.Customer) error { n++; return nil })
		if err == nil && n != 2 {
			err = fmt.Errorf("%d customers", n)
		}
		return err
	})

	// A platform that refuses the file: the person reads where it is instead.
	g.act(t, "faults", map[string]any{"match": "POST /media/upload", "times": 1, "status": 200, "body": map[string]any{"errcode": 40005, "errmsg": "不合法的文件类型"}})
	send(manager, "又一份.csv", "客户名称,统一社会信用代码\n甲公司,123\n")
	told := g.reads(t, manager.DingTalk, "1 行未导入", "下载标出问题的更正表", "/problems.xlsx?k=")
	_, rest, _ := strings.Cut(told.Text, "](")
	link, _, _ := strings.Cut(rest, ")")
	g.refuses(t, link)
	g.refuses(t, strings.Replace(link, "problems.xlsx?k=", "problems.xlsx?k=x", 1))
}

// corrected is a file that the bot sent, with another value in one cell.
func (g *dataGateway) corrected(t *testing.T, link, cell, value string) string {
	t.Helper()
	w := httptest.NewRecorder()
	g.em.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, link, nil))
	book, err := excelize.OpenReader(w.Body)
	if err != nil {
		t.Fatalf("%s: %v", link, err)
	}
	if err := book.SetCellValue(book.GetSheetName(0), cell, value); err != nil {
		t.Fatal(err)
	}
	out, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// refuses wants a page that hands nothing to somebody who has not said who they are.
func (g *dataGateway) refuses(t *testing.T, link string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if kind := resp.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
		t.Errorf("%s: %d %s", link, resp.StatusCode, kind)
	}
}
