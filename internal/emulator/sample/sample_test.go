package sample

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"lingke/internal/emulator/kingdee"
	"lingke/internal/emulator/yonyou"
)

var now = time.Date(2026, 3, 2, 8, 0, 0, 0, zone)

// TestCreditCheck uses codes printed in GB 32100-2015 and of companies that publish theirs.
func TestCreditCheck(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"91350100M000100Y43", "91110000802100433B", "91440300708461136T"} {
		if got := creditCheck(code[:17]); got != code[17] {
			t.Errorf("%s: check character %c", code, got)
		}
		if got := organisationCheck(code[8:16]); got != code[16] {
			t.Errorf("%s: organisation check character %c", code, got)
		}
	}
}

func TestKingdeeFillsTheEmulator(t *testing.T) {
	t.Parallel()
	s := kingdee.New(kingdee.Options{}, func() time.Time { return now })
	if err := Fill(s.PutRecord, now, 500, 3000, 1); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(s.Counts()); got != "map[AR_receivable:0 BD_Customer:500 SAL_OUTSTOCK:0 SAL_SaleOrder:3000]" {
		t.Error(got)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		if err := s.PutRecord("BD_Customer", NewLead(rng, now)); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Counts()["BD_Customer"]; got != 700 {
		t.Errorf("%d customers: leads must be new ones", got)
	}
}

func TestDocumentsFollowRecentOrders(t *testing.T) {
	t.Parallel()
	s := kingdee.New(kingdee.Options{}, func() time.Time { return now })
	if err := Fill(Documents(s.PutRecord, now), now, 200, 1000, 1); err != nil {
		t.Fatal(err)
	}
	n := s.Counts()
	if n["SAL_OUTSTOCK"] < 50 || n["SAL_OUTSTOCK"] != n["AR_receivable"] || n["SAL_OUTSTOCK"] > 500 {
		t.Errorf("%v", n)
	}
}

func TestKingdeeIsDeterministic(t *testing.T) {
	t.Parallel()
	list := func(seed uint64) (out []map[string]any) {
		for _, fields := range Kingdee(now, 50, 100, seed) {
			out = append(out, fields)
		}
		return out
	}
	if !reflect.DeepEqual(list(7), list(7)) {
		t.Error("one seed, two worlds")
	}
	if reflect.DeepEqual(list(7), list(8)) {
		t.Error("two seeds, one world")
	}
}

func TestCustomersAreBelievable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	buyers, customers, late := map[any]bool{}, 0, 0
	for form, f := range Kingdee(now, 3000, 6000, 1) {
		if f["FModifyDate"].(time.Time).After(now) {
			late++
		}
		if form == "SAL_SaleOrder" {
			buyers[f["FCustId"]] = true
			continue
		}
		customers++
		for _, key := range []string{"FName", "FSOCIALCRECODE", "FMobile", "FNumber"} {
			value := key + f[key].(string)
			if seen[value] {
				t.Fatalf("%s comes twice", value)
			}
			seen[value] = true
		}
		code, phone := f["FSOCIALCRECODE"].(string), f["FMobile"].(string)
		if len(code) != 18 || creditCheck(code[:17]) != code[17] || len(phone) != 11 || phone[0] != '1' {
			t.Errorf("credit code %s, phone %s", code, phone)
		}
	}
	if leads := customers - len(buyers); customers != 3000 || leads < 750 || leads > 1050 {
		t.Errorf("%d of %d customers have no order", leads, customers)
	}
	if late > 0 {
		t.Errorf("%d records were changed in the future", late)
	}
}

func TestNewLeadsAreOftenStrong(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	strong := 0
	for range 1000 {
		f := NewLead(rng, now)
		if f["F_LK_INDUSTRY"] == "制造业" && f["F_LK_HEADCOUNT"].(int) > 500 && f["F_LK_ACV"].(float64) >= 500000 {
			strong++
		}
	}
	if strong < 350 || strong > 500 {
		t.Errorf("%d of 1000 leads are strong", strong)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	both, teams, ids := 0, map[string]int{}, map[string]bool{}
	for _, p := range People() {
		if p.DingTalk == "" && p.WeCom == "" {
			t.Errorf("%s has no account", p.Name)
		}
		for _, id := range []string{p.ID, "d:" + p.DingTalk, "w:" + strings.ToLower(p.WeCom)} {
			if ids[id] && !strings.HasSuffix(id, ":") {
				t.Errorf("%s comes twice", id)
			}
			ids[id] = true
		}
		if p.Role == "rep" {
			teams[p.Team]++
			if p.DingTalk != "" && p.WeCom != "" {
				both++
			}
		}
	}
	if both < 2 || fmt.Sprint(teams) != "map[市场部:2 普通销售:2 高级销售:2]" {
		t.Errorf("%d reps with both, teams %v", both, teams)
	}
}

func TestYonyouFillsTheEmulatorWithOtherCompanies(t *testing.T) {
	t.Parallel()
	s := yonyou.NewYonBIP(yonyou.Options{}, func() time.Time { return now })
	defer s.Close()
	known, counts := map[string]bool{}, map[string]int{}
	for _, fields := range Kingdee(now, 200, 0, 1) {
		known[fmt.Sprint(fields["FSOCIALCRECODE"])], known[fmt.Sprint(fields["FMobile"])] = true, true
	}
	for form, fields := range Yonyou(now, 200, 600, 1) {
		counts[form]++
		if err := s.PutRecord(form, fields); err != nil {
			t.Fatal(err)
		}
		if known[fmt.Sprint(fields["creditCode"])] || known[fmt.Sprint(fields["contactTel"])] {
			t.Errorf("%v is a customer of Kingdee too", fields["name"])
		}
	}
	if counts["merchant"] != 200 || counts["voucherorder"] != 600 || counts["receivable"] < 500 {
		t.Error(counts)
	}
}
