package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/connectors/contact"
	"lingke/internal/customer"
)

// platformRecord creates or changes something on an emulated platform.
func (g *dataGateway) platformRecord(t *testing.T, system, form string, fields map[string]any) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"system": system, "form": form, "fields": fields})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	g.em.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/_emulator/records", bytes.NewReader(body)))
	if w.Code != http.StatusOK {
		t.Fatalf("%s %s: %d %s", system, form, w.Code, w.Body)
	}
}

// find waits for the customer that a record of a source belongs to.
func (g *dataGateway) find(t *testing.T, source, id string, ready func(customer.Customer) error) customer.Customer {
	t.Helper()
	var found customer.Customer
	eventually(t, 20*time.Second, source+" "+id, func() error {
		all, err := g.app.Store().CustomersByKey(context.Background(), []customer.Ref{customer.NewRef(source, id)}, nil)
		if err != nil || len(all) != 1 {
			return errors.Join(fmt.Errorf("%d customers", len(all)), err)
		}
		found = all[0]
		return ready(found)
	})
	return found
}

func holds(field, want string) func(customer.Customer) error {
	return func(c customer.Customer) error {
		if got := c.Text(field); got != want {
			return fmt.Errorf("%s is %q, want %q", field, got, want)
		}
		return nil
	}
}

func TestAnApprovedFormBecomesACustomer(t *testing.T) {
	t.Parallel()
	g := newDataGateway(t, time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC), nil, nil)
	eventually(t, 10*time.Second, "the stream", func() error {
		if n := g.em.DingTalk().Stats().Connections; n == 0 {
			return fmt.Errorf("%d connections", n)
		}
		return nil
	})
	form := func(name, code, phone, industry string) []map[string]string {
		return []map[string]string{
			{"id": "TextField-0", "name": "客户编号", "value": "C-17", "componentType": "TextField"},
			{"id": "TextField-1", "name": "名称", "value": name, "componentType": "TextField", "bizAlias": "customer"},
			{"id": "TextField-2", "name": "统一社会信用代码", "value": code, "componentType": "TextField"},
			{"id": "PhoneField-1", "name": "联系电话", "value": phone, "componentType": "PhoneField"},
			{"id": "DDSelectField-1", "name": "行业", "value": industry, "componentType": "DDSelectField"},
		}
	}
	approval := func(id, process, status, result string, form []map[string]string) {
		g.platformRecord(t, "dingtalk", "approval", map[string]any{
			"id": id, "process_code": process, "title": "新客户", "originator": "manager4220", "status": status, "result": result, "form": form,
		})
	}
	approval("p-1", "PROC-NEW-CUSTOMER", "RUNNING", "", form("华东精密机械有限公司", "", "13800000000", "制造业"))
	approval("p-2", "PROC-NEW-CUSTOMER", "COMPLETED", "refuse", form("被拒绝的公司", "", "", ""))
	approval("p-3", "PROC-OTHER", "COMPLETED", "agree", form("别的表单", "", "", ""))
	approval("p-1", "PROC-NEW-CUSTOMER", "COMPLETED", "agree", nil)
	c := g.find(t, "approvals", "C-17", holds("industry", "制造业"))
	if c.Name != "华东精密机械有限公司" || c.Text("phone") != "13800000000" {
		t.Errorf("%+v", c.Fields)
	}
	// A second form tells what changes; what it leaves empty stays.
	approval("p-4", "PROC-NEW-CUSTOMER", "COMPLETED", "agree", form("", "", "13900000000", ""))
	c = g.find(t, "approvals", "C-17", holds("phone", "13900000000"))
	if c.Name != "华东精密机械有限公司" || c.Text("industry") != "制造业" {
		t.Errorf("%+v", c.Fields)
	}
}

func TestAWeComContactBecomesACustomerAndItsLeavingASign(t *testing.T) {
	t.Parallel()
	g := newDataGateway(t, time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC), nil, nil)
	change := func(fields map[string]any) { g.platformRecord(t, "wecom", "external_contact", fields) }
	change(map[string]any{"external_userid": "wmA", "userid": "ZhangWei", "name": "李四", "position": "采购总监", "add_way": 1})
	g.find(t, "contacts", "wmA", holds("contact_role", "采购总监"))
	change(map[string]any{"external_userid": "wmA", "userid": "ZhangWei", "remark_corp_name": "北方电子有限公司", "remark_mobiles": []string{"13700000000"}})
	g.find(t, "contacts", "wmA", holds("phone", "13700000000"))
	change(map[string]any{"external_userid": "wmA", "userid": "LiuYang"})
	change(map[string]any{"external_userid": "wmA", "userid": "ZhangWei", "change": "del_follow_user"})
	ref := customer.NewRef("contacts", "wmA")
	eventually(t, 20*time.Second, "the activities", func() error {
		all, err := g.app.Store().Activities(context.Background(), []customer.Ref{ref}, time.Time{})
		if err != nil {
			return err
		}
		var kinds []string
		for _, a := range all {
			kinds = append(kinds, a.Type)
		}
		if got := strings.Join(kinds, " "); strings.Count(got, contact.ActivityAdded) != 2 || strings.Count(got, contact.ActivityUnfollow) != 1 {
			return fmt.Errorf("%s", got)
		}
		return nil
	})
	if c := g.find(t, "contacts", "wmA", holds("phone", "13700000000")); c.Name != "北方电子有限公司" || c.Text(connectors.FieldContact) != "李四" {
		t.Errorf("%+v", c.Fields)
	}
	g.settle(t)
}
