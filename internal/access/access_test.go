package access

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var staff = []Person{
	{ID: "wangfang", Name: "王芳", Role: RoleManager, Team: "高级销售", DingTalk: "manager0001", WeCom: "WangFang"},
	{ID: "zhangwei", Name: "张伟", Role: RoleRep, Team: "高级销售", DingTalk: "Manager4220", WeCom: "ZhangWei"},
	{ID: "lina", Name: "李娜", Role: RoleRep, Team: "普通销售", DingTalk: "0142365"},
	{ID: "qian", Name: "钱多", Role: RoleFinance, WeCom: "qian"},
	{ID: "root", Name: "管理", Role: RoleAdmin},
}

func names(people []Person) string {
	var all []string
	for _, p := range people {
		all = append(all, p.Name)
	}
	return strings.Join(all, " ")
}

func TestEachRoleMayWhatIsGrantedAndNothingElse(t *testing.T) {
	all := []Permission{SeeTier, SeeBasis, SeeMoney, Claim, Manage, Admin, "unheard", ""}
	want := map[Role]string{
		RoleRep:     "see_tier see_basis claim",
		RoleManager: "see_tier see_basis see_money claim manage",
		RoleFinance: "see_tier see_money",
		RoleAdmin:   "see_tier see_basis manage admin",
		"":          "",
		"boss":      "",
	}
	for role, allowed := range want {
		var got []string
		for _, p := range all {
			if (Person{Role: role}).May(p) {
				got = append(got, string(p))
			}
		}
		if diff := cmp.Diff(allowed, strings.Join(got, " ")); diff != "" {
			t.Errorf("%q: %s", role, diff)
		}
	}
}

func TestAGroupMayWhatItsLeastPrivilegedMemberMay(t *testing.T) {
	for _, c := range []struct {
		name   string
		people []Person
		want   bool
	}{
		{"managers", staff[:1], true},
		{"a manager and a rep", staff[:2], false},
		{"a stranger among managers", []Person{staff[0], {}}, false},
		{"nobody", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := AllMay(c.people, SeeMoney); got != c.want {
				t.Errorf("AllMay = %v", got)
			}
		})
	}
}

func TestPeopleAreFoundByWhatIdentifiesThem(t *testing.T) {
	d, err := NewDirectory(staff)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, platform, user, want string }{
		{"own id", "", "lina", "李娜"},
		{"no such id", "", "LiNa", ""},
		{"DingTalk id", DingTalk, "0142365", "李娜"},
		{"DingTalk id in another case", DingTalk, "manager4220", ""},
		{"WeCom id", WeCom, "ZhangWei", "张伟"},
		{"WeCom id in another case", WeCom, "zhangWEI", "张伟"},
		{"WeCom id on DingTalk", DingTalk, "ZhangWei", ""},
		{"empty DingTalk id", DingTalk, "", ""},
		{"empty WeCom id", WeCom, "", ""},
		{"no such platform", "fax", "ZhangWei", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, found := d.ByPlatform(c.platform, c.user)
			if c.platform == "" {
				p, found = d.ByID(c.user)
			}
			if p.Name != c.want || found != (c.want != "") {
				t.Errorf("found %q, %v, want %q", p.Name, found, c.want)
			}
		})
	}
	if got := names(d.Team("高级销售")); got != "王芳 张伟" {
		t.Errorf("team = %s", got)
	}
	if got := names(d.Team("")); got != "" {
		t.Errorf("the team without a name = %s", got)
	}
	if got := names(d.Managers()); got != "王芳" {
		t.Errorf("managers = %s", got)
	}
	if got := names(d.All()); got != names(staff) {
		t.Errorf("all = %s", got)
	}
}

func TestWhatCallersDoToAnswersStaysWithThem(t *testing.T) {
	given := append([]Person(nil), staff...)
	d, err := NewDirectory(given)
	if err != nil {
		t.Fatal(err)
	}
	given[0].Name, d.All()[1].Name, d.Team("高级销售")[0].Name = "x", "x", "x"
	if got := names(d.All()) + names(d.Team("高级销售")); strings.Contains(got, "x") {
		t.Errorf("the directory holds %s", got)
	}
}

func TestAWrongListKeepsTheOldOne(t *testing.T) {
	d, err := NewDirectory(staff)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		people []Person
	}{
		{"no id", []Person{{Name: "甲"}}},
		{"one id twice", []Person{{ID: "a"}, {ID: "a"}}},
		{"one DingTalk user twice", []Person{{ID: "a", DingTalk: "1"}, {ID: "b", DingTalk: "1"}}},
		{"one WeCom user twice, in other cases", []Person{{ID: "a", WeCom: "Li"}, {ID: "b", WeCom: "lI"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := d.Replace(c.people); !errors.Is(err, ErrPeople) {
				t.Errorf("Replace = %v, want ErrPeople", err)
			}
			if names(d.All()) != names(staff) {
				t.Errorf("the directory holds %s", names(d.All()))
			}
		})
	}
	if _, err := NewDirectory([]Person{{}}); !errors.Is(err, ErrPeople) {
		t.Errorf("NewDirectory = %v", err)
	}
	if _, found := new(Directory).ByID("a"); found {
		t.Error("the zero Directory knows somebody")
	}
}

func TestReadersSeeOneListWhileItIsReplaced(t *testing.T) {
	list := func(round int) []Person {
		team := fmt.Sprint(round)
		return []Person{{ID: "a", Team: team}, {ID: "b", Team: team}}
	}
	d, err := NewDirectory(list(0))
	if err != nil {
		t.Fatal(err)
	}
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 2000 {
				all := d.All()
				if len(all) != 2 || all[0].Team != all[1].Team {
					t.Errorf("a mixture: %v", all)
					return
				}
			}
		})
	}
	for round := range 500 {
		if err := d.Replace(list(round)); err != nil {
			t.Fatal(err)
		}
	}
	readers.Wait()
}
