package configs

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
)

// playsChecker looks at what was read of a plays file.
type playsChecker struct {
	*checker
	plays *Plays
}

func (c *playsChecker) all() {
	c.sla(c.plays.SLA)
	names := map[string]bool{}
	for i, s := range c.plays.Signals {
		c.signal(fmt.Sprintf("signals[%d]", i), s, names)
	}
	if c.plays.Churn != nil {
		c.churn(*c.plays.Churn)
	}
	for i, a := range c.plays.Anniversaries {
		c.anniversary(fmt.Sprintf("anniversaries[%d]", i), a, names)
	}
	c.cadence(c.plays.Cadence)
	c.between("plays_daily", c.plays.PlaysDaily, 0, 10_000)
	ids := map[string]bool{}
	for i, p := range c.plays.Plays {
		c.play(fmt.Sprintf("plays[%d]", i), p, ids)
	}
}

func (c *playsChecker) sla(s SLA) {
	for key, text := range map[string]string{"warn": s.Warn, "warn_long": s.WarnLong, "long": s.Long, "escalate": s.Escalate} {
		at := join("sla", key)
		c.words(at, text, c.workingSpan)
		if c.given(at) && strings.Contains(text, "workday") || c.given(at) && strings.Contains(text, "工作日") {
			c.refuse(at, fmt.Sprintf("%s %s: hours or minutes are needed here", key, c.shown(at)), `write it like "30m" or "4h"`)
		}
	}
	c.words("sla.postpone.longest", s.Postpone.Longest, c.workingSpan)
	c.between("sla.postpone.times", s.Postpone.Times, 0, 20)
}

// named checks a name that stands for something in the store: present, short, once.
func (c *playsChecker) named(path, key, name string, names map[string]bool) {
	c.required(path, key, name == "")
	at := join(path, key)
	switch {
	case name == "" || !c.given(at):
	case strings.ContainsAny(name, ". $\n") || len(name) > 40:
		c.refuse(at, fmt.Sprintf("%s %s is not usable", key, c.shown(at)), "use up to 40 characters, without blanks, dots and $")
	case names[name]:
		c.refuse(at, fmt.Sprintf("%s %s stands here twice", key, c.shown(at)), "")
	}
	names[name] = true
}

func (c *playsChecker) signal(path string, s Signal, names map[string]bool) {
	c.named(path, "name", s.Name, names)
	c.required(path, "title", s.Title.empty())
	c.required(path, "activities", len(s.Activities) == 0)
	c.required(path, "due", s.Due == "")
	c.words(join(path, "due"), s.Due, c.workingSpan)
	for _, tier := range slices.Sorted(maps.Keys(s.Tiers)) {
		at := join(path, "tiers."+tier)
		c.tier(at, tier)
		c.words(at, s.Tiers[tier], c.workingSpan)
	}
}

// tier checks that some scheme has a tier of that name. The file that ships speaks of the tiers that ship; where a company has others, these lines are for nobody.
func (c *playsChecker) tier(at, tier string) {
	var known []string
	for _, s := range c.cfg.Schemes {
		for _, cut := range s.Cuts {
			known = append(known, cut.Tier)
		}
		known = append(known, s.Else)
	}
	if len(known) == 0 || strings.HasPrefix(c.file, shippedName) || !c.given(at) || slices.Contains(known, tier) {
		return
	}
	slices.Sort(known)
	c.refuse(at, fmt.Sprintf("no scheme has a tier %s", quote(tier)), "use one of "+strings.Join(slices.Compact(known), ", "))
}

// causes are the reasons for which customers leave.
var causes = []string{"price", "service", "competitor", "silence"}

func (c *playsChecker) churn(s Churn) {
	c.thresholds("churn.rules", s.Rules)
	for _, tier := range slices.Sorted(maps.Keys(s.Tiers)) {
		c.tier("churn.tiers."+tier, tier)
		c.thresholds("churn.tiers."+tier, s.Tiers[tier])
	}
	for _, line := range slices.Sorted(maps.Keys(s.Products)) {
		c.thresholds("churn.products."+line, s.Products[line])
	}
	c.between("churn.calm.days", s.Calm.Days, 0, 3650)
	c.between("churn.calm.same", s.Calm.Same, 0, 3650)
	c.between("churn.daily", s.Daily, 0, 10_000)
	c.words("churn.due", s.Due, c.workingSpan)
	for _, cause := range slices.Sorted(maps.Keys(s.Advice)) {
		c.oneOf("churn.advice."+cause, cause, causes...)
	}
}

