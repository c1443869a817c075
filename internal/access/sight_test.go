package access

import "testing"

func TestWhoSeesWhichLayers(t *testing.T) {
	t.Parallel()
	people := []Person{
		{ID: "zhang", Role: RoleRep, Team: "高级销售"}, {ID: "li", Role: RoleRep, Team: "高级销售"}, {ID: "zhao", Role: RoleRep, Team: "普通销售"},
		{ID: "lone", Role: RoleRep}, {ID: "other", Role: RoleRep}, {ID: "wang", Role: RoleManager, Team: "管理"}, {ID: "qian", Role: RoleFinance, Team: "高级销售"},
		{ID: "root", Role: RoleAdmin}, {ID: "boss", Role: "boss", Team: "高级销售"},
	}
	d, err := NewDirectory(people)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		concern Concern
		want    map[string]string
	}{
		{"owned: the owner's team, not the pool's", Concern{Owner: "zhang", PoolTeam: "普通销售"}, map[string]string{
			"zhang": "tier basis", "li": "tier basis", "zhao": "tier", "lone": "tier", "wang": "tier basis money", "qian": "tier money", "root": "tier basis", "boss": "", "": "",
		}},
		{"free: the pool's team", Concern{PoolTeam: "普通销售"}, map[string]string{"zhang": "tier", "zhao": "tier basis", "lone": "tier", "wang": "tier basis money"}},
		{"in no pool: no team", Concern{}, map[string]string{"zhang": "tier", "lone": "tier", "root": "tier basis"}},
		{"an owner without a team is alone with it", Concern{Owner: "lone"}, map[string]string{"lone": "tier basis", "other": "tier", "zhang": "tier"}},
		{"an owner who left", Concern{Owner: "gone", PoolTeam: "高级销售"}, map[string]string{"zhang": "tier", "other": "tier", "wang": "tier basis money"}},
	} {
		for id, want := range c.want {
			p, _ := d.ByID(id)
			if got := d.Sees(p, c.concern).String(); got != want {
				t.Errorf("%s: %q sees %q, want %q", c.name, id, got, want)
			}
		}
	}
}

func TestTogetherPeopleSeeWhatEachOfThemMay(t *testing.T) {
	t.Parallel()
	d := new(Directory)
	manager, finance, admin := Person{Role: RoleManager}, Person{Role: RoleFinance}, Person{Role: RoleAdmin}
	for _, c := range []struct {
		name   string
		people []Person
		want   string
	}{
		{"managers", []Person{manager, manager}, "tier basis money"},
		{"a manager and finance", []Person{manager, finance}, "tier money"},
		{"finance and an administrator have neither's", []Person{finance, admin}, "tier"},
		{"a stranger among them", []Person{manager, {}}, ""},
		{"nobody", nil, ""},
	} {
		if got := d.AllSee(c.people, Concern{}).String(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
