package chat

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/customer"
)

// TestAGroupReadsWhatItsLeastPrivilegedMemberMay asks one thing in groups of different people.
func TestAGroupReadsWhatItsLeastPrivilegedMemberMay(t *testing.T) {
	t.Parallel()
	roster := func(users ...string) Roster {
		return func(context.Context, string) ([]string, bool, error) { return users, true, nil }
	}
	for _, tt := range []struct {
		name    string
		roster  Roster
		spoke   []string // before
		asker   string
		here    []string
		private []string
	}{
		{"all of the team are concerned", roster("lina", "zw"), nil, "lina", []string{"85", "六百人", "!私下"}, nil},
		{"one of another team is there", roster("lina", "zhaolei"), nil, "lina", []string{"高价值", "!85"}, []string{"85"}},
		{"finance is there", roster("boss", "money"), nil, "boss", []string{"高价值", "!85"}, []string{"85"}},
		{"somebody unknown is there", roster("boss", "x"), nil, "boss", []string{"已私下", "!高价值", "!华星"}, []string{"85"}},
		{"the asker counts though the list is old", roster("boss"), nil, "zhaolei", []string{"高价值", "!85", "!私下"}, nil},
		{"the platform tells nothing", nil, nil, "boss", []string{"高价值", "!85"}, []string{"85"}},
		{"the platform fails", func(context.Context, string) ([]string, bool, error) { return nil, false, errors.New("away") }, nil, "boss", []string{"高价值", "!85"}, []string{"85"}},
		{"colleagues were seen, others may be silent", nil, []string{"zw", "lina"}, "boss", []string{"高价值", "!85"}, []string{"85"}},
		{"somebody unknown was seen", nil, []string{"x"}, "boss", []string{"已私下", "!高价值"}, []string{"85"}},
		{"an outsider was seen", nil, []string{""}, "boss", []string{"已私下", "!高价值"}, []string{"85"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.lead("1", "华星机械", 800)
			if tt.roster != nil {
				w.chat.Rooms = NewRooms(w.chat.People, w.store, map[bots.Platform]Roster{bots.DingTalk: tt.roster})
			}
			for _, who := range tt.spoke {
				w.handle(w.say(bots.DingTalk, who, "大家好", true))
			}
			in := w.say(bots.DingTalk, tt.asker, "查 华星", true)
			wantText(t, w.answer(in).Text, tt.here...)
			wantText(t, w.aside(in), tt.private...)
			if aside := w.aside(in); tt.private == nil && aside != "" {
				t.Errorf("in private: %s", aside)
			}
		})
	}
}

func TestWhoWasSeenIsKeptAndNobodyIsLostBetweenTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var all sync.WaitGroup
	for _, user := range []string{"zw", "lina", "zhaolei", "boss", "money", "x", "y", "z"} {
		rooms := NewRooms(w.chat.People, w.store, nil) // as many processes
		all.Go(func() {
			if _, err := rooms.Readers(t.Context(), bots.DingTalk, "g", user); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := NewRooms(w.chat.People, w.store, nil).Readers(t.Context(), bots.DingTalk, "g", "zw")
	must(t, err)
	strangers := 0
	for _, p := range got {
		if p.Role == "" {
			strangers++
		}
	}
	if len(got) != 8+1 || strangers != 3 || !slices.ContainsFunc(got, func(p access.Person) bool { return p.Name == "王芳" }) {
		t.Errorf("%d people, %d strangers", len(got), strangers)
	}
	if sees := w.chat.sees(got, customer.Customer{}); sees != (access.Sight{}) {
		t.Errorf("they see %v", sees)
	}
}