func (c *playsChecker) thresholds(path string, t Thresholds) {
	for key, n := range map[string]*int{
		"silent_days": t.SilentDays, "period_days": t.PeriodDays, "min_orders": t.MinOrders, "hint_days": t.HintDays, "horizon": t.Horizon,
	} {
		if n != nil {
			c.between(join(path, key), *n, 0, 3650)
		}
	}
}

func (c *playsChecker) anniversary(path string, a Anniversary, names map[string]bool) {
	c.named(path, "name", a.Name.ZH, names)
	c.required(path, "field", a.Field == "")
	c.required(path, "title", a.Title.empty())
	c.between(join(path, "ahead"), a.Ahead, 0, 60)
	for i, tier := range a.Tiers {
		c.tier(fmt.Sprintf("%s.tiers[%d]", path, i), tier)
	}
}

func (c *playsChecker) cadence(s Cadence) {
	if s.Scheme != "" {
		var names []string
		for _, scheme := range c.cfg.Schemes {
			names = append(names, scheme.Name)
		}
		c.oneOf("cadence.scheme", s.Scheme, names...)
	}
	c.between("cadence.daily", s.Daily, 0, 10_000)
	for i, r := range s.Rhythms {
		path := fmt.Sprintf("cadence.rhythms[%d]", i)
		c.required(path, "tier", r.Tier == "")
		c.tier(join(path, "tier"), r.Tier)
		c.required(path, "title", r.Title.empty())
		c.required(path, "every", false)
		c.between(join(path, "every"), r.Every, 1, 3650)
		c.between(join(path, "cap"), r.Cap, 0, 1000)
		c.required(path, "due", r.Due == "")
		c.words(join(path, "due"), r.Due, c.workingSpan)
	}
}

func (c *playsChecker) play(path string, p Play, ids map[string]bool) {
	c.named(path, "id", p.ID, ids)
	c.required(path, "name", p.Name.empty())
	c.required(path, "steps", len(p.Steps) == 0)
	c.when(join(path, "when"), p.When)
	c.when(join(path, "stop"), p.Stop)
	if p.Risk != "" {
		c.oneOf(join(path, "risk"), p.Risk, causes...)
	}
	if c.given(path) && p.When == "" && p.Risk == "" {
		c.problem(c.where(path), "this play is for nobody", `write when: "true" for everybody, or risk: price`)
	}
	c.span(join(path, "measure"), p.Measure, day, 730*day)
	if at := join(path, "holdout"); c.given(at) && p.Holdout > 0.5 {
		c.refuse(at, fmt.Sprintf("holdout must be at most 50%%, found %s", c.shown(at)), "")
	}
	for i, s := range p.Steps {
		c.step(fmt.Sprintf("%s.steps[%d]", path, i), s)
	}
}

func (c *playsChecker) step(path string, s Step) {
	if !c.given(path) {
		return
	}
	if ways := countTrue(s.Tag != "", s.Task != nil, s.Message != "", s.Webhook != ""); ways != 1 {
		c.problem(c.where(path), "a step needs exactly one of tag, task, message and webhook", "")
	}
	if s.If != "" {
		c.oneOf(join(path, "if"), s.If, IfClicked, IfSilent)
	}
	if s.Task != nil {
		at := join(path, "task")
		c.required(at, "title", s.Task.Title.empty())
		c.required(at, "due", s.Task.Due == "")
		c.words(join(at, "due"), s.Task.Due, c.workingSpan)
		s.Task.Title.eachLanguage(join(at, "title"), c.places, c.variables)
		s.Task.Why.eachLanguage(join(at, "why"), c.places, c.variables)
	}
	c.variables(join(path, "message"), s.Message)
}

func countTrue(all ...bool) (n int) {
	for _, yes := range all {
		if yes {
			n++
		}
	}
	return n
}

// PlayVariables are what {{…}} in a play's texts may name.
func PlayVariables() []string {
	return []string{"客户", "联系人", "负责人", "层级", "近一年订单数", "近一年消费额", "累计消费额", "产品", "距上次下单天数", "偏好渠道"}
}

var variable = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

func (c *playsChecker) variables(at, text string) {
	if !c.given(at) {
		return
	}
	for _, m := range variable.FindAllStringSubmatch(text, math.MaxInt16) {
		if slices.Contains(PlayVariables(), m[1]) {
			continue
		}
		hint := "known are " + strings.Join(PlayVariables(), ", ")
		if meant := nearest(m[1], PlayVariables()); meant != "" {
			hint = fmt.Sprintf("did you mean %q?", meant)
		}
		c.problem(c.where(at), fmt.Sprintf("unknown variable {{%s}}", m[1]), hint)
	}
}
