package staff_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/staff"
	"lingke/internal/store/sqlite"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

// office is an address book by hand.
type office struct {
	members []bots.Member
	fails   error
	asked   int
	during  func() // happens at the end of a whole reading
}

func (o *office) Staff(_ context.Context, emit func(bots.Member) error) error {
	for _, m := range o.members {
		if err := emit(m); err != nil {
			return err
		}
	}
	if o.during != nil {
		o.during()
	}
	return o.fails
}

func (o *office) Member(_ context.Context, id string) (bots.Member, error) {
	o.asked++
	for _, m := range o.members {
		if m.ID == id {
			return m, o.fails
		}
	}
	return bots.Member{}, errors.Join(bots.ErrNoMember, o.fails)
}

func (o *office) Change(e bots.Event) (bots.MemberChange, bool) {
	ids := []string{e.Fields["id"]}
	switch e.Type {
	case "changed":
		return bots.MemberChange{Changed: ids}, true
	case "left":
		return bots.MemberChange{Left: ids}, true
	case "renamed":
		return bots.MemberChange{Changed: []string{e.Fields["now"]}, Renamed: map[string]string{e.Fields["id"]: e.Fields["now"]}}, true
	}
	return bots.MemberChange{}, false
}

type world struct {
	*staff.Service
	t           *testing.T
	ding, wecom *office
}

func newWorld(t *testing.T) *world {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w := &world{t: t, ding: &office{}, wecom: &office{}}
	w.Service = staff.New(s, map[bots.Platform]bots.AddressBook{bots.DingTalk: w.ding, bots.WeCom: w.wecom}, func() time.Time { return noon })
	return w
}

func (w *world) tell(p bots.Platform, kind, id, now string) {
	w.t.Helper()
	e := bots.Event{Type: kind, Fields: map[string]string{"id": id, "now": now}, At: noon.Add(time.Minute)}
	if !w.Concerns(p, e) {
		w.t.Fatalf("%s does not concern the book", kind)
	}
	if err := w.Apply(w.t.Context(), p, e); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) pull() {
	w.t.Helper()
	for _, p := range bots.Platforms() {
		if _, err := w.Pull(w.t.Context(), p); err != nil {
			w.t.Fatal(err)
		}
	}
}

// people are the ids, names, teams and accounts that follow, those who left with a cross.
func (w *world) people(use staff.Use, configured ...access.Person) []string {
	w.t.Helper()
	books := map[bots.Platform]staff.Book{}
	for _, p := range bots.Platforms() {
		b, _, err := w.Book(w.t.Context(), p)
		if err != nil {
			w.t.Fatal(err)
		}
		books[p] = b
	}
	var out []string
	for _, p := range staff.People(configured, books, staff.Rules{Use: use, Teams: map[string]string{"销售一部": "普通销售"}, Daily: 20, Holding: 200}) {
		mark := ""
		if !p.Left.IsZero() {
			mark = " ✗"
		}
		out = append(out, fmt.Sprintf("%s %s %s %s [%s %s]%s", p.ID, p.Name, p.Role, p.Team, p.DingTalk, p.WeCom, mark))
	}
	return out
}

var zhang = access.Person{ID: "zhangwei", Name: "张伟", Role: access.RoleRep, Team: "高级销售", DingTalk: "u1", WeCom: "ZhangWei"}

func member(id, name, team string, leader bool) bots.Member {
	return bots.Member{ID: id, Name: name, Teams: []string{team}, Leader: leader}
}

func TestWhereWhoIsTakenFromWhere(t *testing.T) {
	w := newWorld(t)
	w.ding.members = []bots.Member{member("u1", "张伟伟", "销售一部", false), member("u2", "李娜", "销售一部", true), member("u3", "财务", "财务部", false), member("u4", "王强", "销售一部", false)}
	w.wecom.members = []bots.Member{member("zhangwei", "张伟伟", "销售一部", false), member("LiNa", "李娜", "销售一部", false), member("w9", "王强", "销售一部", false), member("w10", "王强", "销售一部", false)}
	w.pull()
	gone := access.Person{ID: "old", Name: "老王", Role: access.RoleRep, DingTalk: "nobody"}
	for use, want := range map[staff.Use][]string{
		staff.UseConfig: {"zhangwei 张伟 rep 高级销售 [u1 ZhangWei]", "old 老王 rep  [nobody ]"},
		staff.UseBoth: {"zhangwei 张伟伟 rep 普通销售 [u1 ZhangWei]", "old 老王 rep  [nobody ]", "dingtalk.u2 李娜 manager 普通销售 [u2 LiNa]", "dingtalk.u4 王强 rep 普通销售 [u4 ]",
			"wecom.w10 王强 rep 普通销售 [ w10]", "wecom.w9 王强 rep 普通销售 [ w9]"},
		staff.UseBook: {"zhangwei 张伟伟 rep 普通销售 [u1 ZhangWei]", "dingtalk.u2 李娜 manager 普通销售 [u2 LiNa]", "dingtalk.u4 王强 rep 普通销售 [u4 ]",
			"wecom.w10 王强 rep 普通销售 [ w10]", "wecom.w9 王强 rep 普通销售 [ w9]"},
	} {
		if diff := cmp.Diff(want, w.people(use, zhang, gone)); diff != "" {
			t.Errorf("%s: %s", use, diff)
		}
	}
}

