package access_test

import (
	"testing"
	"time"

	"lingke/internal/access"
)

// Whoever has left opens nothing from that instant on, and is still known by name.
func TestWhoHasLeftIsFoundByIDOnly(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	d, err := access.NewDirectory([]access.Person{
		{ID: "a", Name: "甲", Role: access.RoleManager, Team: "x", DingTalk: "da", WeCom: "WA", Left: now.Add(time.Hour)}, {ID: "b", Name: "乙", Role: access.RoleRep, Team: "x", DingTalk: "db"},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.SetClock(func() time.Time { return now })
	found := func() (n int) {
		for platform, user := range map[string]string{access.DingTalk: "da", access.WeCom: "wa"} {
			if _, ok := d.ByPlatform(platform, user); ok {
				n++
			}
		}
		return n + len(d.Team("x")) + len(d.Managers()) + len(d.All())
	}
	if n := found(); n != 7 || len(d.Left()) != 0 {
		t.Errorf("before: %d, %v", n, d.Left())
	}
	now = now.Add(time.Hour)
	if n := found(); n != 2 || len(d.Left()) != 1 || d.Left()[0].ID != "a" {
		t.Errorf("after: %d, %v", n, d.Left())
	}
	if p, ok := d.ByID("a"); !ok || p.Name != "甲" {
		t.Errorf("by id: %+v, %v", p, ok)
	}
}
