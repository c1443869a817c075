package followup

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/scoring/risk"
)

// Churn says who counts as about to be lost, and what is done then.
type Churn struct {
	Rules    risk.Rules
	Tiers    map[string]risk.Rules // by tier of the leading scheme, where they differ
	Products map[string]risk.Rules // by product line; these count more
	Calm     risk.Calm
	Words    risk.Words
	Due      string
	Daily    int                      // alerts a day for one owner at most, of those that the morning finds; 0: no limit
	Advice   map[risk.Cause]lang.Text // by cause
	// Rhythm is the population's, as fitted last; it points to nil where none could be. Nobody may be judged by it before it is set.
	Rhythm *atomic.Pointer[risk.Rhythm]
}

// rules are the thresholds for a customer.
func (c *Churn) rules(of customer.Customer) risk.Rules {
	if own, ok := c.Products[of.Text("product_line")]; ok {
		return own
	}
	if own, ok := c.Tiers[of.Tier]; ok {
		return own
	}
	return c.Rules
}

// answers are the activities by which a customer shows that it is still there. A complaint, a competitor's name and an ended contact are none.
var answers = []string{
	connectors.ActivityVisit, connectors.ActivityLogin, connectors.ActivityTrial, connectors.ActivityEvent, connectors.ActivityContent, connectors.ActivityDownload,
	connectors.ActivityTicket, connectors.ActivityInquiry, connectors.ActivityReferral, connectors.ActivityReply, connectors.ActivitySocial, connectors.ActivityReview,
	connectors.ActivityOpened, connectors.ActivityResponded,
}

// behaviour is what risk looks at.
func (c *Churn) behaviour(v customer.View) risk.Behaviour {
	var b risk.Behaviour
	for _, o := range v.Orders {
		if o.Status == connectors.StatusWon {
			b.Orders = append(b.Orders, risk.Order{At: o.Date, Source: o.ID.Source()})
		}
	}
	for _, a := range v.Activities {
		switch a.Type {
		case connectors.ActivityOpened:
			b.Pushes = append(b.Pushes, risk.Push{Sent: a.At, Opened: a.At})
		case connectors.ActivityUnopened:
			b.Pushes = append(b.Pushes, risk.Push{Sent: a.At})
		}
		b.Hints = append(b.Hints, c.hints(a)...)
	}
	return b
}

// hints are the reasons to leave that an activity shows.
func (c *Churn) hints(a customer.Activity) []risk.Hint {
	hint := risk.Hint{At: a.At, Source: a.ID.Source(), Text: firstLine(a.Text, 60)}
	switch a.Type {
	case connectors.ActivityCompetitor:
		hint.Cause = risk.Competitor
	case connectors.ActivityComplaint, connectors.ActivityEscalation:
		hint.Cause = risk.Service
	case connectors.ActivityUnfollow:
		hint.Cause, hint.Left = risk.Silence, true
	case connectors.ActivityNote:
		var found []risk.Hint
		for _, f := range c.Words.Find(a.Text) {
			one := hint
			one.Cause = f.Cause
			found = append(found, one)
		}
		return found
	default:
		return nil
	}
	return []risk.Hint{hint}
}

// churn takes the customer's time at risk one step on. What silence shows is looked for in the morning; what somebody did or noted speaks at once, and so does an answer of
// the customer. Who became known just now is left alone: its orders may still be on their way.
func (r *Rules) churn(v customer.View) {
	c, now := r.Churn, v.Now.In(r.Zone)
	if c == nil || !v.Settled || v.Occasion != customer.Arrival && v.Occasion != customer.Morning || v.Is.Stage == customer.Lost && !open(v.Is.Risk) {
		return
	}
	var e risk.Episode
	if v.Is.Risk != nil {
		e = *v.Is.Risk
	}
	response, what := r.response(v)
	answered := e.Open() && response.After(e.Opened)
	if v.Occasion == customer.Arrival && !answered && !c.lately(v) {
		r.cause(v, e)
		return
	}
	found := risk.Assess(c.behaviour(v), c.rules(*v.Is), c.rhythm(), now)
	if v.Occasion == customer.Arrival && !e.Open() {
		found = slices.DeleteFunc(found, func(s risk.Signal) bool { return !atOnce(s) })
	}
	next, step := risk.Next(e, found, response, c.Calm, v.Now)
	if v.Occasion == customer.Arrival && step == risk.Closed && next.Reason == risk.Cleared {
		return // that nothing holds any more is the morning's to say
	}
	switch step {
	case risk.Opened:
		v.Is.Risk, v.Is.AtRisk, v.Is.RiskCause = &next, v.Now, ""
		v.Is.Episodes++
		r.alert(v, next)
	case risk.Grown:
		v.Is.Risk = &next
	case risk.Closed:
		v.Is.Risk, v.Is.AtRisk = &next, time.Time{}
		r.allClear(v, next, what)
	case risk.Nothing:
		r.cause(v, e)
	}
}

