package configs

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

func (c *checker) people() {
	for i, p := range c.cfg.People {
		path := fmt.Sprintf("people[%d]", i)
		if c.absent(path) {
			c.problem(c.where(path), fmt.Sprintf("person %d is empty", i+1), "")
			continue
		}
		c.person(path, p)
	}
	c.unique("id", func(p Person) string { return p.ID })
	c.unique("dingtalk", func(p Person) string { return p.DingTalk })
	c.unique("wecom", func(p Person) string { return strings.ToLower(p.WeCom) })
}

func (c *checker) person(path string, p Person) {
	c.required(path, "id", p.ID == "")
	if c.given(join(path, "id")) && p.ID != "" && !personID(p.ID) {
		c.refuse(join(path, "id"), fmt.Sprintf("id %s is not usable", c.shown(join(path, "id"))), "use up to 64 letters, digits, ., - and _")
	}
	c.required(path, "name", strings.TrimSpace(p.Name) == "")
	if p.Language != "" {
		c.oneOf(join(path, "language"), p.Language, "zh", "en")
	}
	if p.Role != "" {
		c.oneOf(join(path, "role"), p.Role, RoleRep, RoleManager, RoleFinance, RoleAdmin)
	}
	if p.Platform != "" {
		c.oneOf(join(path, "platform"), p.Platform, "dingtalk", "wecom")
	}
	if at := join(path, "deputy"); c.given(at) {
		c.deputy(at, p)
	}
	c.between(join(path, "monthly"), p.Monthly, 1, 1_000_000)
	c.between(join(path, "daily"), p.Daily, 1, 100_000)
	c.between(join(path, "holding"), p.Holding, 1, 1_000_000)
	c.between(join(path, "views"), p.Views, 1, 100_000)
	c.words(join(path, "hours"), p.Hours, c.hours)
	if at := join(path, "weight"); c.given(at) && !(p.Weight > 0 && p.Weight <= 1_000_000) {
		c.refuse(at, fmt.Sprintf("weight must be above 0 and at most 1000000, found %s", c.shown(at)), "")
	}
	c.words(join(path, "joined"), p.Joined, date)
	c.words(join(path, "left"), p.Left, date)
	for i, days := range p.Leave {
		c.words(fmt.Sprintf("%s.leave[%d]", path, i), days, c.leave)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Attributes)) {
		if at := join(path, "attributes."+name); c.given(at) && len(p.Attributes[name]) == 0 {
			c.refuse(at, fmt.Sprintf("attribute %q has no values", name), `write a list like [华东, 华南]`)
		}
	}
	if c.absent(join(path, "dingtalk")) && c.absent(join(path, "wecom")) {
		c.warning(c.where(path), "this person has neither dingtalk nor wecom", "no message can reach them")
	}
}

// deputy checks that a deputy is somebody else of the people.
func (c *checker) deputy(at string, p Person) {
	var others []string
	for _, o := range c.cfg.People {
		if o.ID != p.ID && o.ID != "" {
			others = append(others, o.ID)
		}
	}
	if c.cfg.AddressBook.Use == BookConfig || slices.Contains(others, p.Deputy) || p.Deputy == p.ID {
		c.oneOf(at, p.Deputy, others...)
	}
}

// date checks a day of the calendar.
func date(text string) error {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return errors.New("write a day like 2026-03-02")
	}
	return nil
}

// personID: ids also stand in addresses and in the store's keys. "team" and "manager" mean something else in a pool.
func personID(id string) bool {
	for _, r := range id {
		usable := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r)
		if !usable {
			return false
		}
	}
	return len(id) <= 64 && id != NotifyTeam && id != NotifyManager
}

// unique reports people who share what identifies one of them.
func (c *checker) unique(key string, of func(Person) string) {
	first := map[string]int{}
	for i, p := range c.cfg.People {
		path := fmt.Sprintf("people[%d].%s", i, key)
		value := of(p)
		if value == "" || !c.filled(path) {
			continue
		}
		if other, twice := first[value]; twice {
			line, _ := c.where(fmt.Sprintf("people[%d].%s", other, key))()
			c.refuse(path, fmt.Sprintf("%s %s belongs to two people", key, c.shown(path)), fmt.Sprintf("it stands in line %d already", line))
			continue
		}
		first[value] = i
	}
}

func (c *checker) pools() {
	names := map[string]bool{}
	for i, p := range c.cfg.Pools {
		path := fmt.Sprintf("pools[%d]", i)
		if c.absent(path) {
			c.problem(c.where(path), fmt.Sprintf("pool %d is empty", i+1), "")
			continue
		}
		if c.given(join(path, "name")) && names[p.Name] {
			c.refuse(join(path, "name"), fmt.Sprintf("pool %s stands here twice", c.shown(join(path, "name"))), "")
		}
		names[p.Name] = true
		c.pool(path, p)
	}
}

func (c *checker) pool(path string, p Pool) {
	c.required(path, "name", strings.TrimSpace(p.Name) == "")
	c.required(path, "when", strings.TrimSpace(p.When) == "")
	c.required(path, "team", p.Team == "")
	c.required(path, "strategy", p.Strategy == "")
	if p.Strategy != "" {
		c.oneOf(join(path, "strategy"), p.Strategy, StrategyClaim, StrategyRotate, StrategyEqual, StrategyWeighted, StrategyLeast, StrategyManager, StrategyHold)
	}
	c.when(join(path, "when"), p.When)
	c.handOut(path, p)
	c.team(join(path, "team"), p.Team)
	for i, whom := range p.Notify {
		c.notify(fmt.Sprintf("%s.notify[%d]", path, i), whom)
	}
	if p.Task != nil {
		c.required(join(path, "task"), "title", p.Task.Title.empty())
		c.required(join(path, "task"), "due", strings.TrimSpace(p.Task.Due) == "")
		c.words(join(path, "task.due"), p.Task.Due, c.workingSpan)
	}
}

// team: a slip of the pen is wrong; a team without anybody yet is only doubtful, since people may join it later.
func (c *checker) team(path, team string) {
	var teams []string
	for _, p := range c.cfg.People {
		if p.Team != "" && !slices.Contains(teams, p.Team) {
			teams = append(teams, p.Team)
		}
	}
	for _, made := range c.cfg.AddressBook.Teams {
		if made != "" && !slices.Contains(teams, made) {
			teams = append(teams, made)
		}
	}
	if !c.given(path) || team == "" || slices.Contains(teams, team) {
		return
	}
	if meant := nearest(team, teams); meant != "" {
		c.refuse(path, fmt.Sprintf("nobody is in team %s", c.shown(path)), fmt.Sprintf("did you mean %q?", meant))
		return
	}
	c.warning(c.where(path), fmt.Sprintf("nobody is in team %s", c.shown(path)), "customers of this pool wait until somebody is")
}

func (c *checker) notify(path, whom string) {
	known := []string{NotifyTeam, NotifyManager}
	for _, p := range c.cfg.People {
		known = append(known, p.ID)
	}
	if !c.given(path) || slices.Contains(known, whom) {
		return
	}
	hint := "use team, manager or the id of a person"
	if meant := nearest(whom, known); meant != "" {
		hint = fmt.Sprintf("did you mean %q?", meant)
	}
	c.refuse(path, fmt.Sprintf("%s is nobody to notify", c.shown(path)), hint)
}
