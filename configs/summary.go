package configs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Summary is the config as it takes effect, a line for each part, without secrets.
func (c *Config) Summary() []string {
	s := c.Server
	public := ""
	if s.PublicURL != "" {
		public = ", public " + s.PublicURL
	}
	lines := []string{
		entry("timezone", c.Timezone),
		entry("store", c.StoreForPeople()),
		entry("server", fmt.Sprintf("%s%s, %s", s.Addr, public, count(len(s.Tokens), "API token"))),
	}
	lines = append(lines, c.botLines()...)
	for _, name := range slices.Sorted(maps.Keys(c.Connectors)) {
		lines = append(lines, entry("connector", connectorText(name, c.Connectors[name])))
	}
	lines = append(lines,
		entry("sources", orNone(strings.Join(c.Sources, " > "))),
		entry("people", c.peopleText()))
	for _, p := range c.Pools {
		lines = append(lines, entry("pool", poolText(p)))
	}
	lines = append(lines, c.Ownership.lines()...)
	lines = append(lines, c.announcementLines()...)
	lines = append(lines,
		entry("limits", c.Limits.text()),
		entry("delivery", count(c.Delivery.Workers, "worker")),
		entry("model", strings.Join(c.modelFiles(), ", ")))
	for _, s := range c.Schemes {
		lines = append(lines, entry("scheme", s.text(s.Name == c.Leading)))
	}
	lines = append(lines, entry("plays", c.playsText()))
	return append(lines, c.jobLines()...)
}

func (c *Config) botLines() []string {
	var lines []string
	if t := c.Bots.DingTalk; t != nil {
		lines = append(lines, entry("dingtalk", fmt.Sprintf("client %s, mode %s, at %s", head(t.ClientID), t.Mode, orReal(t.BaseURL))))
	}
	if w := c.Bots.WeCom; w != nil {
		lines = append(lines, entry("wecom", fmt.Sprintf("corp %s, agent %d, at %s", head(w.CorpID), w.AgentID, orReal(w.BaseURL))))
	}
	if lines == nil {
		return []string{entry("bots", "none: nobody gets a message")}
	}
	return lines
}

func connectorText(name string, c Connector) string {
	if c.Every == "" {
		return fmt.Sprintf("%s (%s)", name, c.Type)
	}
	return fmt.Sprintf("%s (%s), every %s", name, c.Type, c.Every)
}

// peopleText counts people by role and by team.
func (c *Config) peopleText() string {
	roles, teams := map[string]int{}, map[string]int{}
	for _, p := range c.People {
		roles[p.Role]++
		if p.Team != "" {
			teams[p.Team]++
		}
	}
	text := fmt.Sprint(len(c.People))
	for _, counts := range []map[string]int{roles, teams} {
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
		}
		if len(parts) > 0 {
			text += "; " + strings.Join(parts, ", ")
		}
	}
	return text
}

func poolText(p Pool) string {
	text := fmt.Sprintf("%s: %s → %s, %s, tells %s", p.Name, p.When, p.Team, p.Strategy, strings.Join(p.Notify, " and "))
	if len(p.Match) > 0 {
		text += ", matched by " + strings.Join(matchedBy(p), ", ")
	}
	if p.Wait != "" {
		text += ", back to who gave it back after " + p.Wait
	}
	if p.Lock != "" {
		text += ", locked for " + p.Lock
	}
	if p.Task != nil {
		text += fmt.Sprintf(", task %s in %s", p.Task.Title.ZH, p.Task.Due)
	}
	return text
}

// matchedBy are the attributes that a pool looks at, each once.
func matchedBy(p Pool) []string {
	var all []string
	for _, m := range p.Match {
		all = append(append(all, m.Same...), slices.Collect(maps.Keys(m.People))...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func entry(name, text string) string { return fmt.Sprintf("%-10s %s", name, text) }

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// head shows enough of an identifier to recognise it.
func head(id string) string {
	if runes := []rune(id); len(runes) > 6 {
		return string(runes[:6]) + "…"
	}
	return id
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func orReal(address string) string {
	if address == "" {
		return "the real platform"
	}
	return address
}

func (l Limits) text() string {
	text := fmt.Sprintf("%d a day, %d held", l.Daily, l.Holding)
	if l.Views > 0 {
		text += fmt.Sprintf(", %d of pools looked at a day", l.Views)
	}
	return text
}

// playsText says which plays file holds, and what of it people edit most.
func (c *Config) playsText() string {
	file, _, err := c.ReadPlays()
	if err != nil || file == "" {
		return orNone(c.Plays) // what is wrong with it is told besides
	}
	if strings.HasPrefix(file, shippedName) {
		return c.Plays + " as it ships (lingke template --shipped plays.yaml writes it, to be edited beside the config)"
	}
	plays, err := c.LoadPlays()
	if err != nil {
		return c.Plays
	}
	var rhythms []string
	for _, r := range plays.Cadence.Rhythms {
		rhythms = append(rhythms, fmt.Sprintf("%s %dd", r.Tier, r.Every))
	}
	return fmt.Sprintf("%s: %s, %s, cadence %s", c.Plays, count(len(plays.Plays), "play"), count(len(plays.Signals), "signal"), orNone(strings.Join(rhythms, " ")))
}
