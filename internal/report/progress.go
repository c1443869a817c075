package report

import (
	"context"
	"slices"
	"strings"
	"time"

	"lingke/internal/access"
	"lingke/internal/followup"
	"lingke/scoring/validate"
)

// Progress is how the tasks of a period stand.
type Progress struct {
	Period
	People []Standing `json:"people"` // by team, then who has most overdue
	Teams  []Standing `json:"teams"`
	All    Standing   `json:"all"`
}

// Standing is how the tasks of a person or a team stand that were due in the period; those that were cancelled in time do not count.
type Standing struct {
	ID      string            `json:"id,omitempty"`
	Name    string            `json:"name"`
	Team    string            `json:"team,omitempty"`
	Due     int               `json:"due"`
	Done    int               `json:"done"`
	OnTime  int               `json:"on_time"`
	Overdue int               `json:"overdue"` // open, and their time has passed
	Rate    validate.Estimate `json:"rate"`    // of those due that are done
}

// ProgressOf reads how the tasks stand that are due in a period, as of now. People who are not on the list any more count under their ids and in no team.
func ProgressOf(ctx context.Context, s records, p Period, people []access.Person, now time.Time) (Progress, error) {
	counts := make(map[string]*taskCount)
	err := eachTask(ctx, s, p, func(t followup.Task) {
		if counts[t.Owner] == nil {
			counts[t.Owner] = &taskCount{}
		}
		counts[t.Owner].add(t, now)
	})
	if err != nil {
		return Progress{}, err
	}
	out, teams := Progress{Period: p}, make(map[string]*taskCount)
	all := &taskCount{}
	for id, c := range counts {
		if c.due == 0 {
			continue
		}
		who := access.Person{ID: id, Name: id}
		if i := slices.IndexFunc(people, func(x access.Person) bool { return x.ID == id }); i >= 0 {
			who = people[i]
		}
		out.People = append(out.People, c.standing(who.ID, who.Name, who.Team))
		all.join(*c)
		if who.Team != "" {
			if teams[who.Team] == nil {
				teams[who.Team] = &taskCount{}
			}
			teams[who.Team].join(*c)
		}
	}
	for team, c := range teams {
		out.Teams = append(out.Teams, c.standing("", team, ""))
	}
	out.All = all.standing("", "合计", "")
	sortStandings(out.People)
	sortStandings(out.Teams)
	return out, nil
}

func (c *taskCount) join(o taskCount) {
	c.due, c.done, c.ontime, c.late = c.due+o.due, c.done+o.done, c.ontime+o.ontime, c.late+o.late
}

func (c *taskCount) standing(id, name, team string) Standing {
	return Standing{ID: id, Name: name, Team: team, Due: c.due, Done: c.done, OnTime: c.ontime, Overdue: c.late, Rate: validate.Proportion(c.done, c.due)}
}

// sortStandings puts teams together, and in them who is furthest behind first.
func sortStandings(all []Standing) {
	slices.SortFunc(all, func(a, b Standing) int {
		switch {
		case a.Team != b.Team:
			return strings.Compare(a.Team, b.Team)
		case a.Overdue != b.Overdue:
			return b.Overdue - a.Overdue
		}
		return strings.Compare(a.Name+a.ID, b.Name+b.ID)
	})
}
