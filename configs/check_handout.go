package configs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// handsOut are the strategies by which a rule chooses the owner.
var handsOut = []string{StrategyRotate, StrategyEqual, StrategyWeighted, StrategyLeast}

// when checks a condition on customers.
func (c *checker) when(at, text string) {
	if c.condition == nil || !c.given(at) || strings.TrimSpace(text) == "" {
		return
	}
	if err := c.condition(c.cfg, text); err != nil {
		c.refuse(at, fmt.Sprintf("when %s: %v", c.shown(at), err), "")
	}
}

// handOut checks who gets a pool's customers, and when.
func (c *checker) handOut(path string, p Pool) {
	c.words(join(path, "wait"), p.Wait, c.workingSpan)
	c.words(join(path, "lock"), p.Lock, c.workingSpan)
	known := p.Strategy == StrategyManager || slices.Contains(handsOut, p.Strategy)
	if at := join(path, "match"); c.given(at) && !known && c.given(join(path, "strategy")) {
		c.refuse(at, fmt.Sprintf("strategy %s chooses nobody, so match has no meaning", p.Strategy), "use it with "+strings.Join(append(slices.Clone(handsOut), StrategyManager), ", "))
	}
	if at := join(path, "lock"); c.given(at) && known {
		c.refuse(at, fmt.Sprintf("strategy %s lets nobody claim, so lock has no meaning", p.Strategy), "use it with "+StrategyClaim)
	}
	for i, m := range p.Match {
		c.match(fmt.Sprintf("%s.match[%d]", path, i), m, p.Team)
	}
}

// match: what nobody of the team has is a slip of the pen, or not of much use.
func (c *checker) match(path string, m Match, team string) {
	if c.given(path) && len(m.Same) == 0 && len(m.People) == 0 {
		c.problem(c.where(path), "this match asks nothing of people", `write same: [region], or people: {seniority: 资深}`)
	}
	c.when(join(path, "when"), m.When)
	has := c.attributes(team)
	for i, name := range m.Same {
		c.attribute(fmt.Sprintf("%s.same[%d]", path, i), name, has)
	}
	for _, name := range slices.Sorted(maps.Keys(m.People)) {
		c.attribute(join(path, "people."+name), name, has)
		if at := join(path, "people."+name); c.given(at) && len(has[name]) > 0 && !slices.Contains(has[name], m.People[name]) {
			c.warning(c.where(at), fmt.Sprintf("nobody in the team has %s %q", name, m.People[name]), "these customers go to the whole team")
		}
	}
}

func (c *checker) attribute(at, name string, has map[string][]string) {
	if !c.given(at) || len(has[name]) > 0 {
		return
	}
	if meant := nearest(name, slices.Sorted(maps.Keys(has))); meant != "" {
		c.refuse(at, fmt.Sprintf("nobody in the team has the attribute %q", name), fmt.Sprintf("did you mean %q?", meant))
		return
	}
	c.warning(c.where(at), fmt.Sprintf("nobody in the team has the attribute %q", name), "these customers go to the whole team")
}

// attributes are those of a team's people with all their values.
func (c *checker) attributes(team string) map[string][]string {
	has := map[string][]string{}
	for _, p := range c.cfg.People {
		if p.Team != team {
			continue
		}
		for name, values := range p.Attributes {
			has[name] = append(has[name], values...)
		}
	}
	return has
}