func open(e *risk.Episode) bool { return e != nil && e.Open() }

func (c *Churn) rhythm() *risk.Rhythm {
	if c.Rhythm == nil {
		return nil
	}
	return c.Rhythm.Load()
}

// atOnce tells the signals that rest on what somebody did, not on how much time has passed.
func atOnce(s risk.Signal) bool { return s.Rule == risk.CompetitorRule || s.Rule == risk.LeftRule }

// lately reports whether something arrived that may be a warning by itself.
func (c *Churn) lately(v customer.View) bool {
	since := v.Now.Add(-48 * time.Hour)
	return slices.ContainsFunc(v.Activities, func(a customer.Activity) bool {
		return a.At.After(since) && slices.ContainsFunc(c.hints(a), func(h risk.Hint) bool { return h.Left || h.Cause == risk.Competitor })
	})
}

// response is the customer's last sign of life, and what it was.
func (r *Rules) response(v customer.View) (at time.Time, what lang.Text) {
	for _, o := range v.Orders {
		if o.Status == connectors.StatusWon && o.Date.After(at) && !o.Date.After(v.Now) {
			at, what = o.Date, lang.Text{ZH: "下单", EN: "an order"}
		}
	}
	for _, a := range v.Activities {
		if slices.Contains(answers, a.Type) && a.At.After(at) && !a.At.After(v.Now) {
			at, what = a.At, ActivityName(a.Type)
		}
	}
	return at, what
}

// cause follows what a person named as the reason while the customer is at risk.
func (r *Rules) cause(v customer.View, e risk.Episode) {
	if !e.Open() {
		return
	}
	for _, a := range slices.Backward(v.Activities) {
		if a.Type == connectors.ActivityCause && !a.At.Before(e.Opened) {
			v.Is.RiskCause = risk.Cause(a.Text)
			return
		}
	}
}

// churnTask names the task of the customer's present or last time at risk.
func churnTask(c *customer.Customer) string { return fmt.Sprintf("churn %d", c.Episodes) }

// alert asks the owner to win the customer back, with what the warning rests on and what to do.
func (r *Rules) alert(v customer.View, e risk.Episode) {
	lines := []lang.Text{{ZH: "**依据**", EN: "**Evidence**"}}
	for _, s := range e.Signals {
		lines = append(lines, lang.Both("- %s%s", "- %s%s", lang.Text(s.Text), r.sources(s)))
	}
	for _, hint := range e.Signals[0].Evidence {
		if strings.HasPrefix(hint.Field, "hint_") && !atOnce(e.Signals[0]) {
			lines = append(lines, lang.Both("- %s%s（%s，%s）", "- %s%s (%s, %s)", lang.Text(hint.Name), withColon(hint.Value), hint.Source, r.day(hint.At)))
		}
	}
	cause := lang.Text{ZH: e.Cause.Chinese(), EN: e.Cause.English()}
	lines = append(lines, lang.Both("**原因**：%s（推断，可在卡片上改选）", "**Cause**: %s (inferred; choose another on the card)", cause))
	if advice := r.Churn.Advice[e.Cause]; !advice.IsZero() {
		lines = append(lines, lang.Both("**建议**：%s", "**Advice**: %s", advice))
	}
	title := lang.Text{ZH: "流失预警", EN: "Churn alert"}
	r.require(v, churnTask(v.Is), title, lang.Join(lines, "\n"), customer.Work{Kind: KindChurn, Due: r.Churn.Due, Urgent: atOnce(e.Signals[0])})
}

// sources tell where a signal's figures come from.
func (r *Rules) sources(s risk.Signal) lang.Text {
	for _, e := range s.Evidence {
		if e.Source == "" || e.At.IsZero() {
			continue
		}
		if e.Field == "days_since_order" || e.Field == "orders_period" {
			return lang.Both("（最近一单 %s，来源 %s）", " (last order %s, source %s)", r.day(e.At), e.Source)
		}
		return lang.Both("（%s，来源 %s）", " (%s, source %s)", r.day(e.At), e.Source)
	}
	return lang.Text{}
}

// allClear ends the task of the customer's time at risk.
func (r *Rules) allClear(v customer.View, e risk.Episode, what lang.Text) {
	why := lang.Text{ZH: "预警条件已不成立，已移出流失名单", EN: "the warning no longer holds; taken off the list of those at risk"}
	if e.Reason == risk.ByResponse {
		why = lang.Both("客户已有回应（%s），已移出流失名单", "the customer answered (%s); taken off the list of those at risk", what)
	}
	r.calm(v, churnTask(v.Is), why, customer.Work{Kind: KindChurn})
}