func TestWhoLeavesLosesTheAccountAndThenEverything(t *testing.T) {
	w := newWorld(t)
	w.ding.members = []bots.Member{member("u1", "张伟", "销售一部", false), member("u2", "李娜", "销售一部", false)}
	w.wecom.members = []bots.Member{member("ZhangWei", "张伟", "销售一部", false)}
	w.pull()
	w.tell(bots.DingTalk, "left", "u1", "")
	if got := w.people(staff.UseBoth, zhang)[0]; got != "zhangwei 张伟 rep 普通销售 [ ZhangWei]" {
		t.Errorf("gone from DingTalk: %s", got)
	}
	w.tell(bots.WeCom, "left", "zhangwei", "")
	w.tell(bots.DingTalk, "left", "u2", "")
	if got := w.people(staff.UseBoth, zhang); !slices.Equal(got, []string{"zhangwei 张伟 rep 普通销售 [ ] ✗", "dingtalk.u2 李娜 rep 普通销售 [ ] ✗"}) {
		t.Errorf("gone from both: %q", got)
	}
	w.tell(bots.WeCom, "changed", "ZhangWei", "") // hired again
	if got := w.people(staff.UseBoth, zhang)[0]; got != "zhangwei 张伟 rep 普通销售 [ ZhangWei]" {
		t.Errorf("back: %s", got)
	}
}

func TestAChangedIdIsFollowedAndWhoCannotBeFoundHasLeft(t *testing.T) {
	w := newWorld(t)
	w.wecom.members = []bots.Member{member("ZhangW", "张伟", "销售一部", false)}
	w.tell(bots.WeCom, "renamed", "ZhangWei", "ZhangW")
	only := zhang
	only.DingTalk = ""
	if got := w.people(staff.UseBoth, only); !slices.Equal(got, []string{"zhangwei 张伟 rep 普通销售 [ ZhangW]"}) {
		t.Errorf("renamed: %q", got)
	}
	w.wecom.members = nil
	w.tell(bots.WeCom, "changed", "ZhangW", "") // an event that is late: the person is gone by now
	if got := w.people(staff.UseBoth, only); !slices.Equal(got, []string{"zhangwei 张伟 rep 普通销售 [ ] ✗"}) {
		t.Errorf("gone: %q", got)
	}
}

func TestAReadingThatFailsOrLacksTooManyChangesNothing(t *testing.T) {
	w := newWorld(t)
	for i := range 20 {
		w.ding.members = append(w.ding.members, member(fmt.Sprint("u", i), fmt.Sprint("员工", i), "销售一部", false))
	}
	all := w.ding.members
	w.pull()
	w.ding.fails = errors.New("cut")
	w.ding.members = all[:3]
	if _, err := w.Pull(t.Context(), bots.DingTalk); err == nil || errors.Is(err, staff.ErrDoubtful) {
		t.Errorf("a cut reading: %v", err)
	}
	w.ding.fails = nil
	if _, err := w.Pull(t.Context(), bots.DingTalk); !errors.Is(err, staff.ErrDoubtful) {
		t.Errorf("17 missing: %v", err)
	}
	if n := len(w.people(staff.UseBoth)); n != 20 {
		t.Errorf("%d people are left", n)
	}
	w.ding.members = all[:17]
	w.pull()
	left := slices.DeleteFunc(w.people(staff.UseBoth), func(p string) bool { return p[len(p)-len("✗"):] != "✗" })
	if len(left) != 3 {
		t.Errorf("left: %q", left)
	}
}

func TestABookThatWasNeverReadTakesNobodyAway(t *testing.T) {
	w := newWorld(t)
	if got := w.people(staff.UseBoth, zhang); !slices.Equal(got, []string{"zhangwei 张伟 rep 高级销售 [u1 ZhangWei]"}) {
		t.Errorf("%q", got)
	}
}

// TestWhatIsToldDuringAReadingIsNewerThanIt: a reading of thousands takes its time, and had lists of before.
func TestWhatIsToldDuringAReadingIsNewerThanIt(t *testing.T) {
	w := newWorld(t)
	anna, bela, cleo := member("u1", "安娜", "销售一部", false), member("u2", "贝拉", "销售一部", false), member("u3", "克莱", "销售一部", false)
	w.ding.members = []bots.Member{anna, bela}
	w.pull()
	w.ding.during = func() {
		w.ding.members = []bots.Member{anna, cleo}
		w.tell(bots.DingTalk, "changed", "u3", "")
		w.tell(bots.DingTalk, "left", "u2", "")
	}
	w.pull()
	left := func(id string) bool {
		b, _, err := w.Book(t.Context(), bots.DingTalk)
		if err != nil {
			t.Fatal(err)
		}
		e, known := b.Members[id]
		return !known || !e.Left.IsZero()
	}
	if left("u3") || !left("u2") || left("u1") {
		t.Errorf("after a reading of before: %q", w.people(staff.UseBoth))
	}
	w.ding.during = nil
	w.pull() // the next one agrees
	if left("u3") || !left("u2") || left("u1") {
		t.Errorf("after the next reading: %q", w.people(staff.UseBoth))
	}
}
